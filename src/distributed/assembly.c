/* Assembly: a matrix from triplets on any rank, or from the owned rows. Entries of other ranks
 * travel first; then each rank makes its blocks by itself. */
#include <inttypes.h>

#include "../base/operation.h"
#include "../comm/comm.h"
#include "../core/interrupt.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../kernels/exec.h"
#include "blocks.h"
#include "matrix_build.h"
#include "partition.h"
#include "refill.h"

enum { CHUNK = 2048 }; /* entries that are renumbered at a time */

typedef struct pair {
    int64_t row, col;
} pair;

typedef struct assembly {
    ptl_matrix_layout layout; /* complete; on the host */
    ptl_exec *exec;           /* where the matrix will be */
    ptl_dtype dtype;
    ptl__refill *refill;
    void *leaving_pairs, *leaving_values;
    pair *pairs; /* that arrived, with their values */
    void *values;
    ptl__entries entries;
    ptl_matrix *A;
} assembly;

static void assembly_clear(assembly *a)
{
    ptl__layout_release(&a->layout);
    ptl_exec_release(&a->exec);
    ptl__refill_free(a->refill);
    ptl__free(a->leaving_pairs);
    ptl__free(a->leaving_values);
    ptl__free(a->pairs);
    ptl__free(a->values);
    ptl__entries_clear(&a->entries);
}

static ptl_status check_dtype(ptl_dtype dtype)
{
    PTL_CHECK(ptl_dtype_size(dtype) > 0, PTL_DTYPE, "unknown dtype %d", (int)dtype);
    return PTL_OK;
}

/* The blocks that the entries make, and the plan by which values reach them. */
static ptl_status take_entries(assembly *a, const ptl_index_map *map)
{
    ptl__block_pair blocks;
    ptl_status status = ptl__block_pair_init(&blocks, &a->entries, a->A->base.local_rows, map);
    if (status == PTL_OK)
        status = ptl__block_pair_reserve(&blocks, a->dtype);
    if (status == PTL_OK)
        status = ptl__block_pair_take(&blocks, a->A);
    if (status == PTL_OK) {
        a->refill->itype = blocks.itype;
        a->refill->slots = blocks.slots;
        a->A->refill = a->refill;
        blocks.slots = NULL;
        a->refill = NULL;
    }
    ptl__block_pair_clear(&blocks);
    return status;
}

static ptl_status make_blocks(assembly *a, const ptl_index_map *map, const void *given)
{
    ptl__refill_room room;
    PTL_TRY(take_entries(a, map));
    ptl_status status = ptl__refill_room_init(a->A, &room);
    if (status == PTL_OK)
        status = ptl__refill_values(a->A, a->values, given, &room);
    ptl__refill_room_clear(&room);
    return status;
}

/* Slots that only count up need not be kept. */
static void drop_identity(ptl__refill *refill, int64_t nnz, int64_t ghost_nnz)
{
    if (refill->routed || ghost_nnz > 0 || refill->given != nnz)
        return;
    for (int64_t k = 0; k < nnz; k++)
        if ((refill->itype == PTL_I32 ? ((int32_t *)refill->slots)[k]
                                      : ((int64_t *)refill->slots)[k]) != k)
            return;
    ptl__free(refill->slots);
    refill->slots = NULL;
}

/* (L) From all entries of this rank to the matrix, but for its halo. */
static ptl_status make_matrix(assembly *a, const void *given)
{
    ptl_index_map *map;
    PTL_TRY(ptl_index_map_create(a->layout.col_partition, a->layout.comm->rank,
                                 a->entries.num_ghosts, a->entries.ghosts, &map));
    ptl_status status = ptl__entries_number(&a->entries, map);
    if (status == PTL_OK)
        status = ptl__matrix_new(&a->layout, a->dtype, map, &a->A);
    if (status == PTL_OK)
        status = make_blocks(a, map, given);
    if (status == PTL_OK)
        drop_identity(a->A->refill, a->A->local_csr->format.nnz, a->A->ghost.nnz);
    ptl_index_map_release(&map);
    return status;
}

/* (L) How many rows are owned elsewhere, once all indices are known to be right. */
static ptl_status check_triplets(const assembly *a, const ptl_triplets *t, ptl_foreign foreign,
                                 int64_t *out_foreign)
{
    const ptl_partition *p = a->layout.partition;
    const int64_t size = ptl_partition_size(p), cols = ptl_partition_size(a->layout.col_partition);
    ptl__range range = {0};
    int64_t count = 0;
    int rank = a->layout.comm->rank;
    PTL_TRY(check_dtype(t->dtype));
    PTL_CHECK(t->count >= 0, PTL_INVALID, "count is %" PRId64 ", expected at least 0", t->count);
    PTL_CHECK(t->count == 0 || (t->rows && t->cols && t->values), PTL_INVALID,
              "rows, cols or values is NULL");
    for (int64_t i = 0; i < t->count; i++) {
        PTL_TRY(ptl__interrupt_at(i));
        PTL_CHECK(t->rows[i] >= 0 && t->rows[i] < size, PTL_INDEX,
                  "rank %d: rows[%" PRId64 "] is %" PRId64 ", outside [0, %" PRId64 ")", rank, i,
                  t->rows[i], size);
        PTL_CHECK(t->cols[i] >= 0 && t->cols[i] < cols, PTL_INDEX,
                  "rank %d: cols[%" PRId64 "] is %" PRId64 ", outside [0, %" PRId64 ")", rank, i,
                  t->cols[i], cols);
        int owner = ptl__partition_owner(p, t->rows[i], &range);
        PTL_CHECK(owner == rank || foreign == PTL_FOREIGN_SEND, PTL_INDEX,
                  "rank %d: rows[%" PRId64 "] is %" PRId64
                  ", which rank %d owns, and foreign rows are refused",
                  rank, i, t->rows[i], owner);
        count += owner != rank;
    }
    *out_foreign = count;
    return PTL_OK;
}

static ptl_status pack_pairs(assembly *a, const ptl_triplets *t)
{
    const ptl__groups *groups = &a->refill->leaving;
    int64_t count = groups->offsets[a->layout.comm->size];
    pair *pairs;
    PTL_TRY(PTL_NEW(count, pair, &pairs));
    a->leaving_pairs = pairs;
    for (int64_t i = 0; i < count; i++) {
        int64_t from = groups->positions[i];
        pairs[i] = (pair){t->rows[from], t->cols[from]};
    }
    return PTL_OK;
}

/* (L) All that a rank can do before the ranks agree. */
static ptl_status start_coo(assembly *a, const ptl_triplets *t, ptl_foreign foreign,
                            int64_t *out_foreign)
{
    const ptl_comm *comm = a->layout.comm;
    PTL_TRY(check_triplets(a, t, foreign, out_foreign));
    PTL_TRY(ptl__refill_new(t->count, &a->refill));
    PTL_TRY(PTL_NEW((int64_t)comm->size + 1, int64_t, &a->refill->arrivals));
    PTL_TRY(ptl__groups_init(&a->refill->leaving, a->layout.partition,
                             *out_foreign > 0 ? t->count : 0, t->rows, comm->rank));
    PTL_TRY(pack_pairs(a, t));
    return ptl__groups_pack(&a->refill->leaving, comm->size, ptl_dtype_size(t->dtype), t->values,
                            &a->leaving_values);
}

/* (C) Sends what other ranks own, where any rank has such. */
static ptl_status travel(assembly *a, int64_t foreign)
{
    ptl__refill *refill = a->refill;
    ptl_comm *comm = a->layout.comm;
    PTL_TRY(ptl__comm_allreduce(comm, &foreign, 1, PTL_MTYPE_INT64, PTL_REDUCE_MAX));
    refill->routed = foreign > 0;
    if (!refill->routed) {
        ptl__groups_clear(&refill->leaving);
        ptl__free(refill->arrivals);
        refill->arrivals = NULL;
        return PTL_OK;
    }
    PTL_TRY(ptl__comm_route(comm, sizeof(pair), a->leaving_pairs, refill->leaving.offsets,
                            (void **)&a->pairs, refill->arrivals));
    ptl__free(a->leaving_pairs);
    a->leaving_pairs = NULL;
    PTL_TRY(ptl__comm_route(comm, ptl_dtype_size(a->dtype), a->leaving_values,
                            refill->leaving.offsets, &a->values, refill->arrivals));
    ptl__free(a->leaving_values);
    a->leaving_values = NULL;
    return PTL_OK;
}

/* The local number of an owned row, else -1. */
static int64_t local_row(const ptl_partition *p, int rank, int64_t row, ptl__range *at)
{
    return ptl__partition_owner(p, row, at) == rank ? ptl__range_local(at, row) : -1;
}

/* Entries whose rows and columns are `stride` apart in memory. */
static ptl_status add_triplets(assembly *a, int64_t count, const int64_t *rows, const int64_t *cols,
                               int stride)
{
    const ptl_partition *p = a->layout.partition;
    int64_t row[CHUNK], col[CHUNK];
    ptl__range range = {0};
    for (int64_t done = 0; done < count;) {
        int64_t n = count - done < CHUNK ? count - done : CHUNK;
        for (int64_t i = 0; i < n; i++) {
            row[i] = local_row(p, a->layout.comm->rank, rows[(done + i) * stride], &range);
            col[i] = cols[(done + i) * stride];
        }
        PTL_TRY(ptl__entries_add(&a->entries, n, row, col));
        done += n;
    }
    return PTL_OK;
}

static ptl_status add_arrived(assembly *a, int64_t first, int64_t count)
{
    if (count == 0)
        return PTL_OK;
    return add_triplets(a, count, &a->pairs[first].row, &a->pairs[first].col, 2);
}

/* (L) */
static ptl_status build_coo(assembly *a, const ptl_triplets *t)
{
    const ptl_comm *comm = a->layout.comm;
    int64_t before = ptl__refill_before(a->refill, comm->rank);
    int64_t arriving = ptl__refill_arriving(a->refill, comm->size);
    PTL_TRY(ptl__entries_init(&a->entries, arriving + t->count,
                              ptl__partition_local_size(a->layout.partition, comm->rank),
                              a->layout.col_partition, comm->rank));
    PTL_TRY(add_arrived(a, 0, before));
    PTL_TRY(add_triplets(a, t->count, t->rows, t->cols, 1));
    PTL_TRY(add_arrived(a, before, arriving - before));
    ptl__free(a->pairs);
    a->pairs = NULL;
    return make_matrix(a, t->values);
}

ptl_status ptl_matrix_from_coo(const ptl_matrix_layout *layout, const ptl_triplets *triplets,
                               ptl_foreign foreign, ptl_matrix **out)
{
    *out = NULL;
    assembly a = {.dtype = triplets->dtype};
    int64_t num_foreign = 0, signature = 0;
    ptl_status status = ptl__layout_complete(layout, &a.layout);
    if (status == PTL_OK) {
        ptl__layout_on_host(&a.layout, &a.exec);
        signature = ptl__sign(PTL__MATRIX_FROM_COO, triplets->dtype);
        signature = ptl__layout_sign(ptl__sign(signature, foreign), &a.layout);
        status = start_coo(&a, triplets, foreign, &num_foreign);
    }
    status = ptl__agree(a.layout.comm, status, signature,
                        "partitions, dtypes or treatments of foreign rows");
    if (status == PTL_OK)
        status = travel(&a, num_foreign);
    if (status == PTL_OK) {
        status = build_coo(&a, triplets);
        status = ptl__matrix_finish(a.layout.comm, a.exec, status, &a.A);
    }
    assembly_clear(&a);
    *out = a.A;
    return status;
}

/* (L) */
static ptl_status check_csr(const assembly *a, const ptl_csr_arrays *csr)
{
    int rank = a->layout.comm->rank;
    int64_t rows = ptl__partition_local_size(a->layout.partition, rank);
    int64_t cols = ptl_partition_size(a->layout.col_partition);
    PTL_TRY(check_dtype(csr->dtype));
    PTL_CHECK((unsigned)csr->itype < PTL_ITYPE_COUNT, PTL_DTYPE, "unknown index type %d",
              (int)csr->itype);
    PTL_CHECK(csr->rows == rows, PTL_DIMENSION,
              "rank %d: %" PRId64 " rows given, but the partition gives it %" PRId64, rank,
              csr->rows, rows);
    PTL_CHECK(csr->indptr, PTL_INVALID, "indptr is NULL");
    int64_t end = ptl__index_at(csr->indptr, csr->itype, 0);
    PTL_CHECK(end == 0, PTL_INVALID, "rank %d: indptr[0] is %" PRId64 ", expected 0", rank, end);
    for (int64_t r = 0; r < rows; r++) {
        int64_t begin = end;
        end = ptl__index_at(csr->indptr, csr->itype, r + 1);
        PTL_CHECK(end >= begin, PTL_INVALID,
                  "rank %d: indptr[%" PRId64 "] is %" PRId64 ", less than the %" PRId64
                  " before it",
                  rank, r + 1, end, begin);
    }
    PTL_CHECK(end == 0 || (csr->indices && csr->values), PTL_INVALID, "indices or values is NULL");
    for (int64_t k = 0; k < end; k++) {
        int64_t col = ptl__index_at(csr->indices, csr->itype, k);
        PTL_CHECK(col >= 0 && col < cols, PTL_INDEX,
                  "rank %d: indices[%" PRId64 "] is %" PRId64 ", outside [0, %" PRId64 ")", rank, k,
                  col, cols);
    }
    return PTL_OK;
}

/* (L) */
static ptl_status build_csr(assembly *a, const ptl_csr_arrays *csr)
{
    int rank = a->layout.comm->rank;
    int64_t nnz = ptl__index_at(csr->indptr, csr->itype, csr->rows);
    PTL_TRY(ptl__refill_new(nnz, &a->refill));
    PTL_TRY(ptl__entries_init(&a->entries, nnz, csr->rows, a->layout.col_partition, rank));
    int64_t rows[CHUNK], cols[CHUNK], row = 0;
    for (int64_t done = 0; done < nnz;) {
        int64_t n = nnz - done < CHUNK ? nnz - done : CHUNK;
        for (int64_t i = 0; i < n; i++) {
            while (ptl__index_at(csr->indptr, csr->itype, row + 1) <= done + i)
                row++;
            rows[i] = row;
            cols[i] = ptl__index_at(csr->indices, csr->itype, done + i);
        }
        PTL_TRY(ptl__entries_add(&a->entries, n, rows, cols));
        done += n;
    }
    return make_matrix(a, csr->values);
}

ptl_status ptl_matrix_from_csr(const ptl_matrix_layout *layout, const ptl_csr_arrays *arrays,
                               ptl_matrix **out)
{
    *out = NULL;
    assembly a = {.dtype = arrays->dtype};
    int64_t signature = 0;
    ptl_status status = ptl__layout_complete(layout, &a.layout);
    if (status == PTL_OK) {
        ptl__layout_on_host(&a.layout, &a.exec);
        signature = ptl__layout_sign(ptl__sign(PTL__MATRIX_FROM_CSR, arrays->dtype), &a.layout);
        status = check_csr(&a, arrays);
    }
    status = ptl__agree(a.layout.comm, status, signature, "partitions or dtypes");
    if (status == PTL_OK) {
        status = build_csr(&a, arrays);
        status = ptl__matrix_finish(a.layout.comm, a.exec, status, &a.A);
    }
    assembly_clear(&a);
    *out = a.A;
    return status;
}
