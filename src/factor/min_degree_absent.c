/* In place of min_degree.c where the build has no SuperLU. */
#include "../core/status.h"
#include "graph.h"

ptl_status ptl__order_min_degree(const ptl__graph *g, int64_t *permutation)
{
    (void)g, (void)permutation;
    return ptl_fail(PTL_NOT_SUPPORTED,
                    "this Petiole was built without SuperLU, which the minimum degree ordering "
                    "needs: install it (Debian: libsuperlu-dev) and build again with "
                    "-Dsuperlu=enabled");
}
