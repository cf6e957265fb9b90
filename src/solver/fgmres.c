/* Flexible GMRES: M may differ from step to step, as an iterative solver does (Saad, SIAM J. Sci.
 * Comput. 14, 1993; Iterative Methods for Sparse Linear Systems, 2nd ed., algorithm 9.6).
 *
 * One iteration is one of GMRES (gmres.c). Every M v is kept, twice the memory, and x takes its
 * correction from those, so that a cycle's end needs no application of M. */
#include "gmres.h"
#include "kinds.h"
#include "params.h"

static ptl_status fgmres_run(ptl__solve *s)
{
    return ptl__gmres_run(s, 1);
}

static void fgmres_size(const ptl_solver_options *options, int64_t rows, ptl__needs *needs)
{
    ptl__gmres_size(options, rows, 1, needs);
}

static void fgmres_form_x(ptl__solve *s, ptl_vector *x)
{
    ptl__gmres_form_x(s, x, 1);
}

static void fgmres_form_r(ptl__solve *s, ptl_vector *r)
{
    ptl__gmres_form_r(s, r, 1);
}

static const ptl_param params[] = {
    PTL__PARAM_RESTART,
    PTL__PARAM_ORTHOGONALIZATION,
    PTL__PARAM_END,
};

const ptl__method ptl__fgmres_method = {
    .kind = PTL__SOLVER_KIND("fgmres", "Fgmres",
                             "GMRES whose preconditioner may differ from step to step, such as an "
                             "iterative solver.",
                             params),
    .run = fgmres_run,
    .size = fgmres_size,
    .form_x = fgmres_form_x,
    .form_r = fgmres_form_r,
};

ptl_status ptl_fgmres_factory(const ptl_solver_options *options, ptl_factory **out)
{
    return ptl__solver_factory(&ptl__fgmres_method, options, out);
}
