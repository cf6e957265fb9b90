/* The l1 correction: what a row has outside of its block goes to the diagonal, in absolute value
 * and with the diagonal entry's own sign or phase. */
#ifndef PTL_PRECOND_L1_H
#define PTL_PRECOND_L1_H

#include "../distributed/local_block.h"

/* (L) sums[i], of each local row of block->whole: the sum of the absolute values of what it has
 * outside of its block, in the columns of other ranks too. There are `count` blocks, of rows
 * starts[b] .. starts[b + 1]; starts NULL: of one row each. */
void ptl__l1_sums(const ptl__local_block *block, int64_t count, const int64_t *starts,
                  double *sums);
/* (L) d[i] += sums[i], with d[i]'s own phase; a zero stays zero. `count` elements of `dtype`. */
void ptl__l1_enlarge(ptl_dtype dtype, int64_t count, const double *sums, void *d);

#endif
