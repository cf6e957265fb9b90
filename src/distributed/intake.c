/* Assembly piece by piece: blocks of numbered entries, then a counting sort straight into the two
 * blocks of the matrix. Linear in the number of entries. */
#include "intake.h"

#include <string.h>

#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../kernels/exec.h"
#include "blocks.h"
#include "column_set.h"
#include "matrix_build.h"
#include "partition.h"
#include "row_sort.h"

enum {
    SMALLEST_CHUNK = 256,
    LARGEST_CHUNK = 1 << 20, /* entries */
};

/* Entries as they have come. */
typedef struct chunk {
    struct chunk *next;
    ptl_itype itype;
    int64_t count, room;
    void *rows; /* local ones */
    void *cols; /* local ones; -1 - g for the ghost of number g in the set of them */
    void *values;
} chunk;

struct ptl__intake {
    ptl_matrix_layout layout;
    ptl_dtype dtype;
    int64_t local_rows, count, ghost_count;
    chunk *first, *last;
    ptl__column_set ghosts;
    ptl__range row_range, col_range; /* of the last entry */
};

/* One block on its way. Row r's entries are counted at start[r + 2], put to where start[r + 1]
 * says, and from start[r] to start[r + 1] in the end: start is what the block takes over as its
 * own. */
typedef struct block {
    int64_t rows;
    void *start; /* rows + 2 */
    void *indices, *values;
} block;

typedef struct halves {
    block local, ghost; /* with all local rows; the ghost one with none where there is no ghost */
} halves;

typedef struct loops {
    void (*count)(const chunk *c, halves *b);
    int64_t (*begin)(block *b);
    void (*scatter)(const chunk *c, const int64_t *ghost_numbers, halves *b);
    void (*join)(block *b, void *spare);
    size_t place; /* bytes of `spare` per entry of the longest row */
} loops;

#define INDEX_KERNELS "../distributed/intake.kern.h"
#define KERNELS "each_itype.h"
#include "../kernels/each_dtype.h"

static const loops *const loops_table[PTL_DTYPE_COUNT][PTL_ITYPE_COUNT] = {
    [PTL_F32] = {&loops_f32_i32, &loops_f32_i64},
    [PTL_F64] = {&loops_f64_i32, &loops_f64_i64},
    [PTL_C64] = {&loops_c64_i32, &loops_c64_i64},
    [PTL_C128] = {&loops_c128_i32, &loops_c128_i64},
};

static void chunk_free(chunk *c)
{
    ptl__free(c->rows);
    ptl__free(c->cols);
    ptl__free(c->values);
    ptl__free(c);
}

void ptl__intake_free(ptl__intake *in)
{
    if (!in)
        return;
    for (chunk *next; in->first; in->first = next) {
        next = in->first->next;
        chunk_free(in->first);
    }
    ptl__column_set_clear(&in->ghosts);
    ptl__free(in);
}

ptl_status ptl__intake_new(const ptl_matrix_layout *layout, ptl_dtype dtype, ptl__intake **out)
{
    *out = NULL;
    ptl__intake *in;
    PTL_TRY(PTL_NEW_ZERO(1, ptl__intake, &in));
    in->layout = *layout;
    in->dtype = dtype;
    in->local_rows = ptl__partition_local_size(layout->partition, layout->comm->rank);
    *out = in;
    return PTL_OK;
}

/* ---- what comes in ----------------------------------------------------------------------------
 */

/* The index type that holds all numbers of the next chunk's entries. */
static ptl_itype chunk_itype(const ptl__intake *in, int64_t room)
{
    int64_t cols = ptl__partition_local_size(in->layout.col_partition, in->layout.comm->rank);
    int narrow =
        in->local_rows <= INT32_MAX && cols <= INT32_MAX && in->ghosts.count <= INT32_MAX - room;
    return narrow ? PTL_I32 : PTL_I64;
}

/* Another chunk, as large as all before it together within the limits. */
static ptl_status add_chunk(ptl__intake *in, int64_t wanted)
{
    int64_t room = wanted > in->count ? wanted : in->count;
    room = room < SMALLEST_CHUNK ? SMALLEST_CHUNK : room > LARGEST_CHUNK ? LARGEST_CHUNK : room;
    chunk *c;
    PTL_TRY(PTL_NEW_ZERO(1, chunk, &c));
    c->room = room;
    c->itype = chunk_itype(in, room);
    ptl_status status = ptl__alloc(room, ptl_itype_size(c->itype), &c->rows);
    if (status == PTL_OK)
        status = ptl__alloc(room, ptl_itype_size(c->itype), &c->cols);
    if (status == PTL_OK)
        status = ptl__alloc(room, ptl_dtype_size(in->dtype), &c->values);
    if (status != PTL_OK) {
        chunk_free(c);
        return status;
    }
    if (in->last)
        in->last->next = c;
    else
        in->first = c;
    in->last = c;
    return PTL_OK;
}

/* The numbers of one entry. */
static ptl_status number(ptl__intake *in, ptl__pair entry, int64_t *row, int64_t *col)
{
    const ptl_partition *p = in->layout.partition, *q = in->layout.col_partition;
    *row = ptl__partition_local(p, entry.row, &in->row_range);
    if (ptl__partition_owner(q, entry.col, &in->col_range) == in->layout.comm->rank) {
        *col = ptl__range_local(&in->col_range, entry.col);
        return PTL_OK;
    }
    int64_t ghost;
    PTL_TRY(ptl__column_set_add(&in->ghosts, entry.col, &ghost));
    *col = -1 - ghost;
    in->ghost_count++;
    return PTL_OK;
}

/* As many entries as the last chunk has room for, `count` at most. */
static ptl_status fill_chunk(ptl__intake *in, int64_t count, const ptl__pair *pairs,
                             const char *values, int64_t *taken)
{
    chunk *c = in->last;
    size_t size = ptl_dtype_size(in->dtype);
    int64_t n = c->room - c->count < count ? c->room - c->count : count, row, col;
    for (int64_t i = 0; i < n; i++) {
        PTL_TRY(number(in, pairs[i], &row, &col));
        ptl__index_put(c->rows, c->itype, c->count + i, row);
        ptl__index_put(c->cols, c->itype, c->count + i, col);
    }
    memcpy((char *)c->values + (size_t)c->count * size, values, (size_t)n * size);
    c->count += n;
    in->count += n;
    *taken = n;
    return PTL_OK;
}

ptl_status ptl__intake_add(ptl__intake *in, int64_t count, const ptl__pair *pairs,
                           const void *values)
{
    size_t size = ptl_dtype_size(in->dtype);
    for (int64_t done = 0, taken; done < count; done += taken) {
        if (!in->last || in->last->count == in->last->room)
            PTL_TRY(add_chunk(in, count - done));
        PTL_TRY(fill_chunk(in, count - done, pairs + done,
                           (const char *)values + (size_t)done * size, &taken));
    }
    return PTL_OK;
}

/* ---- what becomes of it -----------------------------------------------------------------------
 */

/* Scatters all chunks, each of which is freed. */
static void scatter_all(ptl__intake *in, const loops *l, halves *b)
{
    for (chunk *next; in->first; in->first = next) {
        next = in->first->next;
        l->scatter(in->first, in->ghosts.keys, b);
        chunk_free(in->first);
    }
    in->last = NULL;
}

/* Memory of one block. */
static ptl_status make_room(int64_t rows, int64_t nnz, ptl_dtype dtype, ptl_itype itype, block *b)
{
    size_t index = ptl_itype_size(itype);
    b->rows = rows;
    PTL_TRY(ptl__alloc(rows + 2, index, &b->start));
    memset(b->start, 0, (size_t)(rows + 2) * index);
    PTL_TRY(ptl__alloc(nnz, index, &b->indices));
    return ptl__alloc(nnz, ptl_dtype_size(dtype), &b->values);
}

static void block_clear(block *b)
{
    ptl__free(b->start);
    ptl__free(b->indices);
    ptl__free(b->values);
}

/* Both blocks, whose rows are sorted and joined then. */
static ptl_status fill_blocks(ptl__intake *in, ptl_itype itype, halves *b)
{
    const loops *l = loops_table[in->dtype][itype];
    int64_t ghost_rows = in->ghost_count > 0 ? in->local_rows : 0;
    int64_t nnz = in->count - in->ghost_count;
    void *spare;
    PTL_TRY(make_room(in->local_rows, nnz, in->dtype, itype, &b->local));
    PTL_TRY(make_room(ghost_rows, in->ghost_count, in->dtype, itype, &b->ghost));
    for (const chunk *c = in->first; c; c = c->next)
        l->count(c, b);
    int64_t local = l->begin(&b->local), ghost = l->begin(&b->ghost);
    int64_t longest = local > ghost ? local : ghost;
    PTL_TRY(ptl__alloc(longest, l->place, &spare));
    scatter_all(in, l, b);
    l->join(&b->local, spare);
    l->join(&b->ghost, spare);
    ptl__free(spare);
    return PTL_OK;
}

/* The arrays of both go over to `out`. */
static ptl_status compress(halves *b, ptl_itype itype, int64_t ghosts, ptl__block_pair *out)
{
    *out = (ptl__block_pair){.itype = itype,
                             .nnz = ptl__index_at(b->local.start, itype, b->local.rows),
                             .indptr = b->local.start,
                             .indices = b->local.indices,
                             .values = b->local.values,
                             .ghost = {.itype = itype,
                                       .cols = ghosts,
                                       .nnz = ptl__index_at(b->ghost.start, itype, b->ghost.rows),
                                       .indices = b->ghost.indices,
                                       .values = b->ghost.values}};
    b->local = (block){0};
    b->ghost.indices = b->ghost.values = NULL;
    return ptl__find_boundary(b->ghost.start, b->ghost.rows, &out->ghost);
}

/* (L) The matrix, but for its halo. */
static ptl_status make_blocks(ptl__intake *in, ptl_matrix *A)
{
    int narrow = in->count < INT32_MAX && in->local_rows < INT32_MAX - 1 &&
                 A->base.local_cols < INT32_MAX - ptl_index_map_ghost_size(A->map);
    ptl_itype itype = narrow ? PTL_I32 : PTL_I64;
    halves b = {0};
    ptl__block_pair blocks = {0};
    PTL_TRY(ptl_index_map_to_local(A->map, in->ghosts.count, in->ghosts.keys, PTL_GHOST,
                                   in->ghosts.keys));
    ptl_status status = fill_blocks(in, itype, &b);
    if (status == PTL_OK)
        status = compress(&b, itype, ptl_index_map_ghost_size(A->map), &blocks);
    if (status == PTL_OK)
        status = ptl__block_pair_take(&blocks, A);
    block_clear(&b.local);
    block_clear(&b.ghost);
    ptl__block_pair_clear(&blocks);
    return status;
}

/* (L) */
static ptl_status build(ptl__intake *in, ptl_matrix **out)
{
    ptl_index_map *map;
    PTL_TRY(ptl_index_map_create(in->layout.col_partition, in->layout.comm->rank, in->ghosts.count,
                                 in->ghosts.keys, &map));
    ptl_matrix_layout host = in->layout;
    host.exec = in->layout.exec->host;
    ptl_status status = ptl__matrix_new(&host, in->dtype, map, out);
    ptl_index_map_release(&map);
    return status == PTL_OK ? make_blocks(in, *out) : status;
}

ptl_status ptl__intake_finish(ptl__intake *in, ptl_status status, ptl_matrix **out)
{
    *out = NULL;
    if (status == PTL_OK)
        status = build(in, out);
    return ptl__matrix_finish(in->layout.comm, in->layout.exec, status, out);
}
