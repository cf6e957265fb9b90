/* A maximum matching of columns with rows by augmenting paths, depth first with a look ahead (Duff,
 * On Algorithms for Obtaining a Maximum Transversal, ACM TOMS 7(3), 1981). */
#include "matching.h"

#include "../core/interrupt.h"
#include "../core/memory.h"
#include "../core/status.h"

typedef struct matching {
    const int *starts, *rows;
    int *column_of; /* per row: the column that has it, or -1 */
    int *free_at;   /* per column: before it no row is free */
    int *at;        /* per column on the path: the next row to go by */
    int *seen;      /* per column: the last column that began a path through it */
    int *path, *by; /* columns of the path, and the row by which each is left */
} matching;

/* A row of column j that nobody has, or -1. */
static int free_row(matching *m, int j)
{
    while (m->free_at[j] < m->starts[j + 1]) {
        const int row = m->rows[m->free_at[j]++];
        if (m->column_of[row] < 0)
            return row;
    }
    return -1;
}

/* The next column that a path from `first` has not seen and that has a row of column j; it is
 * marked and *by is the row. -1: none. */
static int next_column(matching *m, int first, int j, int *by)
{
    while (m->at[j] < m->starts[j + 1]) {
        *by = m->rows[m->at[j]++];
        const int other = m->column_of[*by];
        if (m->seen[other] != first) {
            m->seen[other] = first;
            return other;
        }
    }
    return -1;
}

/* 1 where column `first` gets a row, others giving way. */
static int match_column(matching *m, int first)
{
    int depth = 0;
    m->path[0] = first;
    m->at[first] = m->starts[first];
    m->seen[first] = first;
    while (depth >= 0) {
        const int j = m->path[depth], row = free_row(m, j);
        if (row >= 0) {
            m->column_of[row] = j;
            while (depth-- > 0)
                m->column_of[m->by[depth]] = m->path[depth];
            return 1;
        }
        const int other = next_column(m, first, j, &m->by[depth]);
        if (other >= 0) {
            m->path[++depth] = other;
            m->at[other] = m->starts[other];
        } else {
            depth--;
        }
    }
    return 0;
}

ptl_status ptl__unmatched_column(int n, const int *starts, const int *rows, int *column)
{
    int *space;
    PTL_TRY(PTL_NEW(6 * (int64_t)n, int, &space));
    matching m = {starts,        rows,          space,         space + n,
                  space + 2 * n, space + 3 * n, space + 4 * n, space + 5 * n};
    for (int j = 0; j < n; j++) {
        m.column_of[j] = m.seen[j] = -1;
        m.free_at[j] = starts[j];
    }
    *column = -1;
    ptl_status status = PTL_OK;
    for (int j = 0; status == PTL_OK && j < n && *column < 0; j++) {
        status = ptl__interrupt_at(j);
        if (!match_column(&m, j))
            *column = j;
    }
    ptl__free(space);
    return status;
}
