/* Incomplete factors with PETSc, what factors_petiole.c times: block Jacobi, one block a rank, with
 * ILU(0) or ICC(0) in natural order. Prints one line of `name value` pairs. */
#include <petscksp.h>

#include "../problem.h"

#define TRY(call) PetscCallAbort(PETSC_COMM_WORLD, call)

static void keep_best(double start, double *best)
{
    MPI_Barrier(PETSC_COMM_WORLD);
    double time = seconds() - start;
    *best = time < *best ? time : *best;
}

static double begin(void)
{
    MPI_Barrier(PETSC_COMM_WORLD);
    return seconds();
}

/* A solver with the preconditioner, set up; the seconds of that into *best. */
static KSP set_up(Mat A, PCType type, double *best)
{
    KSP ksp, *local;
    PC pc, local_pc;
    TRY(KSPCreate(PETSC_COMM_WORLD, &ksp));
    TRY(KSPSetOperators(ksp, A, A));
    TRY(KSPSetType(ksp, KSPPREONLY));
    TRY(KSPGetPC(ksp, &pc));
    TRY(PCSetType(pc, PCBJACOBI));
    double start = begin();
    TRY(KSPSetUp(ksp));
    TRY(PCBJacobiGetSubKSP(pc, NULL, NULL, &local));
    TRY(KSPSetType(local[0], KSPPREONLY));
    TRY(KSPGetPC(local[0], &local_pc));
    TRY(PCSetType(local_pc, type));
    TRY(KSPSetUp(local[0]));
    keep_best(start, best);
    return ksp;
}

static void time_type(const char *name, PCType type, Mat A, Vec x, Vec y, int repeats)
{
    enum { APPLIES = 10 };
    double setup = 1e300, refresh = 1e300, apply = 1e300;
    PetscReal norm;
    for (int r = 0; r < repeats; r++) {
        KSP ksp = set_up(A, type, &setup), *local;
        PC pc;
        TRY(KSPGetPC(ksp, &pc));
        TRY(PCBJacobiGetSubKSP(pc, NULL, NULL, &local));
        TRY(MatAssemblyBegin(A, MAT_FINAL_ASSEMBLY)); /* counts as new values */
        TRY(MatAssemblyEnd(A, MAT_FINAL_ASSEMBLY));
        double start = begin();
        TRY(KSPSetOperators(ksp, A, A));
        TRY(KSPSetUp(ksp));
        TRY(KSPSetUp(local[0]));
        keep_best(start, &refresh);
        for (int i = 0; i < APPLIES; i++) {
            start = begin();
            TRY(PCApply(pc, x, y));
            keep_best(start, &apply);
        }
        TRY(KSPDestroy(&ksp));
    }
    TRY(VecNorm(y, NORM_2, &norm));
    PetscMPIInt rank;
    MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
    if (rank == 0)
        printf("%s_setup %.6g %s_refresh %.6g %s_apply %.6g %s_norm %.15g ", name, setup, name,
               refresh, name, apply, name, (double)norm);
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
    int64_t first = rank * share + (rank < larger ? rank : larger);
    int64_t rows = share + (rank < larger);
    system_rows mine = system_rows_make(arguments.problem, first, first + rows);

    Mat A;
    Vec x, y;
    PetscCall(MatCreateMPIAIJWithArrays(PETSC_COMM_WORLD, (PetscInt)rows, (PetscInt)rows,
                                        (PetscInt)size, (PetscInt)size, mine.indptr, mine.indices,
                                        mine.values, &A));
    PetscCall(MatCreateVecs(A, &x, &y));
    PetscCall(VecSet(x, 1.0));
    time_type("ilu", PCILU, A, x, y, arguments.products);
    time_type("ic", PCICC, A, x, y, arguments.products);
    if (rank == 0)
        printf("\n");

    PetscCall(VecDestroy(&x));
    PetscCall(VecDestroy(&y));
    PetscCall(MatDestroy(&A));
    system_rows_free(&mine);
    PetscCall(PetscFinalize());
    return 0;
}
