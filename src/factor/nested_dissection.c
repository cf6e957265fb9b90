/* Nested dissection by METIS (Karypis and Kumar, A Fast and High Quality Multilevel Scheme for
 * Partitioning Irregular Graphs, SIAM J. Sci. Comput. 20(1), 1998). Its random numbers always begin
 * alike, so an ordering depends on the graph alone; but they are the C library's (rand). */
#include <metis.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "graph.h"

static idx_t largest(void)
{
    return sizeof(idx_t) == sizeof(int32_t) ? (idx_t)INT32_MAX : (idx_t)INT64_MAX;
}

static ptl_status check_status(int status)
{
    PTL_CHECK(status != METIS_ERROR_MEMORY, PTL_NOMEM, "METIS ran out of memory");
    PTL_CHECK(status == METIS_OK, PTL_INVALID, "METIS failed with status %d", status);
    return PTL_OK;
}

/* space: 3 n + 1 + edges */
static ptl_status order(const ptl__graph *g, idx_t *space, int64_t *permutation)
{
    idx_t n = (idx_t)g->n, *perm = space, *inverse = perm + n, *starts = inverse + n;
    idx_t *neighbours = starts + n + 1;
    for (idx_t i = 0; i <= n; i++)
        starts[i] = (idx_t)g->starts[i];
    for (idx_t k = 0; k < starts[n]; k++)
        neighbours[k] = (idx_t)g->neighbours[k];
    PTL_TRY(check_status(METIS_NodeND(&n, starts, neighbours, NULL, NULL, perm, inverse)));
    for (idx_t i = 0; i < n; i++)
        permutation[i] = perm[i];
    return PTL_OK;
}

ptl_status ptl__order_nested_dissection(const ptl__graph *g, int64_t *permutation)
{
    const int64_t edges = g->starts[g->n], most = (int64_t)largest();
    idx_t *space;
    PTL_CHECK(g->n < most && edges <= most, PTL_NOT_SUPPORTED,
              "the matrix has %lld rows, and A + A^T has %lld entries outside the diagonal: this "
              "METIS takes at most %lld",
              (long long)g->n, (long long)edges, (long long)most);
    for (int64_t i = 0; i < g->n; i++)
        permutation[i] = i;
    if (edges == 0) /* METIS is for graphs that have edges */
        return PTL_OK;
    PTL_TRY(PTL_NEW(3 * g->n + 1 + edges, idx_t, &space));
    ptl_status status = order(g, space, permutation);
    ptl__free(space);
    return status;
}
