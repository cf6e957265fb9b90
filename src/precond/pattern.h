/* Patterns: where a matrix has entries. */
#ifndef PTL_PRECOND_PATTERN_H
#define PTL_PRECOND_PATTERN_H

#include <petiole/csr.h>

typedef struct ptl__pattern_csr {
    ptl_itype itype;
    int64_t rows, nnz;
    void *indptr, *indices; /* the executor's memory; columns ascend */
} ptl__pattern_csr;

/* (L) The pattern of (I + |A|)^power, A square and `power` at least 1; its lower triangle alone
 * where lower is not 0. To be cleared, on failure too. */
ptl_status ptl__pattern_power(ptl_csr *A, int64_t power, int lower,
                              ptl__pattern_csr *out) PTL_MUST_USE;
void ptl__pattern_csr_clear(ptl__pattern_csr *pattern);

#endif
