/* The graph of a matrix: what orderings work on. */
#ifndef PTL_FACTOR_GRAPH_H
#define PTL_FACTOR_GRAPH_H

#include <petiole/csr.h>

/* i and j are neighbours where A has an entry in (i, j) or in (j, i); nobody is its own neighbour,
 * and none is listed twice. */
typedef struct ptl__graph {
    int64_t n;
    int64_t *starts, *neighbours; /* n + 1; starts[n] */
} ptl__graph;

/* (L) Of a square A. To be cleared, on failure too. */
ptl_status ptl__graph_init(const ptl_csr *A, ptl__graph *g) PTL_MUST_USE;
void ptl__graph_clear(ptl__graph *g);

/* (L) Permutations (petiole/ordering.h), into n numbers. The last two are PTL_NOT_SUPPORTED where
 * Petiole was built without their libraries, or the graph is larger than they count. */
ptl_status ptl__order_rcm(const ptl__graph *g, int64_t *permutation) PTL_MUST_USE;
ptl_status ptl__order_min_degree(const ptl__graph *g, int64_t *permutation) PTL_MUST_USE;
ptl_status ptl__order_nested_dissection(const ptl__graph *g, int64_t *permutation) PTL_MUST_USE;

#endif
