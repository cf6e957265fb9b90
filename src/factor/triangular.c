/* A triangle of a matrix, with the levels of its rows: rows of level 0 need no other row, those of
 * level l some of level l - 1 and none above (Anderson and Saad, Solving Sparse Triangular Linear
 * Systems on Parallel Computers, Int. J. High Speed Comput. 1, 1989). */
#include "triangular.h"

#include <string.h>

#include "../base/linop.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../matrix/csr.h"
#include "../matrix/values.h"

/* What A's entry k in row i is to the triangle. */
enum side { INSIDE, DIAGONAL, OUTSIDE };

static enum side side_of(int triangle, int64_t row, int64_t col)
{
    if (row == col)
        return DIAGONAL;
    return (col < row) == !(triangle & PTL__UPPER) ? INSIDE : OUTSIDE;
}

/* The row of A that comes k-th in an order in which all can be made. */
static int64_t natural(const ptl__triangle *t, int64_t k)
{
    return t->upper ? t->rows - 1 - k : k;
}

/* That no entry is outside, unless it is zero; and how many are inside. */
static ptl_status check_entries(const ptl_csr_arrays *A, int triangle, int64_t *inside)
{
    const size_t size = ptl_dtype_size(A->dtype);
    *inside = 0;
    for (int64_t i = 0; i < A->rows; i++) {
        const int64_t end = ptl__index_at(A->indptr, A->itype, i + 1);
        for (int64_t e = ptl__index_at(A->indptr, A->itype, i); e < end; e++) {
            const int64_t col = ptl__index_at(A->indices, A->itype, e);
            const enum side side = side_of(triangle, i, col);
            PTL_CHECK(side != OUTSIDE || triangle & PTL__ONE_SIDE ||
                          ptl__value_is_zero(A->dtype, (const char *)A->values + (size_t)e * size),
                      PTL_INVALID,
                      "the matrix is not %s triangular: it has an entry in row %lld, column %lld",
                      triangle & PTL__UPPER ? "upper" : "lower", (long long)i, (long long)col);
            *inside += side == INSIDE;
        }
    }
    return PTL_OK;
}

/* The level of every row, and how many rows there are in each, at counts[level + 1]; returns how
 * many levels there are. */
static int64_t find_levels(const ptl_csr_arrays *A, int triangle, const ptl__triangle *t,
                           int64_t *level, int64_t *counts)
{
    int64_t levels = 0;
    for (int64_t k = 0; k < t->rows; k++) {
        const int64_t i = natural(t, k), end = ptl__index_at(A->indptr, A->itype, i + 1);
        level[i] = 0;
        for (int64_t e = ptl__index_at(A->indptr, A->itype, i); e < end; e++) {
            const int64_t col = ptl__index_at(A->indices, A->itype, e);
            if (side_of(triangle, i, col) == INSIDE && level[col] >= level[i])
                level[i] = level[col] + 1;
        }
        counts[level[i] + 1]++;
        levels = level[i] >= levels ? level[i] + 1 : levels;
    }
    return levels;
}

/* order and level_starts. starts: rows + 1 numbers, the counts of find_levels, which become
 * level_starts. */
static ptl_status sort_by_level(ptl__triangular *T, int64_t levels, const int64_t *level,
                                int64_t *starts)
{
    ptl__triangle *t = &T->triangle;
    PTL_TRY(ptl__exec_alloc(T->exec, t->rows, ptl_itype_size(T->itype), (void **)&t->order));
    for (int64_t l = 0; l < levels; l++)
        starts[l + 1] += starts[l];
    for (int64_t k = 0; k < t->rows; k++) {
        const int64_t i = natural(t, k);
        ptl__index_put((void *)t->order, T->itype, starts[level[i]]++, i);
    }
    for (int64_t l = levels; l > 0; l--) /* each start is now the next level's */
        starts[l] = starts[l - 1];
    starts[0] = 0;
    t->levels = levels;
    return PTL_OK;
}

/* By levels, where they are worth it. */
static ptl_status choose_order(const ptl_csr_arrays *A, int triangle, ptl__triangular *T)
{
    ptl__triangle *t = &T->triangle;
    int64_t *level, *starts;
    if (T->exec->threads < PTL__LEVEL_THREADS)
        return PTL_OK;
    PTL_TRY(PTL_NEW_ZERO(t->rows + 1, int64_t, &starts));
    t->level_starts = starts;
    PTL_TRY(PTL_NEW(t->rows, int64_t, &level));
    const int64_t levels = find_levels(A, triangle, t, level, starts);
    ptl_status status = PTL_OK;
    if (t->rows >= levels * PTL__LEVEL_ROWS)
        status = sort_by_level(T, levels, level, starts);
    ptl__free(level);
    return status;
}

/* The row of A that is stored as row k. */
static int64_t stored_row(const ptl__triangular *T, int64_t k)
{
    const ptl__triangle *t = &T->triangle;
    return t->order ? ptl__index_at(t->order, T->itype, k) : natural(t, k);
}

/* Entries keep their order, which an upper triangle turns around: then the entry that needs the row
 * made last comes last in sorted rows, and what is before it need not wait. */
static void copy_entries(const ptl_csr_arrays *A, int triangle, const ptl__triangular *T)
{
    const size_t size = ptl_dtype_size(A->dtype);
    const ptl__triangle *t = &T->triangle;
    int64_t to = 0;
    ptl__index_put((void *)t->indptr, A->itype, 0, 0);
    for (int64_t k = 0; k < t->rows; k++) {
        const int64_t i = stored_row(T, k), begin = ptl__index_at(A->indptr, A->itype, i);
        const int64_t count = ptl__index_at(A->indptr, A->itype, i + 1) - begin;
        for (int64_t n = 0; n < count; n++) {
            const int64_t e = begin + (t->upper ? count - 1 - n : n);
            const int64_t col = ptl__index_at(A->indices, A->itype, e);
            if (side_of(triangle, i, col) != INSIDE)
                continue;
            ptl__index_put((void *)t->indices, A->itype, to, col);
            memcpy((char *)t->values + (size_t)to++ * size,
                   (const char *)A->values + (size_t)e * size, size);
        }
        ptl__index_put((void *)t->indptr, A->itype, k + 1, to);
    }
}

static ptl_status copy_triangle(ptl_csr *A, int triangle, ptl__triangular *T)
{
    const ptl_csr_arrays arrays = ptl_csr_get_arrays(A);
    const size_t index = ptl_itype_size(T->itype);
    ptl__triangle *t = &T->triangle;
    int64_t nnz;
    PTL_TRY(check_entries(&arrays, triangle, &nnz));
    PTL_TRY(choose_order(&arrays, triangle, T));
    PTL_TRY(ptl__exec_alloc(T->exec, t->rows + 1, index, (void **)&t->indptr));
    PTL_TRY(ptl__exec_alloc(T->exec, nnz, index, (void **)&t->indices));
    PTL_TRY(ptl__exec_alloc(T->exec, nnz, ptl_dtype_size(T->dtype), (void **)&t->values));
    copy_entries(&arrays, triangle, T);
    return PTL_OK;
}

/* inverses, from those in the order of rows. */
static ptl_status sort_inverses(ptl__triangular *T, const void *by_row)
{
    const size_t size = ptl_dtype_size(T->dtype);
    PTL_TRY(ptl__exec_alloc(T->exec, T->triangle.rows, size, (void **)&T->triangle.inverses));
    for (int64_t k = 0; k < T->triangle.rows; k++)
        memcpy((char *)T->triangle.inverses + (size_t)k * size,
               (const char *)by_row + (size_t)stored_row(T, k) * size, size);
    return PTL_OK;
}

static ptl_status invert_diagonal(const ptl_csr *A, ptl__triangular *T)
{
    const ptl__run run = {T->exec->threads};
    const int64_t rows = T->triangle.rows;
    void *d;
    PTL_TRY(ptl__exec_alloc(T->exec, rows, ptl_dtype_size(T->dtype), &d));
    T->exec->kernels->index[T->dtype][T->itype]->csr_diagonal(run, ptl__csr_view_of(A), rows, d);
    const int64_t bad = T->exec->kernels->vector[T->dtype]->diagonal_invert(run, rows, d);
    ptl_status status =
        bad < 0 ? sort_inverses(T, d)
                : ptl_fail(PTL_INVALID,
                           "the matrix is singular: the diagonal entry of row %lld is zero, "
                           "missing or not finite",
                           (long long)bad);
    ptl__exec_free(T->exec, d);
    return status;
}

ptl_status ptl__triangular_init(ptl_csr *A, int triangle, ptl__triangular *T)
{
    const ptl_linop *op = ptl_csr_linop(A);
    *T = (ptl__triangular){
        .exec = ptl_exec_retain(op->exec),
        .dtype = op->dtype,
        .itype = ptl_csr_get_arrays(A).itype,
        .triangle = {.rows = op->rows, .upper = (triangle & PTL__UPPER) != 0},
    };
    PTL_TRY(copy_triangle(A, triangle, T));
    return triangle & PTL__UNIT_DIAGONAL ? PTL_OK : invert_diagonal(A, T);
}

void ptl__triangular_clear(ptl__triangular *T)
{
    const void *arrays[] = {T->triangle.indptr, T->triangle.indices, T->triangle.values,
                            T->triangle.inverses, T->triangle.order};
    for (size_t i = 0; T->exec && i < sizeof arrays / sizeof *arrays; i++)
        ptl__exec_free(T->exec, (void *)arrays[i]);
    ptl__free((void *)T->triangle.level_starts);
    ptl_exec_release(&T->exec);
    *T = (ptl__triangular){0};
}

void ptl__triangular_solve(const ptl__triangular *T, ptl__block b, ptl__block x)
{
    T->exec->kernels->index[T->dtype][T->itype]->csr_solve((ptl__run){T->exec->threads},
                                                           T->triangle, b, x);
}

/* ---- back to a matrix -------------------------------------------------------------------------
 */

/* Row i of the matrix lies at indptr[i]: the diagonal entry, and those of stored row k. */
static void write_row(const ptl__triangular *T, const void *ones, int64_t k, int64_t i,
                      const ptl_csr_arrays *out)
{
    const size_t size = ptl_dtype_size(T->dtype);
    const ptl__triangle *t = &T->triangle;
    const int64_t begin = ptl__index_at(t->indptr, T->itype, k);
    const int64_t count = ptl__index_at(t->indptr, T->itype, k + 1) - begin;
    const int64_t to = ptl__index_at(out->indptr, out->itype, i);
    const int64_t diagonal = t->upper ? to : to + count;
    char *values = (char *)out->values;
    for (int64_t n = 0; n < count; n++) {
        const int64_t e = begin + n, at = t->upper ? to + count - n : to + n;
        ptl__index_put((void *)out->indices, out->itype, at,
                       ptl__index_at(t->indices, T->itype, e));
        memcpy(values + (size_t)at * size, (const char *)t->values + (size_t)e * size, size);
    }
    ptl__index_put((void *)out->indices, out->itype, diagonal, i);
    memcpy(values + (size_t)diagonal * size, (const char *)ones + (size_t)k * size, size);
}

/* The rows' lengths, each at the row after its own, summed up. */
static void write_indptr(const ptl__triangular *T, const ptl_csr_arrays *out)
{
    const ptl__triangle *t = &T->triangle;
    void *indptr = (void *)out->indptr;
    ptl__index_put(indptr, out->itype, 0, 0);
    for (int64_t k = 0; k < t->rows; k++)
        ptl__index_put(indptr, out->itype, stored_row(T, k) + 1,
                       ptl__index_at(t->indptr, T->itype, k + 1) -
                           ptl__index_at(t->indptr, T->itype, k) + 1);
    for (int64_t i = 0; i < t->rows; i++)
        ptl__index_put(indptr, out->itype, i + 1,
                       ptl__index_at(indptr, out->itype, i) +
                           ptl__index_at(indptr, out->itype, i + 1));
}

/* The diagonal by stored row. */
static ptl_status make_diagonal(const ptl__triangular *T, void **out)
{
    static const double one[2] = {1, 0};
    const ptl__vector_kernels *kernels = T->exec->kernels->vector[T->dtype];
    const ptl__run run = {T->exec->threads};
    const int64_t rows = T->triangle.rows;
    const size_t size = ptl_dtype_size(T->dtype);
    PTL_TRY(ptl__exec_alloc(T->exec, rows, size, out));
    if (!T->triangle.inverses) {
        kernels->fill(run, one, (ptl__block){*out, rows, 1, 1});
        return PTL_OK;
    }
    memcpy(*out, T->triangle.inverses, (size_t)rows * size);
    (void)kernels->diagonal_invert(run, rows, *out); /* inverses are finite and not 0 */
    return PTL_OK;
}

static ptl_status write_matrix(const ptl__triangular *T, ptl_csr_arrays *out)
{
    const ptl__triangle *t = &T->triangle;
    const int64_t nnz = ptl__index_at(t->indptr, T->itype, t->rows) + t->rows;
    void *diagonal = NULL;
    out->itype = ptl__itype_for(T->itype, t->rows, t->rows, nnz);
    const size_t index = ptl_itype_size(out->itype);
    PTL_TRY(ptl__exec_alloc(T->exec, t->rows + 1, index, (void **)&out->indptr));
    PTL_TRY(ptl__exec_alloc(T->exec, nnz, index, (void **)&out->indices));
    PTL_TRY(ptl__exec_alloc(T->exec, nnz, ptl_dtype_size(T->dtype), (void **)&out->values));
    PTL_TRY(make_diagonal(T, &diagonal));
    write_indptr(T, out);
    for (int64_t k = 0; k < t->rows; k++)
        write_row(T, diagonal, k, stored_row(T, k), out);
    ptl__exec_free(T->exec, diagonal);
    return PTL_OK;
}

ptl_status ptl__triangular_csr(const ptl__triangular *T, ptl_csr **out)
{
    const int64_t rows = T->triangle.rows;
    ptl_csr_arrays arrays = {.rows = rows, .cols = rows, .dtype = T->dtype, .itype = T->itype};
    *out = NULL;
    ptl_status status = write_matrix(T, &arrays);
    if (status == PTL_OK)
        return ptl__csr_take(T->exec, &arrays, out);
    const void *made[] = {arrays.indptr, arrays.indices, arrays.values};
    for (int i = 0; i < 3; i++)
        ptl__exec_free(T->exec, (void *)made[i]);
    return status;
}
