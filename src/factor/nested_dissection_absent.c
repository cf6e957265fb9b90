/* In place of nested_dissection.c where the build has no METIS. */
#include "../core/status.h"
#include "graph.h"

ptl_status ptl__order_nested_dissection(const ptl__graph *g, int64_t *permutation)
{
    (void)g, (void)permutation;
    return ptl_fail(PTL_NOT_SUPPORTED,
                    "this Petiole was built without METIS, which nested dissection needs: install "
                    "it (Debian: libmetis-dev) and build again with -Dmetis=enabled");
}
