/* Compressed sparse rows (CSR) on one process: an operator over the self communicator, and the
 * format of a distributed matrix's blocks. */
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

/* (L) From host arrays, copied. Indices become 64-bit if a size or the number of entries exceeds
 * 2^31 - 1. PTL_INVALID if an array is NULL or not aligned, or indptr does not begin with 0 or
 * decreases; PTL_INDEX if a column is outside [0, cols): the message gives row, position and value.
 */
PTL_API ptl_status ptl_csr_copy_of(ptl_exec *exec, const ptl_csr_arrays *arrays,
                                   ptl_csr **out) PTL_MUST_USE;

/* (L) A matrix that uses the caller's arrays (executor memory) without a copy, checked as above.
 * `release(ctx)`, unless release is NULL, is called once when the matrix is destroyed, or at once
 * on failure; the arrays must stay valid until then. */
PTL_API ptl_status ptl_csr_view(ptl_exec *exec, const ptl_csr_arrays *arrays,
                                void (*release)(void *ctx), void *ctx, ptl_csr **out) PTL_MUST_USE;

/* (L) The arrays of A, borrowed: they live as long as A. */
PTL_API ptl_csr_arrays ptl_csr_get_arrays(const ptl_csr *A);
PTL_API int64_t ptl_csr_nnz(const ptl_csr *A);
/* (L) Copies the diagonal to host memory at `out`: min(rows, cols) elements of A's dtype; 0 where
 * no entry is stored. */
PTL_API ptl_status ptl_csr_diagonal(const ptl_csr *A, void *out) PTL_MUST_USE;

/* (L) The same object as an operator, and back (NULL if A is not a ptl_csr); borrowed. */
PTL_API ptl_linop *ptl_csr_linop(ptl_csr *A);
PTL_API ptl_csr *ptl_linop_as_csr(ptl_linop *A);

PTL_API ptl_csr *ptl_csr_retain(ptl_csr *A);
PTL_API void ptl_csr_release(ptl_csr **A);

PTL_END_DECLS

#endif
