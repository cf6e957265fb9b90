/* Scaling of rows and columns, in place. */
#include "../base/operation.h"
#include "../base/vector.h"
#include "../comm/comm.h"
#include "../core/status.h"
#include "../distributed/matrix.h"

/* (L) */
static ptl_status check_block(ptl_csr *block, const char *name)
{
    PTL_CHECK(block, PTL_NOT_SUPPORTED, "the %s block is not CSR: it cannot be scaled in place",
              name);
    PTL_CHECK(!block->format.release, PTL_NOT_SUPPORTED,
              "the %s block is a view of the caller's arrays: it cannot be scaled in place", name);
    return PTL_OK;
}

/* (L) v fits A's rows or columns, and both blocks can be written to. */
static ptl_status check(const ptl_matrix *A, const ptl_vector *v, int by_columns)
{
    const ptl_linop *base = &A->base;
    const int64_t size = by_columns ? base->cols : base->rows;
    const int64_t local = by_columns ? base->local_cols : base->local_rows;
    PTL_CHECK(v, PTL_INVALID, "v is NULL");
    PTL_CHECK(ptl__comm_same(base->comm, v->comm), PTL_INVALID,
              "v lives on another communicator than the matrix");
    PTL_TRY(ptl__exec_check(base->exec, "the matrix", v->exec, "v"));
    PTL_CHECK(v->columns == 1, PTL_DIMENSION, "v has %lld columns, expected 1",
              (long long)v->columns);
    PTL_CHECK(v->rows == size && v->local_rows == local, PTL_DIMENSION,
              "v has %lld rows, %lld of them here, expected %lld and %lld", (long long)v->rows,
              (long long)v->local_rows, (long long)size, (long long)local);
    PTL_CHECK(base->dtype != PTL_F16, PTL_NOT_SUPPORTED,
              "the matrix is float16, whose entries cannot be scaled in place: convert it first, "
              "astype(\"float32\")");
    PTL_CHECK(v->dtype == base->dtype || v->dtype == ptl_dtype_real(base->dtype), PTL_DTYPE,
              "v is %s, the matrix is %s: expected the same dtype, or its real counterpart",
              ptl_dtype_name(v->dtype), ptl_dtype_name(base->dtype));
    PTL_TRY(check_block(ptl_linop_as_csr(A->local), "local"));
    return A->ghost.borrowed ? check_block(A->ghost_csr, "ghost") : PTL_OK;
}

/* One block's entries times the number of their column, or of their row. */
static void scale_block(const ptl_matrix *A, ptl_itype itype, ptl__csr block, int by_columns,
                        const void *factors)
{
    const ptl_exec *exec = A->base.exec;
    const ptl__index_kernels *kernels = exec->kernels->index[A->base.dtype][itype];
    const ptl__run run = ptl__exec_run(exec);
    if (by_columns)
        kernels->csr_col_scale(run, block, factors);
    else
        kernels->csr_row_scale(run, block, factors);
}

static void scale_csr(const ptl_matrix *A, const ptl_csr *csr, int by_columns, const void *factors)
{
    scale_block(A, csr->format.itype, ptl__csr_view_of(csr), by_columns, factors);
}

/* The ghost block, and what was made of it for those who ask. */
static void scale_ghosts(const ptl_matrix *A, int by_columns, const void *factors)
{
    if (A->ghost.rows > 0)
        scale_block(A, A->ghost.itype, ptl__ghost_block_view(&A->ghost), by_columns, factors);
    if (A->ghost_csr && !A->ghost.borrowed)
        scale_csr(A, A->ghost_csr, by_columns, factors);
}

/* (C) d: v's numbers in A's dtype. */
static ptl_status scale_columns(ptl_matrix *A, ptl_vector *d)
{
    ptl__block ghosts = {0};
    if (A->halo) {
        ptl_status started = ptl__halo_start(A->halo, d);
        ptl_status finished = ptl__halo_finish(A->halo, d, &ghosts);
        PTL_TRY(ptl__agree(A->base.comm, started != PTL_OK ? started : finished, 0, "calls"));
    }
    scale_csr(A, A->local_csr, 1, d->data);
    scale_ghosts(A, 1, ghosts.data);
    return PTL_OK;
}

static ptl_status scale(ptl_matrix *A, ptl_vector *v, int by_columns)
{
    ptl_vector *d = NULL;
    PTL_TRY(ptl__busy_begin(A, "matrix"));
    ptl_status status = check(A, v, by_columns);
    if (status == PTL_OK)
        status = ptl_vector_astype(v, A->base.dtype, &d);
    if (status == PTL_OK && by_columns && A->halo)
        status = ptl__halo_prepare(A->halo, PTL__TO_GHOSTS, d);
    int64_t signature = ptl__linop_sign(ptl__sign(PTL__SCALE, by_columns), &A->base);
    status =
        ptl__agree(A->base.comm, status, ptl__vector_sign(signature, v), "matrices or vectors");
    if (status == PTL_OK && by_columns) {
        status = scale_columns(A, d);
    } else if (status == PTL_OK) {
        scale_csr(A, A->local_csr, 0, d->data);
        scale_ghosts(A, 0, d->data);
    }
    ptl_vector_release(&d);
    ptl__busy_end(A);
    return status;
}

ptl_status ptl_matrix_row_scale(ptl_matrix *A, ptl_vector *v)
{
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    return scale(A, v, 0);
}

ptl_status ptl_matrix_col_scale(ptl_matrix *A, ptl_vector *v)
{
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    return scale(A, v, 1);
}
