/* Where what is read or written goes. */
#include "layout.h"

#include <inttypes.h>

#include "../base/operation.h"
#include "../base/vector.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../distributed/partition.h"
#include "../distributed/vector_global.h"
#include "../kernels/exec.h"
#include "room.h"

ptl_status ptl__io_partition(const ptl_comm *comm, ptl_partition *given, const char *name,
                             const char *what, int64_t size, ptl_partition **out)
{
    *out = NULL;
    if (!given)
        return ptl_partition_uniform(comm->size, size, out);
    PTL_CHECK(ptl_partition_num_parts(given) == comm->size, PTL_DIMENSION,
              "%s has %d parts, but the communicator has %d ranks", name,
              ptl_partition_num_parts(given), comm->size);
    PTL_CHECK(ptl_partition_size(given) == size, PTL_DIMENSION,
              "%s has size %" PRId64 ", but the file has %" PRId64 " %s", name,
              ptl_partition_size(given), size, what);
    *out = ptl_partition_retain(given);
    return PTL_OK;
}

/* (L) */
static ptl_status choose(const ptl_matrix_layout *given, int64_t rows, int64_t cols,
                         ptl_matrix_layout *out)
{
    PTL_TRY(ptl__exec_or_default(given->exec, &out->exec));
    PTL_TRY(
        ptl__io_partition(out->comm, given->partition, "partition", "rows", rows, &out->partition));
    if (!given->col_partition && cols == rows) {
        out->col_partition = ptl_partition_retain(out->partition);
        return PTL_OK;
    }
    return ptl__io_partition(out->comm, given->col_partition, "col_partition", "columns", cols,
                             &out->col_partition);
}

ptl_status ptl__io_layout(const ptl_matrix_layout *given, int64_t rows, int64_t cols,
                          ptl_matrix_layout *out)
{
    *out = (ptl_matrix_layout){.comm = ptl__comm_or_self(given->comm)};
    ptl_status status = choose(given, rows, cols, out);
    int64_t signature = status == PTL_OK ? ptl__layout_sign(0, out) : 0;
    return ptl__agree(out->comm, status, signature, "partitions");
}

int64_t ptl__io_sign_matrix(int64_t format, const ptl_matrix *A)
{
    const int64_t signature = ptl__linop_sign(ptl__sign(PTL__WRITE_MATRIX, format), &A->base);
    return ptl__partition_sign(ptl__partition_sign(signature, A->partition), A->col_partition);
}

int64_t ptl__io_sign_vector(int64_t format, const ptl_vector *v)
{
    return ptl__vector_sign(ptl__sign(ptl__sign(PTL__WRITE_VECTOR, format), v->ndim), v);
}

ptl_status ptl__io_zeros(const ptl_matrix_layout *layout, const char *path, ptl_vector_shape shape,
                         ptl_vector **out)
{
    ptl_comm *comm = layout->comm;
    ptl_partition *partition;
    *out = NULL;
    ptl_status status = ptl__io_partition(comm, layout->partition, "partition", "rows",
                                          shape.global_rows, &partition);
    int64_t cols = shape.columns > 0 ? shape.columns : 1, bytes = 0;
    if (status == PTL_OK)
        bytes = ptl__io_vector_bytes(ptl__partition_local_size(partition, comm->rank), cols,
                                     shape.dtype);
    status = ptl__io_check_room(comm, path, bytes, status);
    if (status == PTL_OK) {
        status = ptl__vector_of_partition(comm, layout->exec, partition, shape, out);
        status = ptl__agree(comm, status, ptl__partition_sign(0, partition), "partitions");
        if (status == PTL_OK)
            (*out)->number = ptl__agreed(comm);
        else
            ptl_vector_release(out);
    }
    ptl_partition_release(&partition);
    return status;
}

ptl_status ptl__io_rows_of(const ptl_vector *v, ptl_partition **out)
{
    if (!v->partition)
        return ptl_partition_from_local_size(v->comm, v->local_rows, out);
    *out = ptl_partition_retain(v->partition);
    return PTL_OK;
}

ptl_status ptl__io_sum_before(ptl_comm *comm, int64_t mine, int64_t *before, int64_t *all)
{
    int64_t *each = NULL;
    *before = *all = 0;
    ptl_status status = PTL_NEW(comm->size, int64_t, &each);
    status = ptl__agree(comm, status, 0, "calls");
    if (status == PTL_OK)
        status = ptl__comm_allgather(comm, &mine, sizeof mine, each);
    for (int rank = 0; status == PTL_OK && rank < comm->size; rank++) {
        *before += rank < comm->rank ? each[rank] : 0;
        *all += each[rank];
    }
    ptl__free(each);
    return status;
}
