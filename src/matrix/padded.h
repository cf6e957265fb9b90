/* What ELLPACK and sliced ELLPACK share: arrays with padding, into which the rows of a CSR go. */
#ifndef PTL_MATRIX_PADDED_H
#define PTL_MATRIX_PADDED_H

#include "csr.h"

typedef struct ptl__padded {
    ptl_itype itype;
    ptl_dtype dtype;
    void *indices, *values;
} ptl__padded;

/* (L) Allocates both arrays, in host memory: `slots` times padding, with the value 0. What was
 * allocated is in p, also on failure. */
ptl_status ptl__padded_alloc(int64_t slots, ptl__padded *p) PTL_MUST_USE;
/* Puts entry k of A's row at first + k * step. */
void ptl__padded_put_row(const ptl__padded *p, int64_t first, int64_t step, const ptl_csr *A,
                         int64_t row);

/* The most entries that one of A's rows [begin, end) has. */
int64_t ptl__csr_longest_row(const ptl_csr *A, int64_t begin, int64_t end);

#endif
