/* Powers of a pattern: the columns of row i are what a breadth-first search from i through the
 * matrix's graph meets in so many steps. Rows go to threads, each with a set of columns. */
#include "pattern.h"

#include <omp.h>

#include "../algebra/row_bitmap.h"
#include "../core/interrupt.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../kernels/exec.h"
#include "../matrix/csr.h"

/* What a thread needs for one row. */
typedef struct workspace {
    ptl__row_bitmap met;
    int64_t *list; /* the columns that were met, in order */
} workspace;

typedef struct power {
    ptl_csr_arrays A;
    int64_t steps;
    int lower, threads;
    workspace *work; /* one per thread */
    int64_t *starts; /* rows + 1 */
    ptl__pattern_csr *out;
} power;

/* Lists the row's columns, and returns how many they are; none stays marked. */
static int64_t search(const power *p, int64_t row, workspace *work)
{
    int64_t begin = 0, count = 1;
    work->list[0] = row;
    (void)ptl__row_bitmap_mark(&work->met, row);
    for (int64_t step = 0; step < p->steps && begin < count; step++)
        for (const int64_t end = count; begin < end; begin++) {
            const int64_t from = work->list[begin];
            const int64_t last = ptl__index_at(p->A.indptr, p->A.itype, from + 1);
            for (int64_t k = ptl__index_at(p->A.indptr, p->A.itype, from); k < last; k++) {
                const int64_t col = ptl__index_at(p->A.indices, p->A.itype, k);
                if (ptl__row_bitmap_mark(&work->met, col))
                    work->list[count++] = col;
            }
        }
    int64_t kept = 0;
    for (int64_t k = 0; k < count; k++) {
        const int64_t col = work->list[k];
        ptl__row_bitmap_unmark(&work->met, col);
        if (!p->lower || col <= row)
            work->list[kept++] = col;
    }
    return kept;
}

static void count_row(const power *p, int64_t row, workspace *work)
{
    p->starts[row + 1] = search(p, row, work);
}

static void write_row(const power *p, int64_t row, workspace *work)
{
    const int64_t count = search(p, row, work);
    for (int64_t k = 0; k < count; k++)
        ptl__row_bitmap_add(&work->met, work->list[k]);
    (void)ptl__row_bitmap_take(&work->met, work->list);
    ptl__index_put(p->out->indptr, p->out->itype, row + 1, p->starts[row + 1]);
    for (int64_t k = 0; k < count; k++)
        ptl__index_put(p->out->indices, p->out->itype, p->starts[row] + k, work->list[k]);
}

static ptl_status for_each_row(const power *p,
                               void (*function)(const power *, int64_t, workspace *))
{
    ptl__loop_watch watch = {PTL_OK};
#pragma omp parallel for schedule(dynamic, 64) num_threads(p->threads)
    for (int64_t row = 0; row < p->A.rows; row++)
        if (!ptl__loop_ends(&watch, omp_get_thread_num(), row))
            function(p, row, &p->work[omp_get_thread_num()]);
    return (ptl_status)watch.status;
}

static ptl_status make_workspaces(power *p)
{
    PTL_TRY(PTL_NEW_ZERO(p->threads, workspace, &p->work));
    for (int t = 0; t < p->threads; t++) {
        PTL_TRY(ptl__row_bitmap_init(&p->work[t].met, p->A.rows));
        PTL_TRY(PTL_NEW(p->A.rows, int64_t, &p->work[t].list));
    }
    return PTL_OK;
}

static void free_workspaces(power *p)
{
    for (int t = 0; p->work && t < p->threads; t++) {
        ptl__row_bitmap_clear(&p->work[t].met);
        ptl__free(p->work[t].list);
    }
    ptl__free(p->work);
}

static ptl_status make_pattern(power *p)
{
    ptl__pattern_csr *out = p->out;
    PTL_TRY(make_workspaces(p));
    PTL_TRY(PTL_NEW(p->A.rows + 1, int64_t, &p->starts));
    p->starts[0] = 0;
    PTL_TRY(for_each_row(p, count_row));
    for (int64_t i = 0; i < p->A.rows; i++)
        p->starts[i + 1] += p->starts[i];
    out->rows = p->A.rows;
    out->nnz = p->starts[p->A.rows];
    out->itype = ptl__itype_for(PTL_I32, out->rows, out->rows, out->nnz);
    const size_t size = ptl_itype_size(out->itype);
    PTL_TRY(ptl__alloc(out->rows + 1, size, &out->indptr));
    PTL_TRY(ptl__alloc(out->nnz, size, &out->indices));
    ptl__index_put(out->indptr, out->itype, 0, 0);
    return for_each_row(p, write_row);
}

ptl_status ptl__pattern_power(ptl_csr *A, int64_t steps, int lower, ptl__pattern_csr *out)
{
    ptl_exec *exec = ptl_csr_linop(A)->exec;
    power p = {.A = ptl_csr_get_arrays(A),
               .steps = steps,
               .lower = lower,
               .threads = exec->threads,
               .out = out};
    *out = (ptl__pattern_csr){0};
    ptl_status status = make_pattern(&p);
    free_workspaces(&p);
    ptl__free(p.starts);
    return status;
}

void ptl__pattern_csr_clear(ptl__pattern_csr *pattern)
{
    ptl__free(pattern->indptr);
    ptl__free(pattern->indices);
    *pattern = (ptl__pattern_csr){0};
}
