/* Arrays with padding, made of the rows of a CSR. */
#include "padded.h"

#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"

ptl_status ptl__padded_alloc(int64_t slots, ptl__padded *p)
{
    const size_t index = ptl_itype_size(p->itype), size = ptl_dtype_size(p->dtype);
    p->indices = p->values = NULL;
    PTL_TRY(ptl__alloc(slots, index, &p->indices));
    PTL_TRY(ptl__alloc(slots, size, &p->values));
    memset(p->indices, 0xff, (size_t)slots * index); /* -1 */
    memset(p->values, 0, (size_t)slots * size);
    return PTL_OK;
}

void ptl__padded_put_row(const ptl__padded *p, int64_t first, int64_t step, const ptl_csr *A,
                         int64_t row)
{
    const ptl_itype itype = A->format.itype;
    const size_t size = ptl_dtype_size(p->dtype);
    const int64_t end = ptl__index_at(A->indptr, itype, row + 1);
    int64_t slot = first;
    for (int64_t k = ptl__index_at(A->indptr, itype, row); k < end; ++k, slot += step) {
        ptl__index_put(p->indices, p->itype, slot, ptl__index_at(A->indices, itype, k));
        memcpy((char *)p->values + (size_t)slot * size,
               (const char *)A->format.values + (size_t)k * size, size);
    }
}

int64_t ptl__csr_longest_row(const ptl_csr *A, int64_t begin, int64_t end)
{
    const ptl_itype itype = A->format.itype;
    int64_t longest = 0;
    for (int64_t i = begin; i < end; ++i) {
        const int64_t length =
            ptl__index_at(A->indptr, itype, i + 1) - ptl__index_at(A->indptr, itype, i);
        longest = length > longest ? length : longest;
    }
    return longest;
}
