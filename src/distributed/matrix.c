/* Distributed matrices: the products, the diagonal, and what a matrix tells of itself. */
#include "matrix.h"

#include "../base/operation.h"
#include "../base/vector.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../kernels/exec.h"
#include "../matrix/transposed.h"
#include "refill.h"

/* The kernels for A's entries, indices of `itype` and vectors of `dtype`. */
static const ptl__sparse_kernels *kernels_of(const ptl_matrix *A, ptl_dtype dtype, ptl_itype itype)
{
    return A->base.exec->kernels->sparse[A->base.dtype][dtype][itype];
}

static ptl__run run_of(const ptl_matrix *A)
{
    return ptl__exec_run(A->base.exec);
}

/* Waits for the ghosts, whatever `started` is; the first failure of the two. */
static ptl_status finish_halo(ptl_matrix *A, ptl_status started, const ptl_vector *x,
                              ptl__block *ghosts)
{
    ptl_status finished = ptl__halo_finish(A->halo, x, ghosts);
    return started != PTL_OK ? started : finished;
}

static ptl_status apply(ptl_linop *base, const void *alpha, ptl_vector *x, const void *beta,
                        ptl_vector *y)
{
    ptl_matrix *A = ptl__matrix_of(base);
    ptl__block ghosts, to = ptl__vector_block(y);
    ptl_status status = A->halo ? ptl__halo_start(A->halo, x) : PTL_OK;
    ptl__format_multiply(A->local, PTL_OP_NONE, x->dtype, alpha, ptl__vector_block(x), beta, to);
    if (!A->halo)
        return status;
    PTL_TRY(finish_halo(A, status, x, &ghosts));
    if (A->ghost.rows > 0)
        kernels_of(A, x->dtype, A->ghost.itype)
            ->csr_spmv_add(run_of(A), ptl__ghost_block_view(&A->ghost), alpha, ghosts, to);
    return PTL_OK;
}

static ptl_status apply_dot(ptl_linop *base, ptl_vector *x, ptl_vector *y, double *sums)
{
    ptl_matrix *A = ptl__matrix_of(base);
    ptl__block ghosts, from = ptl__vector_block(x), to = ptl__vector_block(y);
    ptl_status status = A->halo ? ptl__halo_start(A->halo, x) : PTL_OK;
    ptl__format_multiply_dot(A->local, x->dtype, from, to, sums);
    if (!A->halo)
        return status;
    PTL_TRY(finish_halo(A, status, x, &ghosts));
    if (A->ghost.rows > 0)
        kernels_of(A, x->dtype, A->ghost.itype)
            ->csr_spmv_add_dot(run_of(A), ptl__ghost_block_view(&A->ghost), ghosts, from, to, sums);
    return PTL_OK;
}

/* Each rank multiplies its rows: what belongs to its ghosts' owners leaves first, and travels while
 * the local block is multiplied. */
static ptl_status apply_op(ptl_linop *base, ptl_op op, const void *alpha, ptl_vector *x,
                           const void *beta, ptl_vector *y)
{
    ptl_matrix *A = ptl__matrix_of(base);
    ptl__block from = ptl__vector_block(x), to = ptl__vector_block(y);
    ptl_status status = PTL_OK;
    if (A->halo) {
        ptl__transposed T = A->ghost_transposed;
        T.values = A->ghost.values;
        if (T.count > 0)
            kernels_of(A, x->dtype, T.itype)
                ->transposed_spmv(run_of(A), T, op == PTL_OP_HERMITIAN, alpha, from, NULL,
                                  ptl__halo_parts(A->halo, x));
        status = ptl__halo_start_back(A->halo, x);
    }
    ptl__format_multiply(A->local, op, x->dtype, alpha, from, beta, to);
    if (!A->halo)
        return status;
    ptl_status finished = ptl__halo_finish_back(A->halo, x, to);
    return status != PTL_OK ? status : finished;
}

static ptl_status prepare(ptl_linop *base, ptl_op op, const ptl_vector *x)
{
    ptl_matrix *A = ptl__matrix_of(base);
    PTL_TRY(ptl__format_prepare_op(A->local, op));
    if (!A->halo)
        return PTL_OK;
    if (op != PTL_OP_NONE && A->ghost.cols > 0 && !A->ghost_transposed.indptr)
        PTL_TRY(ptl__ghost_block_transpose(base->exec, &A->ghost, base->local_rows,
                                           &A->ghost_transposed));
    return ptl__halo_prepare(A->halo, op == PTL_OP_NONE ? PTL__TO_GHOSTS : PTL__TO_OWNERS, x);
}

ptl_status ptl__matrix_new_diagonal(const ptl_matrix *A, ptl_vector **out)
{
    const ptl_linop *base = &A->base;
    PTL_CHECK(base->rows == base->cols && base->local_rows == base->local_cols &&
                  (!A->partition || ptl_partition_equal(A->partition, A->col_partition)),
              PTL_DIMENSION, "a diagonal needs rows and columns of the same partition");
    PTL_TRY(ptl__vector_new(
        base->comm, base->exec,
        (ptl_vector_shape){base->rows, base->local_rows, .columns = 0, .dtype = base->dtype}, out));
    (*out)->partition = ptl_partition_retain(A->partition);
    (*out)->number = ptl__derived(base->number, PTL__DIAGONAL);
    return PTL_OK;
}

static ptl_status diagonal(ptl_linop *base, ptl_vector **out)
{
    ptl_matrix *A = ptl__matrix_of(base);
    PTL_TRY(ptl__matrix_new_diagonal(A, out));
    ptl_status status = ptl__format_diagonal_into(A->local, (*out)->data);
    if (status != PTL_OK)
        ptl_vector_release(out);
    return status;
}

void ptl__matrix_destroy(ptl_linop *base)
{
    ptl_matrix *A = ptl__matrix_of(base);
    ptl__ghost_block_clear(base->exec, &A->ghost);
    ptl__transposed_clear(base->exec, &A->ghost_transposed);
    ptl__halo_free(A->halo);
    ptl__refill_free(A->refill);
    ptl_csr_release(&A->ghost_csr);
    ptl_linop_release(&A->local);
    ptl_index_map_release(&A->map);
    ptl_partition_release(&A->partition);
    ptl_partition_release(&A->col_partition);
}

const ptl__linop_class ptl__matrix_class = {
    .kind = "matrix",
    .mixes = 1,
    .apply = apply,
    .destroy = ptl__matrix_destroy,
    .apply_op = apply_op,
    .apply_dot = apply_dot,
    .prepare = prepare,
    .diagonal = diagonal,
    .widen = ptl__matrix_widen,
};

ptl_status ptl_matrix_diagonal(ptl_matrix *A, ptl_vector **out)
{
    return A->base.cls->diagonal(&A->base, out);
}

int64_t ptl_matrix_local_nnz(const ptl_matrix *A)
{
    return ptl_format_nnz(A->local) + A->ghost.nnz;
}

ptl_status ptl_matrix_nnz(ptl_matrix *A, int64_t *out)
{
    *out = 0;
    int64_t nnz = ptl_matrix_local_nnz(A);
    PTL_TRY(ptl__agree(A->base.comm, PTL_OK, ptl__linop_sign(PTL__COUNT_ENTRIES, &A->base),
                       "matrices"));
    PTL_TRY(ptl__comm_allreduce(A->base.comm, &nnz, 1, PTL_MTYPE_INT64, PTL_REDUCE_SUM));
    *out = nnz;
    return PTL_OK;
}

ptl_linop *ptl_matrix_local(ptl_matrix *A)
{
    return A->local;
}

ptl_partition *ptl_matrix_partition(const ptl_matrix *A)
{
    return A->partition;
}

ptl_partition *ptl_matrix_col_partition(const ptl_matrix *A)
{
    return A->col_partition;
}

ptl_index_map *ptl_matrix_index_map(const ptl_matrix *A)
{
    return A->map;
}

ptl_linop *ptl_matrix_linop(ptl_matrix *A)
{
    return &A->base;
}

ptl_matrix *ptl_linop_as_matrix(ptl_linop *A)
{
    return A && A->cls->destroy == ptl__matrix_destroy ? ptl__matrix_of(A) : NULL;
}

PTL__OBJECT_FUNCTIONS(ptl_matrix)
