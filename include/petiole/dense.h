/* Dense matrices on one process, row-major. */
#ifndef PETIOLE_DENSE_H
#define PETIOLE_DENSE_H

#include <petiole/exec.h>
#include <petiole/export.h>
#include <petiole/linop.h>
#include <petiole/status.h>
#include <petiole/types.h>

PTL_BEGIN_DECLS

typedef struct ptl_dense ptl_dense;

/* rows x cols values, row-major, ld from row to row. */
typedef struct ptl_dense_arrays {
    int64_t rows, cols, ld; /* ld >= cols */
    ptl_dtype dtype;
    void *values;
} ptl_dense_arrays;

/* (L) From a host array, copied. PTL_INVALID if values is NULL or not aligned, or ld is less than
 * cols. */
PTL_API ptl_status ptl_dense_copy_of(ptl_exec *exec, const ptl_dense_arrays *arrays,
                                     ptl_dense **out) PTL_MUST_USE;

/* (L) A matrix that uses the caller's array (executor memory) without a copy, checked as above.
 * `release(ctx)`, unless release is NULL, is called once when the matrix is destroyed, or at once
 * on failure; the array must stay valid until then. */
PTL_API ptl_status ptl_dense_view(ptl_exec *exec, const ptl_dense_arrays *arrays,
                                  void (*release)(void *ctx), void *ctx,
                                  ptl_dense **out) PTL_MUST_USE;

/* (L) The array of A, borrowed: it lives as long as A. */
PTL_API ptl_dense_arrays ptl_dense_get_arrays(const ptl_dense *A);

/* (L) The same object as an operator, and back (NULL if A is not a ptl_dense); borrowed. */
PTL_API ptl_linop *ptl_dense_linop(ptl_dense *A);
PTL_API ptl_dense *ptl_linop_as_dense(ptl_linop *A);

PTL_API ptl_dense *ptl_dense_retain(ptl_dense *A);
PTL_API void ptl_dense_release(ptl_dense **A);

PTL_END_DECLS

#endif
