/* Rows for the columns of a matrix such that the entries there are large. */
#ifndef PTL_FACTOR_BEST_MATCHING_H
#define PTL_FACTOR_BEST_MATCHING_H

#include "../distributed/local_block.h"

/* (L) For a block A, n rows: row_of[j] is the row whose entry in column j is chosen, such that the
 * product of their absolute values is as large as it can be. With scales, which may be NULL, 2 n
 * numbers: scales[i] |a_ij| scales[n + j] is at most 1, but for rounding, and 1 for the chosen
 * entries. PTL_INVALID where A is structurally singular, with a column (but where `partial` is not
 * 0: then columns that are left get the rows that are), and where an entry is not finite, with its
 * place. */
ptl_status ptl__best_matching(const ptl__local_block *block, int partial, int64_t *row_of,
                              double *scales) PTL_MUST_USE;

#endif
