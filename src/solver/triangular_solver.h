/* What lower_trs and upper_trs share. */
#ifndef PTL_SOLVER_TRIANGULAR_SOLVER_H
#define PTL_SOLVER_TRIANGULAR_SOLVER_H

#include "solver.h"

/* The methods' slots; triangle: see factor/triangular.h. */
ptl_status ptl__trs_precond(const ptl_solver_options *options, int triangle, ptl_linop *A,
                            ptl_linop **out) PTL_MUST_USE;
ptl_status ptl__trs_system(const ptl_solver_options *options, ptl_linop *A,
                           ptl_linop **out) PTL_MUST_USE;

extern const ptl_param ptl__trs_params[];

#endif
