/* The benchmark with Petiole, through its C API: products, and iterations of CG with Jacobi. Prints
 * one line of `name value` pairs. */
#include <petiole/petiole.h>

#include "problem.h"

static void check(ptl_status status, int line)
{
    if (status != PTL_OK) {
        fprintf(stderr, "heat_petiole.c:%d: %s\n", line, ptl_error_message());
        exit(1);
    }
}
#define TRY(call) check(call, __LINE__)

/* Seconds per product y = A x, all ranks together. */
static double time_products(ptl_comm *comm, ptl_linop *A, ptl_vector *x, ptl_vector *y, int count)
{
    TRY(ptl_linop_apply(A, NULL, x, NULL, y));
    TRY(ptl_comm_barrier(comm));
    double start = seconds();
    for (int i = 0; i < count; i++)
        TRY(ptl_linop_apply(A, NULL, x, NULL, y));
    TRY(ptl_comm_barrier(comm));
    return (seconds() - start) / count;
}

/* Seconds of a solve that ends after exactly `iterations`. */
static double time_solve(ptl_comm *comm, ptl_linop *A, ptl_vector *b, ptl_vector *x, int iterations)
{
    ptl_stop *stop;
    ptl_factory *jacobi, *cg;
    ptl_linop *solver;
    ptl_solver_options options = PTL_SOLVER_OPTIONS_INIT;
    TRY(ptl_stop_iterations(iterations, &stop));
    TRY(ptl_jacobi_factory(NULL, &jacobi));
    options.stop = stop;
    options.precond_factory = jacobi;
    TRY(ptl_cg_factory(&options, &cg));
    TRY(ptl_factory_generate(cg, A, &solver));
    TRY(ptl_vector_fill(x, &(double){0.0}));
    TRY(ptl_comm_barrier(comm));
    double start = seconds();
    TRY(ptl_solver_solve(solver, b, x, NULL));
    TRY(ptl_comm_barrier(comm));
    double time = seconds() - start;
    ptl_linop_release(&solver);
    ptl_factory_release(&cg);
    ptl_factory_release(&jacobi);
    ptl_stop_release(&stop);
    return time;
}

/* Bytes per second of a[i] = b[i] + s c[i] on all ranks at once, the best of five. */
static double triad(ptl_comm *comm)
{
    enum { LENGTH = 4000000 };
    double *a = bench_alloc(LENGTH * sizeof *a), *b = bench_alloc(LENGTH * sizeof *b),
           *c = bench_alloc(LENGTH * sizeof *c), best = 0.0;
    for (int i = 0; i < LENGTH; i++) {
        a[i] = 0.0;
        b[i] = 1.0;
        c[i] = i;
    }
    for (int round = 0; round < 5; round++) {
        TRY(ptl_comm_barrier(comm));
        double start = seconds();
        for (int i = 0; i < LENGTH; i++)
            a[i] = b[i] + 3.0 * c[i];
        TRY(ptl_comm_barrier(comm));
        double rate = 3.0 * 8.0 * LENGTH * ptl_comm_size(comm) / (seconds() - start);
        best = rate > best ? rate : best;
    }
    if (a[LENGTH - 1] < 0.0)
        printf("\n"); /* so that the loop is not left out */
    free(a);
    free(b);
    free(c);
    return best;
}

int main(int argc, char **argv)
{
    bench_arguments arguments = bench_parse(argc, argv);
    int64_t size = arguments.problem.n * arguments.problem.n * arguments.problem.n;
    ptl_comm *comm;
    ptl_partition *partition;
    TRY(ptl_comm_world(&comm));
    TRY(ptl_partition_uniform(ptl_comm_size(comm), size, &partition));
    int64_t begin, rows;
    TRY(ptl_partition_part_size(partition, ptl_comm_rank(comm), &rows));
    if (rows)
        TRY(ptl_partition_to_global(partition, ptl_comm_rank(comm), 0, &begin));
    else
        begin = 0;
    system_rows mine = system_rows_make(arguments.problem, begin, begin + rows);

    ptl_matrix *matrix;
    double start = seconds();
    TRY(ptl_matrix_from_csr(&(ptl_matrix_layout){.comm = comm, .partition = partition},
                            &(ptl_csr_arrays){.rows = rows,
                                              .cols = size,
                                              .dtype = PTL_F64,
                                              .itype = PTL_I32,
                                              .indptr = mine.indptr,
                                              .indices = mine.indices,
                                              .values = mine.values},
                            &matrix));
    double setup = seconds() - start;
    int64_t nnz;
    TRY(ptl_matrix_nnz(matrix, &nnz));
    ptl_linop *A = ptl_matrix_linop(matrix);

    ptl_vector_shape shape = {.global_rows = -1, .local_rows = rows, .dtype = PTL_F64};
    ptl_vector *b, *x;
    TRY(ptl_vector_copy_of(comm, NULL, shape, 1, mine.rhs, &b));
    TRY(ptl_vector_zeros_like(b, &x));

    double product = time_products(comm, A, b, x, arguments.products);
    /* The difference of two solves leaves out what is done once. */
    enum { WARM_UP = 5 };
    double once = time_solve(comm, A, b, x, WARM_UP);
    double all = time_solve(comm, A, b, x, WARM_UP + arguments.iterations);
    double norm, rate = triad(comm);
    TRY(ptl_vector_norm(x, PTL_NORM_2, &norm));
    if (ptl_comm_rank(comm) == 0)
        printf("rows %lld nnz %lld setup %.6g product %.6g iteration %.6g triad %.6g norm %.15g\n",
               (long long)size, (long long)nnz, setup, product, (all - once) / arguments.iterations,
               rate, norm);

    ptl_vector_release(&x);
    ptl_vector_release(&b);
    ptl_matrix_release(&matrix);
    system_rows_free(&mine);
    ptl_partition_release(&partition);
    ptl_comm_release(&comm);
    return 0;
}
