/* An operator on vectors of another dtype: y = A x, converted before and after. */
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "linop.h"
#include "operation.h"
#include "vector.h"
#include <petiole/composition.h>

typedef struct cast {
    ptl_linop base;
    ptl_linop *A;
    /* For products with vectors of so many columns, transposed or not. */
    int64_t columns;
    int transposed;
    ptl_vector *x, *y;   /* of A's dtype */
    ptl_vector *product; /* y in the cast's dtype, for products that add */
} cast;

static void clear_space(cast *C)
{
    ptl_vector_release(&C->x);
    ptl_vector_release(&C->y);
    ptl_vector_release(&C->product);
    C->columns = 0;
}

/* A vector that user code sees as it sees x, where it has x's rows. */
static ptl_status new_vector(const ptl_vector *x, int64_t rows, int64_t local_rows, ptl_dtype dtype,
                             ptl_vector **out)
{
    static const ptl_c128 zero = {0, 0};
    if (rows == x->rows && (local_rows < 0 || local_rows == x->local_rows)) {
        PTL_TRY(ptl__vector_new_like(x, dtype, out));
    } else {
        PTL_CHECK(local_rows >= 0, PTL_DIMENSION,
                  "the operator takes any local size, so its product of %lld rows would get the "
                  "local sizes of x, which has %lld rows",
                  (long long)rows, (long long)x->rows);
        PTL_TRY(ptl__vector_new(x->comm, x->exec,
                                (ptl_vector_shape){rows, local_rows, x->columns, dtype}, out));
        (*out)->ndim = x->ndim;
    }
    return ptl_vector_fill(*out, &zero);
}

static ptl_status make_space(cast *C, ptl_op op, const ptl_vector *x)
{
    const ptl_linop *A = C->A;
    const ptl_dtype inner = ptl_dtype_compute(A->dtype);
    const int plain = op == PTL_OP_NONE;
    const int64_t rows = plain ? A->rows : A->cols;
    const int64_t local_rows = plain ? A->local_rows : A->local_cols;
    C->columns = x->columns;
    C->transposed = !plain;
    PTL_TRY(new_vector(x, x->rows, x->local_rows, inner, &C->x));
    PTL_TRY(new_vector(x, rows, local_rows, inner, &C->y));
    return new_vector(x, rows, local_rows, C->base.dtype, &C->product);
}

static ptl_status cast_prepare(ptl_linop *base, ptl_op op, const ptl_vector *x)
{
    cast *C = (cast *)base;
    if (C->columns != x->columns || C->transposed != (op != PTL_OP_NONE) ||
        C->x->local_rows != x->local_rows || C->x->ndim != x->ndim) {
        clear_space(C);
        ptl_status status = make_space(C, op, x);
        if (status != PTL_OK) {
            clear_space(C);
            return status;
        }
    }
    return ptl__linop_prepare(C->A, op, C->x);
}

static void convert(const ptl_vector *x, ptl_vector *y)
{
    ptl__vector_kernels_of(x)->convert(ptl__vector_run(x), y->dtype, ptl__vector_block(x),
                                       ptl__vector_block(y));
}

static ptl_status cast_apply_op(ptl_linop *base, ptl_op op, const void *alpha, ptl_vector *x,
                                const void *beta, ptl_vector *y)
{
    cast *C = (cast *)base;
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(y);
    ptl_vector *to = beta ? C->product : y;
    convert(x, C->x);
    PTL_TRY(ptl__linop_apply_op(C->A, op, NULL, C->x, NULL, C->y));
    convert(C->y, to);
    if (alpha)
        kernels->scale(ptl__vector_run(y), alpha, NULL, ptl__vector_block(to));
    if (beta)
        kernels->scale_add(ptl__vector_run(y), beta, ptl__vector_block(to), NULL,
                           ptl__vector_block(y));
    return PTL_OK;
}

static ptl_status cast_apply(ptl_linop *base, const void *alpha, ptl_vector *x, const void *beta,
                             ptl_vector *y)
{
    return cast_apply_op(base, PTL_OP_NONE, alpha, x, beta, y);
}

static int cast_has_op(const ptl_linop *base, ptl_op op)
{
    return ptl__linop_has_op(((const cast *)base)->A, op);
}

static ptl_status cast_diagonal(ptl_linop *base, ptl_vector **out)
{
    ptl_vector *d;
    *out = NULL;
    PTL_TRY(ptl__linop_diagonal(((cast *)base)->A, &d));
    ptl_status status = ptl_vector_astype(d, base->dtype, out);
    ptl_vector_release(&d);
    return status;
}

static void cast_destroy(ptl_linop *base)
{
    cast *C = (cast *)base;
    clear_space(C);
    ptl_linop_release(&C->A);
}

#define CLASS(may_fail)                                                                            \
    {                                                                                              \
        .kind = "cast", .fallible = may_fail, .apply = cast_apply, .destroy = cast_destroy,        \
        .apply_op = cast_apply_op, .has_op = cast_has_op, .prepare = cast_prepare,                 \
        .diagonal = cast_diagonal                                                                  \
    }
static const ptl__linop_class classes[2] = {CLASS(0), CLASS(1)}; /* by whether A is fallible */

ptl_status ptl_cast(ptl_linop *A, ptl_dtype dtype, ptl_linop **out)
{
    *out = NULL;
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    PTL_TRY(ptl__check_computing(dtype));
    PTL_CHECK(ptl_dtype_is_complex(dtype) == ptl_dtype_is_complex(A->dtype), PTL_DTYPE,
              "the operator is %s, dtype is %s: expected both real or both complex",
              ptl_dtype_name(A->dtype), ptl_dtype_name(dtype));
    if (dtype == A->dtype) {
        *out = ptl_linop_retain(A);
        return PTL_OK;
    }
    cast *C;
    PTL_TRY(PTL_NEW_ZERO(1, cast, &C));
    ptl__linop_init(&C->base, &classes[A->cls->fallible != 0],
                    &(ptl__linop_spec){A->comm, A->exec, A->rows, A->cols, A->local_rows,
                                       A->local_cols, dtype});
    C->base.number = ptl__derived(A->number, ptl__sign(PTL__CAST, (int64_t)dtype));
    C->A = ptl_linop_retain(A);
    *out = &C->base;
    ptl_status status = ptl__object_made_of(C, A, "an operator");
    if (status != PTL_OK)
        ptl_linop_release(out);
    return status;
}
