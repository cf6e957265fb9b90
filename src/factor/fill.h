/* Levels of fill: which entries the factors of an incomplete factorization have. */
#ifndef PTL_FACTOR_FILL_H
#define PTL_FACTOR_FILL_H

#include <stdint.h>

#include <petiole/status.h>
#include <petiole/types.h>

/* The patterns of L and U beside their diagonals, row by row with ascending columns; of A's itype.
 */
typedef struct ptl__fill {
    int64_t rows;
    ptl_itype itype;
    int64_t lower_nnz, upper_nnz;
    int64_t *lower_indptr, *upper_indptr; /* rows + 1 */
    void *lower, *upper;                  /* columns */
} ptl__fill;

/* (L) Of an A with ascending columns: an entry is kept where its level, the length of the shortest
 * fill path to it less one, is at most `level` (Saad, Iterative Methods for Sparse Linear Systems,
 * 2nd ed., section 10.3.3). To be cleared, on failure too. */
ptl_status ptl__fill_init(int64_t rows, ptl_itype itype, const void *indptr, const void *indices,
                          int64_t level, ptl__fill *fill) PTL_MUST_USE;
void ptl__fill_clear(ptl__fill *fill);

#endif
