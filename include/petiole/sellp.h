/* Sliced ELLPACK on one process: the rows are divided into slices of slice_size rows, each as wide
 * as its longest row (Monakov, Lokhmotov, Avetisyan: Automatically Tuning Sparse Matrix-Vector
 * Multiplication for GPU Architectures, HiPEAC 2010). */
#ifndef PETIOLE_SELLP_H
#define PETIOLE_SELLP_H

#include <petiole/exec.h>
#include <petiole/export.h>
#include <petiole/linop.h>
#include <petiole/status.h>
#include <petiole/types.h>

PTL_BEGIN_DECLS

typedef struct ptl_sellp ptl_sellp;

/* Slice s holds the rows from s * slice_size; entry k of row i in it is at
 * (slice_sets[s] + k) * slice_size + i - s * slice_size, for k < slice_sets[s + 1] - slice_sets[s].
 * Index -1 is padding, whose value is never read. */
typedef struct ptl_sellp_arrays {
    int64_t rows, cols, slice_size;
    ptl_dtype dtype;
    ptl_itype itype;              /* of indices */
    const int64_t *slice_sets;    /* slices + 1, from 0 */
    const void *indices, *values; /* slice_sets[slices] * slice_size */
} ptl_sellp_arrays;

/* (L) From host arrays, copied. Indices become 64-bit if a size or the number of entries exceeds
 * 2^31 - 1. PTL_INVALID if an array is NULL or not aligned, slice_size is not positive or
 * slice_sets decreases; PTL_INDEX as for ptl_ell_copy_of. */
PTL_API ptl_status ptl_sellp_copy_of(ptl_exec *exec, const ptl_sellp_arrays *arrays,
                                     ptl_sellp **out) PTL_MUST_USE;

/* (L) A matrix that uses the caller's arrays (executor memory) without a copy, checked as above.
 * `release(ctx)`, unless release is NULL, is called once when the matrix is destroyed, or at once
 * on failure; the arrays must stay valid until then. */
PTL_API ptl_status ptl_sellp_view(ptl_exec *exec, const ptl_sellp_arrays *arrays,
                                  void (*release)(void *ctx), void *ctx,
                                  ptl_sellp **out) PTL_MUST_USE;

/* (L) The arrays of A, borrowed: they live as long as A. */
PTL_API ptl_sellp_arrays ptl_sellp_get_arrays(const ptl_sellp *A);

/* (L) The same object as an operator, and back (NULL if A is not a ptl_sellp); borrowed. */
PTL_API ptl_linop *ptl_sellp_linop(ptl_sellp *A);
PTL_API ptl_sellp *ptl_linop_as_sellp(ptl_linop *A);

PTL_API ptl_sellp *ptl_sellp_retain(ptl_sellp *A);
PTL_API void ptl_sellp_release(ptl_sellp **A);

PTL_END_DECLS

#endif
