/* Jacobi with blocks of more rows than one. */
#ifndef PTL_PRECOND_BLOCK_JACOBI_H
#define PTL_PRECOND_BLOCK_JACOBI_H

#include "precond.h"

/* (L) As ptl__preconditioner.generate; kind "jacobi". The options are copied. */
ptl_status ptl__block_jacobi_create(const ptl_jacobi_options *options, ptl_linop *A,
                                    ptl_linop **out) PTL_MUST_USE;

#endif
