/* CSR matrices: their making and checking, and their class of operator. */
#include "csr.h"

#include "../core/status.h"
#include "../kernels/exec.h"

PTL__OBJECT_FUNCTIONS(ptl_csr)

static const ptl_csr *csr_of(const ptl_linop *A)
{
    return (const ptl_csr *)A;
}

static ptl__run run_of(const ptl_linop *A)
{
    return ptl__exec_run(A->exec);
}

static const ptl__sparse_kernels *kernels_of(const ptl_linop *A, ptl_dtype dtype)
{
    return A->exec->kernels->sparse[A->dtype][dtype][ptl__format_of(A)->itype];
}

static void csr_multiply(const ptl_linop *A, ptl_dtype dtype, const void *alpha, ptl__block x,
                         const void *beta, ptl__block y)
{
    kernels_of(A, dtype)->csr_spmv(run_of(A), ptl__csr_view_of(csr_of(A)), alpha, x, beta, y);
}

static void csr_multiply_dot(const ptl_linop *A, ptl_dtype dtype, ptl__block x, ptl__block y,
                             void *sums)
{
    kernels_of(A, dtype)->csr_spmv_dot(run_of(A), ptl__csr_view_of(csr_of(A)), x, y, sums);
}

static void csr_diagonal(const ptl_linop *A, int64_t length, void *out)
{
    A->exec->kernels->index[A->dtype][ptl__format_of(A)->itype]->csr_diagonal(
        run_of(A), ptl__csr_view_of(csr_of(A)), length, out);
}

static void csr_visit(const ptl_linop *A, void (*visit)(void *ctx, ptl__place place), void *ctx)
{
    const ptl_csr *csr = csr_of(A);
    const ptl_itype itype = csr->format.itype;
    int64_t k = 0;
    for (int64_t i = 0; i < A->rows; ++i)
        for (int64_t end = ptl__index_at(csr->indptr, itype, i + 1); k < end; ++k)
            visit(ctx, (ptl__place){i, ptl__index_at(csr->indices, itype, k), k});
}

static void csr_free_arrays(ptl_linop *A)
{
    ptl_csr *csr = (ptl_csr *)A;
    ptl__exec_free(A->exec, csr->indptr);
    ptl__exec_free(A->exec, csr->indices);
}

const ptl__format_class ptl__csr_format = {
    .storage = PTL_CSR,
    .multiply = csr_multiply,
    .visit = csr_visit,
    .free_arrays = csr_free_arrays,
    .diagonal = csr_diagonal,
    .multiply_dot = csr_multiply_dot,
};

static const ptl__linop_class csr_class = {PTL__FORMAT_LINOP("csr", &ptl__csr_format)};

ptl_csr *ptl_linop_as_csr(ptl_linop *A)
{
    return A && A->cls == &csr_class ? (ptl_csr *)A : NULL;
}

static int64_t nnz_of(const ptl_csr_arrays *arrays)
{
    return ptl__index_at(arrays->indptr, arrays->itype, arrays->rows);
}

static ptl_status check_indptr(const ptl_csr_arrays *arrays)
{
    int64_t before = ptl__index_at(arrays->indptr, arrays->itype, 0);
    PTL_CHECK(before == 0, PTL_INVALID, "indptr[0] is %lld: expected 0", (long long)before);
    for (int64_t i = 1; i <= arrays->rows; ++i) {
        const int64_t now = ptl__index_at(arrays->indptr, arrays->itype, i);
        PTL_CHECK(now >= before, PTL_INVALID,
                  "indptr[%lld] is %lld, after %lld: row %lld ends before it begins", (long long)i,
                  (long long)now, (long long)before, (long long)(i - 1));
        before = now;
    }
    return PTL_OK;
}

static ptl_status check_indices(const ptl_csr_arrays *arrays)
{
    int64_t k = 0;
    for (int64_t i = 0; i < arrays->rows; ++i)
        for (int64_t end = ptl__index_at(arrays->indptr, arrays->itype, i + 1); k < end; ++k) {
            const int64_t column = ptl__index_at(arrays->indices, arrays->itype, k);
            PTL_CHECK(column >= 0 && column < arrays->cols, PTL_INDEX,
                      "row %lld, entry %lld: column %lld is outside [0, %lld)", (long long)i,
                      (long long)k, (long long)column, (long long)arrays->cols);
        }
    return PTL_OK;
}

static ptl_status check(const ptl_csr_arrays *arrays)
{
    const size_t index = ptl_itype_size(arrays->itype);
    const size_t part = ptl_dtype_size(ptl_dtype_real(arrays->dtype));
    PTL_TRY(ptl__check_sizes(arrays->rows, arrays->cols, arrays->dtype, arrays->itype));
    PTL_TRY(ptl__check_array(arrays->indptr, arrays->rows + 1, index, "indptr"));
    PTL_TRY(check_indptr(arrays));
    PTL_TRY(ptl__check_array(arrays->indices, nnz_of(arrays), index, "indices"));
    PTL_TRY(ptl__check_array(arrays->values, nnz_of(arrays), part, "values"));
    return check_indices(arrays);
}

/* A matrix over the arrays, which it does not own yet. */
static ptl_status csr_new(ptl_exec *exec, const ptl_csr_arrays *arrays, ptl_csr **out)
{
    const int64_t nnz = nnz_of(arrays);
    const ptl__format_spec spec = {exec, arrays->rows,  arrays->cols,  nnz,
                                   nnz,  arrays->dtype, arrays->itype, (void *)arrays->values};
    PTL_TRY(ptl__format_new(&csr_class, &spec, sizeof **out, out));
    (*out)->indptr = (void *)arrays->indptr;
    (*out)->indices = (void *)arrays->indices;
    return PTL_OK;
}

void ptl__csr_arrays_free(ptl_exec *exec, const ptl_csr_arrays *arrays)
{
    ptl__exec_free(exec, (void *)arrays->indptr);
    ptl__exec_free(exec, (void *)arrays->indices);
    ptl__exec_free(exec, (void *)arrays->values);
}

ptl_status ptl__csr_take(ptl_exec *exec, const ptl_csr_arrays *arrays, ptl_csr **out)
{
    *out = NULL;
    ptl_status status = csr_new(exec, arrays, out);
    if (status != PTL_OK)
        ptl__csr_arrays_free(exec, arrays);
    return status;
}

/* What was allocated is in *copy, also on failure. */
static ptl_status copy_arrays(ptl_exec *exec, const ptl_csr_arrays *arrays, ptl_csr_arrays *copy)
{
    const int64_t nnz = nnz_of(arrays);
    *copy = *arrays;
    copy->indptr = copy->indices = copy->values = NULL;
    copy->itype = ptl__itype_for(arrays->itype, arrays->rows, arrays->cols, nnz);
    PTL_TRY(ptl__copy_indices(exec, arrays->itype, copy->itype, arrays->rows + 1, arrays->indptr,
                              (void **)&copy->indptr));
    PTL_TRY(ptl__copy_indices(exec, arrays->itype, copy->itype, nnz, arrays->indices,
                              (void **)&copy->indices));
    return ptl__copy_values(exec, arrays->dtype, nnz, arrays->values, (void **)&copy->values);
}

ptl_status ptl_csr_copy_of(ptl_exec *given, const ptl_csr_arrays *arrays, ptl_csr **out)
{
    *out = NULL;
    ptl_exec *exec;
    ptl_csr_arrays copy;
    PTL_TRY(check(arrays));
    PTL_TRY(ptl__exec_or_default(given, &exec));
    ptl_status status = copy_arrays(exec, arrays, &copy);
    if (status == PTL_OK)
        status = ptl__csr_take(exec, &copy, out);
    else
        ptl__csr_arrays_free(exec, &copy);
    ptl_exec_release(&exec);
    return status;
}

static ptl_status view(ptl_exec *given, const ptl_csr_arrays *arrays, ptl_csr **out)
{
    ptl_exec *exec;
    PTL_TRY(check(arrays));
    PTL_TRY(ptl__exec_or_default(given, &exec));
    ptl_status status = csr_new(exec, arrays, out);
    ptl_exec_release(&exec);
    return status;
}

ptl_status ptl_csr_view(ptl_exec *exec, const ptl_csr_arrays *arrays, void (*release)(void *ctx),
                        void *ctx, ptl_csr **out)
{
    *out = NULL;
    ptl_status status = view(exec, arrays, out);
    if (status == PTL_OK) {
        ptl__format_set_release(ptl_csr_linop(*out), release, ctx);
    } else if (release) {
        release(ctx);
    }
    return status;
}

ptl_csr_arrays ptl_csr_get_arrays(const ptl_csr *A)
{
    const ptl_linop *base = &A->format.base;
    return (ptl_csr_arrays){base->rows, base->cols, base->dtype,     A->format.itype,
                            A->indptr,  A->indices, A->format.values};
}

int64_t ptl_csr_nnz(const ptl_csr *A)
{
    return A->format.nnz;
}

ptl_status ptl_csr_diagonal(const ptl_csr *A, void *out)
{
    return ptl__format_diagonal_into(&A->format.base, out);
}

ptl_linop *ptl_csr_linop(ptl_csr *A)
{
    return &A->format.base;
}
