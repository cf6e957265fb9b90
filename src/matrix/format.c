/* What the local formats share: their linop functions, the pattern of the transpose, and what the
 * makers of formats check and copy. */
#include "format.h"

#include <string.h>

#include "../base/vector.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../kernels/half.h"
#include "transposed.h"

ptl_status ptl__format_new(const ptl__linop_class *cls, const ptl__format_spec *spec, size_t size,
                           void *out)
{
    ptl__format *A;
    ptl_comm *self;
    PTL_TRY(ptl__calloc(1, size, (void **)&A));
    ptl_status status = ptl_comm_self(&self);
    if (status != PTL_OK) {
        ptl__free(A);
        return status;
    }
    ptl__linop_init(&A->base, cls,
                    &(ptl__linop_spec){self, spec->exec, spec->rows, spec->cols, spec->rows,
                                       spec->cols, spec->dtype});
    ptl_comm_release(&self);
    A->itype = spec->itype;
    A->nnz = spec->nnz;
    A->slots = spec->slots;
    A->values = spec->values;
    *(void **)out = A;
    return PTL_OK;
}

void ptl__format_destroy(ptl_linop *A)
{
    ptl__format *format = ptl__format_of(A);
    ptl__transposed_clear(A->exec, &format->transposed);
    if (format->release) {
        format->release(format->ctx);
    } else {
        ptl__array arrays[PTL__ARRAYS_MAX];
        for (int i = A->cls->format->arrays(A, arrays); i > 0; i--)
            ptl__exec_free(A->exec, *arrays[i - 1].data);
        ptl__exec_free(A->exec, format->values);
    }
}

/* ---- on another executor --------------------------------------------------------------------- */

/* A new array on `exec` with the elements of one on A's executor; one of the two is the host. */
static ptl_status move_array(const ptl_linop *A, ptl_exec *exec, int64_t count, size_t size,
                             const void *from, void **to)
{
    *to = NULL;
    PTL_TRY(ptl__exec_alloc(exec, count, size, to));
    return exec->space ? ptl__exec_write(exec, count, size, from, *to)
                       : ptl__exec_read(A->exec, count, size, from, *to);
}

/* B, a copy of A's struct, gets arrays of its own. */
static ptl_status move_arrays(ptl_linop *A, ptl_linop *B)
{
    ptl__array from[PTL__ARRAYS_MAX], to[PTL__ARRAYS_MAX];
    const int count = A->cls->format->arrays(A, from);
    ptl__format *format = ptl__format_of(B);
    B->cls->format->arrays(B, to);
    for (int i = 0; i < count; i++)
        *to[i].data = NULL;
    for (int i = 0; i < count; i++)
        PTL_TRY(move_array(A, B->exec, from[i].count, from[i].size, *from[i].data, to[i].data));
    return move_array(A, B->exec, format->slots, ptl_dtype_size(A->dtype),
                      ptl__format_of(A)->values, &format->values);
}

ptl_status ptl__format_on(ptl_linop *A, ptl_exec *exec, ptl_linop **out)
{
    *out = NULL;
    if (ptl__exec_shares(A->exec, exec)) {
        *out = ptl_linop_retain(A);
        return PTL_OK;
    }
    const ptl__format *format = ptl__format_of(A);
    const size_t size = A->cls->format->size;
    const ptl__format_spec spec = {.exec = exec,
                                   .rows = A->rows,
                                   .cols = A->cols,
                                   .nnz = format->nnz,
                                   .slots = format->slots,
                                   .dtype = A->dtype,
                                   .itype = format->itype};
    PTL_TRY(ptl__format_new(A->cls, &spec, size, out));
    memcpy((char *)*out + sizeof *format, (const char *)A + sizeof *format, size - sizeof *format);
    (*out)->number = A->number;
    ptl_status status = move_arrays(A, *out);
    if (status != PTL_OK)
        ptl_linop_release(out);
    return status;
}

static void keep(void *ctx)
{
    (void)ctx; /* the caller looks after the arrays */
}

void ptl__format_set_release(ptl_linop *A, void (*release)(void *ctx), void *ctx)
{
    ptl__format *format = ptl__format_of(A);
    format->release = release ? release : keep;
    format->ctx = ctx;
}

/* ---- products -------------------------------------------------------------------------------- */

static ptl__run run_of(const ptl_linop *A)
{
    return ptl__exec_run(A->exec);
}

void ptl__format_multiply(const ptl_linop *A, ptl_op op, ptl_dtype dtype, const void *alpha,
                          ptl__block x, const void *beta, ptl__block y)
{
    const ptl__format_class *cls = A->cls->format;
    if (op == PTL_OP_NONE) {
        cls->multiply(A, dtype, alpha, x, beta, y);
    } else if (cls->multiply_op) {
        cls->multiply_op(A, op, dtype, alpha, x, beta, y);
    } else {
        ptl__transposed T = ptl__format_of(A)->transposed;
        T.values = ptl__format_of(A)->values;
        A->exec->kernels->sparse[A->dtype][dtype][T.itype]->transposed_spmv(
            run_of(A), T, op == PTL_OP_HERMITIAN, alpha, x, beta, y);
    }
}

void ptl__format_multiply_dot(const ptl_linop *A, ptl_dtype dtype, ptl__block x, ptl__block y,
                              void *sums)
{
    const ptl__format_class *cls = A->cls->format;
    if (cls->multiply_dot) {
        cls->multiply_dot(A, dtype, x, y, sums);
    } else {
        cls->multiply(A, dtype, NULL, x, NULL, y);
        A->exec->kernels->vector[dtype]->dot(run_of(A), 1, x, y, sums);
    }
}

ptl_status ptl__format_apply(ptl_linop *A, const void *alpha, ptl_vector *x, const void *beta,
                             ptl_vector *y)
{
    ptl__format_multiply(A, PTL_OP_NONE, x->dtype, alpha, ptl__vector_block(x), beta,
                         ptl__vector_block(y));
    return PTL_OK;
}

ptl_status ptl__format_apply_op(ptl_linop *A, ptl_op op, const void *alpha, ptl_vector *x,
                                const void *beta, ptl_vector *y)
{
    ptl__format_multiply(A, op, x->dtype, alpha, ptl__vector_block(x), beta, ptl__vector_block(y));
    return PTL_OK;
}

ptl_status ptl__format_apply_dot(ptl_linop *A, ptl_vector *x, ptl_vector *y, double *sums)
{
    ptl__format_multiply_dot(A, x->dtype, ptl__vector_block(x), ptl__vector_block(y), sums);
    return PTL_OK;
}

static void visit_format(const void *A, void (*visit)(void *ctx, ptl__place place), void *ctx)
{
    const ptl_linop *linop = A;
    linop->cls->format->visit(linop, visit, ctx);
}

ptl_status ptl__format_prepare_op(ptl_linop *A, ptl_op op)
{
    ptl__format *format = ptl__format_of(A);
    if (op == PTL_OP_NONE || A->cls->format->multiply_op || format->transposed.indptr)
        return PTL_OK;
    ptl_linop *host;
    PTL_TRY(ptl__format_on(A, A->exec->host, &host));
    const ptl__places places = {visit_format, host, A->rows, A->cols, format->nnz, format->slots};
    ptl_status status = ptl__transposed_init(A->exec, &places, &format->transposed);
    ptl_linop_release(&host);
    return status;
}

ptl_status ptl__format_prepare(ptl_linop *A, ptl_op op, const ptl_vector *x)
{
    (void)x;
    return ptl__format_prepare_op(A, op);
}

/* ---- the diagonal ---------------------------------------------------------------------------- */

/* Where the diagonal is summed up. */
typedef struct diagonal {
    ptl_dtype dtype;
    const void *values;
    void *sums;
} diagonal;

static void add_diagonal(void *ctx, ptl__place p)
{
    const diagonal *d = ctx;
    if (p.row != p.col)
        return;
    switch (d->dtype) {
    case PTL_F32:
        ((float *)d->sums)[p.row] += ((const float *)d->values)[p.slot];
        break;
    case PTL_F64:
        ((double *)d->sums)[p.row] += ((const double *)d->values)[p.slot];
        break;
    case PTL_C64:
        ((float _Complex *)d->sums)[p.row] += ((const float _Complex *)d->values)[p.slot];
        break;
    default:
        ((double _Complex *)d->sums)[p.row] += ((const double _Complex *)d->values)[p.slot];
    }
}

/* Of halves the sums are floats. */
static void add_half(void *ctx, ptl__place p)
{
    const diagonal *d = ctx;
    if (p.row == p.col)
        ((float *)d->sums)[p.row] += half_to_float(((const uint16_t *)d->values)[p.slot]);
}

/* In host memory. */
static ptl_status diagonal_of_halves(const ptl_linop *A, int64_t length, uint16_t *out)
{
    float *sums;
    PTL_TRY(PTL_NEW_ZERO(length, float, &sums));
    const diagonal d = {A->dtype, ptl__format_of(A)->values, sums};
    A->cls->format->visit(A, add_half, (void *)&d);
    halves_from_floats(length, sums, out);
    ptl__free(sums);
    return PTL_OK;
}

/* Of a matrix on the host into host memory, by a visit of all entries. */
static ptl_status sum_diagonal(const ptl_linop *A, int64_t length, void *out)
{
    if (A->dtype == PTL_F16)
        return diagonal_of_halves(A, length, out);
    const diagonal d = {A->dtype, ptl__format_of(A)->values, out};
    if (length > 0)
        memset(out, 0, (size_t)length * ptl_dtype_size(A->dtype));
    A->cls->format->visit(A, add_diagonal, (void *)&d);
    return PTL_OK;
}

/* The same, of a matrix of any executor into its memory. */
static ptl_status visit_diagonal(ptl_linop *A, int64_t length, void *out)
{
    const size_t size = ptl_dtype_size(A->dtype);
    ptl_linop *host;
    void *sums;
    if (!A->exec->space)
        return sum_diagonal(A, length, out);
    PTL_TRY(ptl__alloc(length, size, &sums));
    ptl_status status = ptl__format_on(A, A->exec->host, &host);
    if (status == PTL_OK) {
        status = sum_diagonal(host, length, sums);
        ptl_linop_release(&host);
    }
    if (status == PTL_OK)
        status = ptl__exec_write(A->exec, length, size, sums, out);
    ptl__free(sums);
    return status;
}

ptl_status ptl__format_diagonal_into(const ptl_linop *A, void *out)
{
    const ptl__format_class *cls = A->cls->format;
    const int64_t length = A->rows < A->cols ? A->rows : A->cols;
    if (A->dtype == PTL_F16 || !cls->diagonal)
        return visit_diagonal((ptl_linop *)A, length, out);
    cls->diagonal(A, length, out);
    return PTL_OK;
}

ptl_status ptl__format_diagonal(ptl_linop *A, ptl_vector **out)
{
    const int64_t length = A->rows < A->cols ? A->rows : A->cols;
    const ptl_vector_shape shape = {length, length, 0, A->dtype};
    PTL_TRY(ptl__vector_new(A->comm, A->exec, shape, out));
    ptl_status status = ptl__format_diagonal_into(A, (*out)->data);
    if (status != PTL_OK)
        ptl_vector_release(out);
    return status;
}

int ptl_format_storage(const ptl_linop *A)
{
    return A && A->cls->format ? (int)A->cls->format->storage : -1;
}

int64_t ptl_format_nnz(const ptl_linop *A)
{
    return A && A->cls->format ? ptl__format_of(A)->nnz : 0;
}

/* ---- what makers of formats check and copy --------------------------------------------------- */

ptl_status ptl__check_sizes(int64_t rows, int64_t cols, ptl_dtype dtype, ptl_itype itype)
{
    PTL_CHECK(ptl_dtype_size(dtype) > 0, PTL_DTYPE, "dtype is %d: expected a ptl_dtype",
              (int)dtype);
    PTL_CHECK((int)itype >= 0 && itype < PTL_ITYPE_COUNT, PTL_DTYPE,
              "itype is %d: expected a ptl_itype", (int)itype);
    PTL_CHECK(rows >= 0 && cols >= 0, PTL_INVALID,
              "the matrix is %lld x %lld: expected sizes of 0 or more", (long long)rows,
              (long long)cols);
    return PTL_OK;
}

ptl_status ptl__check_array(const void *array, int64_t count, size_t alignment, const char *name)
{
    PTL_CHECK(array || count == 0, PTL_INVALID, "%s is NULL: expected %lld entries", name,
              (long long)count);
    PTL_CHECK((uintptr_t)array % alignment == 0, PTL_INVALID,
              "%s is not aligned to the %zu bytes of its elements", name, alignment);
    return PTL_OK;
}

ptl_status ptl__copy_values(ptl_exec *exec, ptl_dtype dtype, int64_t count, const void *values,
                            void **out)
{
    const size_t size = ptl_dtype_size(dtype);
    PTL_TRY(ptl__alloc(count, size, out));
    return ptl__exec_read(exec, count, size, values, *out);
}

/* In host memory. */
static void widen_indices(ptl_itype from, ptl_itype to, int64_t count, const void *indices,
                          void *out)
{
    for (int64_t i = 0; i < count; ++i)
        ptl__index_put(out, to, i, ptl__index_at(indices, from, i));
}

ptl_status ptl__copy_indices(ptl_exec *exec, ptl_itype from, ptl_itype to, int64_t count,
                             const void *indices, void **out)
{
    void *host;
    PTL_TRY(ptl__alloc(count, ptl_itype_size(to), out));
    if (from == to)
        return ptl__exec_read(exec, count, ptl_itype_size(to), indices, *out);
    PTL_TRY(ptl__to_host(exec, count, ptl_itype_size(from), indices, &host));
    widen_indices(from, to, count, host, *out);
    ptl__host_free(exec, host);
    return PTL_OK;
}

ptl_itype ptl__itype_for(ptl_itype given, int64_t rows, int64_t cols, int64_t nnz)
{
    return rows > INT32_MAX || cols > INT32_MAX || nnz > INT32_MAX ? PTL_I64 : given;
}
