/* The elimination of ILUT, row by row. */
#ifndef PTL_FACTOR_ILUT_ROWS_H
#define PTL_FACTOR_ILUT_ROWS_H

#include "factorization.h"

/* What it goes by. */
typedef struct ptl__ilut_rules {
    const ptl__local_block *block; /* for messages */
    const int64_t *p, *q;          /* how rows and columns are permuted; NULL: not */
    const double *scales; /* of the block's rows, and of its columns, with a matching; else NULL */
    double drop_tolerance, pivot_tolerance;
    int shift;
    int64_t most; /* entries of a row of L, and of one of U beside the diagonal */
} ptl__ilut_rules;

/* (L) The factors of A, the block permuted, whose index type is wide enough for them, and how many
 * pivots were shifted. PTL_INVALID, with the row, where an entry of A or a pivot is not finite, and
 * where a pivot is tiny and not to be shifted. */
ptl_status ptl__ilut_rows(const ptl__ilut_rules *rules, const ptl_csr *A,
                          ptl__factors *out) PTL_MUST_USE;

#endif
