/* Multiple minimum degree by SuperLU's get_perm_c (Liu, Modification of the Minimum-Degree
 * Algorithm by Multiple Elimination, ACM TOMS 11(2), 1985). SuperLU ends the process where it gets
 * no memory, so as much as it needs is asked for before, and given back. */
#include <limits.h>

#include <slu_ddefs.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "graph.h"

/* Each edge is stored twice, and twice more in SuperLU's own copies of the graph. */
static ptl_status check_sizes(const ptl__graph *g)
{
    const int64_t most = INT_MAX / 4, edges = g->starts[g->n];
    PTL_CHECK(g->n < most && edges <= most, PTL_NOT_SUPPORTED,
              "the matrix has %lld rows, and A + A^T has %lld entries outside the diagonal: "
              "SuperLU's minimum degree takes at most %lld, since it counts in 32 bits",
              (long long)g->n, (long long)edges, (long long)most);
    void *trial;
    PTL_TRY(ptl__alloc(4 * edges + 10 * (g->n + 1), sizeof(int), &trial));
    ptl__free(trial);
    return PTL_OK;
}

/* space: 2 n + 1 + edges */
static void order(const ptl__graph *g, int *space, int64_t *permutation)
{
    const int n = (int)g->n, edges = (int)g->starts[n];
    int *places = space, *starts = places + n, *rows = starts + n + 1;
    for (int i = 0; i <= n; i++)
        starts[i] = (int)g->starts[i];
    for (int k = 0; k < edges; k++)
        rows[k] = (int)g->neighbours[k];
    NCformat store = {edges, NULL, rows, starts}; /* the pattern alone is read */
    SuperMatrix matrix = {SLU_NC, SLU_D, SLU_GE, n, n, &store};
    get_perm_c(MMD_AT_PLUS_A, &matrix, places);
    for (int i = 0; i < n; i++)
        permutation[places[i]] = i;
}

ptl_status ptl__order_min_degree(const ptl__graph *g, int64_t *permutation)
{
    int *space;
    if (g->n == 0)
        return PTL_OK;
    PTL_TRY(check_sizes(g));
    PTL_TRY(PTL_NEW(2 * g->n + 1 + g->starts[g->n], int, &space));
    order(g, space, permutation);
    ptl__free(space);
    return PTL_OK;
}
