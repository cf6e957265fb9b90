/* Preconditioner factories. */
#ifndef PETIOLE_PRECOND_H
#define PETIOLE_PRECOND_H

#include <petiole/export.h>
#include <petiole/factory.h>
#include <petiole/status.h>

PTL_BEGIN_DECLS

/* Zero-initialise it and set what matters. */
typedef struct ptl_jacobi_options {
    int64_t block_size; /* 1, the default, is the only one so far: else PTL_NOT_SUPPORTED */
} ptl_jacobi_options;

/* (L) Jacobi: M = diag(A)^-1 (Saad, Iterative Methods for Sparse Linear Systems, 2nd ed., 10.2).
 * generate is PTL_INVALID, with the global row, where a diagonal entry is 0 or not finite, and
 * PTL_NOT_SUPPORTED where A cannot give its diagonal (user code). options may be NULL. */
PTL_API ptl_status ptl_jacobi_factory(const ptl_jacobi_options *options,
                                      ptl_factory **out) PTL_MUST_USE;

PTL_END_DECLS

#endif
