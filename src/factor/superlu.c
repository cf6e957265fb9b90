/* LU factorization by SuperLU (superlu_factors.c) as an operator. */
#include "superlu.h"

#include <math.h>

#include "../base/linop.h"
#include "../base/vector.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "superlu_factors.h"

/* How many right-hand sides are solved for at once. */
enum { AT_ONCE = 8 };

typedef struct lu {
    ptl_linop base;
    ptl__superlu lu;
    double *factors; /* of the rows, then of the columns: what is factorized is scaled */
    void *space;     /* right-hand sides, column after column */
    int64_t space_columns;
} lu;

/* Elements of one column times a factor each. */
static void multiply(ptl_dtype dtype, int64_t n, const double *factors, void *values)
{
    const int width = ptl__coef_doubles(dtype);
    if (ptl_dtype_real(dtype) == PTL_F32)
        for (int64_t k = 0; k < n * width; k++)
            ((float *)values)[k] = (float)(((float *)values)[k] * factors[k / width]);
    else
        for (int64_t k = 0; k < n * width; k++)
            ((double *)values)[k] *= factors[k / width];
}

/* `count` columns of x from the j-th on, solved for in A->space. */
static ptl_status solve_columns(lu *A, ptl_vector *x, int64_t j, int64_t count)
{
    const ptl__superlu_precision *p = &ptl__superlu_precisions[A->base.dtype];
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(x);
    const int n = (int)x->local_rows;
    int info = 0;
    for (int64_t k = 0; k < count; k++) {
        char *to = (char *)A->space + (size_t)(k * n) * ptl_dtype_size(x->dtype);
        kernels->copy(ptl__vector_run(x), ptl__vector_column(x, j + k), (ptl__block){to, n, 1, 1});
        multiply(x->dtype, n, A->factors, to);
    }
    DNformat store = {n, A->space};
    SuperMatrix B = {SLU_DN, p->dtype, SLU_GE, n, (int)count, &store};
    p->solve(NOTRANS, &A->lu.L, &A->lu.U, A->lu.perm_c, A->lu.perm_r, &B, &A->lu.stat, &info);
    PTL_CHECK(info == 0, PTL_INVALID, "SuperLU rejected its argument %d", -info);
    for (int64_t k = 0; k < count; k++)
        multiply(x->dtype, n, A->factors + n,
                 (char *)A->space + (size_t)(k * n) * ptl_dtype_size(x->dtype));
    return PTL_OK;
}

/* Column j of y = alpha w + beta y. */
static void put_column(ptl__block w, const double *alpha, const double *beta, ptl_vector *y,
                       int64_t j)
{
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(y);
    const ptl__run run = ptl__vector_run(y);
    const int64_t at = j * ptl__coef_doubles(y->dtype);
    if (alpha)
        kernels->scale(run, alpha + at, NULL, w);
    if (beta)
        kernels->scale_add(run, beta + at, w, NULL, ptl__vector_column(y, j));
    else
        kernels->copy(run, w, ptl__vector_column(y, j));
}

static ptl_status lu_apply(ptl_linop *base, const void *alpha, ptl_vector *x, const void *beta,
                           ptl_vector *y)
{
    lu *A = (lu *)base;
    const int64_t n = x->local_rows;
    for (int64_t j = 0; n > 0 && j < x->columns; j += AT_ONCE) {
        const int64_t count = x->columns - j < AT_ONCE ? x->columns - j : AT_ONCE;
        PTL_TRY(solve_columns(A, x, j, count));
        for (int64_t k = 0; k < count; k++) {
            char *w = (char *)A->space + (size_t)(k * n) * ptl_dtype_size(x->dtype);
            put_column((ptl__block){w, n, 1, 1}, alpha, beta, y, j + k);
        }
    }
    return PTL_OK;
}

static ptl_status lu_prepare(ptl_linop *base, ptl_op op, const ptl_vector *x)
{
    (void)op; /* there is no transposed product */
    lu *A = (lu *)base;
    const int64_t columns = x->columns < AT_ONCE ? x->columns : AT_ONCE;
    if (columns <= A->space_columns)
        return PTL_OK;
    void *space;
    PTL_TRY(ptl__alloc(columns * base->rows, ptl_dtype_size(base->dtype), &space));
    ptl__free(A->space);
    A->space = space;
    A->space_columns = columns;
    return PTL_OK;
}

static void lu_destroy(ptl_linop *base)
{
    lu *A = (lu *)base;
    ptl__superlu_clear(&A->lu);
    ptl__free(A->factors);
    ptl__free(A->space);
}

static const ptl__linop_class lu_class = {
    .kind = "lu",
    .fallible = 1,
    .apply = lu_apply,
    .destroy = lu_destroy,
    .prepare = lu_prepare,
};

static ptl_status make_factors(lu *A)
{
    const int n = A->lu.n;
    PTL_TRY(PTL_NEW(2 * (int64_t)n, double, &A->factors));
    for (int i = 0; i < n; i++) {
        A->factors[i] = ldexp(1, A->lu.scaled.rows[i]);
        A->factors[n + i] = ldexp(1, A->lu.scaled.cols[i]);
    }
    return PTL_OK;
}

ptl_status ptl__lu_create(ptl_csr *matrix, ptl_linop **out)
{
    *out = NULL;
    const ptl_linop *from = ptl_csr_linop(matrix);
    lu *A;
    PTL_TRY(PTL_NEW_ZERO(1, lu, &A));
    ptl__linop_init(&A->base, &lu_class,
                    &(ptl__linop_spec){from->comm, from->exec, from->rows, from->cols,
                                       from->local_rows, from->local_cols, from->dtype});
    const ptl__local_block block = {.whole = &A->base, .A = matrix};
    ptl_status status = ptl__superlu_init(&block, &A->lu);
    if (status == PTL_OK)
        status = make_factors(A);
    *out = &A->base;
    if (status != PTL_OK)
        ptl_linop_release(out);
    return status;
}
