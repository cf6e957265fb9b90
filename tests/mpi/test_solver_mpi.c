/* Solvers over several ranks, from C: an operator that fails on one rank at every call, memory that
 * runs out on one rank, and what callbacks see. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/linop.h"
#include "core/memory.h"
#include <petiole/petiole.h>

static int failures;

#define EXPECT(cond)                                                                               \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            failures++;                                                                            \
            fprintf(stderr, "%s:%d: %s (%s)\n", __FILE__, __LINE__, #cond, ptl_error_message());   \
        }                                                                                          \
    } while (0)

/* The 1-D Laplacian of n rows; the middle rank owns nothing, unless it is alone. */
static ptl_matrix *laplace(ptl_comm *comm, int64_t n)
{
    const int ranks = ptl_comm_size(comm), idle = ranks > 1 ? ranks / 2 : -1;
    const int owners = ranks - (idle >= 0);
    int64_t *bounds = malloc((size_t)(ranks + 1) * sizeof *bounds);
    bounds[0] = 0;
    for (int r = 0, owner = 0; r < ranks; r++)
        bounds[r + 1] = r == idle ? bounds[r] : n * ++owner / owners;
    const int64_t start = bounds[ptl_comm_rank(comm)], stop = bounds[ptl_comm_rank(comm) + 1];
    ptl_partition *partition = NULL;
    EXPECT(ptl_partition_from_ranges(ranks, bounds, NULL, ranks, &partition) == PTL_OK);
    free(bounds);

    const size_t room = (size_t)(3 * (stop - start) + 1);
    int64_t *rows = malloc(room * sizeof *rows), *cols = malloc(room * sizeof *cols), count = 0;
    double *values = malloc(room * sizeof *values);
    for (int64_t i = start; i < stop; i++)
        for (int64_t j = i - 1; j <= i + 1; j++)
            if (j >= 0 && j < n) {
                rows[count] = i;
                cols[count] = j;
                values[count++] = i == j ? 2.5 : -1;
            }
    ptl_matrix *A = NULL;
    const ptl_matrix_layout layout = {.comm = comm, .partition = partition};
    const ptl_triplets entries = {count, rows, cols, values, PTL_F64};
    EXPECT(ptl_matrix_from_coo(&layout, &entries, PTL_FOREIGN_SEND, &A) == PTL_OK);
    ptl_partition_release(&partition);
    free(rows);
    free(cols);
    free(values);
    return A;
}

static ptl_vector *ones(ptl_comm *comm, ptl_linop *A)
{
    const double one = 1;
    ptl_vector *v = NULL;
    const ptl_vector_shape shape = {-1, ptl_linop_local_rows(A), 0, PTL_F64};
    EXPECT(ptl_vector_create(comm, NULL, shape, &v) == PTL_OK);
    EXPECT(ptl_vector_fill(v, &one) == PTL_OK);
    return v;
}

/* CG for exactly `maxiter` iterations. */
static ptl_linop *make_cg(ptl_linop *A, int64_t maxiter, ptl_linop *M)
{
    ptl_solver_options options = PTL_SOLVER_OPTIONS_INIT;
    options.precond = M;
    ptl_factory *cg = NULL;
    ptl_linop *solver = NULL;
    EXPECT(ptl_stop_iterations(maxiter, &options.stop) == PTL_OK);
    EXPECT(ptl_cg_factory(&options, &cg) == PTL_OK);
    EXPECT(ptl_factory_generate(cg, A, &solver) == PTL_OK);
    ptl_factory_release(&cg);
    ptl_stop_release(&options.stop);
    return solver;
}

/* An operator over a matrix that fails on one rank at its call number `at`. */
typedef struct failing {
    ptl_linop *A;
    int calls, at, fails_here;
} failing;

static ptl_status failing_apply(void *ctx, ptl_vector *x, ptl_vector *y)
{
    failing *f = ctx;
    ptl_status status = ptl_linop_apply(f->A, NULL, x, NULL, y);
    if (++f->calls == f->at && f->fails_here)
        return ptl_fail(PTL_CALLBACK, "call %d failed", f->at);
    return status;
}

static void solve_with_failure(ptl_comm *comm, ptl_matrix *A, int who, int at, int as_precond)
{
    ptl_linop *matrix = ptl_matrix_linop(A), *op = NULL;
    failing f = {matrix, 0, at, ptl_comm_rank(comm) == who};
    const ptl_linop_callbacks callbacks = {.apply = failing_apply};
    EXPECT(ptl_linop_create(comm, NULL, ptl_linop_rows(matrix), ptl_linop_cols(matrix), PTL_F64,
                            &callbacks, &f, &op) == PTL_OK);
    ptl_linop *solver = make_cg(as_precond ? matrix : op, 10, as_precond ? op : NULL);
    ptl_vector *b = ones(comm, matrix), *x = NULL;
    EXPECT(ptl_vector_zeros_like(b, &x) == PTL_OK);
    ptl_status status = ptl_solver_solve(solver, b, x, NULL);
    EXPECT(status == (f.fails_here ? PTL_CALLBACK : PTL_REMOTE));
    EXPECT(ptl_error_rank() == who);
    char text[32];
    snprintf(text, sizeof text, "call %d failed", at);
    EXPECT(strstr(ptl_error_message(), text));
    ptl_vector_release(&x);
    ptl_vector_release(&b);
    ptl_linop_release(&solver);
    ptl_linop_release(&op);
}

static void test_a_failure_on_one_rank_ends_the_solve_on_all(ptl_comm *comm)
{
    ptl_exec *exec = NULL; /* the default, which stays */
    EXPECT(ptl_exec_default(&exec) == PTL_OK);
    ptl_exec_release(&exec);
    int64_t alive = ptl__alloc_live();
    ptl_matrix *A = laplace(comm, 60);
    for (int who = 0; who < ptl_comm_size(comm); who++)
        for (int at = 1; at <= 10; at++)
            for (int as_precond = 0; as_precond <= 1; as_precond++)
                solve_with_failure(comm, A, who, at, as_precond);
    ptl_matrix_release(&A);
    EXPECT(ptl__alloc_live() == alive);
}

/* Each allocation of set-up and solve fails in turn, on one rank alone. */
static void test_memory_that_runs_out_on_one_rank_fails_on_all(ptl_comm *comm)
{
    ptl_matrix *A = laplace(comm, 40);
    ptl_vector *b = ones(comm, ptl_matrix_linop(A)), *x = NULL;
    EXPECT(ptl_vector_zeros_like(b, &x) == PTL_OK);
    int64_t alive = ptl__alloc_live();
    const int last = ptl_comm_size(comm) - 1;
    ptl_solver_options options = PTL_SOLVER_OPTIONS_INIT;
    ptl_factory *cg = NULL;
    EXPECT(ptl_jacobi_factory(NULL, &options.precond_factory) == PTL_OK);
    EXPECT(ptl_cg_factory(&options, &cg) == PTL_OK);
    int solved = 0;
    for (int n = 1; n < 100 && !solved; n++) {
        ptl_linop *solver = NULL;
        ptl__alloc_fail_after(ptl_comm_rank(comm) == last ? n : 0);
        ptl_status status = ptl_factory_generate(cg, ptl_matrix_linop(A), &solver);
        if (status == PTL_OK)
            status = ptl_solver_solve(solver, b, x, NULL);
        ptl__alloc_fail_after(0);
        EXPECT(status == PTL_OK || status == PTL_NOMEM);
        EXPECT(status == PTL_OK || ptl_error_rank() == last);
        solved = status == PTL_OK;
        ptl_linop_release(&solver);
    }
    EXPECT(solved);
    ptl_factory_release(&cg);
    ptl_factory_release(&options.precond_factory);
    /* What the matrix prepared for its vectors stays with it. */
    ptl_vector_release(&x);
    ptl_vector_release(&b);
    ptl_matrix_release(&A);
    EXPECT(ptl__alloc_live() <= alive);
}

static ptl_status copy_apply(void *ctx, ptl_vector *x, ptl_vector *y)
{
    (void)ctx;
    return ptl_vector_copy_from(y, x);
}

/* All n rows on the last rank. */
static ptl_matrix *on_last_rank(ptl_comm *comm, int64_t n)
{
    const int last = ptl_comm_size(comm) - 1;
    ptl_partition *partition = NULL;
    ptl_matrix *A = NULL;
    EXPECT(ptl_partition_from_ranges(1, (int64_t[]){0, n}, &last, last + 1, &partition) == PTL_OK);
    const ptl_matrix_layout layout = {.comm = comm, .partition = partition};
    int64_t *rows = malloc((size_t)n * sizeof *rows);
    double *values = malloc((size_t)n * sizeof *values);
    for (int64_t i = 0; i < n; i++) {
        rows[i] = i;
        values[i] = 2;
    }
    const int64_t count = ptl_comm_rank(comm) == last ? n : 0;
    const ptl_triplets entries = {count, rows, rows, values, PTL_F64};
    EXPECT(ptl_matrix_from_coo(&layout, &entries, PTL_FOREIGN_REFUSE, &A) == PTL_OK);
    ptl_partition_release(&partition);
    free(rows);
    free(values);
    return A;
}

/* Same global size, other rows on each rank: refused, before anything is read out of bounds. */
static void test_a_preconditioner_of_other_local_rows_is_refused(ptl_comm *comm)
{
    enum { N = 40 };
    ptl_matrix *A = laplace(comm, N), *other = on_last_rank(comm, N);
    ptl_factory *jacobi = NULL, *cg = NULL;
    ptl_solver_options options = PTL_SOLVER_OPTIONS_INIT;
    ptl_linop *solver = NULL, *any = NULL;
    EXPECT(ptl_jacobi_factory(NULL, &jacobi) == PTL_OK);
    EXPECT(ptl_factory_generate(jacobi, ptl_matrix_linop(other), &options.precond) == PTL_OK);
    EXPECT(ptl_cg_factory(&options, &cg) == PTL_OK);
    ptl_status expected = ptl_comm_size(comm) > 1 ? PTL_DIMENSION : PTL_OK;
    EXPECT(ptl_factory_generate(cg, ptl_matrix_linop(A), &solver) == expected);
    ptl_linop_release(&solver);

    /* User code takes vectors of any local rows, but M does not. */
    const ptl_linop_callbacks callbacks = {.apply = copy_apply};
    EXPECT(ptl_linop_create(comm, NULL, N, N, PTL_F64, &callbacks, NULL, &any) == PTL_OK);
    EXPECT(ptl_factory_generate(cg, any, &solver) == PTL_OK);
    ptl_vector *b = ones(comm, ptl_matrix_linop(A)), *x = NULL;
    EXPECT(ptl_vector_zeros_like(b, &x) == PTL_OK);
    EXPECT(ptl_solver_solve(solver, b, x, NULL) == expected);
    ptl_vector_release(&b);
    ptl_vector_release(&x);
    ptl_linop_release(&solver);
    ptl_linop_release(&any);
    ptl_linop_release(&options.precond);
    ptl_factory_release(&cg);
    ptl_factory_release(&jacobi);
    ptl_matrix_release(&other);
    ptl_matrix_release(&A);
}

/* A scaled product of user code, made by way of the plain one: the user's collective work is never
 * waited for in vain where Petiole's own memory for it runs out on one rank. */
static void test_derived_products_agree_before_user_code(ptl_comm *comm)
{
    ptl_matrix *A = laplace(comm, 40);
    ptl_linop *matrix = ptl_matrix_linop(A), *op = NULL;
    failing f = {matrix, 0, 0, 0};
    const ptl_linop_callbacks callbacks = {.apply = failing_apply};
    const double two = 2, three = 3;
    const int last = ptl_comm_size(comm) - 1;
    EXPECT(ptl_linop_create(comm, NULL, 40, 40, PTL_F64, &callbacks, &f, &op) == PTL_OK);
    ptl_vector *x = ones(comm, matrix), *y = ones(comm, matrix);
    EXPECT(ptl_linop_apply(op, &two, x, &three, y) == PTL_OK);
    int64_t alive = ptl__alloc_live();
    ptl__alloc_fail_after(ptl_comm_rank(comm) == last ? 1 : 0);
    EXPECT(ptl_linop_apply(op, &two, x, &three, y) == PTL_NOMEM);
    ptl__alloc_fail_after(0);
    EXPECT(ptl_error_rank() == last);
    EXPECT(ptl__alloc_live() == alive);
    ptl_vector_release(&x);
    ptl_vector_release(&y);
    ptl_linop_release(&op);
    ptl_matrix_release(&A);
}

/* What a callback sees of the residual has the shape and partition of this solve's b, also where
 * the memory is that of another solve. */
static ptl_status note_residual(void *ctx, const ptl_event *event)
{
    ptl_vector *seen = *(ptl_vector **)ctx;
    EXPECT(ptl_vector_ndim(ptl_event_r(event)) == ptl_vector_ndim(seen));
    EXPECT(ptl_vector_partition(ptl_event_r(event)) == ptl_vector_partition(seen));
    return PTL_OK;
}

static void test_callbacks_see_vectors_like_b(ptl_comm *comm)
{
    ptl_matrix *A = laplace(comm, 40);
    ptl_vector *seen = NULL, *b = ones(comm, ptl_matrix_linop(A)), *d = NULL, *flat = NULL;
    ptl_solver_options options = PTL_SOLVER_OPTIONS_INIT;
    options.callback = note_residual;
    options.callback_ctx = &seen;
    ptl_factory *cg = NULL;
    ptl_linop *solver = NULL;
    EXPECT(ptl_cg_factory(&options, &cg) == PTL_OK);
    EXPECT(ptl_factory_generate(cg, ptl_matrix_linop(A), &solver) == PTL_OK);
    const ptl_vector_shape shape = {-1, ptl_vector_local_rows(b), 1, PTL_F64};
    EXPECT(ptl_vector_create(comm, NULL, shape, &flat) == PTL_OK);
    EXPECT(ptl_vector_copy_from(flat, b) == PTL_OK);
    EXPECT(ptl_matrix_diagonal(A, &d) == PTL_OK);
    ptl_vector *given[] = {b, flat, d};
    for (int i = 0; i < 3; i++) {
        ptl_vector *x = NULL;
        seen = given[i];
        EXPECT(ptl_vector_zeros_like(seen, &x) == PTL_OK);
        EXPECT(ptl_solver_solve(solver, seen, x, NULL) == PTL_OK);
        ptl_vector_release(&x);
    }
    ptl_vector_release(&b);
    ptl_vector_release(&d);
    ptl_vector_release(&flat);
    ptl_linop_release(&solver);
    ptl_factory_release(&cg);
    ptl_matrix_release(&A);
}

int main(void)
{
    ptl_comm *comm = NULL;
    if (ptl_comm_world(&comm) != PTL_OK) {
        fprintf(stderr, "%s\n", ptl_error_message());
        return 1;
    }
    test_a_failure_on_one_rank_ends_the_solve_on_all(comm);
    test_memory_that_runs_out_on_one_rank_fails_on_all(comm);
    test_a_preconditioner_of_other_local_rows_is_refused(comm);
    test_derived_products_agree_before_user_code(comm);
    test_callbacks_see_vectors_like_b(comm);
    ptl_comm_release(&comm);
    return failures > 0;
}
