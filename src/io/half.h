/* Files as vectors and matrices of halves: they are read as float64, and rounded at the end. */
#ifndef PTL_IO_HALF_H
#define PTL_IO_HALF_H

#include <petiole/matrix.h>
#include <petiole/vector.h>

/* What to read where `dtype` is asked for (-1: the file's). */
static inline int ptl__io_computing(int dtype)
{
    return dtype == PTL_F16 ? PTL_F64 : dtype;
}

/* (C) Where `dtype` is PTL_F16, the same on every rank, *v becomes a vector of halves, or *A a
 * matrix of them; on failure they stay what they are. */
ptl_status ptl__io_round_vector(int dtype, ptl_vector **v) PTL_MUST_USE;
ptl_status ptl__io_round_matrix(int dtype, ptl_matrix **A) PTL_MUST_USE;

#endif
