/* Whether what a file declares can be in memory. Each rank says what it needs and which memory it
 * draws on; needs that draw on the same are summed. */
#include "room.h"

#include <inttypes.h>

#include "../core/available.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../distributed/partition.h"

static int64_t add(int64_t a, int64_t b)
{
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static int64_t multiply(int64_t a, int64_t b)
{
    int64_t product;
    return __builtin_mul_overflow(a, b, &product) ? INT64_MAX : product;
}

int64_t ptl__io_matrix_bytes(const ptl_matrix_layout *layout, int64_t entries, ptl_dtype dtype)
{
    int64_t rows = ptl__partition_local_size(layout->partition, layout->comm->rank);
    int64_t each = 2 * (int64_t)sizeof(int32_t) + (int64_t)ptl_dtype_size(dtype);
    int64_t bounds = multiply(rows, rows < INT32_MAX - 1 ? sizeof(int32_t) : sizeof(int64_t));
    return add(bounds, multiply(entries / layout->comm->size, each));
}

int64_t ptl__io_vector_bytes(int64_t rows, int64_t cols, ptl_dtype dtype)
{
    return multiply(multiply(rows, cols), (int64_t)ptl_dtype_size(dtype));
}

/* What a rank tells the others. */
typedef struct wish {
    int64_t bytes;
    ptl__pool pools[PTL__POOLS];
} wish;

/* (L) That the ranks which draw on this rank's pool `k` find enough in it. */
static ptl_status check_pool(const ptl_comm *comm, const char *path, const wish *wishes, int k)
{
    static const char *const names[] = {"the system's memory", "their control group's memory",
                                        "the memory of one process (ulimit -v, -d)"};
    const wish *mine = &wishes[comm->rank];
    int64_t needed = mine->bytes, left = mine->pools[k].bytes;
    int ranks = 1;
    for (int rank = 0; rank < comm->size && mine->pools[k].key != 0; rank++)
        if (rank != comm->rank && wishes[rank].pools[k].key == mine->pools[k].key) {
            needed = add(needed, wishes[rank].bytes);
            left = wishes[rank].pools[k].bytes > left ? wishes[rank].pools[k].bytes : left;
            ranks++;
        }
    PTL_CHECK(needed <= left, PTL_NOMEM,
              "%s: the sizes in the file need at least %" PRId64 " bytes on %d rank%s, but %" PRId64
              " are left of %s",
              path, needed, ranks, ranks > 1 ? "s" : "", left, names[k]);
    return PTL_OK;
}

ptl_status ptl__io_check_room(ptl_comm *comm, const char *path, int64_t bytes, ptl_status status)
{
    wish mine = {.bytes = bytes}, *wishes = NULL;
    ptl__pools_look(mine.pools);
    if (status == PTL_OK)
        status = PTL_NEW(comm->size, wish, &wishes);
    status = ptl__agree(comm, status, 0, "calls");
    if (status == PTL_OK)
        status = ptl__comm_allgather(comm, &mine, sizeof mine, wishes);
    if (status == PTL_OK) {
        for (int k = 0; status == PTL_OK && k < PTL__POOLS; k++)
            status = check_pool(comm, path, wishes, k);
        status = ptl__agree(comm, status, 0, "calls");
    }
    ptl__free(wishes);
    return status;
}
