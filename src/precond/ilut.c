/* Ilut: z = (L U)^-1 r with the factors of ILUT (factor/ilut.c). One apply reads the entries of
 * both factors and r, and writes z twice, and four words a row more where rows are permuted. */
#include "../factor/factorization.h"
#include "kinds.h"

static ptl_status ilut_generate(const void *options, ptl_linop *A, ptl_linop **out)
{
    return ptl__factorization_generate(&ptl__ilut_method, A, options, out);
}

const ptl__preconditioner ptl__ilut_preconditioner = {
    .kind = PTL__PRECOND_KIND("ilut", "Ilut",
                              "Incomplete LU by size, of each rank's local block: small entries "
                              "are dropped, and each row keeps its largest ones.",
                              ptl_ilut_options, PTL_ILUT_OPTIONS_INIT, ptl__ilut_params),
    .generate = ilut_generate,
};

ptl_status ptl_ilut_factory(const ptl_ilut_options *options, ptl_factory **out)
{
    return ptl__precond_factory(&ptl__ilut_preconditioner, options, out);
}
