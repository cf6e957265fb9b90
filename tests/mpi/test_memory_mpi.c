/* Memory that runs out on one rank: each allocation of each collective call fails in turn; all
 * ranks fail together, nothing hangs and nothing is lost. */
#include "problem.h"

#include <unistd.h>

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
static ptl_partition *other; /* of as many rows */
static int new_columns;      /* that standing has not met */

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

/* The matrix that a call has made goes again. */
static ptl_status drop(ptl_status status, ptl_matrix *made)
{
    CHECK((made == NULL) == (status != PTL_OK));
    ptl_matrix_release(&made);
    return status;
}

static ptl_status try_multiply(const problem *p)
{
    (void)p;
    ptl_matrix *made;
    ptl_status status = ptl_matrix_multiply(standing, standing, &made);
    return drop(status, made);
}

static ptl_status try_add(const problem *p)
{
    (void)p;
    const double minus = -1;
    ptl_matrix *made;
    ptl_status status = ptl_matrix_add(NULL, standing, &minus, standing, &made);
    return drop(status, made);
}

static ptl_status try_transpose(const problem *p)
{
    (void)p;
    ptl_matrix *made;
    ptl_status status = ptl_matrix_transpose(standing, PTL_OP_TRANSPOSE, &made);
    return drop(status, made);
}

static ptl_status try_copy(const problem *p)
{
    (void)p;
    ptl_matrix *made;
    ptl_status status = ptl_matrix_copy(standing, &made);
    return drop(status, made);
}

static ptl_status try_convert(const problem *p)
{
    (void)p;
    ptl_matrix *made;
    ptl_status status = ptl_matrix_convert(standing, PTL_SELLP, &made);
    return drop(status, made);
}

static ptl_status try_astype(const problem *p)
{
    (void)p;
    ptl_matrix *made;
    ptl_status status = ptl_matrix_astype(standing, PTL_C64, &made);
    return drop(status, made);
}

static ptl_status try_identity(const problem *p)
{
    (void)p;
    ptl_linop *made;
    ptl_status status = ptl_identity_create(comm, NULL, -1, rank, PTL_F32, &made);
    CHECK((made == NULL) == (status != PTL_OK));
    ptl_linop_release(&made);
    return status;
}

/* y = op(standing standing + standing) x through operators made for it. */
static ptl_status apply_composed(ptl_op op)
{
    ptl_linop *A = ptl_matrix_linop(standing), *AA = NULL, *S = NULL;
    const double coefs[] = {1, 1};
    ptl_status status = ptl_composition_create(2, (ptl_linop *[]){A, A}, &AA);
    if (status == PTL_OK)
        status = ptl_combination_create(2, coefs, (ptl_linop *[]){AA, A}, &S);
    status = ptl_comm_agree(comm, status);
    if (status == PTL_OK)
        status = ptl_linop_apply_op(S, op, NULL, standing_x, NULL, standing_y);
    ptl_linop_release(&AA);
    ptl_linop_release(&S);
    return status;
}

static ptl_status try_composed(const problem *p)
{
    (void)p;
    return apply_composed(PTL_OP_NONE);
}

static ptl_status try_composed_transpose(const problem *p)
{
    (void)p;
    return apply_composed(PTL_OP_TRANSPOSE);
}

static ptl_status try_submatrix(const problem *p)
{
    const int64_t rows[] = {0, p->rows - 1, 0}, cols[] = {rank, size + rank};
    ptl_matrix *made;
    ptl_status status = ptl_matrix_submatrix(standing, 3, rows, 2, cols, &made);
    return drop(status, made);
}

static ptl_status try_row_scale(const problem *p)
{
    (void)p;
    return ptl_matrix_row_scale(standing, standing_y);
}

static ptl_status try_col_scale(const problem *p)
{
    (void)p;
    return ptl_matrix_col_scale(standing, standing_y);
}

static ptl_status try_redistribute(const problem *p)
{
    (void)p;
    ptl_matrix *made;
    ptl_status status = ptl_matrix_redistribute(standing, other, NULL, &made);
    return drop(status, made);
}

static ptl_status try_move_vector(const problem *p)
{
    (void)p;
    ptl_vector *made;
    ptl_status status = ptl_vector_redistribute(standing_x, other, &made);
    CHECK((made == NULL) == (status != PTL_OK));
    ptl_vector_release(&made);
    return status;
}

/* Schwarz with all that it can have, and solvers that take any matrix. */
static ptl_status try_schwarz(const problem *p)
{
    ptl_factory *two_steps = NULL, *factory = NULL;
    ptl_solver_options steps = PTL_SOLVER_OPTIONS_INIT;
    ptl_schwarz_options options = PTL_SCHWARZ_OPTIONS_INIT;
    options.overlap = 2;
    options.restricted = 0;
    options.weighted = 1;
    options.l1 = 1;
    ptl_linop *A = ptl_matrix_linop(standing), *M = NULL;
    (void)p;
    ptl_status status = ptl_stop_iterations(2, &steps.stop);
    if (status == PTL_OK)
        status = ptl_ir_factory(&steps, &two_steps);
    options.local = options.coarse = two_steps;
    options.aggregate_size = 3;
    options.coarse_mode = PTL_COARSE_MULTIPLICATIVE;
    if (status == PTL_OK)
        status = ptl_schwarz_factory(&options, &factory);
    status = ptl_comm_agree(comm, status);
    if (status == PTL_OK)
        status = ptl_factory_generate(factory, A, &M);
    if (status == PTL_OK)
        status = ptl_linop_apply(M, NULL, standing_x, NULL, standing_y);
    if (status == PTL_OK)
        status = ptl_linop_refresh(M, A);
    ptl_linop_release(&M);
    ptl_factory_release(&factory);
    ptl_factory_release(&two_steps);
    ptl_stop_release(&steps.stop);
    return status;
}

/* Files: written over what is there, and read. */
static char path[] = "/tmp/petiole_memory_XXXXXX";

static ptl_status try_write_mtx(const problem *p)
{
    (void)p;
    return ptl_matrix_write_mtx(standing, path);
}

static ptl_status try_write_binary(const problem *p)
{
    (void)p;
    return ptl_matrix_write_binary(standing, path);
}

static ptl_status try_write_vector_mtx(const problem *p)
{
    (void)p;
    return ptl_vector_write_mtx(standing_x, path);
}

static ptl_status try_write_vector_binary(const problem *p)
{
    (void)p;
    return ptl_vector_write_binary(standing_x, path);
}

static ptl_status try_read_matrix(const problem *p)
{
    ptl_matrix *made;
    ptl_status status = ptl_matrix_read(path, &p->layout, -1, &made);
    return drop(status, made);
}

static ptl_status try_read_vector(const problem *p)
{
    ptl_vector *made;
    ptl_status status = ptl_vector_read(path, comm, NULL, p->layout.partition, -1, &made);
    CHECK((made == NULL) == (status != PTL_OK));
    ptl_vector_release(&made);
    return status;
}

/* A local call: it fails on each rank by itself. */
static void fail_owned_rows(void)
{
    const int64_t live = ptl__alloc_live();
    ptl_status status;
    int n = 0;
    do {
        ptl_csr *rows;
        ptl__alloc_fail_after(++n);
        status = ptl_matrix_owned_rows(standing, &rows);
        ptl__alloc_fail_after(0);
        CHECK((rows == NULL) == (status != PTL_OK));
        CHECK(status == PTL_OK || status == PTL_NOMEM);
        ptl_csr_release(&rows);
        CHECK(ptl__alloc_live() == live);
    } while (status != PTL_OK && n < 100);
    CHECK(n > 5 && n < 100);
}

/* Products leave messages behind, and the pattern of the transpose. */
static int leaves_something(attempt *call)
{
    return call == try_apply || call == try_composed || call == try_composed_transpose;
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
            if (!(status == PTL_OK || (status == PTL_NOMEM && ptl_error_rank() == victim)))
                fprintf(stderr, "%s, allocation %d of rank %d: ", name, n, victim);
            CHECK(status == PTL_OK || (status == PTL_NOMEM && ptl_error_rank() == victim));
            CHECK(ptl__alloc_live() == live || leaves_something(call));
            CHECK(ptl_comm_barrier(comm) == PTL_OK);
        } while (status != PTL_OK && n < 1000);
        if (n < 2 || n >= 1000)
            fprintf(stderr, "%s: %d allocations\n", name, n);
        CHECK(n > 1 && n < 1000);
    }
}

/* Rank 0 finds a name, and tells it. */
static void fail_files(const problem *p)
{
    int fd = rank == 0 ? mkstemp(path) : -1;
    CHECK(rank != 0 || (fd >= 0 && close(fd) == 0));
    if (rank != 0)
        memset(path, 0, sizeof path);
    CHECK(ptl_comm_allreduce(comm, path, sizeof path, PTL_MTYPE_INT8, PTL_REDUCE_SUM) == PTL_OK);
    fail_each_allocation(try_write_vector_mtx, p, "write_mtx of a vector");
    fail_each_allocation(try_read_vector, p, "read_mtx of a vector");
    fail_each_allocation(try_write_vector_binary, p, "write_binary of a vector");
    fail_each_allocation(try_read_vector, p, "read_binary of a vector");
    fail_each_allocation(try_write_mtx, p, "write_mtx");
    fail_each_allocation(try_read_matrix, p, "read_mtx");
    fail_each_allocation(try_write_binary, p, "write_binary");
    fail_each_allocation(try_read_matrix, p, "read_binary");
    CHECK(rank != 0 || unlink(path) == 0);
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
    other = share((int)p->rows, UNIFORM);
    fail_each_allocation(try_multiply, p, "multiply");
    fail_each_allocation(try_add, p, "add");
    fail_each_allocation(try_transpose, p, "transpose");
    fail_each_allocation(try_copy, p, "copy");
    fail_each_allocation(try_convert, p, "convert");
    fail_each_allocation(try_astype, p, "astype");
    fail_each_allocation(try_identity, p, "identity");
    fail_each_allocation(try_composed, p, "composed");
    fail_each_allocation(try_composed_transpose, p, "composed, transposed");
    fail_each_allocation(try_submatrix, p, "submatrix");
    fail_each_allocation(try_schwarz, p, "schwarz");
    fail_each_allocation(try_redistribute, p, "redistribute");
    fail_each_allocation(try_move_vector, p, "redistribute of a vector");
    fail_owned_rows();
    fail_files(p);
    if (size > 1)
        fail_each_allocation(try_update, p, "update_values");
    check_matrix(p, standing);
    fail_each_allocation(try_row_scale, p, "row_scale");
    fail_each_allocation(try_col_scale, p, "col_scale");
    ptl_matrix_release(&standing);
    ptl_vector_release(&standing_x);
    ptl_vector_release(&standing_y);
    ptl_partition_release(&other);
    free_problem(p);
}

int main(void)
{
    return run_tests(test_failing_memory, "failing memory");
}
