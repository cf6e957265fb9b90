/* The steps by which a distributed matrix is built; matrices from ready blocks and operators. */
#include "matrix_build.h"

#include <inttypes.h>

#include "../base/operation.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../kernels/exec.h"
#include "../matrix/format.h"
#include "blocks.h"
#include "partition.h"

static ptl_status check_partition(const ptl_partition *p, const ptl_comm *comm, const char *name)
{
    PTL_CHECK(p, PTL_INVALID, "%s is NULL", name);
    PTL_CHECK(ptl_partition_num_parts(p) == comm->size, PTL_DIMENSION,
              "%s has %d parts, but the communicator has %d ranks", name,
              ptl_partition_num_parts(p), comm->size);
    return PTL_OK;
}

ptl_status ptl__layout_complete(const ptl_matrix_layout *layout, ptl_matrix_layout *out)
{
    *out = (ptl_matrix_layout){0};
    ptl_partition *columns = layout->col_partition ? layout->col_partition : layout->partition;
    out->comm = ptl__comm_or_self(layout->comm);
    PTL_TRY(check_partition(layout->partition, out->comm, "partition"));
    PTL_TRY(check_partition(columns, out->comm, "col_partition"));
    PTL_TRY(ptl__exec_or_default(layout->exec, &out->exec));
    out->partition = ptl_partition_retain(layout->partition);
    out->col_partition = ptl_partition_retain(columns);
    return PTL_OK;
}

void ptl__layout_release(ptl_matrix_layout *layout)
{
    ptl_comm_release(&layout->comm);
    ptl_exec_release(&layout->exec);
    ptl_partition_release(&layout->partition);
    ptl_partition_release(&layout->col_partition);
}

void ptl__layout_on_host(ptl_matrix_layout *layout, ptl_exec **exec)
{
    *exec = layout->exec;
    layout->exec = ptl_exec_retain((*exec)->host);
}

int64_t ptl__layout_sign(int64_t signature, const ptl_matrix_layout *layout)
{
    signature = ptl__partition_sign(signature, layout->partition);
    return layout->col_partition == layout->partition
               ? signature
               : ptl__partition_sign(signature, layout->col_partition);
}

ptl_status ptl__matrix_new(const ptl_matrix_layout *layout, ptl_dtype dtype, ptl_index_map *map,
                           ptl_matrix **out)
{
    const ptl_partition *p = layout->partition, *columns = layout->col_partition;
    int rank = layout->comm->rank;
    PTL_TRY(PTL_NEW_ZERO(1, ptl_matrix, out));
    ptl__linop_init(&(*out)->base, &ptl__matrix_class,
                    &(ptl__linop_spec){.comm = layout->comm,
                                       .exec = layout->exec,
                                       .rows = ptl_partition_size(p),
                                       .cols = ptl_partition_size(columns),
                                       .local_rows = ptl__partition_local_size(p, rank),
                                       .local_cols = ptl__partition_local_size(columns, rank),
                                       .dtype = dtype});
    (*out)->partition = ptl_partition_retain(layout->partition);
    (*out)->col_partition = ptl_partition_retain(layout->col_partition);
    (*out)->map = ptl_index_map_retain(map);
    return PTL_OK;
}

/* (L) */
static ptl_status hand_over(ptl_matrix *A, ptl_exec *exec)
{
    ptl_linop *local;
    if (ptl__exec_shares(A->base.exec, exec))
        return PTL_OK;
    PTL_TRY(ptl__format_on(A->local, exec, &local));
    ptl_linop_release(&A->local);
    A->local = local;
    A->local_csr = ptl_linop_as_csr(local);
    PTL_TRY(ptl__ghost_block_hand_over(exec, A->base.dtype, &A->ghost));
    ptl_exec_release(&A->base.exec);
    A->base.exec = ptl_exec_retain(exec);
    return PTL_OK;
}

ptl_status ptl__matrix_finish(ptl_comm *comm, ptl_exec *exec, ptl_status status, ptl_matrix **A)
{
    if (status == PTL_OK)
        status = hand_over(*A, exec);
    status = ptl__agree(comm, status, 0, "calls");
    if (status == PTL_OK && (*A)->map)
        status = ptl__halo_create(comm, (*A)->base.exec, (*A)->map, &(*A)->halo);
    if (status == PTL_OK)
        (*A)->base.number = ptl__agreed(comm);
    else
        ptl_matrix_release(A);
    return status;
}

ptl_status ptl__matrix_on_host(ptl_matrix *A, ptl_matrix **out)
{
    const ptl_linop *base = &A->base;
    *out = NULL;
    if (!base->exec->space) {
        *out = ptl_matrix_retain(A);
        return PTL_OK;
    }
    ptl_matrix *H;
    PTL_TRY(PTL_NEW_ZERO(1, ptl_matrix, &H));
    ptl__linop_init(&H->base, base->cls,
                    &(ptl__linop_spec){base->comm, base->exec->host, base->rows, base->cols,
                                       base->local_rows, base->local_cols, base->dtype});
    H->base.number = base->number;
    H->partition = ptl_partition_retain(A->partition);
    H->col_partition = ptl_partition_retain(A->col_partition);
    H->map = ptl_index_map_retain(A->map);
    ptl_status status =
        A->local->cls->format ? ptl__format_on(A->local, H->base.exec, &H->local) : PTL_OK;
    if (!A->local->cls->format)
        H->local = ptl_linop_retain(A->local);
    H->local_csr = ptl_linop_as_csr(H->local);
    if (status == PTL_OK)
        status = ptl__ghost_block_read(base->exec, &A->ghost, base->dtype, &H->ghost);
    if (status == PTL_OK)
        *out = H;
    else
        ptl_matrix_release(&H);
    return status;
}

static ptl_status check_block(const ptl_csr *block, const char *name, ptl_dtype dtype, int64_t rows,
                              int64_t cols)
{
    const ptl_linop *base = &block->format.base;
    PTL_CHECK(base->rows == rows && base->cols == cols, PTL_DIMENSION,
              "the %s block is %" PRId64 " x %" PRId64 ", expected %" PRId64 " x %" PRId64, name,
              base->rows, base->cols, rows, cols);
    PTL_CHECK(base->dtype == dtype, PTL_DTYPE, "the %s block is %s, the local block %s", name,
              ptl_dtype_name(base->dtype), ptl_dtype_name(dtype));
    return PTL_OK;
}

/* That the ghosts are in the map's order, without duplicates and own columns. */
static ptl_status check_order(const ptl_index_map *map, int64_t count, const int64_t *ghosts)
{
    const int64_t *expected = ptl_index_map_ghosts(map);
    PTL_CHECK(ptl_index_map_ghost_size(map) == count, PTL_INVALID,
              "the ghosts have duplicates or columns of this rank: %" PRId64 " of %" PRId64
              " are others'",
              ptl_index_map_ghost_size(map), count);
    for (int64_t i = 0; i < count; i++)
        PTL_CHECK(ghosts[i] == expected[i], PTL_INVALID,
                  "ghosts[%" PRId64 "] is %" PRId64 ", expected %" PRId64
                  ": ghosts are ordered by owner, then by index",
                  i, ghosts[i], expected[i]);
    return PTL_OK;
}

/* The boundary rows of a whole ghost block, whose indices and values stay where they are. */
static ptl_status borrow_ghost(ptl_exec *exec, const ptl_csr *whole, ptl__ghost_block *out)
{
    const int64_t rows = whole->format.base.rows;
    const size_t size = ptl_itype_size(whole->format.itype);
    ptl__ghost_block ghost = {.itype = whole->format.itype,
                              .cols = whole->format.base.cols,
                              .nnz = whole->format.nnz,
                              .indices = whole->indices,
                              .values = whole->format.values,
                              .borrowed = 1};
    void *indptr;
    PTL_TRY(ptl__to_host(exec, rows + 1, size, whole->indptr, &indptr));
    ptl_status status = ptl__find_boundary(indptr, rows, &ghost);
    ptl__host_free(exec, indptr);
    const ptl__array arrays[] = {{&ghost.row_ids, ghost.rows, size},
                                 {&ghost.indptr, ghost.rows + 1, size}};
    if (status == PTL_OK)
        status = ptl__from_host(exec, 2, arrays);
    if (status == PTL_OK)
        *out = ghost;
    else
        ptl__ghost_block_clear(exec->host, &ghost);
    return status;
}

/* The blocks that from_blocks is given. */
typedef struct blocks {
    int64_t num_ghosts;
    const int64_t *ghosts;
    ptl_csr *local, *ghost;
} blocks;

static ptl_status join_blocks(const ptl_matrix_layout *layout, const blocks *given,
                              ptl_index_map *map, ptl_matrix **out)
{
    const ptl_partition *p = layout->partition, *columns = layout->col_partition;
    int rank = layout->comm->rank;
    int64_t rows = ptl__partition_local_size(p, rank);
    ptl_dtype dtype = given->local->format.base.dtype;
    PTL_TRY(check_order(map, given->num_ghosts, given->ghosts));
    PTL_TRY(ptl__exec_check(layout->exec, "the matrix", given->local->format.base.exec, "local"));
    PTL_TRY(
        check_block(given->local, "local", dtype, rows, ptl__partition_local_size(columns, rank)));
    if (given->ghost)
        PTL_TRY(
            ptl__exec_check(layout->exec, "the matrix", given->ghost->format.base.exec, "ghost"));
    if (given->ghost)
        PTL_TRY(check_block(given->ghost, "ghost", dtype, rows, given->num_ghosts));
    PTL_TRY(ptl__matrix_new(layout, dtype, map, out));
    ptl_matrix *A = *out;
    A->local_csr = ptl_csr_retain(given->local);
    A->local = ptl_csr_linop(A->local_csr);
    A->ghost_csr = ptl_csr_retain(given->ghost);
    return given->ghost ? borrow_ghost(layout->exec, given->ghost, &A->ghost) : PTL_OK;
}

/* (L) */
static ptl_status build_blocks(const ptl_matrix_layout *layout, const blocks *given,
                               ptl_matrix **out)
{
    PTL_CHECK(given->local, PTL_INVALID, "local is NULL");
    PTL_CHECK(given->ghost || given->num_ghosts == 0, PTL_INVALID,
              "ghost is NULL, but there are %" PRId64 " ghosts", given->num_ghosts);
    ptl_index_map *map;
    PTL_TRY(ptl_index_map_create(layout->col_partition, layout->comm->rank, given->num_ghosts,
                                 given->ghosts, &map));
    ptl_status status = join_blocks(layout, given, map, out);
    ptl_index_map_release(&map);
    return status;
}

ptl_status ptl_matrix_from_blocks(const ptl_matrix_layout *layout, int64_t num_ghosts,
                                  const int64_t *ghosts, ptl_csr *local, ptl_csr *ghost,
                                  ptl_matrix **out)
{
    *out = NULL;
    ptl_matrix_layout complete;
    ptl_matrix *A = NULL;
    const blocks given = {num_ghosts, ghosts, local, ghost};
    ptl_status status = ptl__layout_complete(layout, &complete);
    int64_t signature = 0;
    if (status == PTL_OK)
        status = build_blocks(&complete, &given, &A);
    if (status == PTL_OK)
        signature = ptl__layout_sign(ptl__sign(PTL__MATRIX_FROM_BLOCKS, A->base.dtype), &complete);
    status = ptl__agree(complete.comm, status, signature, "partitions or dtypes");
    if (status == PTL_OK)
        status = ptl__matrix_finish(complete.comm, complete.exec, status, &A);
    else
        ptl_matrix_release(&A);
    ptl__layout_release(&complete);
    *out = A;
    return status;
}

/* (L) */
static ptl_status check_local(const ptl_linop *local)
{
    PTL_CHECK(local, PTL_INVALID, "local is NULL");
    PTL_CHECK(local->comm->size == 1, PTL_INVALID,
              "the local operator lives on %d ranks, expected one", local->comm->size);
    return PTL_OK;
}

/* (C) What all ranks have together: rows, columns, how many have an operator that is no local
 * format, and how many one that takes its own dtype alone. */
static ptl_status sum_locals(ptl_comm *comm, ptl_linop *local, int64_t sums[4])
{
    sums[0] = local->rows;
    sums[1] = local->cols;
    sums[2] = local->cls->format == NULL;
    sums[3] = !local->cls->mixes;
    return ptl__comm_allreduce(comm, sums, 4, PTL_MTYPE_INT64, PTL_REDUCE_SUM);
}

ptl_status ptl_matrix_from_local(ptl_comm *comm, ptl_linop *local, int64_t rows, int64_t cols,
                                 ptl_matrix **out)
{
    *out = NULL;
    ptl_matrix *A = NULL;
    comm = ptl__comm_or_self(comm);
    ptl_status status = check_local(local);
    if (status == PTL_OK)
        status = PTL_NEW_ZERO(1, ptl_matrix, &A);
    if (status == PTL_OK)
        status = ptl__object_made_of(A, local, "an operator");
    int64_t signature = ptl__sign(ptl__sign(PTL__MATRIX_FROM_LOCAL, rows), cols), sums[4];
    if (status == PTL_OK)
        signature = ptl__sign(signature, local->dtype);
    status = ptl__agree(comm, status, signature, "dtypes or sizes");
    if (status == PTL_OK)
        status = sum_locals(comm, local, sums);
    if (status == PTL_OK && ((rows >= 0 && rows != sums[0]) || (cols >= 0 && cols != sums[1])))
        status = ptl_fail(PTL_DIMENSION, /* on every rank */
                          "the local operators sum to %" PRId64 " x %" PRId64 ", expected %" PRId64
                          " x %" PRId64,
                          sums[0], sums[1], rows, cols);
    if (status == PTL_OK) {
        ptl__linop_init(&A->base,
                        sums[2] ? &ptl__matrix_shell_classes[!sums[3]] : &ptl__matrix_class,
                        &(ptl__linop_spec){.comm = comm,
                                           .exec = local->exec,
                                           .rows = sums[0],
                                           .cols = sums[1],
                                           .local_rows = local->rows,
                                           .local_cols = local->cols,
                                           .dtype = local->dtype});
        A->base.object.depth = local->object.depth + 1;
        A->base.number = ptl__agreed(comm);
        A->local = ptl_linop_retain(local);
        A->local_csr = ptl_linop_as_csr(local);
        *out = A;
    } else {
        ptl__free(A);
    }
    ptl_comm_release(&comm);
    return status;
}
