/* A triangle of a matrix as the kernel solves with it. */
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

/* The row that is stored as row k in the order of rows. */
static int64_t natural(const ptl__triangle *t, int64_t k)
{
    return t->upper ? t->rows - 1 - k : k;
}

/* Entries keep their order, which an upper triangle turns around: then the entry that needs the row
 * made last comes last in sorted rows, and what is before it need not wait. */
static void copy_entries(const ptl_csr_arrays *A, int triangle, const ptl__triangle *t)
{
    const size_t size = ptl_dtype_size(A->dtype);
    int64_t to = 0;
    ptl__index_put((void *)t->indptr, A->itype, 0, 0);
    for (int64_t k = 0; k < t->rows; k++) {
        const int64_t i = natural(t, k), begin = ptl__index_at(A->indptr, A->itype, i);
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

ptl_status ptl__triangular_allocate(ptl__triangular *T, int64_t nnz, int inverses)
{
    const size_t index = ptl_itype_size(T->itype), value = ptl_dtype_size(T->dtype);
    ptl__triangle *t = &T->triangle;
    PTL_TRY(ptl__exec_alloc(T->exec, t->rows + 1, index, (void **)&t->indptr));
    PTL_TRY(ptl__exec_alloc(T->exec, nnz, index, (void **)&t->indices));
    PTL_TRY(ptl__exec_alloc(T->exec, nnz, value, (void **)&t->values));
    return inverses ? ptl__exec_alloc(T->exec, t->rows, value, (void **)&t->inverses) : PTL_OK;
}

/* inverses, from those in the order of rows. */
static void sort_inverses(const ptl__triangular *T, const char *by_row)
{
    const size_t size = ptl_dtype_size(T->dtype);
    for (int64_t k = 0; k < T->triangle.rows; k++)
        memcpy((char *)T->triangle.inverses + (size_t)k * size,
               by_row + (size_t)natural(&T->triangle, k) * size, size);
}

/* The inverses of A's diagonal, and the entries multiplied by them. */
static ptl_status invert_diagonal(const ptl_csr *A, ptl__triangular *T)
{
    const ptl__run run = ptl__exec_run(T->exec);
    const ptl__index_kernels *kernels = T->exec->kernels->index[T->dtype][T->itype];
    const ptl__triangle *t = &T->triangle;
    void *d;
    PTL_TRY(ptl__exec_alloc(T->exec, t->rows, ptl_dtype_size(T->dtype), &d));
    kernels->csr_diagonal(run, ptl__csr_view_of(A), t->rows, d);
    const int64_t bad = T->exec->kernels->vector[T->dtype]->diagonal_invert(run, t->rows, d);
    if (bad < 0) {
        sort_inverses(T, d);
        kernels->csr_row_scale(run, (ptl__csr){t->rows, t->indptr, t->indices, t->values, NULL},
                               t->inverses);
    }
    ptl__exec_free(T->exec, d);
    PTL_CHECK(bad < 0, PTL_INVALID,
              "the matrix is singular: the diagonal entry of row %lld is zero, missing or not "
              "finite",
              (long long)bad);
    return PTL_OK;
}

/* In the order of rows; A is on the host. To be cleared, on failure too. */
static ptl_status copy_triangle(ptl_csr *A, int triangle, ptl__triangular *T)
{
    const ptl_linop *op = ptl_csr_linop(A);
    const ptl_csr_arrays arrays = ptl_csr_get_arrays(A);
    *T = (ptl__triangular){
        .exec = ptl_exec_retain(op->exec),
        .dtype = op->dtype,
        .itype = arrays.itype,
        .triangle = {.rows = op->rows, .upper = (triangle & PTL__UPPER) != 0},
    };
    const int unit = triangle & PTL__UNIT_DIAGONAL;
    int64_t nnz;
    PTL_TRY(check_entries(&arrays, triangle, &nnz));
    PTL_TRY(ptl__triangular_allocate(T, nnz, !unit));
    copy_entries(&arrays, triangle, &T->triangle);
    return unit ? PTL_OK : invert_diagonal(A, T);
}

/* Of an A on the host. */
static ptl_status init_on_host(ptl_csr *A, int triangle, ptl__triangular *T)
{
    ptl__triangular in_turn;
    *T = (ptl__triangular){0};
    ptl_status status = copy_triangle(A, triangle, &in_turn);
    if (status == PTL_OK)
        status = ptl__triangular_arrange(&in_turn, T);
    if (status == PTL_OK && T->borrowed) { /* the arrays change hands */
        in_turn.borrowed = 1;
        T->borrowed = 0;
    }
    ptl__triangular_clear(&in_turn);
    return status;
}

ptl_status ptl__triangular_init(ptl_csr *A, int triangle, ptl__triangular *T)
{
    ptl_exec *exec = ptl_csr_linop(A)->exec;
    ptl__triangular made;
    ptl_csr *host;
    *T = (ptl__triangular){0};
    if (!exec->space)
        return init_on_host(A, triangle, T);
    PTL_TRY(ptl__csr_on(A, exec->host, &host));
    ptl_status status = init_on_host(host, triangle, &made);
    if (status == PTL_OK)
        status = ptl__triangular_on(&made, exec, T);
    ptl__triangular_clear(&made);
    ptl_csr_release(&host);
    return status;
}

/* *to = a copy of a host array in the executor's memory. */
static ptl_status copy_array(ptl_exec *exec, int64_t count, size_t size, const void *from,
                             const void **to)
{
    void *copy;
    if (!from)
        return PTL_OK;
    PTL_TRY(ptl__exec_alloc(exec, count, size, &copy));
    *to = copy;
    return ptl__exec_write(exec, count, size, from, copy);
}

ptl_status ptl__triangular_on(const ptl__triangular *T, ptl_exec *exec, ptl__triangular *out)
{
    const ptl__triangle *t = &T->triangle;
    const size_t index = ptl_itype_size(T->itype), value = ptl_dtype_size(T->dtype);
    *out = *T;
    out->exec = ptl_exec_retain(exec);
    out->borrowed = ptl__exec_shares(T->exec, exec);
    if (out->borrowed)
        return PTL_OK;
    ptl__triangle *to = &out->triangle;
    const int64_t nnz = ptl__index_at(t->indptr, T->itype, t->rows);
    to->indptr = to->indices = to->values = to->inverses = to->order = NULL;
    to->level_starts = NULL;
    PTL_TRY(copy_array(exec, t->rows + 1, index, t->indptr, &to->indptr));
    PTL_TRY(copy_array(exec, nnz, index, t->indices, &to->indices));
    PTL_TRY(copy_array(exec, nnz, value, t->values, &to->values));
    PTL_TRY(copy_array(exec, t->rows, value, t->inverses, &to->inverses));
    PTL_TRY(copy_array(exec, t->rows, index, t->order, &to->order));
    return copy_array(exec, t->levels + 1, sizeof *t->level_starts, t->level_starts,
                      (const void **)&to->level_starts);
}

ptl_status ptl__triangular_refill(ptl_csr *A, int triangle, ptl__triangular *T)
{
    ptl__triangular in_turn;
    ptl_status status;
    if (T->exec->space) {
        status = ptl__triangular_init(A, triangle, &in_turn);
    } else {
        status = copy_triangle(A, triangle, &in_turn);
        if (status == PTL_OK && T->triangle.order) {
            ptl__triangular_take_values(&in_turn, T);
            ptl__triangular_clear(&in_turn);
            return PTL_OK;
        }
    }
    if (status != PTL_OK) {
        ptl__triangular_clear(&in_turn);
        return status;
    }
    ptl__triangular_clear(T);
    *T = in_turn;
    return PTL_OK;
}

void ptl__triangular_clear(ptl__triangular *T)
{
    const ptl__triangle *t = &T->triangle;
    const void *arrays[] = {t->indptr,   t->indices, t->values,
                            t->inverses, t->order,   t->level_starts};
    for (size_t i = 0; T->exec && !T->borrowed && i < sizeof arrays / sizeof *arrays; i++)
        ptl__exec_free(T->exec, (void *)arrays[i]);
    ptl_exec_release(&T->exec);
    *T = (ptl__triangular){0};
}

void ptl__triangular_solve(const ptl__triangular *T, ptl__block b, ptl__block x)
{
    T->exec->kernels->index[T->dtype][T->itype]->csr_solve(ptl__exec_run(T->exec), T->triangle, b,
                                                           x);
}
