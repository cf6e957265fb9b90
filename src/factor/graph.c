/* The graph of A + A^T. */
#include "graph.h"

#include "../core/memory.h"
#include "../core/status.h"
#include "../matrix/format.h"

/* Counts, into starts[i + 1], or else lists, from starts[i] on, what i has for neighbours; those
 * that A has on both sides of the diagonal come twice. */
static void visit_edges(const ptl_csr_arrays *A, ptl__graph *g)
{
    for (int64_t i = 0; i < g->n; i++) {
        const int64_t end = ptl__index_at(A->indptr, A->itype, i + 1);
        for (int64_t k = ptl__index_at(A->indptr, A->itype, i); k < end; k++) {
            const int64_t j = ptl__index_at(A->indices, A->itype, k);
            if (i == j)
                continue;
            if (g->neighbours) {
                g->neighbours[g->starts[i]++] = j;
                g->neighbours[g->starts[j]++] = i;
            } else {
                g->starts[i + 1]++;
                g->starts[j + 1]++;
            }
        }
    }
}

/* Leaves out neighbours that are listed already. */
static ptl_status drop_duplicates(ptl__graph *g)
{
    int64_t *last, kept = 0, k = 0; /* per j: whose neighbour it was last, plus 1 */
    PTL_TRY(PTL_NEW_ZERO(g->n, int64_t, &last));
    for (int64_t i = 0; i < g->n; i++) {
        for (; k < g->starts[i + 1]; k++) {
            const int64_t j = g->neighbours[k];
            if (last[j] == i + 1)
                continue;
            last[j] = i + 1;
            g->neighbours[kept++] = j;
        }
        g->starts[i + 1] = kept;
    }
    ptl__free(last);
    return PTL_OK;
}

ptl_status ptl__graph_init(const ptl_csr *A, ptl__graph *g)
{
    const ptl_csr_arrays arrays = ptl_csr_get_arrays(A);
    *g = (ptl__graph){.n = arrays.rows};
    PTL_TRY(PTL_NEW_ZERO(g->n + 1, int64_t, &g->starts));
    visit_edges(&arrays, g);
    for (int64_t i = 0; i < g->n; i++)
        g->starts[i + 1] += g->starts[i];
    PTL_TRY(PTL_NEW(g->starts[g->n], int64_t, &g->neighbours));
    visit_edges(&arrays, g);
    for (int64_t i = g->n; i > 0; i--) /* each start is now the next one's */
        g->starts[i] = g->starts[i - 1];
    g->starts[0] = 0;
    return drop_duplicates(g);
}

void ptl__graph_clear(ptl__graph *g)
{
    ptl__free(g->starts);
    ptl__free(g->neighbours);
    *g = (ptl__graph){0};
}
