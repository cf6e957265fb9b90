/* Steady heat conduction in a block of mixed materials, in C: the same system as heat.py.
 *
 *     cc heat.c -o heat $(pkg-config --cflags --libs petiole) -lm
 *     mpirun -n 2 ./heat [cells along an edge]
 *
 * A cube of 10 cm of polymer (1 W/(m K)) around a metal foam (1,000 W/(m K)) whose surface is a
 * gyroid; the left face at 20 degrees, the right at 80, the others insulated, and a ball in the
 * middle that gives off heat. Each rank assembles the rows of its own cells. MPI is found at run
 * time: the program links no MPI.
 */
#include <math.h>
#include <petiole/petiole.h>
#include <stdio.h>
#include <stdlib.h>

static const double pi = 3.14159265358979323846;
static const double edge = 0.10;    /* m */
static const double source = 2.0e6; /* W/m^3 */
static const double left = 20, right = 80;

/* Every failure is the same on all ranks, so all of them leave here. */
static void check(ptl_status status)
{
    if (status == PTL_OK)
        return;
    fprintf(stderr, "petiole: %s: %s\n", ptl_status_text(status), ptl_error_message());
    exit(1);
}

/* W/(m K) of a cell. */
static double conductivity(const int64_t at[3], int64_t n)
{
    double angle[3];
    for (int axis = 0; axis < 3; axis++)
        angle[axis] = 6 * pi * ((double)at[axis] + 0.5) / (double)n;
    double gyroid = sin(angle[0]) * cos(angle[1]) + sin(angle[1]) * cos(angle[2]) +
                    sin(angle[2]) * cos(angle[0]);
    return gyroid > 0.3 ? 1000 : 1;
}

/* The system's rows on this rank, as triplets. */
typedef struct triplets {
    int64_t count, *rows, *cols;
    double *values;
} triplets;

static void add(triplets *t, int64_t row, int64_t col, double value)
{
    t->rows[t->count] = row;
    t->cols[t->count] = col;
    t->values[t->count++] = value;
}

/* One cell's row; returns its right-hand side. */
static double assemble_cell(int64_t cell, int64_t n, triplets *t)
{
    const double h = edge / (double)n;
    const int64_t stride[3] = {n * n, n, 1};
    int64_t at[3] = {cell / (n * n), cell / n % n, cell % n};
    const double own = conductivity(at, n);
    double diagonal = 0, distance = 0;
    for (int axis = 0; axis < 3; axis++) {
        double from_middle = ((double)at[axis] + 0.5) / (double)n - 0.5;
        distance += from_middle * from_middle;
        for (int step = -1; step <= 1; step += 2) {
            at[axis] += step;
            if (at[axis] >= 0 && at[axis] < n) {
                double theirs = conductivity(at, n);
                double flux = h * 2 * own * theirs / (own + theirs);
                add(t, cell, cell + step * stride[axis], -flux);
                diagonal += flux;
            }
            at[axis] -= step;
        }
    }
    double rhs = distance < 0.2 * 0.2 ? source * h * h * h : 0;
    if (at[0] == 0 || at[0] == n - 1) {
        diagonal += 2 * h * own * (n == 1 ? 2 : 1);
        rhs += 2 * h * own * ((at[0] == 0 ? left : 0) + (at[0] == n - 1 ? right : 0));
    }
    add(t, cell, cell, diagonal);
    return rhs;
}

/* ||b - A x|| / ||b||, apart from the solver; r is overwritten. */
static double relative_residual(ptl_matrix *A, ptl_vector *b, ptl_vector *x, ptl_vector *r)
{
    const double minus_one = -1, one = 1;
    double residual, norm;
    check(ptl_vector_copy_from(r, b));
    check(ptl_linop_apply(ptl_matrix_linop(A), &minus_one, x, &one, r));
    check(ptl_vector_norm(r, PTL_NORM_2, &residual));
    check(ptl_vector_norm(b, PTL_NORM_2, &norm));
    return residual / norm;
}

/* Solves A x = b by conjugate gradients with Jacobi. */
static ptl_log *solve(ptl_matrix *A, ptl_vector *b, ptl_vector *x)
{
    ptl_solver_options options = PTL_SOLVER_OPTIONS_INIT;
    ptl_factory *cg = NULL;
    ptl_linop *solver = NULL;
    ptl_log *log = NULL;
    check(ptl_jacobi_factory(NULL, &options.precond_factory));
    check(ptl_stop_residual(1e-8, PTL_BASELINE_RHS, &options.stop));
    check(ptl_cg_factory(&options, &cg));
    check(ptl_factory_generate(cg, ptl_matrix_linop(A), &solver));
    check(ptl_solver_solve(solver, b, x, &log));
    ptl_linop_release(&solver);
    ptl_factory_release(&cg);
    ptl_stop_release(&options.stop);
    ptl_factory_release(&options.precond_factory);
    return log;
}

int main(int argc, char **argv)
{
    const int64_t n = argc > 1 ? atoll(argv[1]) : 115;
    if (n < 1) {
        fprintf(stderr, "usage: %s [cells along an edge]\n", argv[0]);
        return 2;
    }
    ptl_comm *comm = NULL;
    ptl_partition *partition = NULL;
    check(ptl_comm_world(&comm));
    const int rank = ptl_comm_rank(comm), ranks = ptl_comm_size(comm);
    const int64_t start = n * n * n * rank / ranks, stop = n * n * n * (rank + 1) / ranks;
    check(ptl_partition_from_local_range(comm, start, stop, &partition));

    const size_t cells = (size_t)(stop - start), room = 7 * cells + 1;
    triplets t = {0, malloc(room * sizeof(int64_t)), malloc(room * sizeof(int64_t)),
                  malloc(room * sizeof(double))};
    double *rhs = malloc((cells + 1) * sizeof(double));
    if (!t.rows || !t.cols || !t.values || !rhs) {
        fprintf(stderr, "out of memory\n");
        ptl_comm_abort(comm, 1);
    }
    for (int64_t cell = start; cell < stop; cell++)
        rhs[cell - start] = assemble_cell(cell, n, &t);

    ptl_matrix *A = NULL;
    ptl_vector *b = NULL, *x = NULL, *r = NULL;
    const ptl_matrix_layout layout = {.comm = comm, .partition = partition};
    const ptl_triplets entries = {t.count, t.rows, t.cols, t.values, PTL_F64};
    const ptl_vector_shape shape = {-1, stop - start, 0, PTL_F64};
    check(ptl_matrix_from_coo(&layout, &entries, PTL_FOREIGN_REFUSE, &A));
    check(ptl_vector_copy_of(comm, NULL, shape, 1, rhs, &b));
    check(ptl_vector_zeros_like(b, &x));
    check(ptl_vector_zeros_like(b, &r));
    free(t.rows);
    free(t.cols);
    free(t.values);
    free(rhs);

    ptl_log *log = solve(A, b, x);
    int64_t nnz;
    check(ptl_matrix_nnz(A, &nnz));
    double residual = relative_residual(A, b, x, r);
    if (rank == 0) {
        printf("%lld unknowns, %lld entries, %d ranks\n", (long long)(n * n * n), (long long)nnz,
               ranks);
        printf("%s\n", ptl_log_text(log));
        printf("true residual %.2e relative, computed apart from the solver\n", residual);
    }
    ptl_log_release(&log);
    ptl_vector_release(&r);
    ptl_vector_release(&x);
    ptl_vector_release(&b);
    ptl_matrix_release(&A);
    ptl_partition_release(&partition);
    ptl_comm_release(&comm);
    return 0;
}
