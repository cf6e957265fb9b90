/* The matching of columns with rows whose product of entries is largest (Duff and Koster, On
 * Algorithms for Permuting Large Entries to the Diagonal of a Sparse Matrix, SIAM J. Matrix Anal.
 * Appl. 22(4), 2001, sections 3 and 4): with costs c_ij = log max_k |a_kj| - log |a_ij| it is the
 * one of the least sum, found column by column along shortest augmenting paths (Dijkstra's
 * algorithm on c_ij - u_i - v_j, which duals u and v keep from being negative). O(n (nnz + n log
 * n)) at worst; most columns are matched before, where the duals to begin with are tight. */
#include "best_matching.h"

#include <float.h>
#include <math.h>

#include "../core/interrupt.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../matrix/format.h"
#include "../matrix/values.h"

typedef struct matching {
    const ptl_linop *whole; /* for messages */
    int64_t n, nnz;
    ptl_csr_arrays T;        /* the rows are A's columns */
    double *cost, *u, *v;    /* per entry; per row; per column */
    double *power;           /* per column: that of two which brings its largest entry near 1 */
    double *top;             /* per column: the log of its largest entry, times that */
    int64_t *column_of, *at; /* per row: who has it, or -1; per column: the entry it has, or -1 */
    /* of one search */
    double *distance;      /* per row, from the column that it began with */
    int64_t *came_by;      /* per row: the entry by which it was reached */
    int64_t *source;       /* per row: that entry's column */
    int64_t *place;        /* per row: in the heap; or one of these: */
    int64_t *heap, *known; /* rows by distance; rows that are no longer NEW */
    int64_t heaped, knowns;
    int64_t nearest; /* of the free rows that were reached, and its distance */
    double limit;
} matching;
enum { NEW = -1, FINAL = -2 };

static int64_t begin_of(const matching *m, int64_t j)
{
    return ptl__index_at(m->T.indptr, m->T.itype, j);
}
static int64_t row_at(const matching *m, int64_t k)
{
    return ptl__index_at(m->T.indices, m->T.itype, k);
}

/* ---- costs and first duals ---- */

/* The log of an entry's absolute value times a power of two, -inf where it is 0; scaled, so that
 * nothing underflows. */
static double log_abs(ptl_dtype dtype, const void *value, double power)
{
    const double re = power * fabs(ptl__value_part(dtype, value, 0));
    const double im =
        ptl_dtype_is_complex(dtype) ? power * fabs(ptl__value_part(dtype, value, 1)) : 0;
    const double most = re > im ? re : im, least = re > im ? im : re;
    if (most == 0)
        return -INFINITY;
    return log(most) + (least > 0 ? 0.5 * log1p(least / most * (least / most)) : 0);
}

static ptl_status find_costs(matching *m)
{
    const size_t size = ptl_dtype_size(m->T.dtype);
    for (int64_t j = 0; j < m->n; j++) {
        const int64_t begin = begin_of(m, j), end = begin_of(m, j + 1);
        double largest = 0;
        m->top[j] = -INFINITY;
        for (int64_t k = begin; k < end; k++) {
            const char *value = (const char *)m->T.values + (size_t)k * size;
            PTL_CHECK(ptl__value_is_finite(m->T.dtype, value), PTL_INVALID,
                      "the entry in row %lld, column %lld is not finite",
                      (long long)ptl__global_row(m->whole, row_at(m, k)),
                      (long long)ptl__global_row(m->whole, j));
            largest = fmax(largest, ptl__value_size(m->T.dtype, value));
        }
        m->power[j] = largest > 0 ? ldexp(1, -ilogb(largest)) : 1;
        for (int64_t k = begin; k < end; k++) {
            const char *value = (const char *)m->T.values + (size_t)k * size;
            m->cost[k] = log_abs(m->T.dtype, value, m->power[j]);
            m->top[j] = m->cost[k] > m->top[j] ? m->cost[k] : m->top[j];
        }
        for (int64_t k = begin; k < end; k++) /* of an entry that is 0: infinite */
            m->cost[k] = m->cost[k] == -INFINITY ? INFINITY : m->top[j] - m->cost[k];
    }
    return PTL_OK;
}

/* Duals as large as single rows, and then single columns, let them be. */
static void first_duals(matching *m)
{
    for (int64_t i = 0; i < m->n; i++) {
        m->u[i] = INFINITY;
        m->column_of[i] = -1;
        m->place[i] = NEW;
    }
    for (int64_t k = 0; k < m->nnz; k++)
        if (m->cost[k] < m->u[row_at(m, k)])
            m->u[row_at(m, k)] = m->cost[k];
    for (int64_t j = 0; j < m->n; j++) {
        m->v[j] = INFINITY;
        for (int64_t k = begin_of(m, j); k < begin_of(m, j + 1); k++)
            if (m->cost[k] < INFINITY && m->cost[k] - m->u[row_at(m, k)] < m->v[j])
                m->v[j] = m->cost[k] - m->u[row_at(m, k)];
    }
}

/* Columns take the first free row of a tight entry. */
static void first_matches(matching *m)
{
    for (int64_t j = 0; j < m->n; j++) {
        m->at[j] = -1;
        for (int64_t k = begin_of(m, j); k < begin_of(m, j + 1) && m->at[j] < 0; k++) {
            const int64_t i = row_at(m, k);
            if (m->column_of[i] < 0 && m->cost[k] - m->u[i] <= m->v[j]) {
                m->column_of[i] = j;
                m->at[j] = k;
            }
        }
    }
}

/* ---- the heap of rows by distance ---- */

static void heap_put(matching *m, int64_t place, int64_t row)
{
    m->heap[place] = row;
    m->place[row] = place;
}

/* A row that came nearer, or is new, and stands at `place`. */
static void heap_raise(matching *m, int64_t place, int64_t row)
{
    while (place > 0 && m->distance[m->heap[(place - 1) / 2]] > m->distance[row]) {
        heap_put(m, place, m->heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    heap_put(m, place, row);
}

static int64_t heap_pop(matching *m)
{
    const int64_t first = m->heap[0], row = m->heap[--m->heaped];
    int64_t place = 0;
    for (int64_t child = 1; child < m->heaped; child = 2 * place + 1) {
        if (child + 1 < m->heaped && m->distance[m->heap[child + 1]] < m->distance[m->heap[child]])
            child++;
        if (m->distance[m->heap[child]] >= m->distance[row])
            break;
        heap_put(m, place, m->heap[child]);
        place = child;
    }
    if (m->heaped > 0)
        heap_put(m, place, row);
    m->place[first] = FINAL;
    return first;
}

/* ---- one column after the other ---- */

/* Row i can be reached by column j's entry k, at this distance: of the free rows the nearest is
 * kept, and what is further away than that does not matter. */
static void reach(matching *m, int64_t i, int64_t j, int64_t k, double distance)
{
    if (distance >= m->limit || m->place[i] == FINAL ||
        (m->place[i] != NEW && distance >= m->distance[i]))
        return;
    m->distance[i] = distance;
    m->came_by[i] = k;
    m->source[i] = j;
    if (m->column_of[i] < 0) {
        m->limit = distance;
        m->nearest = i;
        return;
    }
    if (m->place[i] == NEW) {
        m->known[m->knowns++] = i;
        m->place[i] = m->heaped++;
    }
    heap_raise(m, m->place[i], i);
}

/* The free row that is nearest to `column`; -1: there is none. */
static int64_t nearest_row(matching *m, int64_t column)
{
    double distance = 0;
    m->limit = INFINITY;
    m->nearest = -1;
    for (int64_t j = column;;) {
        for (int64_t k = begin_of(m, j); k < begin_of(m, j + 1); k++) {
            const int64_t i = row_at(m, k);
            const double step = m->cost[k] - m->u[i] - m->v[j];
            if (m->cost[k] < INFINITY)
                reach(m, i, j, k, distance + (step > 0 ? step : 0));
        }
        if (m->heaped == 0 || m->distance[m->heap[0]] >= m->limit)
            return m->nearest;
        const int64_t i = heap_pop(m);
        distance = m->distance[i];
        j = m->column_of[i];
    }
}

/* Along the path to the free row `end` each column takes the row by which it is left. */
static void augment(matching *m, int64_t column, int64_t end)
{
    for (int64_t i = end, j = -1; j != column;) {
        j = m->source[i];
        const int64_t before = m->at[j] < 0 ? -1 : row_at(m, m->at[j]);
        m->column_of[i] = j;
        m->at[j] = m->came_by[i];
        i = before;
    }
}

/* Rows nearer than `end` are worth less by the difference; their columns' entries stay tight, and
 * so does end's. */
static void update_duals(matching *m, int64_t end)
{
    for (int64_t r = 0; r < m->knowns; r++) {
        const int64_t i = m->known[r];
        if (m->place[i] == FINAL)
            m->u[i] += m->distance[i] - m->distance[end];
    }
    for (int64_t r = 0; r < m->knowns; r++) {
        const int64_t i = m->known[r], j = m->column_of[i];
        if (m->place[i] == FINAL)
            m->v[j] = m->cost[m->at[j]] - m->u[i];
    }
    m->v[m->column_of[end]] = m->cost[m->at[m->column_of[end]]] - m->u[end];
}

static void forget_search(matching *m)
{
    for (int64_t r = 0; r < m->knowns; r++)
        m->place[m->known[r]] = NEW;
    m->heaped = m->knowns = 0;
}

static ptl_status match_all(matching *m, int partial)
{
    PTL_TRY(find_costs(m));
    first_duals(m);
    first_matches(m);
    for (int64_t j = 0; j < m->n; j++) {
        PTL_TRY(ptl__interrupt_at(j));
        if (m->at[j] >= 0)
            continue;
        const int64_t end = nearest_row(m, j);
        PTL_CHECK(
            end >= 0 || partial, PTL_INVALID,
            "the matrix is structurally singular: no row is left for the pivot of column %lld",
            (long long)ptl__global_row(m->whole, j));
        if (end >= 0) {
            augment(m, j, end);
            update_duals(m, end);
        }
        forget_search(m);
    }
    return PTL_OK;
}

/* ---- memory and results ---- */

static ptl_status allocate(matching *m, void **numbers, void **indices)
{
    double *d;
    int64_t *i;
    *indices = NULL;
    PTL_TRY(PTL_NEW(m->nnz + 5 * m->n, double, numbers));
    PTL_TRY(PTL_NEW(7 * m->n, int64_t, indices));
    d = *numbers, i = *indices;
    m->cost = d;
    m->u = d += m->nnz, m->v = d += m->n, m->top = d += m->n, m->distance = d += m->n;
    m->power = d += m->n;
    m->column_of = i, m->at = i += m->n, m->came_by = i += m->n, m->source = i += m->n;
    m->place = i += m->n, m->heap = i += m->n, m->known = i += m->n;
    return PTL_OK;
}

/* Columns and rows that are left go together as they come. */
static void put_results(const matching *m, int64_t *row_of, double *scales)
{
    for (int64_t i = 0, j = 0; i < m->n; i++) {
        while (m->column_of[i] < 0 && m->at[j] >= 0)
            j++;
        row_of[m->column_of[i] < 0 ? j++ : m->column_of[i]] = i;
    }
    for (int64_t i = 0; scales && i < m->n; i++) { /* 1 for what has no entries */
        scales[i] = isfinite(m->u[i]) ? exp(m->u[i]) : 1;
        scales[m->n + i] = isfinite(m->v[i]) ? exp(m->v[i] - m->top[i]) * m->power[i] : 1;
    }
}

static ptl_status match(const ptl_linop *whole, ptl_csr *A, int partial, int64_t *row_of,
                        double *scales)
{
    const ptl_csr_arrays T = ptl_csr_get_arrays(A);
    matching m = {.whole = whole, .n = T.rows, .nnz = ptl_csr_nnz(A), .T = T};
    void *numbers, *indices;
    ptl_status status = allocate(&m, &numbers, &indices);
    if (status == PTL_OK)
        status = match_all(&m, partial);
    if (status == PTL_OK)
        put_results(&m, row_of, scales);
    ptl__free(numbers);
    ptl__free(indices);
    return status;
}

ptl_status ptl__best_matching(const ptl__local_block *block, int partial, int64_t *row_of,
                              double *scales)
{
    ptl_linop *T;
    PTL_TRY(ptl_format_transpose(ptl_csr_linop(block->A), PTL_OP_TRANSPOSE, &T));
    ptl_status status = match(block->whole, ptl_linop_as_csr(T), partial, row_of, scales);
    ptl_linop_release(&T);
    return status;
}
