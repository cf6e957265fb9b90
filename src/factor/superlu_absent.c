/* In place of superlu.c and superlu_lu.c where the build has no SuperLU. */
#include "superlu.h"

#include "../core/status.h"
#include "lu.h"

static ptl_status absent(const char *user)
{
    return ptl_fail(PTL_NOT_SUPPORTED,
                    "this Petiole was built without SuperLU, which %s: install it "
                    "(Debian: libsuperlu-dev) and build again with -Dsuperlu=enabled",
                    user);
}

ptl_status ptl__lu_create(ptl_csr *A, ptl_linop **out)
{
    (void)A;
    *out = NULL;
    return absent("direct solvers need");
}

ptl_status ptl__sparse_lu(const ptl__local_block *block, ptl__factors *out)
{
    (void)block, (void)out;
    return absent("the factorization lu of sparse matrices needs");
}
