/* Distributed objects over ranks, against dense products that every rank makes for itself. Run with
 * any number of ranks; exits non-zero where anything is wrong on any rank. */
#include <complex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/linop.h"
#include "base/vector.h"
#include "core/memory.h"
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

static int random_below(int n)
{
    seed = seed * 1103515245u + 12345u;
    return (int)((seed >> 8) % (unsigned)n);
}

/* Elements of any dtype, as numbers. */
static void put(void *array, ptl_dtype dtype, int64_t i, number value)
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

static number get(const void *array, ptl_dtype dtype, int64_t i)
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
static number random_number(ptl_dtype dtype)
{
    number re = (random_below(33) - 16) / 8.0, im = (random_below(33) - 16) / 8.0;
    return ptl_dtype_is_complex(dtype) ? re + I * im : re;
}

/* The ways to share [0, n): uniform, by blocks in reverse with rank 0 owning nothing, and at
 * random. */
enum { UNIFORM, REVERSED, SCATTERED, SHARES };

static ptl_partition *share(int n, int how)
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

static int owner_of(const ptl_partition *p, int64_t index)
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
static void draw_values(problem *p)
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
static problem *make_problem(int rows, int cols, int count, ptl_dtype dtype, int how, int how_cols,
                             int foreign)
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

static void free_problem(problem *p)
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

static ptl_partition *columns_of(const problem *p)
{
    return p->layout.col_partition ? p->layout.col_partition : p->layout.partition;
}

/* A vector whose rows are given by any rank, and all of it as numbers. */
static ptl_vector *random_vector(ptl_partition *partition, int n, int columns, ptl_dtype dtype,
                                 number *whole)
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

static void check_vector(ptl_vector *v, int n, int columns, const number *expected)
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

/* y = alpha A x + beta y with the problem's dense matrix; with_beta 0: y = A x. */
static void check_product(const problem *p, ptl_matrix *A, int columns, int with_beta)
{
    number *x = calloc((size_t)(p->cols * columns + 1), sizeof *x);
    number *y = calloc((size_t)(p->rows * columns + 1), sizeof *y);
    ptl_vector *xv = random_vector(columns_of(p), p->cols, columns, p->dtype, x);
    ptl_vector *yv = random_vector(p->layout.partition, p->rows, columns, p->dtype, y);
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
    for (int i = 0; i < p->rows; i++)
        for (int j = 0; j < columns; j++) {
            number sum = 0;
            for (int k = 0; k < p->cols; k++)
                sum += p->dense[i * p->cols + k] * x[k * columns + j];
            y[i * columns + j] = alpha[j] * sum + beta[j] * y[i * columns + j];
        }
    for (int64_t i = 0; !with_beta && i < yv->local_rows * yv->ld; i++)
        put(yv->data, p->dtype, i, 0.0 / 0.0); /* not to be read */
    CHECK(ptl_linop_apply(ptl_matrix_linop(A), with_beta ? coefs[0] : NULL, xv,
                          with_beta ? coefs[1] : NULL, yv) == PTL_OK);
    check_vector(yv, p->rows, columns, y);
    ptl_vector_release(&xv);
    ptl_vector_release(&yv);
    free(x);
    free(y);
}

/* The product and x' A x in one pass, which allocates nothing once prepared. */
static void check_apply_dot(const problem *p, ptl_matrix *A, int columns)
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
    CHECK(ptl_comm_agree(comm, ptl__linop_prepare(ptl_matrix_linop(A), xv)) == PTL_OK);
    ptl__alloc_fail_after(1);
    CHECK(ptl__linop_apply_dot(ptl_matrix_linop(A), xv, yv, sums) == PTL_OK);
    ptl__alloc_fail_after(0);
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

static void check_diagonal(const problem *p, ptl_matrix *A)
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
static void check_matrix(const problem *p, ptl_matrix *A)
{
    int64_t nnz = -1, stored = 0;
    for (int i = 0; i < p->rows * p->cols; i++)
        stored += p->stored[i];
    CHECK(ptl_matrix_nnz(A, &nnz) == PTL_OK && nnz == stored);
    for (int columns = 1; columns <= 3; columns += 2) {
        check_product(p, A, columns, 0);
        check_product(p, A, columns, 1);
        if (ptl_partition_equal(p->layout.partition, columns_of(p)))
            check_apply_dot(p, A, columns);
    }
    check_diagonal(p, A);
}

/* A again, from its own blocks. */
static void check_blocks(const problem *p, ptl_matrix *A)
{
    ptl_csr *ghost = NULL;
    ptl_matrix *B = NULL;
    ptl_index_map *map = ptl_matrix_index_map(A);
    int64_t num_ghosts = ptl_index_map_ghost_size(map);
    CHECK(ptl_matrix_ghost(A, &ghost) == PTL_OK && ghost);
    CHECK(ptl_csr_nnz(ghost) + ptl_csr_nnz(ptl_linop_as_csr(ptl_matrix_local(A))) ==
          ptl_matrix_local_nnz(A));
    CHECK(ptl_matrix_from_blocks(&p->layout, num_ghosts, ptl_index_map_ghosts(map),
                                 ptl_linop_as_csr(ptl_matrix_local(A)), num_ghosts ? ghost : NULL,
                                 &B) == PTL_OK);
    if (B)
        check_matrix(p, B);
    ptl_matrix_release(&B);
}

/* The owned rows as CSR, columns in no order. */
static void check_csr(problem *p)
{
    int64_t rows = 0, nnz = 0;
    CHECK(ptl_partition_part_size(p->layout.partition, rank, &rows) == PTL_OK);
    int64_t *indptr = calloc((size_t)rows + 1, sizeof *indptr);
    int64_t *indices = malloc((size_t)(p->count + 1) * sizeof *indices);
    void *values = malloc((size_t)(p->count + 1) * sizeof(number));
    for (int64_t r = 0; r < rows; r++) {
        int64_t global = -1;
        CHECK(ptl_partition_to_global(p->layout.partition, rank, r, &global) == PTL_OK);
        for (int i = 0; i < p->count; i++)
            if (p->row[i] == global) {
                indices[nnz] = p->col[i];
                put(values, p->dtype, nnz++, p->value[i]);
            }
        indptr[r + 1] = nnz;
    }
    ptl_csr_arrays arrays = {rows, 0, p->dtype, PTL_I64, indptr, indices, values};
    ptl_matrix *A = NULL;
    CHECK(ptl_matrix_from_csr(&p->layout, &arrays, &A) == PTL_OK);
    if (A) {
        check_matrix(p, A);
        memset(values, 0, (size_t)nnz * ptl_dtype_size(p->dtype));
        CHECK(ptl_matrix_update_values(A, nnz, p->dtype, values) == PTL_OK);
        CHECK(ptl_matrix_update_values(A, nnz + (rank == size - 1), p->dtype, values) ==
              PTL_DIMENSION);
    }
    ptl_matrix_release(&A);
    free(indptr);
    free(indices);
    free(values);
}

static void check_problem(int rows, int cols, int count, ptl_dtype dtype, int how, int how_cols)
{
    for (int foreign = 0; foreign < 2; foreign++) {
        problem *p = make_problem(rows, cols, count, dtype, how, how_cols, foreign);
        ptl_matrix *A = NULL;
        CHECK(ptl_matrix_from_coo(&p->layout, &p->mine,
                                  foreign ? PTL_FOREIGN_SEND : PTL_FOREIGN_REFUSE, &A) == PTL_OK);
        if (A) {
            check_matrix(p, A);
            check_blocks(p, A);
            draw_values(p);
            CHECK(ptl_matrix_update_values(A, p->mine.count, dtype, p->my_values) == PTL_OK);
            check_matrix(p, A);
            check_blocks(p, A);
        }
        ptl_matrix_release(&A);
        check_csr(p);
        free_problem(p);
    }
}

static void test_products(void)
{
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; dtype++) {
        for (int how = 0; how < SHARES; how++) {
            check_problem(23, 0, 120, (ptl_dtype)dtype, how, -1);
            check_problem(17, 31, 90, (ptl_dtype)dtype, how, (how + 1) % SHARES);
            check_problem(31, 5, 90, (ptl_dtype)dtype, how, how);
        }
        check_problem(0, 0, 0, (ptl_dtype)dtype, UNIFORM, -1);
        check_problem(2, 0, 3, (ptl_dtype)dtype, UNIFORM, -1);
        check_problem(12, 0, 0, (ptl_dtype)dtype, SCATTERED, -1);
        check_problem(5, 0, 2000, (ptl_dtype)dtype, UNIFORM, -1);
        check_problem(300, 0, 3000, (ptl_dtype)dtype, SCATTERED, -1);
    }
}

/* Fails with `code` on every rank, naming `culprit`. */
#define REFUSED(call, code, culprit, out)                                                          \
    do {                                                                                           \
        CHECK((call) == (code));                                                                   \
        CHECK(ptl_error_rank() == (culprit));                                                      \
        CHECK((out) == NULL);                                                                      \
    } while (0)

static void test_refusals(void)
{
    int last = size - 1;
    ptl_matrix *A = NULL;
    problem *p = make_problem(20, 0, 60, PTL_F64, UNIFORM, -1, 1);
    int64_t kept_row = p->my_rows[0], kept_col = p->my_cols[0];
    if (rank == last)
        p->my_rows[0] = 20;
    p->mine.count += p->mine.count == 0;
    REFUSED(ptl_matrix_from_coo(&p->layout, &p->mine, PTL_FOREIGN_SEND, &A), PTL_INDEX, last, A);
    char words[64];
    snprintf(words, sizeof words, "rank %d: rows[0] is 20", last);
    CHECK(strstr(ptl_error_message(), words));
    p->my_rows[0] = kept_row;
    if (rank == 0)
        p->my_cols[0] = -1;
    REFUSED(ptl_matrix_from_coo(&p->layout, &p->mine, PTL_FOREIGN_SEND, &A), PTL_INDEX, 0, A);
    p->my_cols[0] = kept_col;
    if (size > 1) {
        for (int64_t i = 0; i < p->mine.count; i++) /* only rank 1 has a row of another rank */
            p->my_rows[i] = 20 * (int64_t)rank / size + 1;
        if (rank == 1)
            p->my_rows[0] = 0;
        REFUSED(ptl_matrix_from_coo(&p->layout, &p->mine, PTL_FOREIGN_REFUSE, &A), PTL_INDEX, 1, A);
        ptl_triplets other = p->mine;
        other.dtype = rank == 1 ? PTL_F32 : PTL_F64;
        CHECK(ptl_matrix_from_coo(&p->layout, &other, PTL_FOREIGN_SEND, &A) == PTL_DIMENSION && !A);
        ptl_matrix_layout differs = p->layout;
        ptl_partition *more = NULL;
        CHECK(ptl_partition_uniform(size, 21, &more) == PTL_OK);
        if (rank == last)
            differs.partition = more;
        CHECK(ptl_matrix_from_coo(&differs, &p->mine, PTL_FOREIGN_SEND, &A) == PTL_DIMENSION && !A);
        ptl_partition_release(&more);
    }
    free_problem(p);
    ptl_partition *part = NULL;
    int64_t index = rank == last ? -7 : 0;
    double value = 1;
    ptl_vector *v = NULL;
    CHECK(ptl_partition_uniform(size, 20, &part) == PTL_OK);
    REFUSED(ptl_vector_from_global(comm, NULL, part, (ptl_vector_shape){-1, -1, 0, PTL_F64}, 1,
                                   &index, &value, &v),
            PTL_INDEX, last, v);
    ptl_partition_release(&part);
}

/* Given twice is summed, given by nobody is zero. */
static void test_vector_sums(void)
{
    ptl_partition *p = share(11, REVERSED);
    int64_t indices[] = {3, 8, 3};
    double values[] = {1, 2, 4};
    number expected[11] = {[3] = 5 * size, [8] = 2 * size};
    ptl_vector *v = NULL;
    CHECK(ptl_vector_from_global(comm, NULL, p, (ptl_vector_shape){-1, -1, 0, PTL_F64}, 3, indices,
                                 values, &v) == PTL_OK);
    check_vector(v, 11, 1, expected);
    double out[11];
    CHECK(ptl_vector_gather(v, size, out) == PTL_INDEX);
    CHECK(ptl_vector_gather(v, -1, rank == size - 1 ? NULL : out) == PTL_INVALID);
    ptl_vector_release(&v);
    ptl_partition_release(&p);
}

static void test_collective_partitions(void)
{
    ptl_partition *p = NULL, *q = NULL;
    int64_t n = 0, lengths[64];
    for (int r = 0; r < size; r++)
        n += lengths[r] = r == 0 && size > 1 ? 0 : 3 * r + 1;
    CHECK(ptl_partition_from_local_size(comm, lengths[rank], &p) == PTL_OK);
    CHECK(ptl_partition_size(p) == n && ptl_partition_has_ordered_parts(p));
    int64_t start = 0;
    for (int r = 0; r < rank; r++)
        start += lengths[r];
    CHECK(ptl_partition_from_local_range(comm, start, start + lengths[rank], &q) == PTL_OK);
    CHECK(ptl_partition_equal(p, q));
    ptl_partition_release(&q);
    int64_t stop = n - start; /* the same ranges from the other end */
    CHECK(ptl_partition_from_local_range(comm, stop - lengths[rank], stop, &q) == PTL_OK);
    CHECK(owner_of(q, 0) == size - 1);
    ptl_partition_release(&q);
    ptl_partition_release(&p);
    CHECK(ptl_partition_from_local_range(comm, 5, 5, &p) == PTL_OK && ptl_partition_size(p) == 0);
    ptl_partition_release(&p);
    REFUSED(ptl_partition_from_local_size(comm, rank == size - 1 ? -1 : 1, &p), PTL_INVALID,
            size - 1, p);
    CHECK(ptl_partition_from_local_range(comm, 10 * rank + 1, 10 * rank + 10, &p) == PTL_INVALID);
    CHECK(strstr(ptl_error_message(), "no rank owns [0, 1)") && !p);
    if (size > 1) {
        CHECK(ptl_partition_from_local_range(comm, 10 * rank - (rank == 1), 10 * rank + 10, &p) ==
              PTL_INVALID);
        CHECK(strstr(ptl_error_message(), "ranks 0 and 1 both own index 9") && !p);
        CHECK(ptl_partition_from_local_size(comm, INT64_MAX / 2 + 1, &p) == PTL_INVALID && !p);
    }
}

/* A of test_wide_columns times the vector whose last three elements are 1, 2, 3, the first one
 * being 5: memory that is never touched is not there. */
static void check_wide_product(ptl_matrix *A, int64_t wide)
{
    const int64_t part = wide / size;
    const size_t bytes = (size_t)part * sizeof(float);
    float *data = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(data != MAP_FAILED);
    if (rank == 0)
        data[0] = 5;
    if (rank == size - 1)
        for (int i = 1; i <= 3; i++)
            data[part - 4 + i] = (float)i;
    ptl_vector *x = NULL, *y = NULL;
    CHECK(ptl_vector_view(comm, NULL, (ptl_vector_shape){wide, part, 0, PTL_F32}, 1, data, NULL,
                          NULL, &x) == PTL_OK);
    CHECK(ptl_vector_create(comm, NULL, (ptl_vector_shape){size, 1, 0, PTL_F32}, &y) == PTL_OK);
    CHECK(ptl_linop_apply(ptl_matrix_linop(A), NULL, x, NULL, y) == PTL_OK);
    CHECK(*(float *)ptl_vector_data(y) == (1 + 4) * 3 + 2 * 5 + 8 * 2);
    ptl_vector_release(&x);
    ptl_vector_release(&y);
    munmap(data, bytes);
}

/* Columns that need 64 bits on every rank, in the blocks and in the halo. */
static void test_wide_columns(void)
{
    ptl_matrix_layout layout = {.comm = comm};
    int64_t wide = (((int64_t)1 << 31) + 8) * size;
    CHECK(ptl_partition_uniform(size, size, &layout.partition) == PTL_OK);
    CHECK(ptl_partition_uniform(size, wide, &layout.col_partition) == PTL_OK);
    int64_t rows[] = {rank, rank, rank, rank}, cols[] = {wide - 1, 0, wide - 1, wide - 2};
    float values[] = {1, 2, 4, 8};
    ptl_matrix *A = NULL;
    CHECK(ptl_matrix_from_coo(&layout, &(ptl_triplets){4, rows, cols, values, PTL_F32},
                              PTL_FOREIGN_REFUSE, &A) == PTL_OK);
    int64_t ghosts = (rank != 0) + 2 * (rank != size - 1);
    CHECK(ptl_index_map_ghost_size(ptl_matrix_index_map(A)) == ghosts);
    CHECK(ptl_matrix_local_nnz(A) == 3);
    ptl_csr *ghost = NULL;
    CHECK(ptl_matrix_ghost(A, &ghost) == PTL_OK && ghost->itype == PTL_I64);
    CHECK(ptl_matrix_update_values(A, 4, PTL_F32, values) == PTL_OK);
    if (rank != size - 1)
        CHECK(((float *)ghost->values)[rank != 0] == 8 &&
              ((float *)ghost->values)[1 + (rank != 0)] == 5);
    check_wide_product(A, wide);
    ptl_matrix_release(&A);
    ptl_partition_release(&layout.partition);
    ptl_partition_release(&layout.col_partition);
}

/* Block-diagonal, of a CSR on each rank, and of a CSR on some and an operator on others. */
static ptl_status negate(void *ctx, ptl_vector *x, ptl_vector *y)
{
    if (ctx && *(int *)ctx)
        return ptl_fail(PTL_CALLBACK, "refused here");
    for (int64_t i = 0; i < x->local_rows; i++)
        ((double *)y->data)[i * y->ld] = -((double *)x->data)[i * x->ld];
    return PTL_OK;
}

static void test_local_operators(void)
{
    const int32_t indptr[] = {0, 1, 2}, indices[] = {0, 1};
    const double minus[] = {-1, -1};
    const ptl_csr_arrays arrays = {2, 2, PTL_F64, PTL_I32, indptr, indices, minus};
    const ptl_linop_callbacks callbacks = {.apply = negate};
    int fails = 0, last = size - 1;
    ptl_csr *csr = NULL;
    ptl_linop *op = NULL;
    CHECK(ptl_csr_copy_of(NULL, &arrays, &csr) == PTL_OK);
    CHECK(ptl_linop_create(NULL, NULL, 2, 2, PTL_F64, &callbacks, &fails, &op) == PTL_OK);
    const ptl_vector_shape shape = {-1, 2, 0, PTL_F64};
    const double data[] = {rank + 1, 5};
    ptl_vector *x = NULL, *y = NULL;
    CHECK(ptl_vector_copy_of(comm, NULL, shape, 1, data, &x) == PTL_OK);
    CHECK(ptl_vector_create(comm, NULL, shape, &y) == PTL_OK);
    for (int mixed = 0; mixed < 2; mixed++) {
        ptl_linop *local = mixed && rank == last ? op : ptl_csr_linop(csr);
        ptl_matrix *A = NULL;
        CHECK(ptl_matrix_from_local(comm, local, 2 * size + 1, -1, &A) == PTL_DIMENSION && !A);
        CHECK(ptl_matrix_from_local(comm, local, 2 * size, -1, &A) == PTL_OK);
        CHECK(ptl_linop_rows(ptl_matrix_linop(A)) == 2 * size);
        CHECK(ptl_linop_apply(ptl_matrix_linop(A), NULL, x, NULL, y) == PTL_OK);
        CHECK(((double *)y->data)[0] == -data[0] && ((double *)y->data)[y->ld] == -5);
        if (mixed) {
            fails = 1;
            ptl_status status = ptl_linop_apply(ptl_matrix_linop(A), NULL, x, NULL, y);
            CHECK(status == (rank == last ? PTL_CALLBACK : PTL_REMOTE) && ptl_error_rank() == last);
        }
        ptl_matrix_release(&A);
    }
    ptl_vector_release(&x);
    ptl_vector_release(&y);
    ptl_linop_release(&op);
    ptl_csr_release(&csr);
}

static void check_files(const char *path)
{
    /* symmetric, with columns and rows that several ranks own */
    number *dense = calloc(900, sizeof *dense);
    FILE *file = rank == 0 ? fopen(path, "w") : NULL;
    if (file)
        fprintf(file, "%%%%MatrixMarket matrix coordinate complex hermitian\n30 30 59\n");
    for (int i = 0; i < 30; i++) {
        dense[31 * i] = i + 1;
        if (file)
            fprintf(file, "%d %d %d 0\n", i + 1, i + 1, i + 1);
        if (i == 0)
            continue;
        dense[30 * i + i - 1] = i - 0.5 * I;
        dense[30 * (i - 1) + i] = i + 0.5 * I;
        if (file)
            fprintf(file, "%d %d %d -.5\n", i + 1, i, i);
    }
    CHECK(rank != 0 || (file && fclose(file) == 0));
    problem p = {.rows = 30, .cols = 30, .dtype = PTL_C64, .dense = dense};
    for (int how = 0; how < SHARES; how++) {
        p.layout = (ptl_matrix_layout){.comm = comm, .partition = share(30, how)};
        ptl_matrix *A = NULL;
        CHECK(ptl_matrix_read_mtx(path, &p.layout, PTL_C64, &A) == PTL_OK);
        check_product(&p, A, 3, 1);
        ptl_matrix_release(&A);
        ptl_vector *v = NULL;
        CHECK(ptl_vector_read_mtx(path, comm, NULL, p.layout.partition, -1, &v) == PTL_OK);
        check_vector(v, 30, 30, dense);
        ptl_vector_release(&v);
        CHECK(ptl_matrix_read_mtx(path, &p.layout, PTL_F64, &A) == PTL_DTYPE && !A);
        REFUSED(ptl_matrix_read_mtx("/nowhere", &p.layout, -1, &A), PTL_IO, 0, A);
        ptl_partition_release(&p.layout.partition);
    }
    if (rank == 0 && (file = fopen(path, "a"))) {
        fputs("1 1 1 0\n", file);
        CHECK(fclose(file) == 0);
    }
    ptl_matrix *A = NULL;
    REFUSED(ptl_matrix_read_mtx(path, &(ptl_matrix_layout){.comm = comm}, -1, &A), PTL_FORMAT, 0,
            A);
    free(dense);
}

static void test_files(void)
{
    char path[] = "/tmp/petiole_dist_XXXXXX"; /* rank 0's alone */
    int fd = rank == 0 ? mkstemp(path) : -1;
    CHECK(rank != 0 || fd >= 0);
    check_files(path);
    if (fd >= 0) {
        CHECK(close(fd) == 0);
        CHECK(unlink(path) == 0);
    }
}

/* Calls that take memory: with what they make, and back to nothing. */
typedef ptl_status attempt(const problem *p);

static ptl_status try_coo(const problem *p)
{
    ptl_matrix *A;
    ptl_status status = ptl_matrix_from_coo(&p->layout, &p->mine, PTL_FOREIGN_SEND, &A);
    CHECK((A == NULL) == (status != PTL_OK));
    ptl_matrix_release(&A);
    return status;
}

static ptl_status try_vector(const problem *p)
{
    ptl_vector *v;
    ptl_status status = ptl_vector_from_global(comm, NULL, p->layout.partition,
                                               (ptl_vector_shape){-1, -1, 0, p->dtype},
                                               p->mine.count, p->my_rows, p->my_values, &v);
    CHECK((v == NULL) == (status != PTL_OK));
    ptl_vector_release(&v);
    return status;
}

static ptl_status try_range(const problem *p)
{
    ptl_partition *q;
    ptl_status status =
        ptl_partition_from_local_range(comm, p->rows * rank, p->rows * (rank + 1), &q);
    CHECK((q == NULL) == (status != PTL_OK));
    ptl_partition_release(&q);
    return status;
}

/* Objects that stay while a call on them fails. */
static ptl_matrix *standing;
static ptl_vector *standing_x, *standing_y;
static int new_columns; /* that standing has not met */

static ptl_status try_update(const problem *p)
{
    return ptl_matrix_update_values(standing, p->mine.count, p->dtype, p->my_values);
}

static ptl_status try_gather(const problem *p)
{
    double out[64];
    (void)p;
    return ptl_vector_gather(standing_x, -1, out);
}

static ptl_status try_blocks(const problem *p)
{
    ptl_csr *ghost;
    ptl_matrix *B = NULL;
    ptl_index_map *map = ptl_matrix_index_map(standing);
    if (ptl_matrix_ghost(standing, &ghost) != PTL_OK)
        return PTL_NOMEM; /* does not occur: made before */
    ptl_status status =
        ptl_matrix_from_blocks(&p->layout, ptl_index_map_ghost_size(map), ptl_index_map_ghosts(map),
                               ptl_linop_as_csr(ptl_matrix_local(standing)), ghost, &B);
    ptl_matrix_release(&B);
    return status;
}

/* Columns that no vector had before: the first apply makes their messages. */
static ptl_status try_apply(const problem *p)
{
    (void)p;
    ptl_vector *x = NULL, *y = NULL;
    ptl_vector_shape shape = {-1, standing_x->local_rows, new_columns, PTL_F64};
    ptl_status status = ptl_vector_create(comm, NULL, shape, &x);
    if (status == PTL_OK)
        status = ptl_vector_create(comm, NULL, shape, &y);
    if (status == PTL_OK)
        status = ptl_linop_apply(ptl_matrix_linop(standing), NULL, x, NULL, y);
    ptl_vector_release(&x);
    ptl_vector_release(&y);
    return status;
}

/* Each allocation of one rank fails in turn: all ranks fail together, and nothing is lost. */
static void fail_each_allocation(attempt *call, const problem *p, const char *name)
{
    for (int victim = 0; victim < size; victim++) {
        int64_t live = ptl__alloc_live();
        int n = 0;
        new_columns = 2 + victim;
        ptl_status status;
        do {
            n++;
            ptl__alloc_fail_after(rank == victim ? n : 0);
            status = call(p);
            ptl__alloc_fail_after(0);
            CHECK(status == PTL_OK || (status == PTL_NOMEM && ptl_error_rank() == victim));
            CHECK(ptl__alloc_live() == live ||
                  call == try_apply); /* which leaves messages behind */
            CHECK(ptl_comm_barrier(comm) == PTL_OK);
        } while (status != PTL_OK && n < 1000);
        if (n < 2 || n >= 1000)
            fprintf(stderr, "%s: %d allocations\n", name, n);
        CHECK(n > 1 && n < 1000);
    }
}

static void test_failing_memory(void)
{
    problem *p = make_problem(24, 0, 80, PTL_F64, SCATTERED, -1, 1);
    number whole[24];
    ptl_csr *ghost = NULL;
    CHECK(ptl_matrix_from_coo(&p->layout, &p->mine, PTL_FOREIGN_SEND, &standing) == PTL_OK);
    CHECK(ptl_matrix_ghost(standing, &ghost) == PTL_OK);
    standing_x = random_vector(p->layout.partition, 24, 1, PTL_F64, whole);
    standing_y = random_vector(p->layout.partition, 24, 1, PTL_F64, whole);
    fail_each_allocation(try_coo, p, "from_coo");
    fail_each_allocation(try_vector, p, "from_global");
    fail_each_allocation(try_range, p, "from_local_range");
    fail_each_allocation(try_gather, p, "gather");
    fail_each_allocation(try_blocks, p, "from_blocks");
    fail_each_allocation(try_apply, p, "apply");
    if (size > 1)
        fail_each_allocation(try_update, p, "update_values");
    check_matrix(p, standing);
    ptl_matrix_release(&standing);
    ptl_vector_release(&standing_x);
    ptl_vector_release(&standing_y);
    free_problem(p);
}

int main(void)
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
    test_collective_partitions();
    test_vector_sums();
    test_products();
    test_refusals();
    test_wide_columns();
    test_local_operators();
    test_files();
    test_failing_memory();
    CHECK(ptl__alloc_live() == live);
    int64_t sum = failures;
    if (ptl_comm_allreduce(comm, &sum, 1, PTL_MTYPE_INT64, PTL_REDUCE_SUM) != PTL_OK)
        sum++;
    if (rank == 0)
        printf("distributed objects on %d ranks: %s\n", size, sum ? "FAILED" : "ok");
    ptl_exec_release(&exec);
    ptl_comm_release(&comm);
    return sum != 0;
}
