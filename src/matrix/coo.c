/* Coordinates: their making and checking, and their class of operator. */
#include "coo.h"

#include "../core/memory.h"
#include "../core/status.h"
#include "../kernels/exec.h"
#include "csr.h"

PTL__OBJECT_FUNCTIONS(ptl_coo)

static void coo_multiply(const ptl_linop *A, ptl_dtype dtype, const void *alpha, ptl__block x,
                         const void *beta, ptl__block y)
{
    const ptl_coo *M = (const ptl_coo *)A;
    const ptl__coo view = {A->rows,        M->format.nnz,  M->sorted,
                           M->row_indices, M->col_indices, M->format.values};
    A->exec->kernels->sparse[A->dtype][dtype][M->format.itype]->coo_spmv(ptl__exec_run(A->exec),
                                                                         view, alpha, x, beta, y);
}

static void coo_visit(const ptl_linop *A, void (*visit)(void *ctx, ptl__place place), void *ctx)
{
    const ptl_coo *M = (const ptl_coo *)A;
    const ptl_itype itype = M->format.itype;
    for (int64_t k = 0; k < M->format.nnz; ++k)
        visit(ctx, (ptl__place){ptl__index_at(M->row_indices, itype, k),
                                ptl__index_at(M->col_indices, itype, k), k});
}

static int coo_arrays(ptl_linop *A, ptl__array *out)
{
    ptl_coo *M = (ptl_coo *)A;
    const size_t size = ptl_itype_size(M->format.itype);
    out[0] = (ptl__array){&M->row_indices, M->format.nnz, size};
    out[1] = (ptl__array){&M->col_indices, M->format.nnz, size};
    return 2;
}

static ptl_status coo_from_csr(const ptl_csr *csr, ptl_linop **out);

const ptl__format_class ptl__coo_format = {
    .storage = PTL_COO,
    .multiply = coo_multiply,
    .from_csr = coo_from_csr,
    .visit = coo_visit,
    .size = sizeof(ptl_coo),
    .arrays = coo_arrays,
};

static const ptl__linop_class coo_class = {PTL__FORMAT_LINOP("coo", &ptl__coo_format)};

static ptl_status check_indices(const void *indices, const ptl_coo_arrays *arrays, int64_t size,
                                const char *name)
{
    for (int64_t k = 0; k < arrays->nnz; ++k) {
        const int64_t index = ptl__index_at(indices, arrays->itype, k);
        PTL_CHECK(index >= 0 && index < size, PTL_INDEX, "entry %lld: %s %lld is outside [0, %lld)",
                  (long long)k, name, (long long)index, (long long)size);
    }
    return PTL_OK;
}

static int is_sorted(const ptl_coo_arrays *arrays)
{
    for (int64_t k = 1; k < arrays->nnz; ++k)
        if (ptl__index_at(arrays->row_indices, arrays->itype, k - 1) >
            ptl__index_at(arrays->row_indices, arrays->itype, k))
            return 0;
    return 1;
}

/* Of arrays that the host can read. */
static ptl_status check_entries(const ptl_coo_arrays *arrays, int *sorted)
{
    *sorted = is_sorted(arrays);
    PTL_TRY(check_indices(arrays->row_indices, arrays, arrays->rows, "row"));
    return check_indices(arrays->col_indices, arrays, arrays->cols, "column");
}

static ptl_status check(ptl_exec *exec, const ptl_coo_arrays *arrays, int *sorted)
{
    ptl_coo_arrays host = *arrays;
    const int64_t nnz = arrays->nnz;
    PTL_TRY(ptl__check_sizes(arrays->rows, arrays->cols, arrays->dtype, arrays->itype));
    PTL_CHECK(nnz >= 0, PTL_INVALID, "nnz is %lld: expected 0 or more", (long long)nnz);
    const size_t index = ptl_itype_size(arrays->itype);
    const size_t part = ptl_dtype_size(ptl_dtype_real(arrays->dtype));
    PTL_TRY(ptl__check_array(arrays->row_indices, nnz, index, "row_indices"));
    PTL_TRY(ptl__check_array(arrays->col_indices, nnz, index, "col_indices"));
    PTL_TRY(ptl__check_array(arrays->values, nnz, part, "values"));
    PTL_TRY(ptl__to_host(exec, nnz, index, arrays->row_indices, (void **)&host.row_indices));
    ptl_status status =
        ptl__to_host(exec, nnz, index, arrays->col_indices, (void **)&host.col_indices);
    if (status == PTL_OK) {
        status = check_entries(&host, sorted);
        ptl__host_free(exec, (void *)host.col_indices);
    }
    ptl__host_free(exec, (void *)host.row_indices);
    return status;
}

/* A matrix over the arrays, whoever owns them. */
static ptl_status coo_new(ptl_exec *exec, const ptl_coo_arrays *arrays, int sorted, ptl_coo **out)
{
    const ptl__format_spec spec = {exec,          arrays->rows,          arrays->cols,
                                   arrays->nnz,   arrays->nnz,           arrays->dtype,
                                   arrays->itype, (void *)arrays->values};
    PTL_TRY(ptl__format_new(&coo_class, &spec, sizeof **out, out));
    (*out)->sorted = sorted;
    (*out)->row_indices = (void *)arrays->row_indices;
    (*out)->col_indices = (void *)arrays->col_indices;
    return PTL_OK;
}

/* Takes arrays of our own in host memory, made with `status`, and hands them over; where that or
 * this fails they are freed. */
static ptl_status coo_take(ptl_status status, ptl_exec *exec, const ptl_coo_arrays *own, int sorted,
                           ptl_coo **out)
{
    ptl_coo *made = NULL;
    if (status == PTL_OK)
        status = coo_new(exec->host, own, sorted, &made);
    if (status != PTL_OK) {
        ptl__free((void *)own->row_indices);
        ptl__free((void *)own->col_indices);
        ptl__free((void *)own->values);
        return status;
    }
    status = ptl__format_on(&made->format.base, exec, (ptl_linop **)out);
    ptl_coo_release(&made);
    return status;
}

/* What was allocated is in *copy, also on failure. */
static ptl_status copy_arrays(ptl_exec *exec, const ptl_coo_arrays *from, ptl_coo_arrays *copy)
{
    copy->itype = ptl__itype_for(from->itype, from->rows, from->cols, from->nnz);
    PTL_TRY(ptl__copy_indices(exec, from->itype, copy->itype, from->nnz, from->row_indices,
                              (void **)&copy->row_indices));
    PTL_TRY(ptl__copy_indices(exec, from->itype, copy->itype, from->nnz, from->col_indices,
                              (void **)&copy->col_indices));
    return ptl__copy_values(exec, from->dtype, from->nnz, from->values, (void **)&copy->values);
}

static ptl_status coo_copy(ptl_exec *exec, const ptl_coo_arrays *arrays, int sorted, ptl_coo **out)
{
    ptl_coo_arrays copy = *arrays;
    copy.row_indices = copy.col_indices = copy.values = NULL;
    return coo_take(copy_arrays(exec, arrays, &copy), exec, &copy, sorted, out);
}

static ptl_status checked(ptl_exec *given, const ptl_coo_arrays *arrays,
                          ptl_status (*make)(ptl_exec *, const ptl_coo_arrays *, int sorted,
                                             ptl_coo **),
                          ptl_coo **out)
{
    *out = NULL;
    ptl_exec *exec;
    int sorted = 0;
    PTL_TRY(ptl__exec_or_default(given, &exec));
    ptl_status status = check(exec, arrays, &sorted);
    if (status == PTL_OK)
        status = make(exec, arrays, sorted, out);
    ptl_exec_release(&exec);
    return status;
}

ptl_status ptl_coo_copy_of(ptl_exec *exec, const ptl_coo_arrays *arrays, ptl_coo **out)
{
    return checked(exec, arrays, coo_copy, out);
}

ptl_status ptl_coo_view(ptl_exec *exec, const ptl_coo_arrays *arrays, void (*release)(void *ctx),
                        void *ctx, ptl_coo **out)
{
    ptl_status status = checked(exec, arrays, coo_new, out);
    if (status == PTL_OK)
        ptl__format_set_release(&(*out)->format.base, release, ctx);
    else if (release)
        release(ctx);
    return status;
}

/* The row of each entry of a CSR. */
static ptl_status expand_rows(const ptl_csr *csr, void **out)
{
    const ptl_itype itype = csr->format.itype;
    PTL_TRY(ptl__alloc(csr->format.nnz, ptl_itype_size(itype), out));
    int64_t k = 0;
    for (int64_t i = 0; i < csr->format.base.rows; ++i)
        for (const int64_t end = ptl__index_at(csr->indptr, itype, i + 1); k < end; ++k)
            ptl__index_put(*out, itype, k, i);
    return PTL_OK;
}

static ptl_status coo_from_csr(const ptl_csr *csr, ptl_linop **out)
{
    const ptl__format *f = &csr->format;
    const ptl_linop *base = &f->base;
    void *rows = NULL, *cols = NULL, *values = NULL;
    ptl_coo *A = NULL;
    ptl_status status = expand_rows(csr, &rows);
    if (status == PTL_OK)
        status = ptl__copy_indices(base->exec, f->itype, f->itype, f->nnz, csr->indices, &cols);
    if (status == PTL_OK)
        status = ptl__copy_values(base->exec, base->dtype, f->nnz, f->values, &values);
    const ptl_coo_arrays own = {base->rows, base->cols, f->nnz, base->dtype,
                                f->itype,   rows,       cols,   values};
    status = coo_take(status, base->exec, &own, 1, &A);
    *out = (ptl_linop *)A;
    return status;
}

ptl_coo_arrays ptl_coo_get_arrays(const ptl_coo *A)
{
    const ptl__format *f = &A->format;
    return (ptl_coo_arrays){f->base.rows, f->base.cols,   f->nnz,         f->base.dtype,
                            f->itype,     A->row_indices, A->col_indices, f->values};
}

ptl_linop *ptl_coo_linop(ptl_coo *A)
{
    return &A->format.base;
}

ptl_coo *ptl_linop_as_coo(ptl_linop *A)
{
    return A && A->cls == &coo_class ? (ptl_coo *)A : NULL;
}
