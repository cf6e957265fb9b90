/* Hermitian matrices with their rows and columns in another order. */
#ifndef PTL_FACTOR_PERMUTED_H
#define PTL_FACTOR_PERMUTED_H

#include <petiole/csr.h>

/* (L) The lower triangle of A[p][:, p], tidy, from that of a tidy Hermitian A, which alone is read:
 * entries that come to lie above the diagonal are reflected. */
ptl_status ptl__csr_permuted_lower(const ptl_csr *A, const int64_t *permutation,
                                   ptl_csr **out) PTL_MUST_USE;

#endif
