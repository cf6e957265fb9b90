/* CSR with ascending columns and without duplicates. */
#include <string.h>

#include "../core/status.h"
#include "../kernels/exec.h"
#include "csr.h"
#include "values.h"

static int is_tidy(const ptl_csr_arrays *A)
{
    for (int64_t i = 0; i < A->rows; i++) {
        const int64_t end = ptl__index_at(A->indptr, A->itype, i + 1);
        for (int64_t k = ptl__index_at(A->indptr, A->itype, i) + 1; k < end; k++)
            if (ptl__index_at(A->indices, A->itype, k) <=
                ptl__index_at(A->indices, A->itype, k - 1))
                return 0;
    }
    return 1;
}

/* Entries of one place, which stand side by side, become their sum, in place. */
static void join(ptl_csr *A)
{
    const ptl_itype itype = A->format.itype;
    const ptl_dtype dtype = A->format.base.dtype;
    const size_t size = ptl_dtype_size(dtype);
    char *values = A->format.values;
    int64_t count = 0, k = 0;
    for (int64_t i = 0; i < A->format.base.rows; i++) {
        const int64_t begin = count, end = ptl__index_at(A->indptr, itype, i + 1);
        for (; k < end; k++) {
            const int64_t col = ptl__index_at(A->indices, itype, k);
            char *value = values + (size_t)k * size;
            if (count > begin && ptl__index_at(A->indices, itype, count - 1) == col) {
                ptl__value_add(dtype, values + (size_t)(count - 1) * size, value);
                continue;
            }
            ptl__index_put(A->indices, itype, count, col);
            memmove(values + (size_t)count++ * size, value, size);
        }
        ptl__index_put(A->indptr, itype, i + 1, count);
    }
    A->format.nnz = A->format.slots = count;
}

ptl_status ptl__csr_tidy(ptl_csr *A, ptl_csr **out)
{
    const ptl_csr_arrays arrays = ptl_csr_get_arrays(A);
    ptl_linop *across, *sorted;
    *out = NULL;
    if (is_tidy(&arrays)) {
        *out = ptl_csr_retain(A);
        return PTL_OK;
    }
    PTL_TRY(ptl_format_transpose(ptl_csr_linop(A), PTL_OP_TRANSPOSE, &across)); /* rows ascend */
    ptl_status status = ptl_format_transpose(across, PTL_OP_TRANSPOSE, &sorted);
    ptl_linop_release(&across);
    PTL_TRY(status);
    *out = ptl_linop_as_csr(sorted);
    join(*out);
    return PTL_OK;
}
