/* Direct: iterative refinement (ir.c) with the LU factors of A (factor/superlu.c) for M. One
 * iteration is usual, a second where A is ill conditioned (Skeel, Iterative Refinement Implies
 * Numerical Stability for Gaussian Elimination, Math. Comp. 35, 1980).
 *
 * One iteration: one product, one solution with both factors, one reduction, and 6 words a row. Of
 * a matrix on several ranks the factors are on rank 0, which gathers the residual and sends back
 * the correction. */
#include "../algebra/gathered.h"
#include "../factor/superlu.h"
#include "ir.h"
#include "kinds.h"
#include "params.h"

static ptl_status make_lu(const void *ctx, ptl_csr *A, ptl_linop **out)
{
    (void)ctx;
    return ptl__lu_create(A, out);
}

static ptl_status direct_precond(const ptl_solver_options *options, ptl_linop *A, ptl_linop **out)
{
    const ptl__local_maker maker = {
        .make = make_lu,
        .name = "direct",
        .limit = options->gather_limit,
    };
    return ptl__gathered_create(A, &maker, out);
}

static const ptl_param params[] = {
    PTL__PARAM_GATHER_LIMIT,
    PTL__PARAM_END,
};

const ptl__method ptl__direct_method = {
    .kind = PTL__SOLVER_KIND("direct", "Direct",
                             "LU factorization on one process, with iterative refinement; a matrix "
                             "on several ranks is gathered on one of them.",
                             params),
    .needs = PTL__IR_NEEDS,
    .run = ptl__ir_run,
    .precond = direct_precond,
    .no_precond = 1,
};

ptl_status ptl_direct_factory(const ptl_solver_options *options, ptl_factory **out)
{
    return ptl__solver_factory(&ptl__direct_method, options, out);
}
