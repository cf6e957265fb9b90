/* What gmres and fgmres share. */
#ifndef PTL_SOLVER_GMRES_H
#define PTL_SOLVER_GMRES_H

#include "solver.h"

/* A method's slots; `flexible`: M v is kept. */
ptl_status ptl__gmres_run(ptl__solve *s, int flexible) PTL_MUST_USE;
void ptl__gmres_size(const ptl_solver_options *options, int64_t rows, int flexible,
                     ptl__needs *needs);
void ptl__gmres_form_x(ptl__solve *s, ptl_vector *x, int flexible);
void ptl__gmres_form_r(ptl__solve *s, ptl_vector *r, int flexible);

#endif
