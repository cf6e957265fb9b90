/* Incomplete factors with Petiole: seconds of generating Ilu(0) and Ic(0), of refreshing them, and
 * of an apply, the best of several. Prints one line of `name value` pairs. */
#include <petiole/petiole.h>

#include "problem.h"

static void check(ptl_status status, int line)
{
    if (status != PTL_OK) {
        fprintf(stderr, "factors_petiole.c:%d: %s\n", line, ptl_error_message());
        exit(1);
    }
}
#define TRY(call) check(call, __LINE__)

/* Seconds since `start`, all ranks together, or *best where that is less. */
static void keep_best(ptl_comm *comm, double start, double *best)
{
    TRY(ptl_comm_barrier(comm));
    double time = seconds() - start;
    *best = time < *best ? time : *best;
}

static double begin(ptl_comm *comm)
{
    TRY(ptl_comm_barrier(comm));
    return seconds();
}

static void time_factory(ptl_comm *comm, const char *name, ptl_factory *factory, ptl_linop *A,
                         ptl_vector *x, ptl_vector *y, int repeats)
{
    enum { APPLIES = 10 };
    double setup = 1e300, refresh = 1e300, apply = 1e300, norm;
    for (int r = 0; r < repeats; r++) {
        ptl_linop *M;
        double start = begin(comm);
        TRY(ptl_factory_generate(factory, A, &M));
        keep_best(comm, start, &setup);
        start = begin(comm);
        TRY(ptl_linop_refresh(M, A));
        keep_best(comm, start, &refresh);
        for (int i = 0; i < APPLIES; i++) {
            start = begin(comm);
            TRY(ptl_linop_apply(M, NULL, x, NULL, y));
            keep_best(comm, start, &apply);
        }
        ptl_linop_release(&M);
    }
    TRY(ptl_vector_norm(y, PTL_NORM_2, &norm));
    if (ptl_comm_rank(comm) == 0)
        printf("%s_setup %.6g %s_refresh %.6g %s_apply %.6g %s_norm %.15g ", name, setup, name,
               refresh, name, apply, name, norm);
}

int main(int argc, char **argv)
{
    bench_arguments arguments = bench_parse(argc, argv);
    int64_t size = arguments.problem.n * arguments.problem.n * arguments.problem.n;
    ptl_comm *comm;
    ptl_partition *partition;
    TRY(ptl_comm_world(&comm));
    TRY(ptl_partition_uniform(ptl_comm_size(comm), size, &partition));
    int64_t first = 0, rows;
    TRY(ptl_partition_part_size(partition, ptl_comm_rank(comm), &rows));
    if (rows)
        TRY(ptl_partition_to_global(partition, ptl_comm_rank(comm), 0, &first));
    system_rows mine = system_rows_make(arguments.problem, first, first + rows);

    ptl_matrix *A;
    TRY(ptl_matrix_from_csr(&(ptl_matrix_layout){.comm = comm, .partition = partition},
                            &(ptl_csr_arrays){.rows = rows,
                                              .cols = size,
                                              .dtype = PTL_F64,
                                              .itype = PTL_I32,
                                              .indptr = mine.indptr,
                                              .indices = mine.indices,
                                              .values = mine.values},
                            &A));
    ptl_vector_shape shape = {.global_rows = -1, .local_rows = rows, .dtype = PTL_F64};
    ptl_vector *x, *y;
    TRY(ptl_vector_create(comm, NULL, shape, &x));
    TRY(ptl_vector_fill(x, &(double){1.0}));
    TRY(ptl_vector_zeros_like(x, &y));

    ptl_factory *ilu, *ic;
    TRY(ptl_ilu_factory(NULL, &ilu));
    TRY(ptl_ic_factory(NULL, &ic));
    time_factory(comm, "ilu", ilu, ptl_matrix_linop(A), x, y, arguments.products);
    time_factory(comm, "ic", ic, ptl_matrix_linop(A), x, y, arguments.products);
    if (ptl_comm_rank(comm) == 0)
        printf("\n");

    ptl_factory_release(&ilu);
    ptl_factory_release(&ic);
    ptl_vector_release(&x);
    ptl_vector_release(&y);
    ptl_matrix_release(&A);
    system_rows_free(&mine);
    ptl_partition_release(&partition);
    ptl_comm_release(&comm);
    return 0;
}
