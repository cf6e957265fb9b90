/* Permuted copies of CSR matrices. */
#include "reordered.h"

#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "../kernels/exec.h"
#include "../matrix/csr.h"

/* place: the inverse of q */
static void copy_rows(const ptl_csr_arrays *A, const int64_t *p, const int64_t *place,
                      const ptl_csr_arrays *to)
{
    const size_t size = ptl_dtype_size(A->dtype);
    int64_t at = 0;
    ptl__index_put((void *)to->indptr, to->itype, 0, 0);
    for (int64_t i = 0; i < A->rows; i++) {
        const int64_t row = p ? p[i] : i;
        const int64_t begin = ptl__index_at(A->indptr, A->itype, row);
        const int64_t end = ptl__index_at(A->indptr, A->itype, row + 1);
        memcpy((char *)to->values + (size_t)at * size,
               (const char *)A->values + (size_t)begin * size, (size_t)(end - begin) * size);
        for (int64_t k = begin; k < end; k++)
            ptl__index_put((void *)to->indices, to->itype, at++,
                           place[ptl__index_at(A->indices, A->itype, k)]);
        ptl__index_put((void *)to->indptr, to->itype, i + 1, at);
    }
}

/* What was allocated is in *to, also on failure. */
static ptl_status make_arrays(ptl_exec *exec, int64_t nnz, ptl_csr_arrays *to)
{
    const size_t index = ptl_itype_size(to->itype);
    PTL_TRY(ptl__exec_alloc(exec, to->rows + 1, index, (void **)&to->indptr));
    PTL_TRY(ptl__exec_alloc(exec, nnz, index, (void **)&to->indices));
    return ptl__exec_alloc(exec, nnz, ptl_dtype_size(to->dtype), (void **)&to->values);
}

ptl_status ptl__csr_reordered(const ptl_csr *A, const int64_t *p, const int64_t *q, ptl_itype itype,
                              ptl_csr **out)
{
    const ptl_csr_arrays arrays = ptl_csr_get_arrays(A);
    ptl_exec *exec = A->format.base.exec;
    ptl_csr_arrays to = {arrays.rows, arrays.cols, arrays.dtype, itype, NULL, NULL, NULL};
    int64_t *place;
    *out = NULL;
    PTL_TRY(PTL_NEW(arrays.rows, int64_t, &place));
    for (int64_t i = 0; i < arrays.rows; i++)
        place[q ? q[i] : i] = i;
    ptl_status status = make_arrays(exec, ptl_csr_nnz(A), &to);
    if (status == PTL_OK) {
        copy_rows(&arrays, p, place, &to);
        status = ptl__csr_take(exec, &to, out);
    } else {
        ptl__exec_free(exec, (void *)to.indptr);
        ptl__exec_free(exec, (void *)to.indices);
        ptl__exec_free(exec, (void *)to.values);
    }
    ptl__free(place);
    return status;
}
