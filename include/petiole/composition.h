/* Operators made of operators: products, sums, and conversions to another precision. PTL_INVALID if
 * operators would nest deeper than PTL_MAX_DEPTH; transposes, solvers and preconditioners count. */
#ifndef PETIOLE_COMPOSITION_H
#define PETIOLE_COMPOSITION_H

#include <petiole/exec.h>
#include <petiole/export.h>
#include <petiole/linop.h>
#include <petiole/status.h>
#include <petiole/types.h>

PTL_BEGIN_DECLS

/* (L) A product: y = ops[0] ops[1] ... ops[count - 1] x. All are retained. They must live on one
 * communicator, have one dtype (PTL_F16 may be mixed with PTL_F32: the product is then of PTL_F32),
 * and each must have as many columns as the next has rows: else PTL_INVALID, PTL_DTYPE,
 * PTL_DIMENSION. count >= 1. A vector between two operators that both take any local size (user
 * code) gets x's local size; if the local sizes then do not sum to its global size, applying the
 * product is PTL_DIMENSION. Kind "composition". */
PTL_API ptl_status ptl_composition_create(int count, ptl_linop *const *ops,
                                          ptl_linop **out) PTL_MUST_USE;

/* (L) A sum: y = coefs[0] ops[0] x + ... + coefs[count - 1] ops[count - 1] x. coefs: `count`
 * doubles, or ptl_c128 where the operators' dtype is complex; in host memory, copied. The operators
 * must satisfy the same conditions, and have one shape. Kind "combination". */
PTL_API ptl_status ptl_combination_create(int count, const void *coefs, ptl_linop *const *ops,
                                          ptl_linop **out) PTL_MUST_USE;

/* (L) A as an operator on vectors of another dtype: x is converted to A's dtype and A x is
 * converted back, so the product has the range and precision of A's dtype. A is retained. If
 * `dtype` is A's, *out is A. PTL_DTYPE if one dtype is real and the other complex,
 * PTL_NOT_SUPPORTED for PTL_F16. Kind "cast". */
PTL_API ptl_status ptl_cast(ptl_linop *A, ptl_dtype dtype, ptl_linop **out) PTL_MUST_USE;

/* (L) The number of operators that A is made of (0 if A is neither a composition nor a
 * combination), and the i-th of them, borrowed (NULL if i is out of range). */
PTL_API int ptl_composition_count(const ptl_linop *A);
PTL_API ptl_linop *ptl_composition_operator(ptl_linop *A, int i);

PTL_END_DECLS

#endif
