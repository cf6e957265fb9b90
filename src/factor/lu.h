/* Exact factors, sparse and dense: what the methods "lu" and "cholesky" are made of. */
#ifndef PTL_FACTOR_LU_H
#define PTL_FACTOR_LU_H

#include "factorization.h"
#include <petiole/dense.h>

/* (L) A[p][:, q] = L U of a block, by SuperLU. */
ptl_status ptl__sparse_lu(const ptl__local_block *block, ptl__factors *out) PTL_MUST_USE;

/* (L) A[p] = L U of a dense block, and A = L L^H of its lower triangle, by LAPACK. */
ptl_status ptl__dense_lu(const ptl__local_block *block, ptl_dense *A,
                         ptl__factors *out) PTL_MUST_USE;
ptl_status ptl__dense_cholesky(const ptl__local_block *block, ptl_dense *A,
                               ptl__factors *out) PTL_MUST_USE;

/* (L) What the operator's local block is stored in, where that is dense; borrowed; else NULL. */
ptl_dense *ptl__dense_block(const ptl__local_block *block);

#endif
