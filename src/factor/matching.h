/* Whether every column of a square pattern can have a pivot. */
#ifndef PTL_FACTOR_MATCHING_H
#define PTL_FACTOR_MATCHING_H

#include <stdint.h>

#include <petiole/status.h>

/* (L) For n columns whose rows are rows[starts[j] .. starts[j + 1]): *column is one that no choice
 * of pivots, each in a row of its own, leaves one for; -1 where all have one. */
ptl_status ptl__unmatched_column(int n, const int *starts, const int *rows,
                                 int *column) PTL_MUST_USE;

#endif
