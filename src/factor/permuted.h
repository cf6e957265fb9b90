/* Matrices with their rows and columns in another order. */
#ifndef PTL_FACTOR_PERMUTED_H
#define PTL_FACTOR_PERMUTED_H

#include <petiole/csr.h>

/* (L) A[p][:, p], tidy, of a square A. Where hermitian is not 0 the lower triangle of A alone is
 * read, and that of the result alone is made: entries that come to lie above the diagonal are
 * reflected. */
ptl_status ptl__csr_permuted(const ptl_csr *A, const int64_t *permutation, int hermitian,
                             ptl_csr **out) PTL_MUST_USE;

#endif
