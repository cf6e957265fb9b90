/* A matrix on one process by columns: what factorizations take. */
#include "columns.h"

#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "../matrix/csr.h"
#include "../matrix/values.h"

/* Fills c from T, whose rows are A's columns, ascending: entries in one place become their sum. */
static ptl_status join_entries(const ptl_linop *whole, const ptl_csr_arrays *T, ptl__columns *c)
{
    const size_t size = ptl_dtype_size(T->dtype);
    int count = 0;
    c->starts[0] = 0;
    for (int j = 0; j < c->n; j++) {
        const int64_t end = ptl__index_at(T->indptr, T->itype, j + 1);
        for (int64_t k = ptl__index_at(T->indptr, T->itype, j); k < end; k++) {
            const int row = (int)ptl__index_at(T->indices, T->itype, k);
            const void *value = (const char *)T->values + (size_t)k * size;
            PTL_CHECK(ptl__value_is_finite(T->dtype, value), PTL_INVALID,
                      "the entry in row %lld, column %lld is not finite",
                      (long long)ptl__global_row(whole, row), (long long)ptl__global_row(whole, j));
            if (count > c->starts[j] && c->rows[count - 1] == row) {
                ptl__value_add(T->dtype, (char *)c->values + (size_t)(count - 1) * size, value);
            } else {
                memcpy((char *)c->values + (size_t)count * size, value, size);
                c->rows[count++] = row;
            }
        }
        c->starts[j + 1] = count;
    }
    return PTL_OK;
}

ptl_status ptl__columns_init(const ptl__local_block *block, ptl__columns *c)
{
    ptl_csr *A = block->A;
    const int64_t nnz = ptl_csr_nnz(A);
    ptl_linop *T;
    c->n = (int)ptl_csr_linop(A)->rows;
    PTL_TRY(PTL_NEW(c->n + 1, int, &c->starts));
    PTL_TRY(PTL_NEW(nnz, int, &c->rows));
    PTL_TRY(ptl__alloc(nnz, ptl_dtype_size(ptl_csr_linop(A)->dtype), &c->values));
    PTL_TRY(ptl_format_transpose(ptl_csr_linop(A), PTL_OP_TRANSPOSE, &T));
    const ptl_csr_arrays arrays = ptl_csr_get_arrays(ptl_linop_as_csr(T));
    ptl_status status = join_entries(block->whole, &arrays, c);
    ptl_linop_release(&T);
    return status;
}

void ptl__columns_clear(ptl__columns *c)
{
    ptl__free(c->starts);
    ptl__free(c->rows);
    ptl__free(c->values);
    *c = (ptl__columns){0};
}
