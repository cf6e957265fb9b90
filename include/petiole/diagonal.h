/* Diagonal operators, and the identity. */
#ifndef PETIOLE_DIAGONAL_H
#define PETIOLE_DIAGONAL_H

#include <petiole/comm.h>
#include <petiole/exec.h>
#include <petiole/export.h>
#include <petiole/linop.h>
#include <petiole/status.h>
#include <petiole/types.h>
#include <petiole/vector.h>

PTL_BEGIN_DECLS

/* (L) y = D x, where d's one column holds the diagonal of D; on d's communicator. d is retained,
 * and changes of d change D; so d may not be the result of a product that D is a part of.
 * PTL_DIMENSION if d has several columns. A diagonal of PTL_F16 computes in float. D is its own
 * transpose. Kind "diagonal". */
PTL_API ptl_status ptl_diagonal_create(ptl_vector *d, ptl_linop **out) PTL_MUST_USE;
/* (L) The vector that D was made of, borrowed; NULL if D is of another kind. */
PTL_API ptl_vector *ptl_diagonal_vector(ptl_linop *D);

/* (C) y = x, for vectors of `rows` global rows (-1: the sum of local_rows) and local_rows on this
 * rank. Like a matrix, it also takes vectors of a dtype other than `dtype`. PTL_DIMENSION if `rows`
 * is not the sum of local_rows, PTL_INVALID if a size is negative, PTL_DTYPE if dtype is unknown,
 * PTL_NOT_SUPPORTED for PTL_F16. Kind "identity". */
PTL_API ptl_status ptl_identity_create(ptl_comm *comm, ptl_exec *exec, int64_t rows,
                                       int64_t local_rows, ptl_dtype dtype,
                                       ptl_linop **out) PTL_MUST_USE;

PTL_END_DECLS

#endif
