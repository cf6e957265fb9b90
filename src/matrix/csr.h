/* CSR from the inside. */
#ifndef PTL_MATRIX_CSR_H
#define PTL_MATRIX_CSR_H

#include "format.h"
#include <petiole/csr.h>

struct ptl_csr {
    ptl__format format;
    void *indptr, *indices;
};

/* (L) Takes the arrays, host memory of ptl__alloc, without a check, and hands them over to the
 * executor; they are freed on failure too. */
ptl_status ptl__csr_take(ptl_exec *exec, const ptl_csr_arrays *arrays, ptl_csr **out) PTL_MUST_USE;
void ptl__csr_arrays_free(const ptl_csr_arrays *arrays);
/* (L) As ptl__format_on. */
ptl_status ptl__csr_on(ptl_csr *A, ptl_exec *exec, ptl_csr **out) PTL_MUST_USE;

/* (L) A, of the host, with ascending columns, entries of one place summed: A itself, retained,
 * where it is so. */
ptl_status ptl__csr_tidy(ptl_csr *A, ptl_csr **out) PTL_MUST_USE;

/* (L) A number that depends on where A, of the host, has entries, in which order, and on nothing
 * else: matrices with different ones have different patterns, and those with the same one the same
 * pattern, but for a chance of 2^-64 or so. */
uint64_t ptl__csr_pattern(const ptl_csr *A);

static inline ptl__csr ptl__csr_view_of(const ptl_csr *A)
{
    return (ptl__csr){A->format.base.local_rows, A->indptr, A->indices, A->format.values, NULL};
}

#endif
