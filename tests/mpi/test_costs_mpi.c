/* What the solvers' iterations must not do, for every kind of solver that there is: allocate, or
 * make a communicator or the persistent parts of messages and reductions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/linop.h"
#include "comm/comm.h"
#include "core/memory.h"
#include <petiole/petiole.h>

static int failures;

#define EXPECT(cond)                                                                               \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            failures++;                                                                            \
            fprintf(stderr, "%s:%d: %s: %s (%s)\n", __FILE__, __LINE__, solver_name, #cond,        \
                    ptl_error_message());                                                          \
        }                                                                                          \
    } while (0)

static const char *solver_name = "";

/* Tridiagonal, definite, n rows, or a triangle of it where the solver wants one; the middle rank
 * owns nothing, unless it is alone. */
static ptl_matrix *laplace(ptl_comm *comm, int64_t n)
{
    const int below = strcmp(solver_name, "upper_trs") != 0,
              above = strcmp(solver_name, "lower_trs") != 0;
    const int ranks = ptl_comm_size(comm), me = ptl_comm_rank(comm);
    const int idle = ranks > 1 ? ranks / 2 : -1, owners = ranks - (idle >= 0);
    const int place = me - (idle >= 0 && me > idle);
    const int64_t start = n * place / owners, stop = me == idle ? start : n * (place + 1) / owners;
    int64_t *rows = malloc((size_t)(3 * (stop - start) + 1) * sizeof *rows);
    int64_t *cols = malloc((size_t)(3 * (stop - start) + 1) * sizeof *cols), count = 0;
    double *values = malloc((size_t)(3 * (stop - start) + 1) * sizeof *values);
    for (int64_t i = start; i < stop; i++)
        for (int64_t j = i - below; j <= i + above; j++)
            if (j >= 0 && j < n) {
                rows[count] = i;
                cols[count] = j;
                values[count++] = i == j ? 2.001 : -1;
            }
    ptl_partition *partition = NULL;
    ptl_matrix *A = NULL;
    EXPECT(ptl_partition_from_local_size(comm, stop - start, &partition) == PTL_OK);
    const ptl_matrix_layout layout = {.comm = comm, .partition = partition};
    const ptl_triplets entries = {count, rows, cols, values, PTL_F64};
    EXPECT(ptl_matrix_from_coo(&layout, &entries, PTL_FOREIGN_REFUSE, &A) == PTL_OK);
    ptl_partition_release(&partition);
    free(rows);
    free(cols);
    free(values);
    return A;
}

/* A table over the communicator's own that counts what makes something. */
static const ptl__mpi *real;
static int64_t made, reductions;

static int attach(const void *handle, void **link)
{
    made++;
    return real->attach(handle, link);
}

static int open_link(void *link)
{
    made++;
    return real->open(link);
}

static int reduction_new(void *link, int count, void **holder)
{
    made++;
    return real->reduction_new(link, count, holder);
}

static int exchange_new(void *link, int count, const ptl__message *messages, void **exchange)
{
    made++;
    return real->exchange_new(link, count, messages, exchange);
}

static int allreduce(void *link, void *data, int64_t count, ptl_mtype type, ptl_reduce_op op)
{
    reductions++;
    return real->allreduce(link, data, count, type, op);
}

static int reduction_post(void *holder, double *data)
{
    reductions++;
    return real->reduction_post(holder, data);
}

static ptl__mpi counting_table(void)
{
    ptl__mpi table = *real;
    table.attach = attach;
    table.open = open_link;
    table.reduction_new = reduction_new;
    table.exchange_new = exchange_new;
    table.allreduce = allreduce;
    table.reduction_post = reduction_post;
    return table;
}

/* What was made and reduced from the first iteration to the last. */
typedef struct span {
    int64_t first[2], last[2], iterations;
} span;

/* From the first iteration on, any allocation fails. */
static ptl_status watch(void *ctx, const ptl_event *event)
{
    span *s = ctx;
    const int64_t now[2] = {made, reductions};
    if (event->iteration == 1) {
        memcpy(s->first, now, sizeof now);
        ptl__alloc_fail_after(1);
    }
    memcpy(s->last, now, sizeof now);
    s->iterations = event->iteration;
    return PTL_OK;
}

/* At most `maxiter` iterations of a kind of solver, which are watched. */
static span solve(const ptl_kind *kind, ptl_comm *comm, ptl_linop *A, int64_t maxiter, int jacobi)
{
    span seen = {0};
    ptl_solver_options options = PTL_SOLVER_OPTIONS_INIT;
    options.callback = watch;
    options.callback_ctx = &seen;
    ptl_factory *factory = NULL;
    ptl_linop *solver = NULL;
    ptl_vector *b = NULL, *x = NULL;
    const double one = 1;
    const ptl_vector_shape shape = {-1, ptl_linop_local_rows(A), 0, PTL_F64};
    EXPECT(ptl_stop_iterations(maxiter, &options.stop) == PTL_OK);
    if (jacobi)
        EXPECT(ptl_jacobi_factory(NULL, &options.precond_factory) == PTL_OK);
    ptl_status status = kind->create(kind, &options, &factory);
    EXPECT(status == PTL_OK || (jacobi && status == PTL_INVALID)); /* it takes none */
    if (status == PTL_OK) {
        EXPECT(ptl_factory_generate(factory, A, &solver) == PTL_OK);
        EXPECT(ptl_vector_create(comm, NULL, shape, &b) == PTL_OK);
        EXPECT(ptl_vector_fill(b, &one) == PTL_OK);
        EXPECT(ptl_vector_zeros_like(b, &x) == PTL_OK);
        EXPECT(ptl_solver_solve(solver, b, x, NULL) == PTL_OK);
    }
    ptl__alloc_fail_after(0);
    ptl_vector_release(&x);
    ptl_vector_release(&b);
    ptl_linop_release(&solver);
    ptl_factory_release(&factory);
    ptl_factory_release(&options.precond_factory);
    ptl_stop_release(&options.stop);
    return seen;
}

static void test_an_iteration_makes_nothing(ptl_comm *comm, const ptl_kind *kind)
{
    ptl_matrix *A = laplace(comm, 400);
    for (int jacobi = 0; jacobi <= 1; jacobi++) {
        const span seen = solve(kind, comm, ptl_matrix_linop(A), 70, jacobi); /* two restarts */
        EXPECT(seen.last[0] == seen.first[0]);
        EXPECT(seen.iterations >= 2 || jacobi);
    }
    ptl_matrix_release(&A);
}

static void test_an_iteration_of_cg_sends_two_reductions(ptl_comm *comm)
{
    ptl_matrix *A = laplace(comm, 400);
    const span seen = solve(ptl_kind_find("cg"), comm, ptl_matrix_linop(A), 25, 0);
    EXPECT(seen.iterations == 25);
    EXPECT(seen.last[1] - seen.first[1] == (ptl_comm_size(comm) > 1 ? 2 * 24 : 0));
    ptl_matrix_release(&A);
}

int main(void)
{
    ptl_comm *comm = NULL;
    if (ptl_comm_world(&comm) != PTL_OK) {
        fprintf(stderr, "%s\n", ptl_error_message());
        return 1;
    }
    real = comm->mpi;
    const ptl__mpi counting = counting_table();
    comm->mpi = &counting;
    const ptl_kind *const *kinds;
    const int64_t count = ptl_kinds(&kinds);
    for (int64_t i = 0; i < count; i++)
        if (strcmp(kinds[i]->family, "solver") == 0) {
            solver_name = kinds[i]->name;
            test_an_iteration_makes_nothing(comm, kinds[i]);
        }
    solver_name = "cg";
    test_an_iteration_of_cg_sends_two_reductions(comm);
    comm->mpi = real;
    ptl_comm_release(&comm);
    return failures > 0;
}
