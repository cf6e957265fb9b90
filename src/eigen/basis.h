/* The basis of a Rayleigh-Ritz step: constraints Q and vectors S, with their products with A and B,
 * side by side in one block each. */
#ifndef PTL_EIGEN_BASIS_H
#define PTL_EIGEN_BASIS_H

#include "../base/linop.h"
#include "../base/vector.h"
#include "../comm/reducer.h"
#include "ritz.h"

typedef struct ptl__basis {
    ptl_linop *A, *B; /* borrowed; B NULL: the identity */
    ptl__sections sections;
    int width;
    ptl_vector *S, *AS, *BS; /* with Q before S */
    ptl_vector *X, *AX, *BX; /* their columns after Q; BX is X where B is NULL, and so on */
    ptl_vector *W, *AW, *BW; /* their last ones */
    ptl_vector *rotated;     /* where new X and P are made */
} ptl__basis;

/* (L) For vectors like X, after at most `fence` constraints; with P and W where `whole`. On failure
 * it is empty. */
ptl_status ptl__basis_init(ptl__basis *basis, ptl_linop *A, ptl_linop *B, const ptl_vector *X,
                           int64_t fence, int whole) PTL_MUST_USE;
void ptl__basis_clear(ptl__basis *basis);

/* (L) X becomes a copy of a guess, the columns after Q. */
void ptl__basis_guess(ptl__basis *basis, const ptl_vector *guess);
/* (L) From now on W has that many columns. */
void ptl__basis_search(ptl__basis *basis, int64_t columns);
/* Columns of S, AS or BS, by sections. */
ptl__block ptl__basis_columns(const ptl_vector *v, int64_t first, int64_t count);

/* (C) y = A x; a failure is noted. */
void ptl__basis_product(ptl_linop *A, ptl_vector *x, ptl_vector *y, ptl__reducer *reducer);
/* (C) X or W times A and B; a failure is noted. */
void ptl__basis_products(ptl__basis *basis, const ptl_vector *of, ptl__reducer *reducer);
/* This rank's part of (Q, S)^H A S and (Q, S)^H B S, into the reduction that has begun; returns it.
 */
double *ptl__basis_grams(const ptl__basis *basis, ptl__reducer *reducer);
/* (L) X and P become (Q, S) coefs, as ritz has found; W is empty. */
void ptl__basis_rotate(ptl__basis *basis, const ptl__ritz *ritz);

/* (C) Ends the reduction that has begun, once the kernels have made their sums. */
ptl_status ptl__basis_reduce(const ptl__basis *basis, ptl__reducer *reducer) PTL_MUST_USE;

/* This rank's part of the first `count` columns of B (Q, S) against v, into the reduction. */
double *ptl__basis_overlaps(const ptl__basis *basis, int64_t count, const ptl_vector *v,
                            ptl__reducer *reducer);
/* (L) v loses what it has in common with them, the reduced sums, which become the coefficients of
 * what it lost. */
void ptl__basis_project(const ptl__basis *basis, ptl__units units, int64_t count, double *sums,
                        ptl_vector *v);

/* (C) exponents[j]: 2^it is about the largest element of v's column j; 0 where that is 0 or not
 * finite. */
ptl_status ptl__basis_exponents(const ptl_vector *v, double *exponents) PTL_MUST_USE;
/* (L) v's column j is multiplied by 2^exponent. */
void ptl__basis_scale(ptl_vector *v, int64_t j, int exponent);
/* Sizes within 2^-FAR and 2^FAR are left as they are: neither their squares nor their products can
 * leave the range of floats. */
enum { PTL__FAR = 32 };
/* (C) X, alone, becomes its Ritz vectors, unless ritz->trouble says why not. */
ptl_status ptl__basis_refresh(ptl__basis *basis, ptl__ritz *ritz,
                              ptl__reducer *reducer) PTL_MUST_USE;
/* (C) The same for a first time: the columns' sizes are looked at, and ritz->units chosen. */
ptl_status ptl__basis_start(ptl__basis *basis, ptl__ritz *ritz, ptl__reducer *reducer) PTL_MUST_USE;
/* What a start's trouble means to the caller, `name` being what the columns are called. */
ptl_status ptl__basis_explain(ptl_reason trouble, const ptl_vector *X,
                              const char *name) PTL_MUST_USE;

#endif
