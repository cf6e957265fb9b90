/* The base of every operator: what all classes share, and the public calls. */
#include "linop.h"

#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../core/trace.h"
#include "operation.h"
#include "vector.h"
#include "wide.h"

static void linop_destroy(void *self)
{
    ptl_linop *A = self;
    A->cls->destroy(A);
    ptl__wide_clear(&A->wide);
    ptl_comm_release(&A->comm);
    ptl_exec_release(&A->exec);
    ptl__free(A);
}

void ptl__linop_init(ptl_linop *A, const ptl__linop_class *cls, const ptl__linop_spec *spec)
{
    ptl__object_init(A, linop_destroy);
    A->cls = cls;
    A->comm = ptl_comm_retain(spec->comm);
    A->exec = ptl_exec_retain(spec->exec);
    A->rows = spec->rows;
    A->cols = spec->cols;
    A->local_rows = spec->local_rows;
    A->local_cols = spec->local_cols;
    A->dtype = spec->dtype;
}

int64_t ptl__linop_sign(int64_t signature, const ptl_linop *A)
{
    if (!A)
        return ptl__sign(signature, -1);
    signature = ptl__sign(ptl__sign(signature, A->number), A->rows);
    return ptl__sign(ptl__sign(signature, A->cols), (int64_t)A->dtype);
}

ptl_status ptl__check_computing(ptl_dtype dtype)
{
    PTL_CHECK(dtype != PTL_F16, PTL_NOT_SUPPORTED,
              "dtype is float16, in which nothing is computed: expected float32. An operator of "
              "float32 takes float16 vectors too");
    PTL_CHECK(ptl_dtype_size(dtype) > 0, PTL_DTYPE, "dtype is %d: expected a ptl_dtype",
              (int)dtype);
    return PTL_OK;
}

/* Vectors of `dtype` on A: its own dtype, or for a class that mixes one that can hold the product.
 */
static ptl_status check_dtype(const ptl_linop *A, ptl_dtype dtype, const char *name)
{
    PTL_CHECK(dtype != PTL_F16, PTL_NOT_SUPPORTED,
              "%s is float16, which is not supported here: convert it first, astype(\"float32\")",
              name);
    PTL_CHECK(dtype == A->dtype || A->cls->mixes, PTL_DTYPE, "%s is %s, the operator is %s", name,
              ptl_dtype_name(dtype), ptl_dtype_name(A->dtype));
    PTL_CHECK(ptl_dtype_is_complex(dtype) || !ptl_dtype_is_complex(A->dtype), PTL_DTYPE,
              "%s is %s, the operator is %s: a complex operator needs complex vectors", name,
              ptl_dtype_name(dtype), ptl_dtype_name(A->dtype));
    return PTL_OK;
}

/* That v can stand on one side of A: `rows` in all and `local_rows` here (-1: any). */
static ptl_status check_side(const ptl_linop *A, const ptl_vector *v, const char *name,
                             int64_t rows, int64_t local_rows)
{
    PTL_CHECK(v->rows == rows, PTL_DIMENSION,
              "%s has %lld rows, the operator (%lld x %lld) needs %lld", name, (long long)v->rows,
              (long long)A->rows, (long long)A->cols, (long long)rows);
    PTL_CHECK(local_rows < 0 || v->local_rows == local_rows, PTL_DIMENSION,
              "%s has %lld rows on rank %d, the operator has %lld there", name,
              (long long)v->local_rows, ptl_comm_rank(A->comm), (long long)local_rows);
    PTL_TRY(check_dtype(A, v->dtype, name));
    PTL_TRY(ptl__exec_check(A->exec, "the operator", v->exec, name));
    PTL_CHECK(ptl__comm_same(v->comm, A->comm), PTL_INVALID,
              "%s and the operator live on different communicators", name);
    return PTL_OK;
}

ptl_status ptl__linop_check(const ptl_linop *A, ptl_op op, const ptl_vector *x, const ptl_vector *y,
                            const char *const names[2])
{
    const int plain = op == PTL_OP_NONE;
    PTL_TRY(check_side(A, x, names[0], plain ? A->cols : A->rows,
                       plain ? A->local_cols : A->local_rows));
    PTL_TRY(check_side(A, y, names[1], plain ? A->rows : A->cols,
                       plain ? A->local_rows : A->local_cols));
    PTL_CHECK(x->dtype == y->dtype, PTL_DTYPE, "%s is %s, %s is %s", names[0],
              ptl_dtype_name(x->dtype), names[1], ptl_dtype_name(y->dtype));
    PTL_CHECK(x->columns == y->columns, PTL_DIMENSION, "%s has %lld columns, %s has %lld", names[0],
              (long long)x->columns, names[1], (long long)y->columns);
    return PTL_OK;
}

static ptl_status prepare(ptl_linop *A, ptl_op op, const ptl_vector *x)
{
    return A->cls->prepare ? A->cls->prepare(A, op, x) : PTL_OK;
}

ptl_status ptl__linop_prepare(ptl_linop *A, ptl_op op, const ptl_vector *x)
{
    PTL_TRY(ptl__busy_begin(A, "operator"));
    ptl_status status = prepare(A, op, x);
    ptl__busy_end(A);
    return status;
}

int ptl__linop_has_op(const ptl_linop *A, ptl_op op)
{
    return op == PTL_OP_NONE || (A->cls->apply_op && (!A->cls->has_op || A->cls->has_op(A, op)));
}

/* The class's product, whichever form is asked for. */
static ptl_status dispatch(ptl_linop *A, ptl_op op, const void *alpha, ptl_vector *x,
                           const void *beta, ptl_vector *y)
{
    const char *name = A->cls->kind;
    ptl__trace_begin(PTL_TRACE_APPLY, name, 0);
    ptl_status status = op == PTL_OP_NONE ? A->cls->apply(A, alpha, x, beta, y)
                                          : A->cls->apply_op(A, op, alpha, x, beta, y);
    ptl__trace_end(PTL_TRACE_APPLY, name, 0);
    return status;
}

ptl_status ptl__linop_apply_op(ptl_linop *A, ptl_op op, const void *alpha, ptl_vector *x,
                               const void *beta, ptl_vector *y)
{
    PTL_TRY(ptl__busy_begin(A, "operator"));
    ptl_status status = dispatch(A, op, alpha, x, beta, y);
    ptl__busy_end(A);
    return status;
}

ptl_status ptl__linop_apply(ptl_linop *A, const void *alpha, ptl_vector *x, const void *beta,
                            ptl_vector *y)
{
    return ptl__linop_apply_op(A, PTL_OP_NONE, alpha, x, beta, y);
}

ptl_status ptl__linop_apply_dot(ptl_linop *A, ptl_vector *x, ptl_vector *y, double *sums)
{
    if (!A->cls->apply_dot) {
        PTL_TRY(ptl__linop_apply(A, NULL, x, NULL, y));
        ptl__vector_kernels_of(x)->dot(ptl__vector_run(x), 1, ptl__vector_block(x),
                                       ptl__vector_block(y), sums);
        return PTL_OK;
    }
    PTL_TRY(ptl__busy_begin(A, "operator"));
    const char *name = A->cls->kind;
    ptl__trace_begin(PTL_TRACE_APPLY, name, 0);
    ptl_status status = A->cls->apply_dot(A, x, y, sums);
    ptl__trace_end(PTL_TRACE_APPLY, name, 0);
    ptl__busy_end(A);
    return status;
}

ptl_status ptl__linop_diagonal(ptl_linop *A, ptl_vector **out)
{
    *out = NULL;
    PTL_CHECK(A->cls->diagonal, PTL_NOT_SUPPORTED,
              "an operator of kind \"%s\" cannot give its diagonal", A->cls->kind);
    ptl_vector *d;
    PTL_TRY(A->cls->diagonal(A, &d));
    if (d->dtype == ptl_dtype_compute(d->dtype)) {
        *out = d;
        return PTL_OK;
    }
    ptl_status status = ptl_vector_astype(d, ptl_dtype_compute(d->dtype), out);
    ptl_vector_release(&d);
    return status;
}

ptl_status ptl__linop_check_op(const ptl_linop *A, ptl_op op)
{
    PTL_CHECK((int)op >= 0 && op < PTL_OP_COUNT, PTL_INVALID, "op is %d: expected a ptl_op",
              (int)op);
    PTL_CHECK(ptl__linop_has_op(A, op), PTL_NOT_SUPPORTED,
              "an operator of kind \"%s\" has no %s product", A->cls->kind,
              op == PTL_OP_TRANSPOSE ? "transposed" : "Hermitian");
    return PTL_OK;
}

static int64_t sign_apply(const ptl_linop *A, ptl_op op, const void *alpha, const ptl_vector *x,
                          const void *beta, const ptl_vector *y)
{
    const int form = (int)op * 4 + !!alpha + 2 * !!beta;
    const int64_t signature = ptl__linop_sign(ptl__sign(PTL__APPLY, form), A);
    return ptl__vector_sign(ptl__vector_sign(signature, x), y);
}

/* All that must hold on this rank before the product, and its memory: *from and *to are x and y, or
 * what takes their place. */
static ptl_status open_apply(ptl_linop *A, ptl_op op, ptl_vector *x, ptl_vector *y,
                             ptl_vector **from, ptl_vector **to)
{
    static const char *const names[2] = {"x", "y"};
    PTL_TRY(ptl__linop_check_op(A, op));
    PTL_TRY(ptl__wide_open(A, x, y, names, from, to));
    PTL_TRY(ptl__linop_check(A, op, *from, *to, names));
    return prepare(A, op, *from);
}

ptl_status ptl_linop_apply_op(ptl_linop *A, ptl_op op, const void *alpha, ptl_vector *x,
                              const void *beta, ptl_vector *y)
{
    ptl_vector *from, *to;
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    PTL_TRY(ptl__busy_begin(A, "operator"));
    ptl_status status = open_apply(A, op, x, y, &from, &to);
    status = ptl__agree(A->comm, status, sign_apply(A, op, alpha, x, beta, y),
                        "operators, transpositions, vectors or coefficients");
    if (status == PTL_OK) {
        ptl__wide_convert(x, from);
        if (beta)
            ptl__wide_convert(y, to);
        status = dispatch(A, op, alpha, from, beta, to);
        if (A->cls->fallible)
            status = ptl__agree(A->comm, status, 0, "calls");
        if (status == PTL_OK)
            ptl__wide_convert(to, y);
    }
    ptl__busy_end(A);
    return status;
}

ptl_status ptl_linop_apply(ptl_linop *A, const void *alpha, ptl_vector *x, const void *beta,
                           ptl_vector *y)
{
    return ptl_linop_apply_op(A, PTL_OP_NONE, alpha, x, beta, y);
}

/* Local sizes, of which -1 is any. */
static int fits(int64_t a, int64_t b)
{
    return a < 0 || b < 0 || a == b;
}

/* That A has M's sizes and so on, and M can be refreshed. */
static ptl_status check_refresh(const ptl_linop *M, const ptl_linop *A)
{
    PTL_CHECK(M->cls->refresh, PTL_NOT_SUPPORTED, "an operator of kind \"%s\" cannot be refreshed",
              M->cls->kind);
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    PTL_CHECK(A->rows == M->rows && A->cols == M->cols && fits(A->local_rows, M->local_rows) &&
                  fits(A->local_cols, M->local_cols),
              PTL_DIMENSION,
              "A is %lld x %lld, %lld x %lld on rank %d, but M was generated from a matrix of %lld "
              "x %lld, %lld x %lld there",
              (long long)A->rows, (long long)A->cols, (long long)A->local_rows,
              (long long)A->local_cols, ptl_comm_rank(M->comm), (long long)M->rows,
              (long long)M->cols, (long long)M->local_rows, (long long)M->local_cols);
    PTL_CHECK(ptl_dtype_compute(A->dtype) == M->dtype, PTL_DTYPE, "A is %s, but M is %s",
              ptl_dtype_name(A->dtype), ptl_dtype_name(M->dtype));
    PTL_CHECK(ptl__comm_same(A->comm, M->comm), PTL_INVALID,
              "A and M live on different communicators");
    return PTL_OK;
}

ptl_status ptl__linop_computing(ptl_linop *A, ptl_linop **out)
{
    *out = NULL;
    if (A->dtype == PTL_F16 && A->cls->widen)
        return A->cls->widen(A, out);
    *out = ptl_linop_retain(A);
    return PTL_OK;
}

static ptl_status refresh(ptl_linop *M, ptl_linop *A)
{
    ptl_linop *wide;
    if (M->cls->takes_halves)
        return M->cls->refresh(M, A);
    PTL_TRY(ptl__linop_computing(A, &wide));
    ptl_status status = M->cls->refresh(M, wide);
    ptl_linop_release(&wide);
    return status;
}

ptl_status ptl__linop_refresh(ptl_linop *M, ptl_linop *A)
{
    PTL_TRY(ptl__busy_begin(M, "operator"));
    ptl_status status = refresh(M, A);
    ptl__busy_end(M);
    return status;
}

ptl_status ptl_linop_refresh(ptl_linop *M, ptl_linop *A)
{
    PTL_CHECK(M, PTL_INVALID, "M is NULL");
    PTL_TRY(ptl__busy_begin(M, "operator"));
    const int64_t signature = ptl__linop_sign(ptl__linop_sign(PTL__REFRESH, M), A);
    ptl_status status = ptl__agree(M->comm, check_refresh(M, A), signature, "operators");
    if (status == PTL_OK)
        status = ptl__agree(M->comm, refresh(M, A), 0, "calls");
    ptl__busy_end(M);
    return status;
}

int64_t ptl_linop_rows(const ptl_linop *A)
{
    return A->rows;
}

int64_t ptl_linop_cols(const ptl_linop *A)
{
    return A->cols;
}

int64_t ptl_linop_local_rows(const ptl_linop *A)
{
    return A->local_rows;
}

int64_t ptl_linop_local_cols(const ptl_linop *A)
{
    return A->local_cols;
}

ptl_dtype ptl_linop_dtype(const ptl_linop *A)
{
    return A->dtype;
}

const char *ptl_linop_kind(const ptl_linop *A)
{
    return A->cls->kind;
}

ptl_comm *ptl_linop_comm(const ptl_linop *A)
{
    return A->comm;
}

ptl_exec *ptl_linop_exec(const ptl_linop *A)
{
    return A->exec;
}

PTL__OBJECT_FUNCTIONS(ptl_linop)
