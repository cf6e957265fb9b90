/* The pattern of a transpose, by counting (Gustavson: Two Fast Algorithms for Sparse Matrices, ACM
 * TOMS 4(3), 1978). */
#include "transposed.h"

#include <string.h>

#include "../core/status.h"
#include "../kernels/exec.h"

static void count_column(void *ctx, ptl__place p)
{
    const ptl__transposed *T = ctx;
    if (T->itype == PTL_I32)
        ((int32_t *)T->indptr)[p.col + 1]++;
    else
        ((int64_t *)T->indptr)[p.col + 1]++;
}

/* Puts the entry at its column's next place; indptr[c] is that place meanwhile. */
static void put_entry(void *ctx, ptl__place p)
{
    const ptl__transposed *T = ctx;
    const int64_t k = ptl__index_at(T->indptr, T->itype, p.col);
    ptl__index_put((void *)T->indptr, T->itype, p.col, k + 1);
    ptl__index_put((void *)T->rows, T->itype, k, p.row);
    ptl__index_put((void *)T->slots, T->itype, k, p.slot);
}

static ptl_status allocate(ptl_exec *exec, int64_t nnz, ptl__transposed *T)
{
    const size_t size = ptl_itype_size(T->itype);
    PTL_TRY(ptl__exec_alloc(exec, T->count + 1, size, (void **)&T->indptr));
    PTL_TRY(ptl__exec_alloc(exec, nnz, size, (void **)&T->rows));
    return ptl__exec_alloc(exec, nnz, size, (void **)&T->slots);
}

ptl_status ptl__transposed_init(ptl_exec *exec, const ptl__places *places, ptl__transposed *T)
{
    *T = (ptl__transposed){.count = places->cols,
                           .itype =
                               ptl__itype_for(PTL_I32, places->rows, places->nnz, places->slots)};
    ptl_status status = allocate(exec, places->nnz, T);
    if (status != PTL_OK) {
        ptl__transposed_clear(exec, T);
        return status;
    }
    const size_t size = ptl_itype_size(T->itype);
    void *indptr = (void *)T->indptr;
    memset(indptr, 0, (size_t)(T->count + 1) * size);
    places->each(places->source, count_column, T);
    for (int64_t c = 0; c < T->count; ++c)
        ptl__index_put(indptr, T->itype, c + 1,
                       ptl__index_at(indptr, T->itype, c) + ptl__index_at(indptr, T->itype, c + 1));
    places->each(places->source, put_entry, T);
    memmove((char *)indptr + size, indptr, (size_t)T->count * size); /* ends are beginnings again */
    ptl__index_put(indptr, T->itype, 0, 0);
    return PTL_OK;
}

void ptl__transposed_clear(ptl_exec *exec, ptl__transposed *T)
{
    ptl__exec_free(exec, (void *)T->indptr);
    ptl__exec_free(exec, (void *)T->rows);
    ptl__exec_free(exec, (void *)T->slots);
    *T = (ptl__transposed){0};
}
