/* Reverse Cuthill-McKee (George and Liu, Computer Solution of Large Sparse Positive Definite
 * Systems, 1981, chapter 4): breadth first from a row at an end of its component, neighbours of
 * lower degree first, and all of it backwards. O(rows + entries), but for the search of the end,
 * which goes through a component a few times. */
#include <string.h>

#include "../core/interrupt.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "graph.h"

typedef struct search {
    const ptl__graph *g;
    int64_t *neighbours; /* as the graph's, by ascending degree */
    int64_t *seen;       /* per row: the last search that came by, 0: none */
    int64_t searches;
} search;

static int64_t degree(const ptl__graph *g, int64_t i)
{
    return g->starts[i + 1] - g->starts[i];
}

/* All rows by ascending degree; `counts` is space for n + 1 numbers. */
static void sort_by_degree(const ptl__graph *g, int64_t *counts, int64_t *rows)
{
    memset(counts, 0, (size_t)(g->n + 1) * sizeof *counts);
    for (int64_t i = 0; i < g->n; i++)
        counts[degree(g, i) + 1]++;
    for (int64_t d = 0; d < g->n; d++)
        counts[d + 1] += counts[d];
    for (int64_t i = 0; i < g->n; i++)
        rows[counts[degree(g, i)]++] = i;
}

/* s->neighbours: each row, in the order of degrees, is put to its neighbours' lists. */
static void sort_neighbours(search *s, const int64_t *rows, int64_t *at)
{
    const ptl__graph *g = s->g;
    memcpy(at, g->starts, (size_t)g->n * sizeof *at);
    for (int64_t r = 0; r < g->n; r++)
        for (int64_t k = g->starts[rows[r]]; k < g->starts[rows[r] + 1]; k++)
            s->neighbours[at[g->neighbours[k]]++] = rows[r];
}

/* A component breadth first from `root`, into `order`: how many rows it has, where the last level
 * begins in `order`, and how many levels there are. */
typedef struct levels {
    int64_t count, last, depth;
} levels;

static levels go(search *s, int64_t root, int64_t *order)
{
    levels l = {.count = 1};
    int64_t begin = 0;
    s->searches++;
    order[0] = root;
    s->seen[root] = s->searches;
    while (begin < l.count) {
        const int64_t end = l.count;
        l.last = begin;
        l.depth++;
        for (; begin < end; begin++)
            for (int64_t k = s->g->starts[order[begin]]; k < s->g->starts[order[begin] + 1]; k++) {
                const int64_t j = s->neighbours[k];
                if (s->seen[j] != s->searches) {
                    s->seen[j] = s->searches;
                    order[l.count++] = j;
                }
            }
    }
    return l;
}

/* `order` becomes the component of `root`, from a pseudo-peripheral row; returns its length. */
static int64_t order_component(search *s, int64_t root, int64_t *order)
{
    levels l = go(s, root, order);
    for (int64_t depth = 0; l.depth > depth;) {
        depth = l.depth;
        int64_t end = order[l.last];
        for (int64_t k = l.last + 1; k < l.count; k++)
            if (degree(s->g, order[k]) < degree(s->g, end))
                end = order[k];
        l = go(s, end, order);
    }
    return l.count;
}

/* Components in the order of their first rows. */
static ptl_status order_all(search *s, int64_t *order)
{
    int64_t count = 0;
    for (int64_t i = 0; i < s->g->n; i++) {
        PTL_TRY(ptl__interrupt_at(i));
        if (!s->seen[i])
            count += order_component(s, i, order + count);
    }
    for (int64_t i = 0, j = count - 1; i < j; i++, j--) {
        const int64_t row = order[i];
        order[i] = order[j];
        order[j] = row;
    }
    return PTL_OK;
}

ptl_status ptl__order_rcm(const ptl__graph *g, int64_t *permutation)
{
    search s = {.g = g};
    int64_t *space;
    PTL_TRY(PTL_NEW_ZERO(g->starts[g->n] + 2 * g->n + 1, int64_t, &space));
    s.neighbours = space;
    s.seen = space + g->starts[g->n];
    int64_t *counts = s.seen + g->n;
    sort_by_degree(g, counts, permutation);
    sort_neighbours(&s, permutation, counts);
    ptl_status status = order_all(&s, permutation);
    ptl__free(space);
    return status;
}
