/* Compressed sparse rows on one process: the local blocks of a distributed matrix, and an operator
 * of its own over the self communicator. */
#ifndef PETIOLE_CSR_H
#define PETIOLE_CSR_H

#include <petiole/exec.h>
#include <petiole/export.h>
#include <petiole/linop.h>
#include <petiole/status.h>
#include <petiole/types.h>

PTL_BEGIN_DECLS

typedef struct ptl_csr ptl_csr;

/* The three arrays of a CSR matrix: indptr of rows + 1, indices and values of indptr[rows] entries.
 * Columns need not be sorted within a row; duplicates count twice. */
typedef struct ptl_csr_arrays {
    int64_t rows, cols;
    ptl_dtype dtype;
    ptl_itype itype; /* of indptr and indices */
    const void *indptr, *indices, *values;
} ptl_csr_arrays;

/* (L) From host arrays, copied. Indices are widened by themselves where the sizes or the number of
 * entries pass 2^31 - 1. PTL_INVALID where an array is NULL or not aligned, or indptr does not
 * begin with 0 or decreases; PTL_INDEX where a column is outside [0, cols); the message has row,
 * position and value. */
PTL_API ptl_status ptl_csr_copy_of(ptl_exec *exec, const ptl_csr_arrays *arrays,
                                   ptl_csr **out) PTL_MUST_USE;

/* (L) The same arrays, in the executor's memory, checked as above. `release(ctx)`, where given, is
 * called once when the matrix ends, or at once on failure; until then the arrays stay valid. */
PTL_API ptl_status ptl_csr_view(ptl_exec *exec, const ptl_csr_arrays *arrays,
                                void (*release)(void *ctx), void *ctx, ptl_csr **out) PTL_MUST_USE;

/* (L) Its arrays, borrowed: they live as long as A. */
PTL_API ptl_csr_arrays ptl_csr_get_arrays(const ptl_csr *A);
PTL_API int64_t ptl_csr_nnz(const ptl_csr *A);
/* (L) The diagonal into host memory: min(rows, cols) elements of A's dtype; 0 where no entry is. */
PTL_API ptl_status ptl_csr_diagonal(const ptl_csr *A, void *out) PTL_MUST_USE;

/* (L) The same object as an operator; borrowed. And back: NULL where A is no ptl_csr; borrowed. */
PTL_API ptl_linop *ptl_csr_linop(ptl_csr *A);
PTL_API ptl_csr *ptl_linop_as_csr(ptl_linop *A);

PTL_API ptl_csr *ptl_csr_retain(ptl_csr *A);
PTL_API void ptl_csr_release(ptl_csr **A);

PTL_END_DECLS

#endif
