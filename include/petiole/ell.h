/* ELLPACK on one process. Every row has room for as many entries as the longest row, and the arrays
 * are stored column by column, so that entries of neighbouring rows are neighbours in memory
 * (Grimes, Kincaid, Young: ITPACK 2.0 User's Guide). */
#ifndef PETIOLE_ELL_H
#define PETIOLE_ELL_H

#include <petiole/exec.h>
#include <petiole/export.h>
#include <petiole/linop.h>
#include <petiole/status.h>
#include <petiole/types.h>

PTL_BEGIN_DECLS

typedef struct ptl_ell ptl_ell;

/* Entry k of row i is at k * stride + i, for k < width; index -1 is padding, whose value is never
 * read. */
typedef struct ptl_ell_arrays {
    int64_t rows, cols, width, stride; /* stride >= rows */
    ptl_dtype dtype;
    ptl_itype itype;
    const void *indices, *values;
} ptl_ell_arrays;

/* (L) From host arrays, copied. Indices become 64-bit if a size or the number of entries exceeds
 * 2^31 - 1. PTL_INVALID if an array is NULL or not aligned, or a size does not fit; PTL_INDEX if a
 * column is neither -1 nor in range: the message gives row, entry and value. */
PTL_API ptl_status ptl_ell_copy_of(ptl_exec *exec, const ptl_ell_arrays *arrays,
                                   ptl_ell **out) PTL_MUST_USE;

/* (L) A matrix that uses the caller's arrays (executor memory) without a copy, checked as above.
 * `release(ctx)`, unless release is NULL, is called once when the matrix is destroyed, or at once
 * on failure; the arrays must stay valid until then. */
PTL_API ptl_status ptl_ell_view(ptl_exec *exec, const ptl_ell_arrays *arrays,
                                void (*release)(void *ctx), void *ctx, ptl_ell **out) PTL_MUST_USE;

/* (L) The arrays of A, borrowed: they live as long as A. */
PTL_API ptl_ell_arrays ptl_ell_get_arrays(const ptl_ell *A);

/* (L) The same object as an operator, and back (NULL if A is not a ptl_ell); borrowed. */
PTL_API ptl_linop *ptl_ell_linop(ptl_ell *A);
PTL_API ptl_ell *ptl_linop_as_ell(ptl_linop *A);

PTL_API ptl_ell *ptl_ell_retain(ptl_ell *A);
PTL_API void ptl_ell_release(ptl_ell **A);

PTL_END_DECLS

#endif
