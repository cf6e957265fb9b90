/* Sums of operators. */
#include "../core/memory.h"
#include "composed.h"
#include "vector.h"
#include <petiole/composition.h>

typedef struct combination {
    ptl__composed composed;
    ptl_c128 *coefs; /* one per operator, real parts alone where the dtype is real */
    /* Room for coefficients of `columns` columns: a member's, and ones. */
    int64_t columns;
    double *scaled, *ones;
} combination;

static combination *combination_of(ptl_linop *A)
{
    return (combination *)A;
}

/* What a vector's coefficients are made of, and as the one row of a block. */
static ptl_dtype coef_dtype(ptl_dtype dtype)
{
    return ptl_dtype_is_complex(dtype) ? PTL_C128 : PTL_F64;
}
static ptl__block coef_row(double *coefs, const ptl_vector *x)
{
    return (ptl__block){coefs, 1, x->columns, x->columns};
}

static ptl_status combination_prepare(ptl_linop *A, ptl_op op, const ptl_vector *x)
{
    combination *C = combination_of(A);
    if (C->columns < x->columns) {
        double *room;
        PTL_TRY(PTL_NEW(4 * x->columns, double, &room)); /* complex ones fit */
        ptl__free(C->scaled);
        C->scaled = room;
        C->ones = room + 2 * x->columns;
        C->columns = x->columns;
    }
    for (int i = 0; i < C->composed.count; ++i)
        PTL_TRY(ptl__linop_prepare(C->composed.ops[i], op, x));
    return PTL_OK;
}

/* What computes with coefficients, which are host memory. */
static const ptl__vector_kernels *host_kernels(const ptl_linop *A, const ptl_vector *x)
{
    return A->exec->host->kernels->vector[coef_dtype(x->dtype)];
}

/* scaled = alpha times the member's coefficient, in each column. */
static void scale_coefficient(combination *C, int i, ptl_op op, const void *alpha,
                              const ptl_vector *x)
{
    const ptl_linop *A = &C->composed.base;
    const ptl__vector_kernels *kernels = host_kernels(A, x);
    const ptl__run run = ptl__exec_run(A->exec->host);
    ptl_c128 coef = C->coefs[i];
    if (op == PTL_OP_HERMITIAN)
        coef.im = -coef.im;
    kernels->fill(run, &coef, coef_row(C->scaled, x));
    if (alpha)
        kernels->scale(run, alpha, NULL, coef_row(C->scaled, x));
}

/* Every member is applied, whatever becomes of the others: ranks where none fails wait for it. All
 * get their coefficient, 1 too: user code may take another way where it has none, and that must be
 * the same on every rank. */
static ptl_status combination_apply_op(ptl_linop *A, ptl_op op, const void *alpha, ptl_vector *x,
                                       const void *beta, ptl_vector *y)
{
    combination *C = combination_of(A);
    static const ptl_c128 one = {1, 0};
    ptl__first_failure first;
    first.status = PTL_OK;
    host_kernels(A, x)->fill(ptl__exec_run(A->exec->host), &one, coef_row(C->ones, x));
    for (int i = 0; i < C->composed.count; ++i) {
        scale_coefficient(C, i, op, alpha, x);
        ptl__first_failure_note(&first, ptl__linop_apply_op(C->composed.ops[i], op, C->scaled, x,
                                                            i == 0 ? beta : C->ones, y));
    }
    return ptl__first_failure_end(&first);
}

static ptl_status combination_apply(ptl_linop *A, const void *alpha, ptl_vector *x,
                                    const void *beta, ptl_vector *y)
{
    return combination_apply_op(A, PTL_OP_NONE, alpha, x, beta, y);
}

/* sum += coef_i d, d being the diagonal of member i: that of the member before where both are the
 * same operator, so that S + S of S + S and so on takes no time exponential in its depth. */
static ptl_status add_diagonal(const combination *C, int i, ptl_vector **d, ptl_vector *sum)
{
    ptl_linop *const *ops = C->composed.ops;
    if (ops[i] != ops[i - 1]) {
        ptl_vector_release(d);
        PTL_TRY(ptl__linop_diagonal(ops[i], d));
    }
    return ptl_vector_add_scaled(sum, &C->coefs[i], *d);
}

static ptl_status combination_diagonal(ptl_linop *A, ptl_vector **out)
{
    const combination *C = combination_of(A);
    ptl_vector *d;
    PTL_TRY(ptl__linop_diagonal(C->composed.ops[0], &d));
    ptl_status status = ptl_vector_clone(d, out);
    if (status == PTL_OK)
        status = ptl_vector_scale(*out, &C->coefs[0]);
    for (int i = 1; status == PTL_OK && i < C->composed.count; ++i)
        status = add_diagonal(C, i, &d, *out);
    ptl_vector_release(&d);
    if (status != PTL_OK)
        ptl_vector_release(out);
    return status;
}

static void combination_destroy(ptl_linop *A)
{
    combination *C = combination_of(A);
    ptl__free(C->coefs);
    ptl__free(C->scaled);
    ptl__composed_clear(A);
}

#define CLASS(may_fail, may_mix)                                                                   \
    {                                                                                              \
        .kind = "combination", .fallible = may_fail, .mixes = may_mix, .apply = combination_apply, \
        .destroy = combination_destroy, .apply_op = combination_apply_op,                          \
        .has_op = ptl__composed_has_op, .prepare = combination_prepare,                            \
        .diagonal = combination_diagonal                                                           \
    }
static const ptl__linop_class classes[2][2] = PTL__COMPOSED_CLASSES(CLASS);

/* One local size for all that name one. */
static ptl_status join_local(int i, const ptl_linop *A, int64_t local, int64_t *joined,
                             const char *what)
{
    PTL_CHECK(local < 0 || *joined < 0 || local == *joined, PTL_DIMENSION,
              "ops[%d] has %lld %s on rank %d, but an earlier operator has %lld there", i,
              (long long)local, what, ptl_comm_rank(A->comm), (long long)*joined);
    if (local >= 0)
        *joined = local;
    return PTL_OK;
}

/* That all are of one shape, and which. */
static ptl_status join_shapes(int count, ptl_linop *const *ops, ptl__composed_shape *shape)
{
    *shape = (ptl__composed_shape){ops[0]->rows, ops[0]->cols, -1, -1};
    for (int i = 0; i < count; ++i) {
        const ptl_linop *A = ops[i];
        PTL_CHECK(A->rows == shape->rows && A->cols == shape->cols, PTL_DIMENSION,
                  "ops[%d] is %lld x %lld, ops[0] is %lld x %lld: expected one shape", i,
                  (long long)A->rows, (long long)A->cols, (long long)shape->rows,
                  (long long)shape->cols);
        PTL_TRY(join_local(i, A, A->local_rows, &shape->local_rows, "rows"));
        PTL_TRY(join_local(i, A, A->local_cols, &shape->local_cols, "columns"));
    }
    return PTL_OK;
}

ptl_status ptl_combination_create(int count, const void *coefs, ptl_linop *const *ops,
                                  ptl_linop **out)
{
    *out = NULL;
    ptl__composed_shape shape;
    ptl_c128 *own;
    PTL_TRY(ptl__composed_check(count, ops));
    PTL_CHECK(coefs, PTL_INVALID, "coefs is NULL: expected %d coefficients", count);
    PTL_TRY(join_shapes(count, ops, &shape));
    PTL_TRY(PTL_NEW(count, ptl_c128, &own));
    for (int i = 0; i < count; ++i)
        own[i] = ptl_dtype_is_complex(ops[0]->dtype) ? ((const ptl_c128 *)coefs)[i]
                                                     : (ptl_c128){((const double *)coefs)[i], 0};
    ptl_status status = ptl__composed_new(classes, sizeof(combination), count, ops, shape, out);
    if (status != PTL_OK) {
        ptl__free(own);
        return status;
    }
    combination_of(*out)->coefs = own;
    ptl__composed_name(*out, PTL__SUM_OPERATORS);
    return PTL_OK;
}
