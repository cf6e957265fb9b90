/* Numbers that look random and are the same in every run: of (rank, local row, column, k), so that
 * they depend on no order. */
#ifndef PTL_SOLVER_RANDOM_H
#define PTL_SOLVER_RANDOM_H

#include "../base/vector.h"

/* (L) Elements between -1 and 1 (both parts, where complex) of the k-th such vector. Cannot fail on
 * the host. */
ptl_status ptl__random_fill(ptl_vector *v, uint64_t k) PTL_MUST_USE;

#endif
