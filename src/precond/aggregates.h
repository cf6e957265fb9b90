/* Aggregates: neighbouring rows that are one row of the coarse level. */
#ifndef PTL_PRECOND_AGGREGATES_H
#define PTL_PRECOND_AGGREGATES_H

#include <petiole/linop.h>
#include <petiole/matrix.h>

/* (C) R, of A's dtype, whose row for an aggregate is 1 in the columns of its rows: about `size` of
 * a rank's own rows each. A row that no other row's unknown enters is in none. `A` is a matrix, or
 * on one process. Fails on all ranks or none. */
ptl_status ptl__aggregates_restriction(ptl_matrix *A, int64_t size, ptl_matrix **out) PTL_MUST_USE;

#endif
