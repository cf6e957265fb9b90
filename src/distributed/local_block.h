/* The local block of an operator: the rows and columns that this rank owns, which is what
 * preconditioners are made of. */
#ifndef PTL_DISTRIBUTED_LOCAL_BLOCK_H
#define PTL_DISTRIBUTED_LOCAL_BLOCK_H

#include <petiole/csr.h>
#include <petiole/linop.h>
#include <petiole/matrix.h>

#include "../base/linop.h"
#include "matrix.h"

typedef struct ptl__local_block {
    ptl_linop *whole; /* the operator; borrowed */
    ptl_csr *A;       /* on the host; square; columns ascend in a row, and none is there twice */
    ptl__ghost_block ghost; /* of a matrix, on the host; else without rows */
} ptl__local_block;

/* (L) Of a matrix, or of a local format; halves are widened to floats. `A` may be the operator's
 * own: it is not to be changed.
 * PTL_DIMENSION where it is not square, PTL_NOT_SUPPORTED where there are no entries; `user` is
 * who wants it, for messages ("Jacobi"). To be closed, on failure too. */
ptl_status ptl__local_block_open(ptl_linop *whole, const char *user,
                                 ptl__local_block *out) PTL_MUST_USE;
void ptl__local_block_close(ptl__local_block *block);

/* (L) The local block as CSR, or made one: a new reference. PTL_NOT_SUPPORTED where it is no local
 * format. */
ptl_status ptl__matrix_local_csr(ptl_matrix *A, ptl_csr **out) PTL_MUST_USE;

/* (L) That A, whose values are to refresh something, has the pattern of what that was generated
 * from (ptl__csr_pattern of its local block): PTL_INVALID else. */
ptl_status ptl__pattern_check(const ptl_csr *A, uint64_t pattern) PTL_MUST_USE;

/* (L) The global number of a local row of an operator, for messages. */
int64_t ptl__global_row(const ptl_linop *whole, int64_t local);
/* (L) What an operator that maps the operator's vectors to each other tells the base; its dtype is
 * the one that the operator's is computed in. */
ptl__linop_spec ptl__spec_like(const ptl_linop *whole);

#endif
