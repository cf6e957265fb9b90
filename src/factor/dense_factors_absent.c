/* In place of dense_factors.c where the build has no LAPACK. */
#include "../core/status.h"
#include "lu.h"

static ptl_status absent(void)
{
    return ptl_fail(PTL_NOT_SUPPORTED,
                    "this Petiole was built without LAPACK, which factorizations of dense matrices "
                    "need: install it (Debian: liblapack-dev) and build again with "
                    "-Dlapack=enabled");
}

ptl_status ptl__dense_lu(const ptl__local_block *block, ptl_dense *A, ptl__factors *out)
{
    (void)block, (void)A, (void)out;
    return absent();
}

ptl_status ptl__dense_cholesky(const ptl__local_block *block, ptl_dense *A, ptl__factors *out)
{
    (void)block, (void)A, (void)out;
    return absent();
}
