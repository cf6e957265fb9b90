/* The constraints of lobpcg: the columns of Y, which may depend on one another and be of any size,
 * become Q, which is orthonormal in the inner product of B. */
#ifndef PTL_EIGEN_CONSTRAINTS_H
#define PTL_EIGEN_CONSTRAINTS_H

#include "basis.h"

typedef struct ptl__constraints {
    const ptl_vector *Y;       /* borrowed; NULL: none */
    double *exponents, *norms; /* per column y: sqrt(y^H B y) is norm times 2^exponent */
} ptl__constraints;

/* (L) Room for what is kept of Y, NULL being none. */
ptl_status ptl__constraints_init(ptl__constraints *c, const ptl_vector *Y) PTL_MUST_USE;
void ptl__constraints_clear(ptl__constraints *c);
static inline int64_t ptl__constraints_count(const ptl__constraints *c)
{
    return c->Y ? c->Y->columns : 0;
}

/* (C) The basis's Q, its products, and ritz's Q^H A Q. B is ready for one column. */
ptl_status ptl__constraints_build(ptl__constraints *c, ptl__basis *basis, ptl__ritz *ritz,
                                  ptl__reducer *reducer) PTL_MUST_USE;
/* (C) X leaves the space of the constraints; PTL_INVALID where a column lies in it. B is ready for
 * X. squares: room for one double a column. */
ptl_status ptl__constraints_leave(ptl__basis *basis, const ptl__ritz *ritz, double *squares,
                                  ptl__reducer *reducer) PTL_MUST_USE;
/* This rank's part of Y^H B X, into the reduction that has begun. */
double *ptl__constraints_overlaps(const ptl__constraints *c, const ptl__basis *basis,
                                  ptl__reducer *reducer);
/* (L) Whether column j of X is orthogonal to Y, by what was reduced. */
int ptl__constraints_hold(const ptl__constraints *c, const ptl__basis *basis, ptl__units units,
                          const double *overlaps, int64_t j);

#endif
