/* Ilu: z = (L U)^-1 r with the incomplete factors of the local block. What they are, and what an
 * apply moves: factor/ilu.c. */
#include "../factor/factorization.h"
#include "kinds.h"

static ptl_status ilu_generate(const void *options, ptl_linop *A, ptl_linop **out)
{
    return ptl__factorization_generate(&ptl__ilu_method, A, options, out);
}

const ptl__preconditioner ptl__ilu_preconditioner = {
    .kind = PTL__PRECOND_KIND("ilu", "Ilu",
                              "Incomplete LU by levels of fill, of each rank's local block.",
                              ptl_ilu_options, PTL_ILU_OPTIONS_INIT, ptl__ilu_params),
    .generate = ilu_generate,
};

ptl_status ptl_ilu_factory(const ptl_ilu_options *options, ptl_factory **out)
{
    return ptl__precond_factory(&ptl__ilu_preconditioner, options, out);
}
