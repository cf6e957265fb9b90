/* LU factorization by SuperLU (Demmel, Eisenstat, Gilbert, Li and Liu, A Supernodal Approach to
 * Sparse Partial Pivoting, SIAM J. Matrix Anal. Appl. 20, 1999): Pr A Pc = L U, columns ordered by
 * COLAMD, rows by partial pivoting.
 *
 * SuperLU counts in int, and ends the process where it gets no memory for what it cannot do
 * without. So sizes are checked first, and a block as large as all of that is asked for and given
 * back. For the factors themselves it reports that memory has ended. Of a column without any row
 * left for its pivot it would read past an array, so such matrices are refused before
 * (matching.h). */
#include "superlu.h"

#include <limits.h>

#include <slu_cdefs.h>
#include <slu_ddefs.h>
#include <slu_sdefs.h>
#include <slu_zdefs.h>

#include "../base/linop.h"
#include "../base/vector.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "columns.h"
#include "matching.h"

/* SuperLU's functions for one dtype. */
typedef struct precision {
    Dtype_t dtype;
    void (*factor)(superlu_options_t *options, SuperMatrix *A, int relax, int panel, int *etree,
                   void *work, int size, int *perm_c, int *perm_r, SuperMatrix *L, SuperMatrix *U,
                   GlobalLU_t *glu, SuperLUStat_t *stat, int *info);
    void (*solve)(trans_t trans, SuperMatrix *L, SuperMatrix *U, int *perm_c, int *perm_r,
                  SuperMatrix *B, SuperLUStat_t *stat, int *info);
} precision;

static const precision precisions[PTL_DTYPE_COUNT] = {
    [PTL_F32] = {SLU_S, sgstrf, sgstrs},
    [PTL_F64] = {SLU_D, dgstrf, dgstrs},
    [PTL_C64] = {SLU_C, cgstrf, cgstrs},
    [PTL_C128] = {SLU_Z, zgstrf, zgstrs},
};

/* How many right-hand sides are solved for at once. */
enum { AT_ONCE = 8 };

typedef struct lu {
    ptl_linop base;
    int *perm_r, *perm_c;
    int factored; /* L, U and stat are there; not where n is 0 */
    SuperMatrix L, U;
    SuperLUStat_t stat;
    void *space; /* right-hand sides, column after column */
    int64_t space_columns;
} lu;

/* ---- the matrix ---- */

/* That SuperLU's counts fit an int, and that the memory is there which it must have. */
static ptl_status check_sizes(int64_t rows, int64_t nnz, ptl_dtype dtype)
{
    const int64_t panel = sp_ienv(1), fill = sp_ienv(6), size = (int64_t)ptl_dtype_size(dtype);
    const int64_t block = sp_ienv(3) > sp_ienv(7) ? sp_ienv(3) : sp_ienv(7);
    const int64_t work =
        (2 * panel + 8) * 4 > (panel + 1) * size ? (2 * panel + 8) * 4 : (panel + 1) * size;
    const int64_t most_rows = (INT_MAX - (block + sp_ienv(4)) * panel * size) / work;
    PTL_CHECK(rows <= most_rows, PTL_NOT_SUPPORTED,
              "the matrix has %lld rows: SuperLU takes at most %lld, since it counts in 32 bits",
              (long long)rows, (long long)most_rows);
    PTL_CHECK(nnz <= INT_MAX / fill, PTL_NOT_SUPPORTED,
              "the matrix has %lld entries: SuperLU takes at most %lld, since it counts the "
              "factors' entries in 32 bits",
              (long long)nnz, (long long)(INT_MAX / fill));
    void *trial; /* the ordering (at most 5 ints an entry), permutations and trees, work space */
    PTL_TRY(ptl__alloc(5 * nnz + rows * (2 * panel + 40), 4, &trial));
    ptl__free(trial);
    PTL_TRY(ptl__alloc(rows * (panel + 1) + (block + sp_ienv(4)) * panel, (size_t)size, &trial));
    ptl__free(trial);
    return PTL_OK;
}

/* ---- the factors ---- */

/* What SuperLU says at the end. */
static ptl_status check_info(const lu *A, int n, int info)
{
    if (info == 0)
        return PTL_OK;
    PTL_CHECK(info > 0, PTL_INVALID, "SuperLU refuses its argument %d", -info);
    PTL_CHECK(info <= n, PTL_NOMEM, "memory ended while SuperLU made the factors, at %d bytes",
              info - n);
    int column = 0;
    while (column < n - 1 && A->perm_c[column] != info - 1)
        column++;
    return ptl_fail(PTL_INVALID, "the matrix is singular: the pivot of column %d is zero", column);
}

static void release_factors(lu *A)
{
    Destroy_SuperNode_Matrix(&A->L);
    Destroy_CompCol_Matrix(&A->U);
    StatFree(&A->stat);
}

static ptl_status factor(lu *A, const ptl__columns *c)
{
    int *etree, info = 0;
    PTL_TRY(PTL_NEW(c->n, int, &etree));
    const precision *p = &precisions[A->base.dtype];
    NCformat store = {c->starts[c->n], c->values, c->rows, c->starts};
    SuperMatrix matrix = {SLU_NC, p->dtype, SLU_GE, c->n, c->n, &store}, permuted;
    superlu_options_t options;
    GlobalLU_t glu;
    set_default_options(&options);
    StatInit(&A->stat);
    get_perm_c(options.ColPerm, &matrix, A->perm_c);
    sp_preorder(&options, &matrix, A->perm_c, etree, &permuted);
    p->factor(&options, &permuted, sp_ienv(2), sp_ienv(1), etree, NULL, 0, A->perm_c, A->perm_r,
              &A->L, &A->U, &glu, &A->stat, &info);
    Destroy_CompCol_Permuted(&permuted);
    ptl__free(etree);
    if (info >= 0 && info <= c->n)
        A->factored = 1;
    else
        StatFree(&A->stat);
    return check_info(A, c->n, info);
}

/* ---- the operator ---- */

/* `count` columns of x from the j-th on, solved for in A->space. */
static ptl_status solve_columns(lu *A, ptl_vector *x, int64_t j, int64_t count)
{
    const precision *p = &precisions[A->base.dtype];
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(x);
    const int n = (int)x->local_rows;
    int info = 0;
    for (int64_t k = 0; k < count; k++) {
        char *to = (char *)A->space + (size_t)(k * n) * ptl_dtype_size(x->dtype);
        kernels->copy(ptl__vector_run(x), ptl__vector_column(x, j + k), (ptl__block){to, n, 1, 1});
    }
    DNformat store = {n, A->space};
    SuperMatrix B = {SLU_DN, p->dtype, SLU_GE, n, (int)count, &store};
    p->solve(NOTRANS, &A->L, &A->U, A->perm_c, A->perm_r, &B, &A->stat, &info);
    PTL_CHECK(info == 0, PTL_INVALID, "SuperLU refuses its argument %d", -info);
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
    if (A->factored)
        release_factors(A);
    ptl__free(A->perm_r);
    ptl__free(A->perm_c);
    ptl__free(A->space);
}

static const ptl__linop_class lu_class = {
    .kind = "lu",
    .fallible = 1,
    .apply = lu_apply,
    .destroy = lu_destroy,
    .prepare = lu_prepare,
};

/* Everything that can fail, for an operator that is there and empty. */
static ptl_status fill(lu *A, ptl_csr *matrix, ptl__columns *c)
{
    int column;
    PTL_TRY(check_sizes(A->base.rows, ptl_csr_nnz(matrix), A->base.dtype));
    PTL_TRY(ptl__columns_init(matrix, c));
    PTL_TRY(ptl__unmatched_column(c->n, c->starts, c->rows, &column));
    PTL_CHECK(column < 0, PTL_INVALID,
              "the matrix is singular, whatever its values are: column %d can have no pivot in a "
              "row of its own",
              column);
    PTL_TRY(PTL_NEW(c->n, int, &A->perm_r));
    PTL_TRY(PTL_NEW(c->n, int, &A->perm_c));
    return c->n > 0 ? factor(A, c) : PTL_OK;
}

ptl_status ptl__lu_create(ptl_csr *matrix, ptl_linop **out)
{
    *out = NULL;
    const ptl_linop *from = ptl_csr_linop(matrix);
    lu *A;
    ptl__columns c = {0};
    PTL_TRY(PTL_NEW_ZERO(1, lu, &A));
    ptl__linop_init(&A->base, &lu_class,
                    &(ptl__linop_spec){from->comm, from->exec, from->rows, from->cols,
                                       from->local_rows, from->local_cols, from->dtype});
    ptl_status status = fill(A, matrix, &c);
    ptl__columns_clear(&c);
    *out = &A->base;
    if (status != PTL_OK)
        ptl_linop_release(out);
    return status;
}
