/* What the tests of distributed objects share: problems that every rank knows in full, with the
 * dense products that it makes for itself, and the frame of a program. */
#ifndef TESTS_MPI_PROBLEM_H
#define TESTS_MPI_PROBLEM_H

#include <complex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/linop.h"
#include "base/vector.h"
#include "core/memory.h"
#include "kernels/exec.h"
#include "matrix/csr.h"
#include <petiole/petiole.h>

static ptl_comm *comm;
static int rank, size, failures;

#define CHECK(cond)                                                                                \
    do {                                                                                           \
        if (!(cond) && failures++ < 20)                                                            \
            fprintf(stderr, "rank %d of %d: %s:%d: %s [%s]\n", rank, size, __FILE__, __LINE__,     \
                    #cond, ptl_error_message());                                                   \
    } while (0)

typedef double _Complex number;

static unsigned seed; /* the same on all ranks at all times */

static inline int random_below(int n)
{
    seed = seed * 1103515245u + 12345u;
    return (int)((seed >> 8) % (unsigned)n);
}

/* Elements of any dtype, as numbers. */
static inline void put(void *array, ptl_dtype dtype, int64_t i, number value)
{
    if (dtype == PTL_F32)
        ((float *)array)[i] = (float)creal(value);
    else if (dtype == PTL_F64)
        ((double *)array)[i] = creal(value);
    else if (dtype == PTL_C64)
        ((float _Complex *)array)[i] = (float _Complex)value;
    else
        ((number *)array)[i] = value;
}

static inline number get(const void *array, ptl_dtype dtype, int64_t i)
{
    switch (dtype) {
    case PTL_F32:
        return ((const float *)array)[i];
    case PTL_F64:
        return ((const double *)array)[i];
    case PTL_C64:
        return ((const float _Complex *)array)[i];
    default:
        return ((const number *)array)[i];
    }
}

/* Eighths, so that sums are exact in every dtype. */
static inline number random_number(ptl_dtype dtype)
{
    number re = (random_below(33) - 16) / 8.0, im = (random_below(33) - 16) / 8.0;
    return ptl_dtype_is_complex(dtype) ? re + I * im : re;
}

/* The ways to share [0, n): uniform, by blocks in reverse with rank 0 owning nothing, and at
 * random. */
enum { UNIFORM, REVERSED, SCATTERED, SHARES };

static inline ptl_partition *share(int n, int how)
{
    ptl_partition *p = NULL;
    int *owner = malloc((size_t)(n + 1) * sizeof *owner), others = size > 1 ? size - 1 : 1;
    for (int i = 0; i < n; i++)
        owner[i] = how == REVERSED ? size - 1 - (int)((int64_t)i * others / n) : random_below(size);
    if (how == UNIFORM)
        CHECK(ptl_partition_uniform(size, n, &p) == PTL_OK);
    else
        CHECK(ptl_partition_from_mapping(n, owner, size, &p) == PTL_OK);
    free(owner);
    return p;
}

static inline int owner_of(const ptl_partition *p, int64_t index)
{
    int owner = -1;
    CHECK(ptl_partition_owner(p, index, &owner) == PTL_OK);
    return owner;
}

/* One problem, known to every rank in full, and this rank's share of its triplets. */
typedef struct problem {
    int rows, cols, count;
    ptl_dtype dtype;
    ptl_matrix_layout layout;
    int *row, *col, *giver;
    number *dense; /* of rows x cols */
    number *value;
    char *stored;
    /* what this rank gives */
    ptl_triplets mine;
    int64_t *my_rows, *my_cols;
    void *my_values;
} problem;

/* New random values, given here and added up everywhere. */
static inline void draw_values(problem *p)
{
    memset(p->dense, 0, (size_t)(p->rows * p->cols + 1) * sizeof *p->dense);
    int64_t mine = 0;
    for (int i = 0; i < p->count; i++) {
        p->value[i] = random_number(p->dtype);
        p->dense[p->row[i] * p->cols + p->col[i]] += p->value[i];
        if (p->giver[i] == rank)
            put(p->my_values, p->dtype, mine++, p->value[i]);
    }
}

/* Square where how_cols is negative. foreign: triplets are given by any rank, else by their owners.
 */
static inline problem *make_problem(int rows, int cols, int count, ptl_dtype dtype, int how,
                                    int how_cols, int foreign)
{
    problem *p = calloc(1, sizeof *p);
    size_t room = (size_t)count + 1;
    p->rows = rows;
    p->cols = how_cols < 0 ? rows : cols;
    p->count = p->rows && p->cols ? count : 0;
    p->dtype = dtype;
    p->layout.comm = comm;
    p->layout.partition = share(p->rows, how);
    p->layout.col_partition = how_cols < 0 ? NULL : share(p->cols, how_cols);
    p->row = malloc(room * sizeof *p->row);
    p->col = malloc(room * sizeof *p->col);
    p->giver = malloc(room * sizeof *p->giver);
    p->value = malloc(room * sizeof *p->value);
    p->dense = calloc((size_t)(p->rows * p->cols + 1), sizeof *p->dense);
    p->stored = calloc((size_t)(p->rows * p->cols + 1), 1);
    p->my_rows = malloc(room * sizeof *p->my_rows);
    p->my_cols = malloc(room * sizeof *p->my_cols);
    p->my_values = malloc(room * sizeof(number));
    int64_t mine = 0;
    for (int i = 0; i < p->count; i++) {
        p->row[i] = random_below(p->rows);
        p->col[i] = random_below(p->cols);
        p->giver[i] = foreign ? random_below(size) : owner_of(p->layout.partition, p->row[i]);
        p->stored[p->row[i] * p->cols + p->col[i]] = 1;
        if (p->giver[i] == rank) {
            p->my_rows[mine] = p->row[i];
            p->my_cols[mine++] = p->col[i];
        }
    }
    draw_values(p);
    p->mine = (ptl_triplets){mine, p->my_rows, p->my_cols, p->my_values, dtype};
    return p;
}

static inline void free_problem(problem *p)
{
    ptl_partition_release(&p->layout.partition);
    ptl_partition_release(&p->layout.col_partition);
    free(p->row);
    free(p->col);
    free(p->giver);
    free(p->value);
    free(p->dense);
    free(p->stored);
    free(p->my_rows);
    free(p->my_cols);
    free(p->my_values);
    free(p);
}

static inline ptl_partition *columns_of(const problem *p)
{
    return p->layout.col_partition ? p->layout.col_partition : p->layout.partition;
}

/* A vector whose rows are given by any rank, and all of it as numbers. */
static inline ptl_vector *random_vector(ptl_partition *partition, int n, int columns,
                                        ptl_dtype dtype, number *whole)
{
    size_t room = (size_t)(n * columns + 1);
    int64_t *indices = malloc(room * sizeof *indices), count = 0;
    void *values = malloc(room * sizeof(number));
    ptl_vector *v = NULL;
    for (int i = 0; i < n; i++) {
        int giver = random_below(size);
        for (int j = 0; j < columns; j++) {
            whole[i * columns + j] = random_number(dtype);
            if (giver == rank)
                put(values, dtype, count * columns + j, whole[i * columns + j]);
        }
        if (giver == rank)
            indices[count++] = i;
    }
    ptl_vector_shape shape = {-1, -1, columns == 1 ? 0 : columns, dtype};
    CHECK(ptl_vector_from_global(comm, NULL, partition, shape, count, indices, values, &v) ==
          PTL_OK);
    free(indices);
    free(values);
    return v;
}

static inline void check_vector(ptl_vector *v, int n, int columns, const number *expected)
{
    void *all = calloc((size_t)(n * columns + 1), sizeof(number));
    int roots[] = {-1, size - 1};
    for (int r = 0; r < 2; r++) {
        int root = roots[r], here = root < 0 || root == rank, wrong = 0;
        CHECK(ptl_vector_gather(v, root, here ? all : NULL) == PTL_OK);
        for (int i = 0; here && i < n * columns; i++)
            wrong += get(all, ptl_vector_dtype(v), i) != expected[i];
        CHECK(wrong == 0);
    }
    free(all);
}

/* Entry (i, k) of op(A). */
static inline number entry(const problem *p, ptl_op op, int i, int k)
{
    if (op == PTL_OP_NONE)
        return p->dense[i * p->cols + k];
    return op == PTL_OP_TRANSPOSE ? p->dense[k * p->cols + i] : conj(p->dense[k * p->cols + i]);
}

/* y = alpha op(A) x + beta y with the problem's dense matrix; with_beta 0: y = op(A) x. */
static inline void check_product(const problem *p, ptl_matrix *A, ptl_op op, int columns,
                                 int with_beta)
{
    const int plain = op == PTL_OP_NONE, rows = plain ? p->rows : p->cols,
              cols = plain ? p->cols : p->rows;
    ptl_partition *from = plain ? columns_of(p) : p->layout.partition,
                  *to = plain ? p->layout.partition : columns_of(p);
    number *x = calloc((size_t)(cols * columns + 1), sizeof *x);
    number *y = calloc((size_t)(rows * columns + 1), sizeof *y);
    ptl_vector *xv = random_vector(from, cols, columns, p->dtype, x);
    ptl_vector *yv = random_vector(to, rows, columns, p->dtype, y);
    number alpha[3], beta[3];
    double coefs[2][6];
    int parts = ptl_dtype_is_complex(p->dtype) ? 2 : 1;
    for (int j = 0; j < columns; j++) {
        alpha[j] = with_beta ? random_number(p->dtype) : 1;
        beta[j] = with_beta ? random_number(p->dtype) : 0;
        coefs[0][j * parts] = creal(alpha[j]);
        coefs[1][j * parts] = creal(beta[j]);
        if (parts == 2) {
            coefs[0][2 * j + 1] = cimag(alpha[j]);
            coefs[1][2 * j + 1] = cimag(beta[j]);
        }
    }
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) {
            number sum = 0;
            for (int k = 0; k < cols; k++)
                sum += entry(p, op, i, k) * x[k * columns + j];
            y[i * columns + j] = alpha[j] * sum + beta[j] * y[i * columns + j];
        }
    for (int64_t i = 0; !with_beta && i < yv->local_rows * yv->ld; i++)
        put(yv->data, p->dtype, i, 0.0 / 0.0); /* not to be read */
    CHECK(ptl_linop_apply_op(ptl_matrix_linop(A), op, with_beta ? coefs[0] : NULL, xv,
                             with_beta ? coefs[1] : NULL, yv) == PTL_OK);
    check_vector(yv, rows, columns, y);
    ptl_vector_release(&xv);
    ptl_vector_release(&yv);
    free(x);
    free(y);
}

/* The product and x' A x in one pass, which allocates nothing once prepared. */
static inline void check_apply_dot(const problem *p, ptl_matrix *A, int columns)
{
    number *x = calloc((size_t)(p->cols * columns + 1), sizeof *x), expected[3] = {0};
    ptl_vector *xv = random_vector(columns_of(p), p->cols, columns, p->dtype, x), *yv = NULL;
    CHECK(ptl_vector_zeros_like(xv, &yv) == PTL_OK);
    for (int i = 0; i < p->rows; i++)
        for (int k = 0; k < p->cols; k++)
            for (int j = 0; j < columns; j++)
                expected[j] +=
                    conj(x[i * columns + j]) * p->dense[i * p->cols + k] * x[k * columns + j];
    double sums[6] = {0};
    int parts = ptl_dtype_is_complex(p->dtype) ? 2 : 1;
    CHECK(ptl_comm_agree(comm, ptl__linop_prepare(ptl_matrix_linop(A), PTL_OP_NONE, xv)) == PTL_OK);
    ptl__alloc_fail_after(1);
    CHECK(ptl__linop_apply_dot(ptl_matrix_linop(A), xv, yv, sums) == PTL_OK);
    CHECK(ptl__exec_wait(ptl_vector_exec(xv)) == PTL_OK);
    ptl__alloc_fail_after(0);
    CHECK(ptl__exec_wait(ptl_matrix_linop(A)->exec) == PTL_OK); /* the sums are there */
    CHECK(ptl_comm_allreduce(comm, sums, columns * parts, PTL_MTYPE_DOUBLE, PTL_REDUCE_SUM) ==
          PTL_OK);
    for (int j = 0; j < columns; j++) {
        number got = parts == 2 ? sums[2 * j] + I * sums[2 * j + 1] : sums[j];
        CHECK(cabs(got - expected[j]) <= 1e-12 * (1 + cabs(expected[j])));
    }
    ptl_vector_release(&xv);
    ptl_vector_release(&yv);
    free(x);
}

static inline void check_diagonal(const problem *p, ptl_matrix *A)
{
    ptl_vector *d = NULL;
    ptl_status status = ptl_matrix_diagonal(A, &d);
    if (!ptl_partition_equal(p->layout.partition, columns_of(p))) {
        CHECK(status == PTL_DIMENSION && !d);
        return;
    }
    number *diagonal = malloc((size_t)(p->rows + 1) * sizeof *diagonal);
    for (int i = 0; i < p->rows; i++)
        diagonal[i] = p->dense[i * p->cols + i];
    CHECK(status == PTL_OK);
    check_vector(d, p->rows, 1, diagonal);
    ptl_vector_release(&d);
    free(diagonal);
}

/* All that a matrix can do, against the dense one. */
static inline void check_matrix(const problem *p, ptl_matrix *A)
{
    int64_t nnz = -1, stored = 0;
    for (int i = 0; i < p->rows * p->cols; i++)
        stored += p->stored[i];
    CHECK(ptl_matrix_nnz(A, &nnz) == PTL_OK && nnz == stored);
    for (int columns = 1; columns <= 3; columns += 2) {
        for (ptl_op op = PTL_OP_NONE; op < PTL_OP_COUNT; op++) {
            check_product(p, A, op, columns, 0);
            check_product(p, A, op, columns, 1);
        }
        if (ptl_partition_equal(p->layout.partition, columns_of(p)))
            check_apply_dot(p, A, columns);
    }
    check_diagonal(p, A);
}

/* Runs the tests over the world; exit status of the program. No memory may be left. */
static inline int run_tests(void (*tests)(void), const char *name)
{
    ptl_exec *exec = NULL; /* the default stays alive, so that leaks can be counted */
    if (ptl_comm_world(&comm) != PTL_OK || ptl_exec_default(&exec) != PTL_OK) {
        fprintf(stderr, "%s\n", ptl_error_message());
        return 1;
    }
    rank = ptl_comm_rank(comm);
    size = ptl_comm_size(comm);
    CHECK(ptl_comm_barrier(comm) == PTL_OK); /* the communicator opens */
    int64_t live = ptl__alloc_live();
    tests();
    CHECK(ptl__alloc_live() == live);
    int64_t sum = failures;
    if (ptl_comm_allreduce(comm, &sum, 1, PTL_MTYPE_INT64, PTL_REDUCE_SUM) != PTL_OK)
        sum++;
    if (rank == 0)
        printf("%s on %d ranks: %s\n", name, size, sum ? "FAILED" : "ok");
    ptl_exec_release(&exec);
    ptl_comm_release(&comm);
    return sum != 0;
}

#endif
