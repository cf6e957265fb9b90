/* LU factorization of a matrix on one process, by SuperLU. */
#ifndef PTL_FACTOR_SUPERLU_H
#define PTL_FACTOR_SUPERLU_H

#include <petiole/csr.h>
#include <petiole/linop.h>

/* (L) x = A^-1 b as an operator on A's communicator, for a square A, of which nothing is kept.
 * PTL_INVALID where A is singular, with the column that has no pivot, or an entry is not finite,
 * with its row and column; PTL_NOT_SUPPORTED where SuperLU's 32-bit sizes do not hold A, and where
 * Petiole was built without SuperLU. Kind "lu". */
ptl_status ptl__lu_create(ptl_csr *A, ptl_linop **out) PTL_MUST_USE;

#endif
