/* Operators made of operators: products, sums, and one in another precision. They nest
 * PTL_MAX_DEPTH deep, with transposes, solvers and preconditioners: PTL_INVALID where one would be
 * deeper. */
#ifndef PETIOLE_COMPOSITION_H
#define PETIOLE_COMPOSITION_H

#include <petiole/exec.h>
#include <petiole/export.h>
#include <petiole/linop.h>
#include <petiole/status.h>
#include <petiole/types.h>

PTL_BEGIN_DECLS

/* (L) A product: y = ops[0] ops[1] ... ops[count - 1] x. All are retained, live on one communicator
 * and have one dtype (PTL_F16 goes with PTL_F32, which the product then has), and each takes what
 * the next gives: else PTL_INVALID, PTL_DTYPE, PTL_DIMENSION. count >= 1. Vectors between two
 * operators that both take any local size (user code) get x's local size: PTL_DIMENSION in the
 * product where that does not add up. Kind "composition". */
PTL_API ptl_status ptl_composition_create(int count, ptl_linop *const *ops,
                                          ptl_linop **out) PTL_MUST_USE;

/* (L) A sum: y = coefs[0] ops[0] x + ... + coefs[count - 1] ops[count - 1] x. coefs: `count`
 * doubles, or ptl_c128 where the operators' dtype is complex; host memory, copied. The operators as
 * above, all of one shape. Kind "combination". */
PTL_API ptl_status ptl_combination_create(int count, const void *coefs, ptl_linop *const *ops,
                                          ptl_linop **out) PTL_MUST_USE;

/* (L) A on vectors of another dtype: x is converted to A's dtype, and A x back, whose range and
 * precision the product has. A is retained; of A's own dtype it is A itself. PTL_DTYPE where one of
 * both is real and the other complex, PTL_NOT_SUPPORTED for PTL_F16. Kind "cast". */
PTL_API ptl_status ptl_cast(ptl_linop *A, ptl_dtype dtype, ptl_linop **out) PTL_MUST_USE;

/* (L) How many operators A is made of (0: it is no composition or combination), and the i-th,
 * borrowed (NULL where there is none). */
PTL_API int ptl_composition_count(const ptl_linop *A);
PTL_API ptl_linop *ptl_composition_operator(ptl_linop *A, int i);

PTL_END_DECLS

#endif
