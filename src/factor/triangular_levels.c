/* Rows by level: those of level 0 need no other row, those of level l some of level l - 1 and none
 * above (Anderson and Saad, Solving Sparse Triangular Linear Systems on Parallel Computers, Int. J.
 * High Speed Comput. 1, 1989). */
#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "../matrix/format.h"
#include "triangular.h"

/* The level of every row, and how many rows there are in each, at counts[level + 1]; returns how
 * many levels there are. */
static int64_t find_levels(const ptl__triangular *T, int64_t *level, int64_t *counts)
{
    const ptl__triangle *t = &T->triangle;
    int64_t levels = 0;
    for (int64_t k = 0; k < t->rows; k++) {
        const int64_t i = ptl__triangular_row(T, k),
                      end = ptl__index_at(t->indptr, T->itype, k + 1);
        level[i] = 0;
        for (int64_t e = ptl__index_at(t->indptr, T->itype, k); e < end; e++) {
            const int64_t below = level[ptl__index_at(t->indices, T->itype, e)];
            level[i] = below >= level[i] ? below + 1 : level[i];
        }
        counts[level[i] + 1]++;
        levels = level[i] >= levels ? level[i] + 1 : levels;
    }
    return levels;
}

/* order and level_starts, of which `to` has the counts of find_levels. */
static ptl_status sort_by_level(const ptl__triangular *from, int64_t levels, const int64_t *level,
                                ptl__triangular *to)
{
    ptl__triangle *t = &to->triangle;
    int64_t *starts = (int64_t *)t->level_starts;
    PTL_TRY(ptl__exec_alloc(to->exec, t->rows, ptl_itype_size(to->itype), (void **)&t->order));
    for (int64_t l = 0; l < levels; l++)
        starts[l + 1] += starts[l];
    for (int64_t k = 0; k < t->rows; k++) {
        const int64_t i = ptl__triangular_row(from, k);
        ptl__index_put((void *)t->order, to->itype, starts[level[i]]++, i);
    }
    for (int64_t l = levels; l > 0; l--) /* each start is now the next level's */
        starts[l] = starts[l - 1];
    starts[0] = 0;
    t->levels = levels;
    return PTL_OK;
}

/* The levels, and an order where they are worth it. */
static ptl_status choose_order(const ptl__triangular *from, ptl__triangular *to)
{
    const int64_t rows = from->triangle.rows;
    int64_t *level;
    PTL_TRY(PTL_NEW_ZERO(rows + 1, int64_t, (void **)&to->triangle.level_starts));
    PTL_TRY(PTL_NEW(rows, int64_t, &level));
    const int64_t levels = find_levels(from, level, (int64_t *)to->triangle.level_starts);
    ptl_status status = PTL_OK;
    if (rows >= levels * PTL__LEVEL_ROWS)
        status = sort_by_level(from, levels, level, to);
    ptl__free(level);
    return status;
}

/* Where row `to` of an order by levels is stored in the order of rows. */
static int64_t source_of(const ptl__triangular *from, const ptl__triangular *to, int64_t k)
{
    const int64_t i = ptl__triangular_row(to, k);
    return from->triangle.upper ? from->triangle.rows - 1 - i : i;
}

/* Entries, or where `values` is 0 their columns: an array of elements of `size` bytes. */
static void copy_rows(const ptl__triangular *from, const ptl__triangular *to, size_t size,
                      const void *source, void *target)
{
    for (int64_t k = 0; k < to->triangle.rows; k++) {
        const int64_t s = source_of(from, to, k);
        const int64_t begin = ptl__index_at(from->triangle.indptr, from->itype, s);
        const int64_t at = ptl__index_at(to->triangle.indptr, to->itype, k);
        const int64_t count = ptl__index_at(to->triangle.indptr, to->itype, k + 1) - at;
        memcpy((char *)target + (size_t)at * size, (const char *)source + (size_t)begin * size,
               (size_t)count * size);
    }
}

void ptl__triangular_take_values(const ptl__triangular *from, ptl__triangular *to)
{
    const size_t size = ptl_dtype_size(to->dtype);
    if (to->borrowed)
        return;
    copy_rows(from, to, size, from->triangle.values, (void *)to->triangle.values);
    for (int64_t k = 0; to->triangle.inverses && k < to->triangle.rows; k++)
        memcpy((char *)to->triangle.inverses + (size_t)k * size,
               (const char *)from->triangle.inverses + (size_t)source_of(from, to, k) * size, size);
}

static ptl_status copy_by_level(const ptl__triangular *from, ptl__triangular *to)
{
    const ptl__triangle *f = &from->triangle;
    void *indptr;
    PTL_TRY(ptl__triangular_allocate(to, ptl__index_at(f->indptr, from->itype, f->rows),
                                     f->inverses != NULL));
    indptr = (void *)to->triangle.indptr;
    ptl__index_put(indptr, to->itype, 0, 0);
    for (int64_t k = 0; k < f->rows; k++) {
        const int64_t s = source_of(from, to, k);
        ptl__index_put(indptr, to->itype, k + 1,
                       ptl__index_at(indptr, to->itype, k) +
                           ptl__index_at(f->indptr, from->itype, s + 1) -
                           ptl__index_at(f->indptr, from->itype, s));
    }
    copy_rows(from, to, ptl_itype_size(to->itype), f->indices, (void *)to->triangle.indices);
    ptl__triangular_take_values(from, to);
    return PTL_OK;
}

ptl_status ptl__triangular_arrange(const ptl__triangular *from, ptl__triangular *to)
{
    const ptl__triangle *f = &from->triangle;
    *to = (ptl__triangular){
        .exec = ptl_exec_retain(from->exec),
        .dtype = from->dtype,
        .itype = from->itype,
        .triangle = {.rows = f->rows, .upper = f->upper},
    };
    if (from->exec->threads >= PTL__LEVEL_THREADS)
        PTL_TRY(choose_order(from, to));
    if (to->triangle.order)
        return copy_by_level(from, to);
    ptl__free((void *)to->triangle.level_starts);
    to->triangle = *f;
    to->borrowed = 1;
    return PTL_OK;
}
