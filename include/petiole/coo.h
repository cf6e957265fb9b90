/* Coordinate format (COO) on one process: a row, a column and a value per entry. Entries may be in
 * any order; products run in parallel if they are sorted by row. */
#ifndef PETIOLE_COO_H
#define PETIOLE_COO_H

#include <petiole/exec.h>
#include <petiole/export.h>
#include <petiole/linop.h>
#include <petiole/status.h>
#include <petiole/types.h>

PTL_BEGIN_DECLS

typedef struct ptl_coo ptl_coo;

/* nnz rows, columns and values; duplicates count twice. */
typedef struct ptl_coo_arrays {
    int64_t rows, cols, nnz;
    ptl_dtype dtype;
    ptl_itype itype; /* of row_indices and col_indices */
    const void *row_indices, *col_indices, *values;
} ptl_coo_arrays;

/* (L) From host arrays, copied. Indices become 64-bit if a size or the number of entries exceeds
 * 2^31 - 1. PTL_INVALID if an array is NULL or not aligned; PTL_INDEX if an index is out of range:
 * the message gives position and value. */
PTL_API ptl_status ptl_coo_copy_of(ptl_exec *exec, const ptl_coo_arrays *arrays,
                                   ptl_coo **out) PTL_MUST_USE;

/* (L) A matrix that uses the caller's arrays (executor memory) without a copy, checked as above.
 * `release(ctx)`, unless release is NULL, is called once when the matrix is destroyed, or at once
 * on failure; the arrays must stay valid until then. */
PTL_API ptl_status ptl_coo_view(ptl_exec *exec, const ptl_coo_arrays *arrays,
                                void (*release)(void *ctx), void *ctx, ptl_coo **out) PTL_MUST_USE;

/* (L) The arrays of A, borrowed: they live as long as A. */
PTL_API ptl_coo_arrays ptl_coo_get_arrays(const ptl_coo *A);

/* (L) The same object as an operator, and back (NULL if A is not a ptl_coo); borrowed. */
PTL_API ptl_linop *ptl_coo_linop(ptl_coo *A);
PTL_API ptl_coo *ptl_linop_as_coo(ptl_linop *A);

PTL_API ptl_coo *ptl_coo_retain(ptl_coo *A);
PTL_API void ptl_coo_release(ptl_coo **A);

PTL_END_DECLS

#endif
