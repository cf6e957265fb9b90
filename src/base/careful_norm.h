/* 2-norms as careful as BLAS's nrm2, whose squares no double holds: see careful_norm.c. */
#ifndef PTL_BASE_CAREFUL_NORM_H
#define PTL_BASE_CAREFUL_NORM_H

#include "vector.h"

/* (C) squares: one per column, the sums over the ranks of |v_ij|^2 as norm2_squared made them.
 * Those that are 0, not finite, or too small to be accurate are summed once more, of v scaled by a
 * power of two: after it the sum of column j is squares[j] 4^-exponents[j]. One reduction for every
 * 64 columns among which there is such a one, else none, and no memory. */
ptl_status ptl__careful_squares(ptl_vector *v, double *squares, int *exponents) PTL_MUST_USE;

/* (C) The same sums become norms. */
ptl_status ptl__careful_norms(ptl_vector *v, double *squares) PTL_MUST_USE;

#endif
