/* SuperLU's factors as triangles: L lies in supernodes, dense trapezoids whose upper parts are U's,
 * which has the rest by columns. Entries that are 0 are left out. */
#include <string.h>

#include "../core/interrupt.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../kernels/exec.h"
#include "../matrix/csr.h"
#include "../matrix/values.h"
#include "lu.h"
#include "superlu_factors.h"

/* A triangle by columns while it is copied: the rows of its transpose. */
typedef struct columns {
    ptl_csr_arrays T;
    int64_t count;
    int overflow; /* an entry that is no number any more */
} columns;

static ptl_status columns_init(ptl_exec *exec, int64_t n, ptl_dtype dtype, int64_t room, columns *c)
{
    const ptl_itype itype = ptl__itype_for(PTL_I32, n, n, room);
    *c = (columns){.T = {.rows = n, .cols = n, .dtype = dtype, .itype = itype}};
    PTL_TRY(ptl__exec_alloc(exec, n + 1, ptl_itype_size(itype), (void **)&c->T.indptr));
    PTL_TRY(ptl__exec_alloc(exec, room, ptl_itype_size(itype), (void **)&c->T.indices));
    PTL_TRY(ptl__exec_alloc(exec, room, ptl_dtype_size(dtype), (void **)&c->T.values));
    ptl__index_put((void *)c->T.indptr, itype, 0, 0);
    return PTL_OK;
}

static void columns_clear(ptl_exec *exec, columns *c)
{
    ptl__exec_free(exec, (void *)c->T.indptr);
    ptl__exec_free(exec, (void *)c->T.indices);
    ptl__exec_free(exec, (void *)c->T.values);
}

/* An entry times 2^exponent. */
static void append(columns *c, int64_t row, const void *values, int64_t at, int exponent)
{
    const size_t size = ptl_dtype_size(c->T.dtype);
    const void *value = (const char *)values + (size_t)at * size;
    if (ptl__value_is_zero(c->T.dtype, value))
        return;
    ptl__index_put((void *)c->T.indices, c->T.itype, c->count, row);
    void *to = (char *)c->T.values + (size_t)c->count++ * size;
    memcpy(to, value, size);
    ptl__value_scale(c->T.dtype, to, exponent);
    c->overflow = c->overflow || !ptl__value_is_finite(c->T.dtype, to);
}

/* Column j of both: U's own part, then its supernode's. What was scaled before is scaled back: of
 * A's own L the diagonal stays 1. */
static void copy_column(const ptl__superlu *lu, const ptl__factors *permuted, int64_t j, columns *L,
                        columns *U)
{
    const int *scales = lu->scaled.rows;
    const int64_t *rows = permuted->row_permutation;
    const int column = lu->scaled.cols[permuted->col_permutation[j]];
    const SCformat *l = lu->L.Store;
    const NCformat *u = lu->U.Store;
    const int first = l->sup_to_col[l->col_to_sup[j]];
    const int begin = l->rowind_colptr[first], end = l->rowind_colptr[first + 1];
    for (int64_t k = u->colptr[j]; k < u->colptr[j + 1]; k++)
        append(U, u->rowind[k], u->nzval, k, -scales[rows[u->rowind[k]]] - column);
    for (int k = begin; k < end; k++) {
        const int row = l->rowind[k];
        const int from = row <= j ? -column : scales[rows[j]];
        append(row <= j ? U : L, row, l->nzval, l->nzval_colptr[j] + k - begin,
               from - scales[rows[row]]);
    }
    ptl__index_put((void *)L->T.indptr, L->T.itype, j + 1, L->count);
    ptl__index_put((void *)U->T.indptr, U->T.itype, j + 1, U->count);
}

/* A triangle from its columns, whose arrays stay the caller's. */
static ptl_status by_rows(ptl_exec *exec, const columns *c, ptl_csr **out)
{
    ptl_csr *T;
    ptl_linop *rows;
    PTL_TRY(ptl_csr_view(exec, &c->T, NULL, NULL, &T));
    ptl_status status = ptl_format_transpose(ptl_csr_linop(T), PTL_OP_TRANSPOSE, &rows);
    ptl_csr_release(&T);
    *out = status == PTL_OK ? ptl_linop_as_csr(rows) : NULL;
    return status;
}

static ptl_status put_triangles(ptl_exec *exec, const columns *L, const columns *U,
                                ptl__factors *out)
{
    ptl_csr *lower = NULL, *upper = NULL;
    ptl_status status = by_rows(exec, L, &lower);
    if (status == PTL_OK)
        status = by_rows(exec, U, &upper);
    if (status == PTL_OK)
        status = ptl__factors_of(lower, 1, upper, out);
    ptl_csr_release(&lower);
    ptl_csr_release(&upper);
    return status;
}

static ptl_status copy_triangles(const ptl_linop *A, const ptl__superlu *lu, ptl__factors *out)
{
    const int64_t n = A->local_rows;
    const int64_t inside = n > 0 ? ((const SCformat *)lu->L.Store)->nzval_colptr[n] : 0;
    const int64_t outside = n > 0 ? ((const NCformat *)lu->U.Store)->colptr[n] : 0;
    columns L = {0}, U = {0};
    ptl_status status = columns_init(A->exec, n, A->dtype, inside, &L);
    if (status == PTL_OK)
        status = columns_init(A->exec, n, A->dtype, inside + outside, &U);
    for (int64_t j = 0; status == PTL_OK && j < n; j++) {
        status = ptl__interrupt_at(j);
        copy_column(lu, out, j, &L, &U);
    }
    if (status == PTL_OK)
        status = ptl__check_factors(L.overflow || U.overflow);
    if (status == PTL_OK)
        status = put_triangles(A->exec, &L, &U, out);
    columns_clear(A->exec, &L);
    columns_clear(A->exec, &U);
    return status;
}

static ptl_status copy_permutations(const ptl__superlu *lu, ptl__factors *out)
{
    PTL_TRY(PTL_NEW(lu->n, int64_t, &out->row_permutation));
    PTL_TRY(PTL_NEW(lu->n, int64_t, &out->col_permutation));
    for (int i = 0; i < lu->n; i++) {
        out->row_permutation[lu->perm_r[i]] = i;
        out->col_permutation[lu->perm_c[i]] = i;
    }
    return PTL_OK;
}

ptl_status ptl__sparse_lu(const ptl__local_block *block, ptl__factors *out)
{
    ptl__superlu lu;
    ptl_status status = ptl__superlu_init(block, &lu);
    if (status == PTL_OK)
        status = copy_permutations(&lu, out);
    if (status == PTL_OK)
        status = copy_triangles(ptl_csr_linop(block->A), &lu, out);
    ptl__superlu_clear(&lu);
    return status;
}
