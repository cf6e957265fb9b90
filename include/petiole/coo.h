/* Coordinates on one process: a row, a column and a value per entry. Entries may come in any order;
 * sorted by row they multiply in parallel. */
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

/* (L) From host arrays, copied. Indices are widened by themselves where the sizes or the number of
 * entries pass 2^31 - 1. PTL_INVALID where an array is NULL or not aligned; PTL_INDEX where an
 * index is out of range: the message has position and value. */
PTL_API ptl_status ptl_coo_copy_of(ptl_exec *exec, const ptl_coo_arrays *arrays,
                                   ptl_coo **out) PTL_MUST_USE;

/* (L) The same arrays, in the executor's memory, checked as above. `release(ctx)`, where given, is
 * called once when the matrix ends, or at once on failure; until then the arrays stay valid. */
PTL_API ptl_status ptl_coo_view(ptl_exec *exec, const ptl_coo_arrays *arrays,
                                void (*release)(void *ctx), void *ctx, ptl_coo **out) PTL_MUST_USE;

/* (L) Its arrays, borrowed: they live as long as A. */
PTL_API ptl_coo_arrays ptl_coo_get_arrays(const ptl_coo *A);

/* (L) The same object as an operator; borrowed. And back: NULL where A is no ptl_coo; borrowed. */
PTL_API ptl_linop *ptl_coo_linop(ptl_coo *A);
PTL_API ptl_coo *ptl_linop_as_coo(ptl_linop *A);

PTL_API ptl_coo *ptl_coo_retain(ptl_coo *A);
PTL_API void ptl_coo_release(ptl_coo **A);

PTL_END_DECLS

#endif
