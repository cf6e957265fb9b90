/* ELLPACK: its making and checking, and its class of operator. */
#include "ell.h"

#include "../core/memory.h"
#include "../core/status.h"
#include "../kernels/exec.h"
#include "padded.h"

PTL__OBJECT_FUNCTIONS(ptl_ell)

static void ell_multiply(const ptl_linop *A, ptl_dtype dtype, const void *alpha, ptl__block x,
                         const void *beta, ptl__block y)
{
    const ptl_ell *M = (const ptl_ell *)A;
    const ptl__ell view = {A->rows, M->width, M->stride, M->indices, M->format.values};
    A->exec->kernels->sparse[A->dtype][dtype][M->format.itype]->ell_spmv(ptl__exec_run(A->exec),
                                                                         view, alpha, x, beta, y);
}

static void ell_visit(const ptl_linop *A, void (*visit)(void *ctx, ptl__place place), void *ctx)
{
    const ptl_ell *M = (const ptl_ell *)A;
    for (int64_t k = 0; k < M->width; ++k)
        for (int64_t i = 0; i < A->rows; ++i) {
            const int64_t slot = k * M->stride + i;
            const int64_t column = ptl__index_at(M->indices, M->format.itype, slot);
            if (column >= 0)
                visit(ctx, (ptl__place){i, column, slot});
        }
}

static int ell_arrays(ptl_linop *A, ptl__array *out)
{
    ptl_ell *M = (ptl_ell *)A;
    out[0] = (ptl__array){&M->indices, M->format.slots, ptl_itype_size(M->format.itype)};
    return 1;
}

static ptl_status ell_from_csr(const ptl_csr *csr, ptl_linop **out);

const ptl__format_class ptl__ell_format = {
    .storage = PTL_ELL,
    .multiply = ell_multiply,
    .from_csr = ell_from_csr,
    .visit = ell_visit,
    .size = sizeof(ptl_ell),
    .arrays = ell_arrays,
};

static const ptl__linop_class ell_class = {PTL__FORMAT_LINOP("ell", &ptl__ell_format)};

/* How long indices and values are; -1 where the number passes int64_t. */
static int64_t slots_of(const ptl_ell_arrays *arrays)
{
    int64_t slots;
    return __builtin_mul_overflow(arrays->width, arrays->stride, &slots) ? -1 : slots;
}

static ptl_status check_sizes(const ptl_ell_arrays *arrays)
{
    PTL_TRY(ptl__check_sizes(arrays->rows, arrays->cols, arrays->dtype, arrays->itype));
    PTL_CHECK(arrays->width >= 0, PTL_INVALID, "width is %lld: expected 0 or more",
              (long long)arrays->width);
    PTL_CHECK(arrays->stride >= arrays->rows, PTL_INVALID,
              "stride is %lld: expected at least the %lld rows", (long long)arrays->stride,
              (long long)arrays->rows);
    PTL_CHECK(slots_of(arrays) >= 0, PTL_INVALID,
              "width %lld times stride %lld exceeds the size of any array",
              (long long)arrays->width, (long long)arrays->stride);
    return PTL_OK;
}

/* Counts the entries on its way. */
static ptl_status check_indices(const ptl_ell_arrays *arrays, int64_t *nnz)
{
    *nnz = 0;
    for (int64_t k = 0; k < arrays->width; ++k)
        for (int64_t i = 0; i < arrays->rows; ++i) {
            const int64_t column =
                ptl__index_at(arrays->indices, arrays->itype, k * arrays->stride + i);
            PTL_CHECK(column >= -1 && column < arrays->cols, PTL_INDEX,
                      "row %lld, entry %lld: column %lld is neither -1 nor in [0, %lld)",
                      (long long)i, (long long)k, (long long)column, (long long)arrays->cols);
            *nnz += column >= 0;
        }
    return PTL_OK;
}

static ptl_status check(ptl_exec *exec, const ptl_ell_arrays *arrays, int64_t *nnz)
{
    ptl_ell_arrays host = *arrays;
    PTL_TRY(check_sizes(arrays));
    const int64_t slots = slots_of(arrays);
    const size_t part = ptl_dtype_size(ptl_dtype_real(arrays->dtype));
    PTL_TRY(ptl__check_array(arrays->indices, slots, ptl_itype_size(arrays->itype), "indices"));
    PTL_TRY(ptl__check_array(arrays->values, slots, part, "values"));
    PTL_TRY(ptl__to_host(exec, slots, ptl_itype_size(arrays->itype), arrays->indices,
                         (void **)&host.indices));
    ptl_status status = check_indices(&host, nnz);
    ptl__host_free(exec, (void *)host.indices);
    return status;
}

/* A matrix over the arrays, whoever owns them. */
static ptl_status ell_new(ptl_exec *exec, const ptl_ell_arrays *arrays, int64_t nnz, ptl_ell **out)
{
    const ptl__format_spec spec = {exec,          arrays->rows,          arrays->cols,
                                   nnz,           slots_of(arrays),      arrays->dtype,
                                   arrays->itype, (void *)arrays->values};
    PTL_TRY(ptl__format_new(&ell_class, &spec, sizeof **out, out));
    (*out)->width = arrays->width;
    (*out)->stride = arrays->stride;
    (*out)->indices = (void *)arrays->indices;
    return PTL_OK;
}

/* Takes arrays of our own in host memory, made with `status`, and hands them over; where that or
 * this fails they are freed. */
static ptl_status ell_take(ptl_status status, ptl_exec *exec, const ptl_ell_arrays *own,
                           int64_t nnz, ptl_ell **out)
{
    ptl_ell *made = NULL;
    if (status == PTL_OK)
        status = ell_new(exec->host, own, nnz, &made);
    if (status != PTL_OK) {
        ptl__free((void *)own->indices);
        ptl__free((void *)own->values);
        return status;
    }
    status = ptl__format_on(&made->format.base, exec, (ptl_linop **)out);
    ptl_ell_release(&made);
    return status;
}

static ptl_status ell_copy(ptl_exec *exec, const ptl_ell_arrays *arrays, int64_t nnz, ptl_ell **out)
{
    const int64_t slots = slots_of(arrays);
    ptl_ell_arrays copy = *arrays;
    copy.indices = copy.values = NULL;
    copy.itype = ptl__itype_for(arrays->itype, arrays->rows, arrays->cols, slots);
    ptl_status status = ptl__copy_indices(exec, arrays->itype, copy.itype, slots, arrays->indices,
                                          (void **)&copy.indices);
    if (status == PTL_OK)
        status =
            ptl__copy_values(exec, arrays->dtype, slots, arrays->values, (void **)&copy.values);
    return ell_take(status, exec, &copy, nnz, out);
}

static ptl_status checked(ptl_exec *given, const ptl_ell_arrays *arrays,
                          ptl_status (*make)(ptl_exec *, const ptl_ell_arrays *, int64_t nnz,
                                             ptl_ell **),
                          ptl_ell **out)
{
    *out = NULL;
    ptl_exec *exec;
    int64_t nnz;
    PTL_TRY(ptl__exec_or_default(given, &exec));
    ptl_status status = check(exec, arrays, &nnz);
    if (status == PTL_OK)
        status = make(exec, arrays, nnz, out);
    ptl_exec_release(&exec);
    return status;
}

ptl_status ptl_ell_copy_of(ptl_exec *exec, const ptl_ell_arrays *arrays, ptl_ell **out)
{
    return checked(exec, arrays, ell_copy, out);
}

ptl_status ptl_ell_view(ptl_exec *exec, const ptl_ell_arrays *arrays, void (*release)(void *ctx),
                        void *ctx, ptl_ell **out)
{
    ptl_status status = checked(exec, arrays, ell_new, out);
    if (status == PTL_OK)
        ptl__format_set_release(&(*out)->format.base, release, ctx);
    else if (release)
        release(ctx);
    return status;
}

static ptl_status ell_from_csr(const ptl_csr *csr, ptl_linop **out)
{
    const ptl__format *f = &csr->format;
    const ptl_linop *base = &f->base;
    ptl_ell_arrays own = {.rows = base->rows,
                          .cols = base->cols,
                          .width = ptl__csr_longest_row(csr, 0, base->rows),
                          .stride = base->rows,
                          .dtype = base->dtype};
    own.itype = ptl__itype_for(f->itype, base->rows, base->cols, slots_of(&own));
    ptl__padded padded = {.itype = own.itype, .dtype = own.dtype};
    ptl_status status = ptl__padded_alloc(slots_of(&own), &padded);
    for (int64_t i = 0; status == PTL_OK && i < own.rows; ++i)
        ptl__padded_put_row(&padded, i, own.stride, csr, i);
    own.indices = padded.indices;
    own.values = padded.values;
    ptl_ell *A = NULL;
    status = ell_take(status, base->exec, &own, f->nnz, &A);
    *out = (ptl_linop *)A;
    return status;
}

ptl_ell_arrays ptl_ell_get_arrays(const ptl_ell *A)
{
    const ptl__format *f = &A->format;
    return (ptl_ell_arrays){f->base.rows,  f->base.cols, A->width,   A->stride,
                            f->base.dtype, f->itype,     A->indices, f->values};
}

ptl_linop *ptl_ell_linop(ptl_ell *A)
{
    return &A->format.base;
}

ptl_ell *ptl_linop_as_ell(ptl_linop *A)
{
    return A && A->cls == &ell_class ? (ptl_ell *)A : NULL;
}
