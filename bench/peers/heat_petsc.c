/* The benchmark with PETSc: products, and iterations of CG with Jacobi, once with the test that
 * Petiole makes (the norm of the residual) and once with the one that costs PETSc least (the
 * natural norm, which needs no reduction of its own). Prints one line of `name value` pairs. */
#include <petscksp.h>

#include "../problem.h"

static double time_products(Mat A, Vec x, Vec y, int count)
{
    PetscCallAbort(PETSC_COMM_WORLD, MatMult(A, x, y));
    MPI_Barrier(PETSC_COMM_WORLD);
    double start = seconds();
    for (int i = 0; i < count; i++)
        PetscCallAbort(PETSC_COMM_WORLD, MatMult(A, x, y));
    MPI_Barrier(PETSC_COMM_WORLD);
    return (seconds() - start) / count;
}

/* Seconds of a solve that ends after exactly `iterations`. */
static double time_solve(Mat A, Vec b, Vec x, KSPNormType norm, int iterations)
{
    KSP ksp;
    PC pc;
    PetscCallAbort(PETSC_COMM_WORLD, KSPCreate(PETSC_COMM_WORLD, &ksp));
    PetscCallAbort(PETSC_COMM_WORLD, KSPSetOperators(ksp, A, A));
    PetscCallAbort(PETSC_COMM_WORLD, KSPSetType(ksp, KSPCG));
    PetscCallAbort(PETSC_COMM_WORLD, KSPSetNormType(ksp, norm));
    PetscCallAbort(PETSC_COMM_WORLD, KSPGetPC(ksp, &pc));
    PetscCallAbort(PETSC_COMM_WORLD, PCSetType(pc, PCJACOBI));
    PetscCallAbort(PETSC_COMM_WORLD, KSPSetTolerances(ksp, 1e-300, 1e-300, 1e300, iterations));
    PetscCallAbort(PETSC_COMM_WORLD, KSPSetUp(ksp));
    MPI_Barrier(PETSC_COMM_WORLD);
    double start = seconds();
    PetscCallAbort(PETSC_COMM_WORLD, KSPSolve(ksp, b, x));
    MPI_Barrier(PETSC_COMM_WORLD);
    double time = seconds() - start;
    PetscCallAbort(PETSC_COMM_WORLD, KSPDestroy(&ksp));
    return time;
}

/* Seconds per iteration: the difference of two solves leaves out what is done once. */
static double time_iteration(Mat A, Vec b, Vec x, KSPNormType norm, int iterations)
{
    enum { WARM_UP = 5 };
    double once = time_solve(A, b, x, norm, WARM_UP);
    return (time_solve(A, b, x, norm, WARM_UP + iterations) - once) / iterations;
}

int main(int argc, char **argv)
{
    bench_arguments arguments = bench_parse(argc, argv);
    PetscCall(PetscInitialize(NULL, NULL, NULL, NULL));
    int64_t size = arguments.problem.n * arguments.problem.n * arguments.problem.n;
    PetscMPIInt rank, ranks;
    MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
    MPI_Comm_size(PETSC_COMM_WORLD, &ranks);
    int64_t share = size / ranks, larger = size % ranks;
    int64_t begin = rank * share + (rank < larger ? rank : larger);
    int64_t rows = share + (rank < larger);
    system_rows mine = system_rows_make(arguments.problem, begin, begin + rows);

    Mat A;
    Vec b, x;
    double start = seconds();
    PetscCall(MatCreateMPIAIJWithArrays(PETSC_COMM_WORLD, (PetscInt)rows, (PetscInt)rows,
                                        (PetscInt)size, (PetscInt)size, mine.indptr, mine.indices,
                                        mine.values, &A));
    double setup = seconds() - start;
    PetscCall(MatCreateVecs(A, &x, &b));
    PetscScalar *values;
    PetscCall(VecGetArrayWrite(b, &values));
    memcpy(values, mine.rhs, (size_t)rows * sizeof *values);
    PetscCall(VecRestoreArrayWrite(b, &values));

    double product = time_products(A, b, x, arguments.products);
    double natural = time_iteration(A, b, x, KSP_NORM_NATURAL, arguments.iterations);
    double iteration = time_iteration(A, b, x, KSP_NORM_UNPRECONDITIONED, arguments.iterations);
    PetscReal norm;
    PetscCall(VecNorm(x, NORM_2, &norm));
    if (rank == 0)
        printf("setup %.6g product %.6g iteration %.6g natural %.6g norm %.15g\n", setup, product,
               iteration, natural, (double)norm);

    PetscCall(VecDestroy(&x));
    PetscCall(VecDestroy(&b));
    PetscCall(MatDestroy(&A));
    system_rows_free(&mine);
    PetscCall(PetscFinalize());
    return 0;
}
