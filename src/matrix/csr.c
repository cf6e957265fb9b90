/* CSR matrices: their making and checking, and their class of operator. */
#include "csr.h"

#include "../core/memory.h"
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

static int csr_arrays(ptl_linop *A, ptl__array *out)
{
    ptl_csr *csr = (ptl_csr *)A;
    const size_t size = ptl_itype_size(csr->format.itype);
    out[0] = (ptl__array){&csr->indptr, A->rows + 1, size};
    out[1] = (ptl__array){&csr->indices, csr->format.nnz, size};
    return 2;
}

const ptl__format_class ptl__csr_format = {
    .storage = PTL_CSR,
    .multiply = csr_multiply,
    .visit = csr_visit,
    .size = sizeof(ptl_csr),
    .arrays = csr_arrays,
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

/* Checks what the user gives; *host is the arrays with indices that the host can read, to be closed
 * on failure too. */
static ptl_status open_arrays(ptl_exec *exec, const ptl_csr_arrays *arrays, ptl_csr_arrays *host)
{
    *host = *arrays;
    host->indptr = host->indices = NULL;
    PTL_TRY(ptl__check_sizes(arrays->rows, arrays->cols, arrays->dtype, arrays->itype));
    const size_t index = ptl_itype_size(arrays->itype);
    const size_t part = ptl_dtype_size(ptl_dtype_real(arrays->dtype));
    PTL_TRY(ptl__check_array(arrays->indptr, arrays->rows + 1, index, "indptr"));
    PTL_TRY(ptl__to_host(exec, arrays->rows + 1, index, arrays->indptr, (void **)&host->indptr));
    PTL_TRY(check_indptr(host));
    PTL_TRY(ptl__check_array(arrays->indices, nnz_of(host), index, "indices"));
    PTL_TRY(ptl__check_array(arrays->values, nnz_of(host), part, "values"));
    PTL_TRY(ptl__to_host(exec, nnz_of(host), index, arrays->indices, (void **)&host->indices));
    return check_indices(host);
}

static void close_arrays(ptl_exec *exec, ptl_csr_arrays *host)
{
    ptl__host_free(exec, (void *)host->indptr);
    ptl__host_free(exec, (void *)host->indices);
}

/* A matrix over the executor's arrays, which it does not own yet. */
static ptl_status csr_new(ptl_exec *exec, const ptl_csr_arrays *arrays, int64_t nnz, ptl_csr **out)
{
    const ptl__format_spec spec = {exec, arrays->rows,  arrays->cols,  nnz,
                                   nnz,  arrays->dtype, arrays->itype, (void *)arrays->values};
    PTL_TRY(ptl__format_new(&csr_class, &spec, sizeof **out, out));
    (*out)->indptr = (void *)arrays->indptr;
    (*out)->indices = (void *)arrays->indices;
    return PTL_OK;
}

void ptl__csr_arrays_free(const ptl_csr_arrays *arrays)
{
    ptl__free((void *)arrays->indptr);
    ptl__free((void *)arrays->indices);
    ptl__free((void *)arrays->values);
}

/* A matrix on the host. */
static ptl_status take_on_host(ptl_exec *host, const ptl_csr_arrays *arrays, ptl_csr **out)
{
    *out = NULL;
    ptl_status status = csr_new(host, arrays, nnz_of(arrays), out);
    if (status != PTL_OK)
        ptl__csr_arrays_free(arrays);
    return status;
}

ptl_status ptl__csr_take(ptl_exec *exec, const ptl_csr_arrays *arrays, ptl_csr **out)
{
    *out = NULL;
    ptl_csr *made;
    PTL_TRY(take_on_host(exec->host, arrays, &made));
    ptl_status status = ptl__csr_on(made, exec, out);
    ptl_csr_release(&made);
    return status;
}

ptl_status ptl__csr_on(ptl_csr *A, ptl_exec *exec, ptl_csr **out)
{
    ptl_linop *made;
    *out = NULL;
    PTL_TRY(ptl__format_on(ptl_csr_linop(A), exec, &made));
    *out = (ptl_csr *)made;
    return PTL_OK;
}

/* Copies in host memory of arrays that were opened; what was allocated is in *copy, also on
 * failure.
 */
static ptl_status copy_arrays(ptl_exec *exec, const ptl_csr_arrays *host, ptl_csr_arrays *copy)
{
    const int64_t nnz = nnz_of(host);
    *copy = *host;
    copy->indptr = copy->indices = copy->values = NULL;
    copy->itype = ptl__itype_for(host->itype, host->rows, host->cols, nnz);
    PTL_TRY(ptl__copy_indices(exec->host, host->itype, copy->itype, host->rows + 1, host->indptr,
                              (void **)&copy->indptr));
    PTL_TRY(ptl__copy_indices(exec->host, host->itype, copy->itype, nnz, host->indices,
                              (void **)&copy->indices));
    return ptl__copy_values(exec, host->dtype, nnz, host->values, (void **)&copy->values);
}

static ptl_status copy_opened(ptl_exec *exec, const ptl_csr_arrays *arrays,
                              const ptl_csr_arrays *host, ptl_csr **out)
{
    ptl_csr_arrays copy;
    (void)arrays;
    ptl_status status = copy_arrays(exec, host, &copy);
    if (status == PTL_OK)
        return ptl__csr_take(exec, &copy, out);
    ptl__csr_arrays_free(&copy);
    return status;
}

static ptl_status view_opened(ptl_exec *exec, const ptl_csr_arrays *arrays,
                              const ptl_csr_arrays *host, ptl_csr **out)
{
    return csr_new(exec, arrays, nnz_of(host), out);
}

static ptl_status checked(ptl_exec *given, const ptl_csr_arrays *arrays,
                          ptl_status (*make)(ptl_exec *, const ptl_csr_arrays *arrays,
                                             const ptl_csr_arrays *host, ptl_csr **),
                          ptl_csr **out)
{
    *out = NULL;
    ptl_exec *exec;
    ptl_csr_arrays host;
    PTL_TRY(ptl__exec_or_default(given, &exec));
    ptl_status status = open_arrays(exec, arrays, &host);
    if (status == PTL_OK)
        status = make(exec, arrays, &host, out);
    close_arrays(exec, &host);
    ptl_exec_release(&exec);
    return status;
}

ptl_status ptl_csr_copy_of(ptl_exec *exec, const ptl_csr_arrays *arrays, ptl_csr **out)
{
    return checked(exec, arrays, copy_opened, out);
}

ptl_status ptl_csr_view(ptl_exec *exec, const ptl_csr_arrays *arrays, void (*release)(void *ctx),
                        void *ctx, ptl_csr **out)
{
    ptl_status status = checked(exec, arrays, view_opened, out);
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
    const ptl_linop *base = &A->format.base;
    const int64_t length = base->rows < base->cols ? base->rows : base->cols;
    const size_t size = ptl_dtype_size(base->dtype);
    void *d;
    if (!base->exec->space)
        return ptl__format_diagonal_into(base, out);
    PTL_TRY(ptl__exec_alloc(base->exec, length, size, &d));
    ptl_status status = ptl__format_diagonal_into(base, d);
    if (status == PTL_OK)
        status = ptl__exec_read(base->exec, length, size, d, out);
    ptl__exec_free(base->exec, d);
    return status;
}

ptl_linop *ptl_csr_linop(ptl_csr *A)
{
    return &A->format.base;
}
