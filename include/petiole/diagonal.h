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

/* (L) y = D x for the diagonal that d's one column holds; on d's communicator. d is retained: new
 * values in it are new values of D, so a product that D is a part of does not go into d.
 * PTL_DIMENSION where d has several columns. Of PTL_F16 it stores halves, and computes in float.
 * Its transpose is itself. Kind "diagonal". */
PTL_API ptl_status ptl_diagonal_create(ptl_vector *d, ptl_linop **out) PTL_MUST_USE;
/* (L) Borrowed: D's diagonal; NULL where D is of another kind. */
PTL_API ptl_vector *ptl_diagonal_vector(ptl_linop *D);

/* (C) y = x, for vectors of `rows` rows in all (-1: the sum) and local_rows here, of dtype `dtype`
 * or another as a matrix takes it. PTL_DIMENSION where the sum is another, PTL_INVALID where a size
 * is negative, PTL_DTYPE where dtype is unknown, PTL_NOT_SUPPORTED for PTL_F16. Kind "identity". */
PTL_API ptl_status ptl_identity_create(ptl_comm *comm, ptl_exec *exec, int64_t rows,
                                       int64_t local_rows, ptl_dtype dtype,
                                       ptl_linop **out) PTL_MUST_USE;

PTL_END_DECLS

#endif
