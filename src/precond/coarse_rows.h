/* Rows of a coarse matrix that are rounding. */
#ifndef PTL_PRECOND_COARSE_ROWS_H
#define PTL_PRECOND_COARSE_ROWS_H

#include <petiole/matrix.h>

/* (C) Makes zero the rows of A_0 = R A R^H whose entries are no more than the rounding of the sums
 * that they are: of a Neumann problem an aggregate without neighbours has such a row, which whoever
 * takes it for numbers divides by. R's entries are those of aggregates, ones. */
ptl_status ptl__coarse_drop_rounding(ptl_matrix *R, ptl_linop *A, ptl_matrix *A_0) PTL_MUST_USE;

#endif
