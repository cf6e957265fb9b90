/* Distributed matrices: the product, the diagonal, and what a matrix tells of itself. */
#include "matrix.h"

#include <string.h>

#include "../base/vector.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../kernels/exec.h"
#include "refill.h"

static ptl_matrix *matrix_of(ptl_linop *base)
{
    return (ptl_matrix *)base; /* base comes first */
}

static const ptl__sparse_kernels *kernels_of(const ptl_matrix *A, ptl_itype itype)
{
    return A->base.exec->kernels->sparse[A->base.dtype][itype];
}

static ptl__run run_of(const ptl_matrix *A)
{
    return (ptl__run){A->base.exec->threads};
}

static ptl__csr ghost_view(const ptl_matrix *A)
{
    const ptl__ghost_block *g = &A->ghost;
    return (ptl__csr){g->rows, g->indptr, g->indices, g->values, g->row_ids};
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
    ptl_matrix *A = matrix_of(base);
    ptl__block ghosts, to = ptl__vector_block(y);
    ptl_status status = A->halo ? ptl__halo_start(A->halo, x) : PTL_OK;
    kernels_of(A, A->local_csr->itype)
        ->csr_spmv(run_of(A), ptl__csr_view_of(A->local_csr), alpha, ptl__vector_block(x), beta,
                   to);
    if (!A->halo)
        return status;
    PTL_TRY(finish_halo(A, status, x, &ghosts));
    if (A->ghost.rows > 0)
        kernels_of(A, A->ghost.itype)->csr_spmv_add(run_of(A), ghost_view(A), alpha, ghosts, to);
    return PTL_OK;
}

static ptl_status apply_dot(ptl_linop *base, ptl_vector *x, ptl_vector *y, double *sums)
{
    ptl_matrix *A = matrix_of(base);
    ptl__block ghosts, from = ptl__vector_block(x), to = ptl__vector_block(y);
    ptl_status status = A->halo ? ptl__halo_start(A->halo, x) : PTL_OK;
    kernels_of(A, A->local_csr->itype)
        ->csr_spmv_dot(run_of(A), ptl__csr_view_of(A->local_csr), from, to, sums);
    if (!A->halo)
        return status;
    PTL_TRY(finish_halo(A, status, x, &ghosts));
    if (A->ghost.rows > 0)
        kernels_of(A, A->ghost.itype)
            ->csr_spmv_add_dot(run_of(A), ghost_view(A), ghosts, from, to, sums);
    return PTL_OK;
}

static ptl_status prepare(ptl_linop *base, const ptl_vector *x)
{
    ptl_matrix *A = matrix_of(base);
    return A->halo ? ptl__halo_prepare(A->halo, x) : PTL_OK;
}

/* A vector of A's rows, uninitialised. */
static ptl_status new_diagonal(const ptl_matrix *A, ptl_vector **out)
{
    const ptl_linop *base = &A->base;
    PTL_CHECK(base->rows == base->cols && base->local_rows == base->local_cols &&
                  (!A->partition || ptl_partition_equal(A->partition, A->col_partition)),
              PTL_DIMENSION, "a diagonal needs rows and columns of the same partition");
    PTL_TRY(ptl__vector_new(
        base->comm, base->exec,
        (ptl_vector_shape){base->rows, base->local_rows, .columns = 0, .dtype = base->dtype}, out));
    (*out)->partition = ptl_partition_retain(A->partition);
    return PTL_OK;
}

static ptl_status diagonal(ptl_linop *base, ptl_vector **out)
{
    ptl_matrix *A = matrix_of(base);
    PTL_TRY(new_diagonal(A, out));
    kernels_of(A, A->local_csr->itype)
        ->csr_diagonal(run_of(A), ptl__csr_view_of(A->local_csr), base->local_rows, (*out)->data);
    return PTL_OK;
}

void ptl__ghost_block_clear(ptl_exec *exec, ptl__ghost_block *ghost)
{
    ptl__exec_free(exec, ghost->row_ids);
    ptl__exec_free(exec, ghost->indptr);
    if (!ghost->borrowed) {
        ptl__exec_free(exec, ghost->indices);
        ptl__exec_free(exec, ghost->values);
    }
    *ghost = (ptl__ghost_block){0};
}

static void destroy(ptl_linop *base)
{
    ptl_matrix *A = matrix_of(base);
    ptl__ghost_block_clear(base->exec, &A->ghost);
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
    .apply = apply,
    .destroy = destroy,
    .apply_dot = apply_dot,
    .prepare = prepare,
    .diagonal = diagonal,
};

/* x and y as vectors of one process, for the local operator. */
static ptl_status make_shells(ptl_vector *x, ptl_vector *y, ptl_vector *shells[2])
{
    shells[0] = shells[1] = NULL;
    PTL_TRY(ptl__vector_local_shell(x, &shells[0]));
    return ptl__vector_local_shell(y, &shells[1]);
}

static ptl_status shell_apply(ptl_linop *base, const void *alpha, ptl_vector *x, const void *beta,
                              ptl_vector *y)
{
    ptl_vector *shells[2];
    ptl_status status = make_shells(x, y, shells);
    if (status == PTL_OK)
        status = ptl__linop_apply(matrix_of(base)->local, alpha, shells[0], beta, shells[1]);
    ptl_vector_release(&shells[0]);
    ptl_vector_release(&shells[1]);
    return status;
}

static ptl_status shell_apply_dot(ptl_linop *base, ptl_vector *x, ptl_vector *y, double *sums)
{
    ptl_vector *shells[2];
    ptl_status status = make_shells(x, y, shells);
    if (status == PTL_OK)
        status = ptl__linop_apply_dot(matrix_of(base)->local, shells[0], shells[1], sums);
    ptl_vector_release(&shells[0]);
    ptl_vector_release(&shells[1]);
    return status;
}

static ptl_status shell_prepare(ptl_linop *base, const ptl_vector *x)
{
    ptl_vector *shell;
    PTL_TRY(ptl__vector_local_shell((ptl_vector *)x, &shell)); /* looked at, not written */
    ptl_status status = ptl__linop_prepare(matrix_of(base)->local, shell);
    ptl_vector_release(&shell);
    return status;
}

static ptl_status shell_diagonal(ptl_linop *base, ptl_vector **out)
{
    ptl_matrix *A = matrix_of(base);
    ptl_vector *local;
    PTL_TRY(ptl__linop_diagonal(A->local, &local));
    ptl_status status = new_diagonal(A, out);
    if (status == PTL_OK)
        ptl__vector_kernels_of(local)->copy(run_of(A), ptl__vector_block(local),
                                            ptl__vector_block(*out));
    ptl_vector_release(&local);
    return status;
}

/* Fallible, whatever the local operator is: it makes vectors in every apply. */
const ptl__linop_class ptl__matrix_shell_class = {
    .kind = "matrix",
    .fallible = 1,
    .apply = shell_apply,
    .destroy = destroy,
    .apply_dot = shell_apply_dot,
    .prepare = shell_prepare,
    .diagonal = shell_diagonal,
};

ptl_status ptl_matrix_diagonal(ptl_matrix *A, ptl_vector **out)
{
    return ptl__linop_diagonal(&A->base, out);
}

int64_t ptl_matrix_local_nnz(const ptl_matrix *A)
{
    return (A->local_csr ? A->local_csr->nnz : 0) + A->ghost.nnz;
}

ptl_status ptl_matrix_nnz(ptl_matrix *A, int64_t *out)
{
    *out = 0;
    int64_t nnz = ptl_matrix_local_nnz(A);
    PTL_TRY(ptl__agree(A->base.comm, PTL_OK, 0, "calls"));
    PTL_TRY(ptl__comm_allreduce(A->base.comm, &nnz, 1, PTL_MTYPE_INT64, PTL_REDUCE_SUM));
    *out = nnz;
    return PTL_OK;
}

/* The indptr of all local rows: those between boundary rows are empty. */
static void expand_indptr(const ptl__ghost_block *g, int64_t rows, void *indptr)
{
    int64_t stored = 0;
    if (g->itype == PTL_I32) {
        const int32_t *ids = g->row_ids, *from = g->indptr;
        for (int64_t r = 0; r <= rows; r++) {
            ((int32_t *)indptr)[r] = g->rows ? from[stored] : 0;
            stored += r < rows && stored < g->rows && ids[stored] == r;
        }
    } else {
        const int64_t *ids = g->row_ids, *from = g->indptr;
        for (int64_t r = 0; r <= rows; r++) {
            ((int64_t *)indptr)[r] = g->rows ? from[stored] : 0;
            stored += r < rows && stored < g->rows && ids[stored] == r;
        }
    }
}

static ptl_status expand_ghost(const ptl_matrix *A, ptl_csr **out)
{
    ptl_exec *exec = A->base.exec;
    const ptl__ghost_block *g = &A->ghost;
    size_t index = ptl_itype_size(g->itype), size = ptl_dtype_size(A->base.dtype);
    void *indptr = NULL, *indices = NULL, *values = NULL;
    ptl_status status = ptl__exec_alloc(exec, A->base.local_rows + 1, index, &indptr);
    if (status == PTL_OK)
        status = ptl__exec_alloc(exec, g->nnz, index, &indices);
    if (status == PTL_OK)
        status = ptl__exec_alloc(exec, g->nnz, size, &values);
    if (status != PTL_OK) {
        ptl__exec_free(exec, indptr);
        ptl__exec_free(exec, indices);
        return status;
    }
    expand_indptr(g, A->base.local_rows, indptr);
    if (g->nnz > 0) {
        memcpy(indices, g->indices, (size_t)g->nnz * index);
        memcpy(values, g->values, (size_t)g->nnz * size);
    }
    const ptl_csr_arrays arrays = {
        A->base.local_rows, g->cols, A->base.dtype, g->itype, indptr, indices, values};
    return ptl__csr_take(exec, &arrays, out);
}

ptl_status ptl_matrix_ghost(ptl_matrix *A, ptl_csr **out)
{
    *out = NULL;
    if (A->map && !A->ghost_csr) {
        PTL_TRY(ptl__busy_begin(A, "matrix"));
        ptl_status status = A->ghost_csr ? PTL_OK : expand_ghost(A, &A->ghost_csr);
        ptl__busy_end(A);
        PTL_TRY(status);
    }
    *out = A->ghost_csr;
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
    return A && (A->cls == &ptl__matrix_class || A->cls == &ptl__matrix_shell_class) ? matrix_of(A)
                                                                                     : NULL;
}

PTL__OBJECT_FUNCTIONS(ptl_matrix)
