/* The product of two distributed matrices. Each rank fetches the rows of B that are its ghosts and
 * multiplies its own rows of A with them, row by row (F. G. Gustavson, Two Fast Algorithms for
 * Sparse Matrices: Multiplication and Permuted Transposition, ACM TOMS 4(3), 1978), first without
 * numbers, to learn how many entries there are, then with them. Columns are those that this rank
 * owns, and then the ghosts in an index map's order, so entries fall into the two blocks by
 * themselves. Entries of one row are summed in the order of A's row, whatever the number of
 * threads. */
#include <omp.h>

#include "../base/operation.h"
#include "../comm/comm.h"
#include "../core/interrupt.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../distributed/partition.h"
#include "../kernels/exec.h"
#include "fetch_rows.h"
#include "row_bitmap.h"

/* A block of the product while it is made. */
typedef struct made {
    int64_t *indptr; /* rows + 1 */
    int64_t cols;
    ptl_itype itype; /* of indices */
    void *indices, *values;
} made;

/* What a thread needs for one row. */
typedef struct workspace {
    ptl__row_bitmap bitmap;
    void *sums;     /* one number per column, 0 between rows */
    int64_t *order; /* the row's columns: room for the longest row */
} workspace;

typedef struct product {
    const ptl__operand *A, *B;
    ptl_dtype dtype;
    int64_t rows, columns; /* columns: local ones and ghosts */
    ptl_index_map *map;    /* of the columns of all rows of B that are here */
    ptl__rows left;        /* A's rows: columns number the rows of B that are here */
    ptl__rows own, fetched;
    int threads;
    workspace *work; /* one per thread */
    made local, ghost;
    int64_t num_ghosts; /* that the product has */
    int64_t *ghosts;
} product;

/* ---- row by row --------------------------------------------------------------------------------
 */

/* A row of B: entries begin .. end of rows. */
typedef struct row_of {
    const ptl__rows *rows;
    int64_t begin, end;
} row_of;

static inline row_of right_row(const product *p, int64_t row)
{
    const ptl__rows *rows = &p->own;
    if (row >= rows->count) {
        row -= rows->count;
        rows = &p->fetched;
    }
    return (row_of){rows, rows->indptr[row], rows->indptr[row + 1]};
}

static inline void put(const made *block, int64_t at, int64_t column)
{
    ptl__index_put(block->indices, block->itype, at, column);
}

#define V float
#define NAME(f) f##_f32
#include "multiply.kern.h"
#undef V
#undef NAME

#define V double
#define NAME(f) f##_f64
#include "multiply.kern.h"
#undef V
#undef NAME

#define V float _Complex
#define NAME(f) f##_c64
#include "multiply.kern.h"
#undef V
#undef NAME

#define V double _Complex
#define NAME(f) f##_c128
#include "multiply.kern.h"
#undef V
#undef NAME

typedef void row_function(const product *p, int64_t row, workspace *work);
static row_function *const compute_row[PTL_DTYPE_COUNT] = {
    [PTL_F32] = compute_row_f32,
    [PTL_F64] = compute_row_f64,
    [PTL_C64] = compute_row_c64,
    [PTL_C128] = compute_row_c128,
};

/* How many entries row `row` has in each block, into indptr[row + 1]. */
static void count_row(const product *p, int64_t row, workspace *work)
{
    int64_t count = 0, local = 0;
    for (int64_t k = p->left.indptr[row]; k < p->left.indptr[row + 1]; k++) {
        const row_of r = right_row(p, p->left.cols[k]);
        for (int64_t j = r.begin; j < r.end; j++) {
            const int64_t column = r.rows->cols[j];
            const int fresh = ptl__row_bitmap_mark(&work->bitmap, column);
            count += fresh;
            local += fresh && column < p->local.cols;
        }
    }
    for (int64_t k = p->left.indptr[row]; k < p->left.indptr[row + 1]; k++) {
        const row_of r = right_row(p, p->left.cols[k]);
        for (int64_t j = r.begin; j < r.end; j++)
            ptl__row_bitmap_unmark(&work->bitmap, r.rows->cols[j]);
    }
    p->local.indptr[row + 1] = local;
    p->ghost.indptr[row + 1] = count - local;
}

static ptl_status for_each_row(const product *p, row_function *function)
{
    ptl__loop_watch watch = {PTL_OK};
#pragma omp parallel for schedule(dynamic, 64) num_threads(p->threads)
    for (int64_t row = 0; row < p->rows; row++)
        if (!ptl__loop_ends(&watch, omp_get_thread_num(), row))
            function(p, row, &p->work[omp_get_thread_num()]);
    return (ptl_status)watch.status;
}

/* ---- before and after --------------------------------------------------------------------------
 */

/* All columns of B's rows that are here become numbers: local ones, and ghosts in a map's order. */
static ptl_status number_columns(product *p)
{
    const ptl__operand *B = p->B;
    const int rank = B->A->base.comm->rank;
    const int64_t fetched = p->fetched.indptr[p->fetched.count];
    const int64_t ghosts = B->combined - B->A->base.local_cols;
    int64_t *all;
    PTL_TRY(PTL_NEW(fetched + ghosts, int64_t, &all));
    for (int64_t i = 0; i < fetched; i++)
        all[i] = p->fetched.cols[i];
    for (int64_t i = 0; i < ghosts; i++)
        all[fetched + i] = ptl_index_map_ghosts(B->A->map)[i];
    ptl_status status = ptl_index_map_create(B->cols, rank, fetched + ghosts, all, &p->map);
    ptl__free(all);
    PTL_TRY(status);
    p->local.cols = ptl_index_map_local_size(p->map);
    p->ghost.cols = ptl_index_map_ghost_size(p->map);
    p->columns = p->local.cols + p->ghost.cols;
    return ptl_index_map_to_local(p->map, fetched, p->fetched.cols, PTL_COMBINED, p->fetched.cols);
}

/* This rank's own rows of B, in the product's columns. */
static ptl_status take_own_rows(product *p)
{
    const ptl__operand *B = p->B;
    int64_t *names;
    PTL_TRY(ptl__operand_names(B, &names));
    ptl_status status = ptl_index_map_to_local(p->map, B->combined, names, PTL_COMBINED, names);
    if (status == PTL_OK)
        status = ptl__operand_rows(B, names, B->A->base.local_rows, NULL, &p->own);
    ptl__free(names);
    return status;
}

/* A's rows, their columns being rows of B: own ones, then fetched ones. */
static ptl_status take_left_rows(product *p)
{
    int64_t *names;
    PTL_TRY(PTL_NEW(p->A->combined, int64_t, &names));
    for (int64_t i = 0; i < p->A->combined; i++)
        names[i] = i;
    ptl_status status = ptl__operand_rows(p->A, names, p->rows, NULL, &p->left);
    ptl__free(names);
    return status;
}

static ptl_status make_workspaces(product *p)
{
    PTL_TRY(PTL_NEW_ZERO(p->threads, workspace, &p->work));
    for (int thread = 0; thread < p->threads; thread++) {
        PTL_TRY(ptl__row_bitmap_init(&p->work[thread].bitmap, p->columns));
        PTL_TRY(ptl__calloc(p->columns, ptl_dtype_size(p->dtype), &p->work[thread].sums));
    }
    const size_t index = sizeof *p->local.indptr;
    PTL_TRY(ptl__alloc(p->rows + 1, index, (void **)&p->local.indptr));
    return ptl__alloc(p->rows + 1, index, (void **)&p->ghost.indptr);
}

/* Sums the rows' counts up, and makes room for the entries. */
static ptl_status reserve(const product *p, made *block)
{
    block->indptr[0] = 0;
    for (int64_t row = 0; row < p->rows; row++)
        block->indptr[row + 1] += block->indptr[row];
    const int64_t nnz = block->indptr[p->rows];
    block->itype =
        p->rows < INT32_MAX && block->cols <= INT32_MAX && nnz <= INT32_MAX ? PTL_I32 : PTL_I64;
    PTL_TRY(ptl__alloc(nnz, ptl_itype_size(block->itype), &block->indices));
    return ptl__alloc(nnz, ptl_dtype_size(p->dtype), &block->values);
}

/* Room for the columns of a row, once all rows are counted. */
static ptl_status make_orders(const product *p)
{
    int64_t longest = 0;
    for (int64_t row = 0; row < p->rows; row++) {
        const int64_t length = p->local.indptr[row + 1] - p->local.indptr[row] +
                               p->ghost.indptr[row + 1] - p->ghost.indptr[row];
        longest = length > longest ? length : longest;
    }
    for (int thread = 0; thread < p->threads; thread++)
        PTL_TRY(PTL_NEW(longest, int64_t, &p->work[thread].order));
    return PTL_OK;
}

/* Entry `at` of the ghost block's columns. */
static int64_t ghost_column(const product *p, int64_t at)
{
    return ptl__index_at(p->ghost.indices, p->ghost.itype, at);
}

/* Leaves out the map's ghosts that no entry has: they would travel in each product for nothing. */
static ptl_status drop_unused_ghosts(product *p)
{
    const int64_t nnz = p->ghost.indptr[p->rows];
    int64_t *numbers; /* of the map's ghosts, in the product */
    PTL_TRY(PTL_NEW(p->ghost.cols, int64_t, &p->ghosts));
    PTL_TRY(PTL_NEW_ZERO(p->ghost.cols, int64_t, &numbers));
    for (int64_t k = 0; k < nnz; k++)
        numbers[ghost_column(p, k)] = 1;
    for (int64_t g = 0; g < p->ghost.cols; g++)
        if (numbers[g]) {
            numbers[g] = p->num_ghosts;
            p->ghosts[p->num_ghosts++] = ptl_index_map_ghosts(p->map)[g];
        }
    for (int64_t k = 0; k < nnz; k++)
        put(&p->ghost, k, numbers[ghost_column(p, k)]);
    p->ghost.cols = p->num_ghosts;
    ptl__free(numbers);
    return PTL_OK;
}

/* (L) */
static ptl_status compute(product *p)
{
    PTL_TRY(number_columns(p));
    PTL_TRY(take_own_rows(p));
    PTL_TRY(take_left_rows(p));
    PTL_TRY(make_workspaces(p));
    PTL_TRY(for_each_row(p, count_row));
    PTL_TRY(reserve(p, &p->local));
    PTL_TRY(reserve(p, &p->ghost));
    PTL_TRY(make_orders(p));
    PTL_TRY(for_each_row(p, compute_row[p->dtype]));
    return drop_unused_ghosts(p);
}

/* A block as a CSR matrix, which takes its arrays. */
static ptl_status take_block(const product *p, made *block, ptl_csr **out)
{
    ptl_exec *exec = p->A->whole->base.exec;
    const void *indptr = block->indptr;
    void *narrow = NULL;
    if (block->itype == PTL_I32) {
        PTL_TRY(ptl__alloc(p->rows + 1, sizeof(int32_t), &narrow));
        for (int64_t row = 0; row <= p->rows; row++)
            ((int32_t *)narrow)[row] = (int32_t)block->indptr[row];
        indptr = narrow;
    } else {
        block->indptr = NULL;
    }
    const ptl_csr_arrays arrays = {p->rows, block->cols,    p->dtype,     block->itype,
                                   indptr,  block->indices, block->values};
    block->indices = block->values = NULL;
    return ptl__csr_take(exec, &arrays, out);
}

static void block_clear(made *block)
{
    ptl__free(block->indptr);
    ptl__free(block->indices);
    ptl__free(block->values);
}

static void product_clear(product *p)
{
    for (int thread = 0; p->work && thread < p->threads; thread++) {
        ptl__row_bitmap_clear(&p->work[thread].bitmap);
        ptl__free(p->work[thread].sums);
        ptl__free(p->work[thread].order);
    }
    ptl__free(p->work);
    ptl__rows_clear(&p->left);
    ptl__rows_clear(&p->own);
    ptl__rows_clear(&p->fetched);
    block_clear(&p->local);
    block_clear(&p->ghost);
    ptl__free(p->ghosts);
    ptl_index_map_release(&p->map);
}

/* (C) The rows of B whose indices are A's ghosts. */
static ptl_status fetch(product *p)
{
    const ptl__operand *A = p->A, *B = p->B;
    const int64_t ghosts = A->combined - A->A->base.local_cols;
    int64_t *names = NULL;
    ptl_status status = PTL_OK;
    if (!ptl_partition_equal(A->cols, B->rows)) /* on every rank */
        status =
            ptl_fail(PTL_DIMENSION, "the columns of A and the rows of B have different partitions");
    if (status == PTL_OK)
        status = ptl__operand_names(B, &names);
    status = ptl__fetch_rows(B, status, names, ghosts,
                             ghosts > 0 ? ptl_index_map_ghosts(A->A->map) : NULL, &p->fetched);
    ptl__free(names);
    return status;
}

/* (C) */
static ptl_status multiply(product *p, ptl_matrix **out)
{
    ptl_csr *local = NULL, *ghost = NULL;
    PTL_TRY(fetch(p));
    ptl_status status = compute(p);
    if (status == PTL_OK)
        status = take_block(p, &p->local, &local);
    if (status == PTL_OK && p->num_ghosts > 0)
        status = take_block(p, &p->ghost, &ghost);
    status = ptl__agree(p->A->A->base.comm, status, 0, "calls");
    if (status == PTL_OK) {
        const ptl_matrix_layout layout = ptl__operand_layout(p->A, p->A->rows, p->B->cols);
        status = ptl_matrix_from_blocks(&layout, p->num_ghosts, p->ghosts, local, ghost, out);
    }
    ptl_csr_release(&local);
    ptl_csr_release(&ghost);
    return status;
}

/* (L) */
static ptl_status check(const ptl_linop *A, const ptl_linop *B)
{
    PTL_CHECK(A->dtype != PTL_F16, PTL_NOT_SUPPORTED,
              "A is float16, but products of float16 matrices are not supported: convert it first, "
              "astype(\"float32\")");
    PTL_CHECK(A->dtype == B->dtype, PTL_DTYPE, "A is %s, B is %s", ptl_dtype_name(A->dtype),
              ptl_dtype_name(B->dtype));
    PTL_CHECK(A->cols == B->rows, PTL_DIMENSION, "A has %lld columns, B %lld rows",
              (long long)A->cols, (long long)B->rows);
    return PTL_OK;
}

/* No more threads than have some rows each: every one needs a number per column. */
static int threads_for(const ptl_linop *A)
{
    const int64_t useful = A->local_rows / 64 + 1;
    return A->exec->threads < useful ? A->exec->threads : (int)useful;
}

ptl_status ptl_matrix_multiply(ptl_matrix *A, ptl_matrix *B, ptl_matrix **out)
{
    *out = NULL;
    PTL_CHECK(A && B, PTL_INVALID, "A or B is NULL");
    ptl__operand operands[2];
    PTL_TRY(ptl__operands_open(2, (ptl_matrix *const[]){A, B}, check(&A->base, &B->base),
                               PTL__MULTIPLY, operands));
    product p = {.A = &operands[0],
                 .B = &operands[1],
                 .dtype = A->base.dtype,
                 .rows = A->base.local_rows,
                 .threads = threads_for(&A->base)};
    ptl_status status = multiply(&p, out);
    product_clear(&p);
    ptl__operands_close(2, operands);
    return status;
}
