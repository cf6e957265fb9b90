/* The ends of the spectrum of M A, estimated inside a solve. */
#ifndef PTL_SOLVER_ESTIMATE_H
#define PTL_SOLVER_ESTIMATE_H

#include "solver.h"

/* (C) At most `steps` steps of conjugate gradients on a pseudo-random vector that the rank and the
 * row alone decide; their coefficients are the Lanczos matrix of M A (Saad, 2nd ed., section
 * 6.7.3), whose extreme eigenvalues are widened by what estimate.c says. Uses s->work[0 .. 2],
 * s->coef[0 .. 1] and 2 steps of s->scratch; s->r is b - A x again at the end. *definite is 0, and
 * the running columns are stopped with their reason, where A or M is not positive definite. Fails
 * on every rank or on none. */
ptl_status ptl__estimate_spectrum(ptl__solve *s, int64_t steps, double bounds[2],
                                  int *definite) PTL_MUST_USE;

/* (L) The least (which 0) or largest (1) eigenvalue of the symmetric tridiagonal matrix with the
 * diagonal d[0 .. n - 1] and beside it e[0 .. n - 2]; n >= 1. */
double ptl__tridiagonal_extreme(int64_t n, const double *d, const double *e, int which);

#endif
