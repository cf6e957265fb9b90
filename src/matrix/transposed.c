/* The pattern of a transpose, by counting (Gustavson: Two Fast Algorithms for Sparse Matrices, ACM
 * TOMS 4(3), 1978). */
#include "transposed.h"

#include <string.h>

#include "../core/memory.h"
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

static ptl_status allocate(int64_t nnz, ptl__transposed *T)
{
    const size_t size = ptl_itype_size(T->itype);
    PTL_TRY(ptl__alloc(T->count + 1, size, (void **)&T->indptr));
    PTL_TRY(ptl__alloc(nnz, size, (void **)&T->rows));
    return ptl__alloc(nnz, size, (void **)&T->slots);
}

/* In host memory. */
static void find_places(const ptl__places *places, ptl__transposed *T)
{
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
}

static ptl_status hand_over(ptl_exec *exec, int64_t nnz, ptl__transposed *T)
{
    const size_t size = ptl_itype_size(T->itype);
    const ptl__array arrays[] = {{(void **)&T->indptr, T->count + 1, size},
                                 {(void **)&T->rows, nnz, size},
                                 {(void **)&T->slots, nnz, size}};
    return ptl__from_host(exec, 3, arrays);
}

ptl_status ptl__transposed_init(ptl_exec *exec, const ptl__places *places, ptl__transposed *T)
{
    *T = (ptl__transposed){.count = places->cols,
                           .itype =
                               ptl__itype_for(PTL_I32, places->rows, places->nnz, places->slots)};
    ptl_status status = allocate(places->nnz, T);
    if (status == PTL_OK) {
        find_places(places, T);
        status = hand_over(exec, places->nnz, T);
    }
    if (status != PTL_OK)
        ptl__transposed_clear(exec->host, T);
    return status;
}

void ptl__transposed_clear(ptl_exec *exec, ptl__transposed *T)
{
    ptl__exec_free(exec, (void *)T->indptr);
    ptl__exec_free(exec, (void *)T->rows);
    ptl__exec_free(exec, (void *)T->slots);
    *T = (ptl__transposed){0};
}
