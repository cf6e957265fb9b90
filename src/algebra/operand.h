/* A distributed matrix as the algebra of matrices reads it: its local block as CSR, whatever it is
 * stored in, and partitions, which a matrix made by from_local gets here. */
#ifndef PTL_ALGEBRA_OPERAND_H
#define PTL_ALGEBRA_OPERAND_H

#include "../distributed/local_block.h"
#include "../distributed/matrix.h"

typedef struct ptl__operand {
    ptl_matrix *whole; /* borrowed */
    ptl_matrix *A;     /* the same on the host */
    int marked;        /* 1: marked as busy by this operand */
    ptl_csr *local;    /* the local block of A */
    int64_t combined; /* columns of both blocks: local ones, then ghosts in the index map's order */
    ptl_partition *rows, *cols;
} ptl__operand;

/* (C) Marks `count` matrices as busy, agrees on `status` (of this rank, so far) and `signature`
 * (the caller's, which the matrices' own sizes, dtypes and partitions are mixed into), and makes
 * the partitions. Fails on all ranks or none; only PTL_BUSY is local. To be ended by close where it
 * succeeds. PTL_NOT_SUPPORTED where a local operator is not a local format, PTL_INVALID where the
 * matrices have different communicators. */
ptl_status ptl__operands_open(int count, ptl_matrix *const *matrices, ptl_status status,
                              int64_t signature, ptl__operand *out) PTL_MUST_USE;
void ptl__operands_close(int count, ptl__operand *operands);

/* (L) One matrix, which is not marked; to be ended by close, on failure too. PTL_NOT_SUPPORTED also
 * for a from_local matrix on several ranks: it does not know its place among the others. */
ptl_status ptl__operand_alone(ptl_matrix *A, ptl__operand *out) PTL_MUST_USE;

/* (L) The global index of each combined column; to be freed. */
ptl_status ptl__operand_names(const ptl__operand *operand, int64_t **out) PTL_MUST_USE;

/* Where a result lives that has this operand's rows, and these columns. */
ptl_matrix_layout ptl__operand_layout(const ptl__operand *operand, ptl_partition *rows,
                                      ptl_partition *cols);

#endif
