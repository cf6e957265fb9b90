/* Orderings: the public functions. */
#include <petiole/ordering.h>

#include "../core/interrupt.h"
#include "../core/status.h"
#include "../distributed/local_block.h"
#include "best_matching.h"
#include "graph.h"

static ptl_status order(const ptl__graph *g, ptl_ordering ordering, int64_t *permutation)
{
    switch (ordering) {
    case PTL_ORDERING_RCM:
        return ptl__order_rcm(g, permutation);
    case PTL_ORDERING_MIN_DEGREE:
        return ptl__order_min_degree(g, permutation);
    default:
        return ptl__order_nested_dissection(g, permutation);
    }
}

static ptl_status find(const ptl_csr *A, ptl_ordering ordering, int64_t *permutation)
{
    ptl__graph g = {0};
    if (ordering == PTL_ORDERING_NATURAL) {
        for (int64_t i = 0; i < ptl_csr_get_arrays(A).rows; i++)
            permutation[i] = i;
        return PTL_OK;
    }
    ptl_status status = ptl__graph_init(A, &g);
    if (status == PTL_OK)
        status = order(&g, ordering, permutation);
    if (status == PTL_OK)
        status = ptl__interrupt();
    ptl__graph_clear(&g);
    return status;
}

ptl_status ptl_ordering_find(ptl_linop *A, ptl_ordering ordering, int64_t *permutation)
{
    ptl__local_block block;
    PTL_CHECK(ordering >= PTL_ORDERING_NATURAL && ordering <= PTL_ORDERING_NESTED_DISSECTION,
              PTL_INVALID, "ordering is %d, expected a ptl_ordering", (int)ordering);
    PTL_TRY(ptl__local_block_open(A, "an ordering", &block));
    ptl_status status = find(block.A, ordering, permutation);
    ptl__local_block_close(&block);
    return status;
}

ptl_status ptl_ordering_match(ptl_linop *A, int64_t *permutation)
{
    ptl__local_block block;
    PTL_TRY(ptl__local_block_open(A, "a matching", &block));
    ptl_status status = ptl__best_matching(&block, 0, permutation, NULL);
    ptl__local_block_close(&block);
    return status;
}
