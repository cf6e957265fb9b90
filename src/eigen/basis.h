/* The basis of a Rayleigh-Ritz step: vectors S, with A S and B S, side by side in one block each.
 */
#ifndef PTL_EIGEN_BASIS_H
#define PTL_EIGEN_BASIS_H

#include "../base/linop.h"
#include "../base/vector.h"
#include "../comm/reducer.h"
#include "ritz.h"

typedef struct ptl__basis {
    ptl_linop *A, *B; /* borrowed; A NULL: zero (orthonormal columns are all that is wanted); B
                         NULL: the identity */
    ptl__sections sections;
    int width;
    ptl_vector *S, *AS, *BS;
    ptl_vector *X, *AX, *BX; /* their first columns; BX is X where B is NULL, and so on */
    ptl_vector *W, *AW, *BW; /* their last ones */
    ptl_vector *rotated;     /* where new X and P are made */
} ptl__basis;

/* (L) For vectors like X, which is copied; with P and W where `whole`. On failure it is empty. */
ptl_status ptl__basis_init(ptl__basis *basis, ptl_linop *A, ptl_linop *B, const ptl_vector *X,
                           int whole) PTL_MUST_USE;
void ptl__basis_clear(ptl__basis *basis);

/* (L) From now on W has that many columns. */
void ptl__basis_search(ptl__basis *basis, int64_t columns);
/* Columns of S, AS or BS, by sections. */
ptl__block ptl__basis_columns(const ptl_vector *v, int64_t first, int64_t count);

/* (C) X and W times A and B; a failure is noted. */
void ptl__basis_products(ptl__basis *basis, const ptl_vector *of, ptl__reducer *reducer);
/* This rank's part of S^H A S and S^H B S, into the reduction that has begun; returns it. */
double *ptl__basis_grams(const ptl__basis *basis, ptl__reducer *reducer);
/* (L) X and P become S coefs, as ritz has found; W is empty. */
void ptl__basis_rotate(ptl__basis *basis, const ptl__ritz *ritz);

/* (C) X, alone, becomes its Ritz vectors, unless ritz->trouble says why not. */
ptl_status ptl__basis_start(ptl__basis *basis, ptl__ritz *ritz, ptl__reducer *reducer) PTL_MUST_USE;
/* What a start's trouble means to the caller, `name` being what the columns are called. */
ptl_status ptl__basis_explain(ptl_reason trouble, const ptl_vector *X,
                              const char *name) PTL_MUST_USE;

#endif
