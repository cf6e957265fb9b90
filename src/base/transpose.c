/* op(A) as an operator of its own: no entry is copied. */
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "linop.h"
#include "operation.h"
#include "vector.h"

typedef struct transpose {
    ptl_linop base;
    ptl_linop *A;
    ptl_op op;
} transpose;

static transpose *transpose_of(const ptl_linop *base)
{
    return (transpose *)base;
}

/* What `op` of this operator is of A: the conjugate of A alone has no product. */
static ptl_op inner_op(const transpose *T, ptl_op op)
{
    return op == PTL_OP_NONE ? T->op : PTL_OP_NONE;
}

static ptl_status transpose_apply(ptl_linop *base, const void *alpha, ptl_vector *x,
                                  const void *beta, ptl_vector *y)
{
    transpose *T = transpose_of(base);
    return ptl__linop_apply_op(T->A, T->op, alpha, x, beta, y);
}

static ptl_status transpose_apply_op(ptl_linop *base, ptl_op op, const void *alpha, ptl_vector *x,
                                     const void *beta, ptl_vector *y)
{
    transpose *T = transpose_of(base);
    return ptl__linop_apply_op(T->A, inner_op(T, op), alpha, x, beta, y);
}

/* Where A is real, either form undoes the other. */
static int transpose_has_op(const ptl_linop *base, ptl_op op)
{
    return op == transpose_of(base)->op || !ptl_dtype_is_complex(base->dtype);
}

static ptl_status transpose_prepare(ptl_linop *base, ptl_op op, const ptl_vector *x)
{
    transpose *T = transpose_of(base);
    return ptl__linop_prepare(T->A, inner_op(T, op), x);
}

static ptl_status transpose_diagonal(ptl_linop *base, ptl_vector **out)
{
    const transpose *T = transpose_of(base);
    ptl_vector *d;
    PTL_TRY(ptl__linop_diagonal(T->A, &d));
    if (T->op == PTL_OP_HERMITIAN)
        ptl__vector_kernels_of(d)->map(ptl__vector_run(d), PTL_MAP_CONJ, ptl__vector_block(d),
                                       ptl__vector_block(d));
    *out = d;
    return PTL_OK;
}

static void transpose_destroy(ptl_linop *base)
{
    ptl_linop_release(&transpose_of(base)->A);
}

/* One table for operators whose products cannot fail and one for the others, each with and without
 * other dtypes of vectors. */
#define CLASS(may_fail, may_mix)                                                                   \
    {                                                                                              \
        .kind = "transpose", .fallible = may_fail, .mixes = may_mix, .apply = transpose_apply,     \
        .destroy = transpose_destroy, .apply_op = transpose_apply_op, .has_op = transpose_has_op,  \
        .prepare = transpose_prepare, .diagonal = transpose_diagonal                               \
    }
static const ptl__linop_class classes[2][2] = {{CLASS(0, 0), CLASS(0, 1)},
                                               {CLASS(1, 0), CLASS(1, 1)}};

ptl_status ptl_linop_transposed(ptl_linop *A, ptl_op op, ptl_linop **out)
{
    *out = NULL;
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    PTL_TRY(ptl__linop_check_op(A, op));
    if (op == PTL_OP_NONE) {
        *out = ptl_linop_retain(A);
        return PTL_OK;
    }
    if (A->cls->destroy == transpose_destroy) {
        *out = ptl_linop_retain(transpose_of(A)->A);
        return PTL_OK;
    }
    transpose *T;
    PTL_TRY(PTL_NEW_ZERO(1, transpose, &T));
    ptl__linop_init(&T->base, &classes[!!A->cls->fallible][!!A->cls->mixes],
                    &(ptl__linop_spec){A->comm, A->exec, A->cols, A->rows, A->local_cols,
                                       A->local_rows, A->dtype});
    T->base.number = ptl__derived(A->number, PTL__LAZY_TRANSPOSE + (int)op);
    T->A = ptl_linop_retain(A);
    T->op = op;
    *out = &T->base;
    ptl_status status = ptl__object_made_of(T, A, "an operator");
    if (status != PTL_OK)
        ptl_linop_release(out);
    return status;
}
