/* Matrices on their way to exact factors, scaled so that pivots can be judged. */
#ifndef PTL_FACTOR_EQUILIBRATED_H
#define PTL_FACTOR_EQUILIBRATED_H

#include "../distributed/local_block.h"

/* A square matrix by columns; starts and rows are NULL where it is dense. */
typedef struct ptl__by_columns {
    int n;
    ptl_dtype dtype;
    const int *starts, *rows;
    void *values;
} ptl__by_columns;

/* Entry (i, j) of what is factorized is 2^(rows[i] + cols[j]) times A's. */
typedef struct ptl__equilibrated {
    int *rows, *cols;
    int sums_vanish; /* every row of A sums to zero, but for rounding */
    double tiny;     /* a pivot that is no larger is rounding */
} ptl__equilibrated;

/* (L) Scales A's rows and then its columns by powers of two so that the largest entry of each is
 * from 1 to 2, in place: so rows scaled by powers of two make the same matrix. To be cleared, on
 * failure too. */
ptl_status ptl__equilibrate(ptl__by_columns A, ptl__equilibrated *out) PTL_MUST_USE;
void ptl__equilibrated_clear(ptl__equilibrated *scaled);

/* (L) PTL_INVALID where the pivot of A's column `column`, whose modulus is `size`, is rounding,
 * with what to do. */
ptl_status ptl__check_pivot(const ptl_linop *whole, const ptl__equilibrated *scaled, double size,
                            int column) PTL_MUST_USE;

/* (L) PTL_INVALID where factors that are scaled back have overflowed. */
ptl_status ptl__check_factors(int overflow) PTL_MUST_USE;

#endif
