/* ELLPACK on one process: every row has room for the entries of the longest one, column by column,
 * so that neighbouring rows lie side by side (Grimes, Kincaid, Young: ITPACK 2.0 User's Guide). */
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

/* (L) From host arrays, copied. Indices are widened by themselves where the sizes or the number of
 * entries pass 2^31 - 1. PTL_INVALID where an array is NULL or not aligned, or a size does not
 * fit; PTL_INDEX where a column is neither -1 nor in range: the message has row, entry and value.
 */
PTL_API ptl_status ptl_ell_copy_of(ptl_exec *exec, const ptl_ell_arrays *arrays,
                                   ptl_ell **out) PTL_MUST_USE;

/* (L) The same arrays, in the executor's memory, checked as above. `release(ctx)`, where given, is
 * called once when the matrix ends, or at once on failure; until then the arrays stay valid. */
PTL_API ptl_status ptl_ell_view(ptl_exec *exec, const ptl_ell_arrays *arrays,
                                void (*release)(void *ctx), void *ctx, ptl_ell **out) PTL_MUST_USE;

/* (L) Its arrays, borrowed: they live as long as A. */
PTL_API ptl_ell_arrays ptl_ell_get_arrays(const ptl_ell *A);

/* (L) The same object as an operator; borrowed. And back: NULL where A is no ptl_ell; borrowed. */
PTL_API ptl_linop *ptl_ell_linop(ptl_ell *A);
PTL_API ptl_ell *ptl_linop_as_ell(ptl_linop *A);

PTL_API ptl_ell *ptl_ell_retain(ptl_ell *A);
PTL_API void ptl_ell_release(ptl_ell **A);

PTL_END_DECLS

#endif
