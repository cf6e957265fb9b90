/* In place of superlu.c where the build has no SuperLU. */
#include "superlu.h"

#include "../core/status.h"

ptl_status ptl__lu_create(ptl_csr *A, ptl_linop **out)
{
    (void)A;
    *out = NULL;
    return ptl_fail(PTL_NOT_SUPPORTED,
                    "this Petiole was built without SuperLU, which direct solvers need: install it "
                    "(Debian: libsuperlu-dev) and build again with -Dsuperlu=enabled");
}
