/* Ic: z = (L L^H)^-1 r with the incomplete factors of the local block. What they are, and what an
 * apply moves: factor/ic.c. */
#include "../factor/factorization.h"
#include "kinds.h"

static ptl_status ic_generate(const void *options, ptl_linop *A, ptl_linop **out)
{
    return ptl__factorization_generate(&ptl__ic_method, A, options, out);
}

const ptl__preconditioner ptl__ic_preconditioner = {
    .kind =
        PTL__PRECOND_KIND("ic", "Ic",
                          "Incomplete Cholesky by levels of fill, of each rank's local block, for "
                          "Hermitian positive definite A; only the lower triangle of A is read.",
                          ptl_ic_options, PTL_IC_OPTIONS_INIT, ptl__ilu_params),
    .generate = ic_generate,
};

ptl_status ptl_ic_factory(const ptl_ic_options *options, ptl_factory **out)
{
    return ptl__precond_factory(&ptl__ic_preconditioner, options, out);
}
