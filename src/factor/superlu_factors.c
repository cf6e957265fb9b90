/* LU factorization by SuperLU (Demmel, Eisenstat, Gilbert, Li and Liu, A Supernodal Approach to
 * Sparse Partial Pivoting, SIAM J. Matrix Anal. Appl. 20, 1999): Pr A Pc = L U, columns ordered by
 * COLAMD, rows by partial pivoting.
 *
 * SuperLU counts in int, and ends the process where it gets no memory for what it cannot do
 * without. So sizes are checked first, and a block as large as all of that is asked for and given
 * back. For the factors themselves it reports that memory has ended. Of a column without any row
 * left for its pivot it would read past an array, so such matrices are refused before
 * (matching.h). */
#include "superlu_factors.h"

#include <limits.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "../matrix/values.h"
#include "columns.h"
#include "matching.h"

const ptl__superlu_precision ptl__superlu_precisions[PTL_DTYPE_COUNT] = {
    [PTL_F32] = {SLU_S, sgstrf, sgstrs},
    [PTL_F64] = {SLU_D, dgstrf, dgstrs},
    [PTL_C64] = {SLU_C, cgstrf, cgstrs},
    [PTL_C128] = {SLU_Z, zgstrf, zgstrs},
};

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

/* The pivot of column j of U, whose modulus is `size`. */
static ptl_status check_pivot(const ptl__local_block *block, const ptl__superlu *lu, int j,
                              double size)
{
    int column = 0;
    if (size > lu->scaled.tiny)
        return PTL_OK;
    while (column < lu->n - 1 && lu->perm_c[column] != j)
        column++;
    return ptl__check_pivot(block->whole, &lu->scaled, size, column);
}

/* What SuperLU says at the end. */
static ptl_status check_info(const ptl__local_block *block, const ptl__superlu *lu, int info)
{
    if (info == 0)
        return PTL_OK;
    PTL_CHECK(info > 0, PTL_INVALID, "SuperLU rejected its argument %d", -info);
    PTL_CHECK(info <= lu->n, PTL_NOMEM,
              "SuperLU ran out of memory during the factorization, at %d bytes", info - lu->n);
    return check_pivot(block, lu, info - 1, 0);
}

/* The diagonal of U lies in L's supernodes. */
static ptl_status check_pivots(const ptl__local_block *block, const ptl__superlu *lu)
{
    const SCformat *l = lu->L.Store;
    const ptl_dtype dtype = ptl_csr_linop(block->A)->dtype;
    for (int j = 0; j < lu->n; j++) {
        const int64_t at = l->nzval_colptr[j] + j - l->sup_to_col[l->col_to_sup[j]];
        const void *pivot = (const char *)l->nzval + (size_t)at * ptl_dtype_size(dtype);
        PTL_TRY(check_pivot(block, lu, j, ptl__value_modulus(dtype, pivot)));
    }
    return PTL_OK;
}

static ptl_status factor(const ptl__local_block *block, const ptl__columns *c, ptl__superlu *lu)
{
    int *etree, info = 0;
    PTL_TRY(PTL_NEW(c->n, int, &etree));
    const ptl__superlu_precision *p = &ptl__superlu_precisions[ptl_csr_linop(block->A)->dtype];
    NCformat store = {c->starts[c->n], c->values, c->rows, c->starts};
    SuperMatrix matrix = {SLU_NC, p->dtype, SLU_GE, c->n, c->n, &store}, permuted;
    superlu_options_t options;
    GlobalLU_t glu;
    set_default_options(&options);
    StatInit(&lu->stat);
    get_perm_c(options.ColPerm, &matrix, lu->perm_c);
    sp_preorder(&options, &matrix, lu->perm_c, etree, &permuted);
    p->factor(&options, &permuted, sp_ienv(2), sp_ienv(1), etree, NULL, 0, lu->perm_c, lu->perm_r,
              &lu->L, &lu->U, &glu, &lu->stat, &info);
    Destroy_CompCol_Permuted(&permuted);
    ptl__free(etree);
    if (info >= 0 && info <= c->n)
        lu->factored = 1;
    else
        StatFree(&lu->stat);
    PTL_TRY(check_info(block, lu, info));
    return check_pivots(block, lu);
}

/* Everything that can fail. */
static ptl_status make(const ptl__local_block *block, ptl__columns *c, ptl__superlu *lu)
{
    const ptl_linop *A = ptl_csr_linop(block->A);
    int column;
    PTL_TRY(check_sizes(A->rows, ptl_csr_nnz(block->A), A->dtype));
    PTL_TRY(ptl__columns_init(block, c));
    PTL_TRY(ptl__unmatched_column(c->n, c->starts, c->rows, &column));
    PTL_CHECK(column < 0, PTL_INVALID,
              "the matrix is structurally singular: no row is left for the pivot of column %lld",
              (long long)ptl__global_row(block->whole, column));
    const ptl__by_columns entries = {c->n, A->dtype, c->starts, c->rows, c->values};
    PTL_TRY(ptl__equilibrate(entries, &lu->scaled));
    lu->n = c->n;
    PTL_TRY(PTL_NEW(c->n, int, &lu->perm_r));
    PTL_TRY(PTL_NEW(c->n, int, &lu->perm_c));
    return c->n > 0 ? factor(block, c, lu) : PTL_OK;
}

ptl_status ptl__superlu_init(const ptl__local_block *block, ptl__superlu *out)
{
    ptl__columns c = {0};
    *out = (ptl__superlu){0};
    ptl_status status = make(block, &c, out);
    ptl__columns_clear(&c);
    return status;
}

void ptl__superlu_clear(ptl__superlu *lu)
{
    if (lu->factored) {
        Destroy_SuperNode_Matrix(&lu->L);
        Destroy_CompCol_Matrix(&lu->U);
        StatFree(&lu->stat);
    }
    ptl__free(lu->perm_r);
    ptl__free(lu->perm_c);
    ptl__equilibrated_clear(&lu->scaled);
    *lu = (ptl__superlu){0};
}
