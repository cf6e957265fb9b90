/* What the public calls for eigenvalues share. */
#ifndef PTL_EIGEN_CALL_H
#define PTL_EIGEN_CALL_H

#include "basis.h"
#include <petiole/eigen.h>

/* (L) That A, and B where there is one, are square and fit X; that LAPACK is there. */
ptl_status ptl__eigen_check(const ptl_linop *A, const ptl_linop *B,
                            const ptl_vector *X) PTL_MUST_USE;
/* What must be the same on every rank. */
int64_t ptl__eigen_sign(int64_t signature, const ptl_linop *A, const ptl_linop *B,
                        const ptl_vector *X);
/* X becomes the basis's X, out of units. */
void ptl__eigen_deliver(const ptl__basis *basis, ptl__units units, ptl_vector *X);

#endif
