/* A matrix on one process by columns: what factorizations take. */
#ifndef PTL_FACTOR_COLUMNS_H
#define PTL_FACTOR_COLUMNS_H

#include "../distributed/local_block.h"

/* Rows ascend within a column, and none is there twice. */
typedef struct ptl__columns {
    int n;
    int *starts, *rows; /* n + 1; starts[n] */
    void *values;
} ptl__columns;

/* (L) A block's entries, of which there are no more than an int counts; those in one place become
 * their sum. PTL_INVALID where one is not finite, with its place. To be cleared, on failure too. */
ptl_status ptl__columns_init(const ptl__local_block *block, ptl__columns *c) PTL_MUST_USE;
void ptl__columns_clear(ptl__columns *c);

#endif
