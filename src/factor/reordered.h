/* A matrix with its rows and columns in another order. */
#ifndef PTL_FACTOR_REORDERED_H
#define PTL_FACTOR_REORDERED_H

#include <petiole/csr.h>

/* (L) A new matrix with row p[i] and column q[j] of a square A in place (i, j), of this index type,
 * which is wide enough. NULL permutations are the natural ones. Rows keep the order of their
 * entries: they are not sorted. */
ptl_status ptl__csr_reordered(const ptl_csr *A, const int64_t *p, const int64_t *q, ptl_itype itype,
                              ptl_csr **out) PTL_MUST_USE;

#endif
