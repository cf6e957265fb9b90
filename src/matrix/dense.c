/* Dense matrices: their making and checking, and their class of operator. */
#include "dense.h"

#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "../kernels/exec.h"
#include "csr.h"

PTL__OBJECT_FUNCTIONS(ptl_dense)

static void dense_multiply_op(const ptl_linop *A, ptl_op op, ptl_dtype dtype, const void *alpha,
                              ptl__block x, const void *beta, ptl__block y)
{
    const ptl_dense *M = (const ptl_dense *)A;
    const ptl__dense view = {A->rows, A->cols, M->ld, M->format.values};
    A->exec->kernels->dense[A->dtype][dtype]->dense_apply(ptl__exec_run(A->exec), view, op, alpha,
                                                          x, beta, y);
}

static void dense_multiply(const ptl_linop *A, ptl_dtype dtype, const void *alpha, ptl__block x,
                           const void *beta, ptl__block y)
{
    dense_multiply_op(A, PTL_OP_NONE, dtype, alpha, x, beta, y);
}

/* Element `slot` is a number, or the two parts of one, of the real dtype. */
static int parts_of(ptl_dtype dtype)
{
    return ptl_dtype_is_complex(dtype) ? 2 : 1;
}

static int is_zero(ptl_dtype dtype, const void *values, int64_t slot)
{
    const int parts = parts_of(dtype);
    if (dtype == PTL_F16)
        return (((const uint16_t *)values)[slot] & 0x7fff) == 0;
    for (int64_t p = slot * parts; p < (slot + 1) * parts; ++p)
        if (ptl_dtype_real(dtype) == PTL_F32 ? ((const float *)values)[p] != 0
                                             : ((const double *)values)[p] != 0)
            return 0;
    return 1;
}

/* to[slot] += from[k]; there are no halves: ptl_format_convert widens them first */
static void add_to(ptl_dtype dtype, void *to, int64_t slot, const void *from, int64_t k)
{
    const int parts = parts_of(dtype);
    for (int p = 0; p < parts; ++p)
        if (ptl_dtype_real(dtype) == PTL_F32)
            ((float *)to)[slot * parts + p] += ((const float *)from)[k * parts + p];
        else
            ((double *)to)[slot * parts + p] += ((const double *)from)[k * parts + p];
}

static void dense_visit(const ptl_linop *A, void (*visit)(void *ctx, ptl__place place), void *ctx)
{
    const ptl_dense *M = (const ptl_dense *)A;
    for (int64_t i = 0; i < A->rows; ++i)
        for (int64_t j = 0; j < A->cols; ++j)
            if (!is_zero(A->dtype, M->format.values, i * M->ld + j))
                visit(ctx, (ptl__place){i, j, i * M->ld + j});
}

static int dense_arrays(ptl_linop *A, ptl__array *out)
{
    (void)A; /* there are values alone */
    (void)out;
    return 0;
}

static ptl_status dense_from_csr(const ptl_csr *csr, ptl_linop **out);

const ptl__format_class ptl__dense_format = {
    .storage = PTL_DENSE,
    .multiply = dense_multiply,
    .from_csr = dense_from_csr,
    .visit = dense_visit,
    .size = sizeof(ptl_dense),
    .arrays = dense_arrays,
    .multiply_op = dense_multiply_op,
};

static const ptl__linop_class dense_class = {PTL__FORMAT_LINOP("dense", &ptl__dense_format)};

/* From the first element to the last, padding between rows included; -1 where the number passes
 * int64_t. */
static int64_t slots_of(const ptl_dense_arrays *arrays)
{
    int64_t slots;
    if (arrays->rows == 0 || arrays->cols == 0)
        return 0;
    return __builtin_mul_overflow(arrays->rows - 1, arrays->ld, &slots) ||
                   __builtin_add_overflow(slots, arrays->cols, &slots)
               ? -1
               : slots;
}

static ptl_status check(const ptl_dense_arrays *arrays)
{
    const size_t part = ptl_dtype_size(ptl_dtype_real(arrays->dtype));
    PTL_TRY(ptl__check_sizes(arrays->rows, arrays->cols, arrays->dtype, PTL_I32));
    PTL_CHECK(arrays->ld >= arrays->cols, PTL_INVALID,
              "ld is %lld: expected at least the %lld columns", (long long)arrays->ld,
              (long long)arrays->cols);
    PTL_CHECK(slots_of(arrays) >= 0, PTL_INVALID,
              "%lld rows with ld %lld exceed the size of any array", (long long)arrays->rows,
              (long long)arrays->ld);
    return ptl__check_array(arrays->values, slots_of(arrays), part, "values");
}

/* A matrix over the array, whoever owns it. */
static ptl_status dense_new(ptl_exec *exec, const ptl_dense_arrays *arrays, ptl_dense **out)
{
    const int64_t rows = arrays->rows, cols = arrays->cols, slots = slots_of(arrays);
    const ptl__format_spec spec = {exec,
                                   rows,
                                   cols,
                                   rows * cols,
                                   slots,
                                   arrays->dtype,
                                   ptl__itype_for(PTL_I32, rows, cols, slots),
                                   arrays->values};
    PTL_TRY(ptl__format_new(&dense_class, &spec, sizeof **out, out));
    (*out)->ld = arrays->ld;
    return PTL_OK;
}

/* A matrix with an array of its own, which is not set. */
static ptl_status dense_alloc(ptl_exec *exec, int64_t rows, int64_t cols, ptl_dtype dtype,
                              ptl_dense **out)
{
    ptl_dense_arrays own = {rows, cols, cols, dtype, NULL};
    PTL_TRY(ptl__exec_alloc(exec, slots_of(&own), ptl_dtype_size(dtype), &own.values));
    ptl_status status = dense_new(exec, &own, out);
    if (status != PTL_OK)
        ptl__exec_free(exec, own.values);
    return status;
}

static ptl_status dense_copy(ptl_exec *exec, const ptl_dense_arrays *arrays, ptl_dense **out)
{
    const int64_t rows = arrays->rows, cols = arrays->cols;
    PTL_TRY(dense_alloc(exec, rows, cols, arrays->dtype, out));
    ptl_status status = ptl__exec_write_rows(exec, ptl_dtype_size(arrays->dtype),
                                             (ptl__block){(*out)->format.values, rows, cols, cols},
                                             arrays->ld, arrays->values);
    if (status != PTL_OK)
        ptl_dense_release(out);
    return status;
}

static ptl_status checked(ptl_exec *given, const ptl_dense_arrays *arrays,
                          ptl_status (*make)(ptl_exec *, const ptl_dense_arrays *, ptl_dense **),
                          ptl_dense **out)
{
    *out = NULL;
    ptl_exec *exec;
    PTL_TRY(check(arrays));
    PTL_TRY(ptl__exec_or_default(given, &exec));
    ptl_status status = make(exec, arrays, out);
    ptl_exec_release(&exec);
    return status;
}

ptl_status ptl_dense_copy_of(ptl_exec *exec, const ptl_dense_arrays *arrays, ptl_dense **out)
{
    return checked(exec, arrays, dense_copy, out);
}

ptl_status ptl_dense_view(ptl_exec *exec, const ptl_dense_arrays *arrays,
                          void (*release)(void *ctx), void *ctx, ptl_dense **out)
{
    ptl_status status = checked(exec, arrays, dense_new, out);
    if (status == PTL_OK)
        ptl__format_set_release(&(*out)->format.base, release, ctx);
    else if (release)
        release(ctx);
    return status;
}

static ptl_status dense_from_csr(const ptl_csr *csr, ptl_linop **out)
{
    const ptl__format *f = &csr->format;
    const ptl_linop *base = &f->base;
    ptl_dense *A = NULL;
    PTL_TRY(dense_alloc(base->exec, base->rows, base->cols, base->dtype, &A));
    void *values = A->format.values;
    memset(values, 0, (size_t)A->format.slots * ptl_dtype_size(base->dtype));
    int64_t k = 0;
    for (int64_t i = 0; i < base->rows; ++i)
        for (const int64_t end = ptl__index_at(csr->indptr, f->itype, i + 1); k < end; ++k)
            add_to(base->dtype, values, i * A->ld + ptl__index_at(csr->indices, f->itype, k),
                   f->values, k);
    *out = &A->format.base;
    return PTL_OK;
}

ptl_dense_arrays ptl_dense_get_arrays(const ptl_dense *A)
{
    const ptl__format *f = &A->format;
    return (ptl_dense_arrays){f->base.rows, f->base.cols, A->ld, f->base.dtype, f->values};
}

ptl_linop *ptl_dense_linop(ptl_dense *A)
{
    return &A->format.base;
}

ptl_dense *ptl_linop_as_dense(ptl_linop *A)
{
    return A && A->cls == &dense_class ? (ptl_dense *)A : NULL;
}
