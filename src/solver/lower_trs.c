/* LowerTrs: lower triangular systems by substitution, row after row or level after level
 * (factor/triangular.c); run as iterative refinement (ir.c), of which one iteration is usual.
 *
 * One iteration: two passes over A's entries, one for the product and one for the substitution, one
 * reduction, and 6 words a row. Of a matrix on several ranks the triangle is on rank 0, which
 * gathers the residual and sends back the correction. */
#include "../factor/triangular.h"
#include "ir.h"
#include "kinds.h"
#include "triangular_solver.h"

static ptl_status lower_trs_precond(const ptl_solver_options *options, ptl_linop *A,
                                    ptl_linop **out)
{
    return ptl__trs_precond(options, PTL__LOWER, A, out);
}

const ptl__method ptl__lower_trs_method = {
    .kind = PTL__SOLVER_KIND("lower_trs", "LowerTrs",
                             "Substitution, for lower triangular A; a matrix on several ranks is "
                             "gathered on one.",
                             ptl__trs_params),
    .needs = PTL__IR_NEEDS,
    .run = ptl__ir_run,
    .precond = lower_trs_precond,
    .no_precond = 1,
    .system = ptl__trs_system,
};

ptl_status ptl_lower_trs_factory(const ptl_solver_options *options, ptl_factory **out)
{
    return ptl__solver_factory(&ptl__lower_trs_method, options, out);
}
