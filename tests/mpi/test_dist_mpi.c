/* Distributed objects over ranks, against dense products that every rank makes for itself. Run with
 * any number of ranks; exits non-zero where anything is wrong on any rank. */
#include <sys/mman.h>
#include <unistd.h>

#include "problem.h"

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
    CHECK(ptl_matrix_ghost(A, &ghost) == PTL_OK && ghost->format.itype == PTL_I64);
    CHECK(ptl_matrix_update_values(A, 4, PTL_F32, values) == PTL_OK);
    if (rank != size - 1)
        CHECK(((float *)ghost->format.values)[rank != 0] == 8 &&
              ((float *)ghost->format.values)[1 + (rank != 0)] == 5);
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
    CHECK(ptl_comm_barrier(comm) == PTL_OK);
    problem p = {.rows = 30, .cols = 30, .dtype = PTL_C64, .dense = dense};
    for (int how = 0; how < SHARES; how++) {
        p.layout = (ptl_matrix_layout){.comm = comm, .partition = share(30, how)};
        ptl_matrix *A = NULL;
        CHECK(ptl_matrix_read_mtx(path, &p.layout, PTL_C64, &A) == PTL_OK);
        check_product(&p, A, PTL_OP_NONE, 3, 1);
        ptl_matrix_release(&A);
        ptl_vector *v = NULL;
        CHECK(ptl_vector_read_mtx(path, comm, NULL, p.layout.partition, -1, &v) == PTL_OK);
        check_vector(v, 30, 30, dense);
        ptl_vector_release(&v);
        CHECK(ptl_matrix_read_mtx(path, &p.layout, PTL_F64, &A) == PTL_DTYPE && !A);
        const char *absent = rank == size - 1 ? "/nowhere" : path;
        REFUSED(ptl_matrix_read_mtx(absent, &p.layout, PTL_C64, &A), PTL_IO, size - 1, A);
        REFUSED(ptl_matrix_read_mtx("/nowhere", &p.layout, -1, &A), PTL_IO, 0, A);
        ptl_partition_release(&p.layout.partition);
    }
    if (rank == 0 && (file = fopen(path, "a"))) {
        fputs("1 1 1 0\n", file);
        CHECK(fclose(file) == 0);
    }
    ptl_matrix *A = NULL;
    CHECK(ptl_comm_barrier(comm) == PTL_OK);
    REFUSED(ptl_matrix_read_mtx(path, &(ptl_matrix_layout){.comm = comm}, -1, &A), PTL_FORMAT,
            size - 1, A);
    CHECK(strstr(ptl_error_message(), ":62: more than the 59 entries"));
    CHECK(ptl_comm_barrier(comm) == PTL_OK);
    free(dense);
}

static void test_files(void)
{
    char path[] = "/tmp/petiole_dist_XXXXXX"; /* rank 0 finds a name, and tells it */
    int fd = rank == 0 ? mkstemp(path) : -1;
    CHECK(rank != 0 || fd >= 0);
    if (rank != 0)
        memset(path, 0, sizeof path);
    CHECK(ptl_comm_allreduce(comm, path, sizeof path, PTL_MTYPE_INT8, PTL_REDUCE_SUM) == PTL_OK);
    check_files(path);
    if (fd >= 0) {
        CHECK(close(fd) == 0);
        CHECK(unlink(path) == 0);
    }
}

static void all_tests(void)
{
    test_collective_partitions();
    test_vector_sums();
    test_products();
    test_refusals();
    test_wide_columns();
    test_local_operators();
    test_files();
}

int main(void)
{
    return run_tests(all_tests, "distributed objects");
}
