/* Solvers as operators and as factories: the public calls. */
#include "solver.h"

#include <math.h>

#include "../base/factory.h"
#include "../base/operation.h"
#include "../base/wide.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "generated.h"
#include "params.h"

static ptl_status solver_prepare(ptl_linop *op, ptl_op form, const ptl_vector *x)
{
    (void)form; /* a solver has no transposed product */
    ptl__solver *solver = (ptl__solver *)op;
    PTL_TRY(ptl__linop_prepare(solver->A, PTL_OP_NONE, x));
    if (solver->M)
        PTL_TRY(ptl__linop_prepare(solver->M, PTL_OP_NONE, x));
    return ptl__workspace_ensure(solver, x);
}

/* y = alpha A^-1 x + beta y, from the guess zero. */
static ptl_status solver_apply(ptl_linop *op, const void *alpha, ptl_vector *x, const void *beta,
                               ptl_vector *y)
{
    ptl__solver *solver = (ptl__solver *)op;
    static const double zero[2] = {0, 0};
    ptl_vector *solution = beta ? solver->space.guess : y;
    ptl__log_reset(solver->space.log);
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(y);
    const ptl__run run = ptl__vector_run(y);
    kernels->fill(run, zero, ptl__vector_block(solution));
    PTL_TRY(ptl__solve_run(solver, x, solution, HUGE_VAL, solver->space.log));
    if (alpha)
        kernels->scale(run, alpha, NULL, ptl__vector_block(solution));
    if (beta)
        kernels->scale_add(run, beta, ptl__vector_block(solution), NULL, ptl__vector_block(y));
    return PTL_OK;
}

/* The preconditioner that the factory generated is refreshed, one that was given stays. */
static ptl_status solver_refresh(ptl_linop *op, ptl_linop *A)
{
    ptl__solver *solver = (ptl__solver *)op;
    const int generated = solver->M && !solver->options->precond;
    PTL_CHECK(!solver->method->system && (!generated || solver->M->cls->refresh), PTL_NOT_SUPPORTED,
              "%s cannot be refreshed: %s cannot", solver->method->kind.name,
              solver->M ? solver->M->cls->kind : "what it solves with");
    if (generated)
        PTL_TRY(ptl__linop_refresh(solver->M, A));
    PTL_TRY(ptl__object_made_of(solver, A, "an operator"));
    ptl_linop_retain(A);
    ptl_linop_release(&solver->A);
    solver->A = A;
    ptl__free(solver->cache);
    solver->cache = NULL;
    return PTL_OK;
}

static void solver_destroy(ptl_linop *op)
{
    ptl__solver *solver = (ptl__solver *)op;
    ptl__workspace_clear(&solver->space);
    ptl_linop_release(&solver->A);
    ptl_linop_release(&solver->M);
    ptl_stop_release(&solver->stop);
    ptl_factory_release(&solver->factory);
    ptl__free(solver->cache);
}

static const ptl__linop_class solver_class = {
    .kind = "solver",
    .fallible = 1,
    .apply = solver_apply,
    .destroy = solver_destroy,
    .prepare = solver_prepare,
    .refresh = solver_refresh,
    .takes_halves = 1,
};

/* What must hold on this rank before a solve, and the memory for it: *rhs and *solution are b and
 * x, or what takes their place. */
static ptl_status prepare_solve(ptl_linop *op, ptl_vector *b, ptl_vector *x, ptl_vector **rhs,
                                ptl_vector **solution, ptl_log **log)
{
    static const char *const names[2] = {"b", "x"};
    PTL_TRY(ptl__wide_open(op, b, x, names, rhs, solution));
    PTL_TRY(ptl__linop_check(op, PTL_OP_NONE, *rhs, *solution, names));
    PTL_CHECK(b->local_rows == x->local_rows, PTL_DIMENSION,
              "b has %lld rows on rank %d, x has %lld", (long long)b->local_rows,
              ptl_comm_rank(op->comm), (long long)x->local_rows);
    PTL_TRY(solver_prepare(op, PTL_OP_NONE, *rhs));
    return ptl__log_create(b->columns, ptl__stop_maxiter(((ptl__solver *)op)->stop), log);
}

ptl_status ptl_solver_solve(ptl_linop *op, ptl_vector *b, ptl_vector *x, ptl_log **out)
{
    if (out)
        *out = NULL;
    PTL_CHECK(op && op->cls == &solver_class, PTL_INVALID, "%s",
              op ? "the operator is not a solver" : "solver is NULL");
    PTL_TRY(ptl__busy_begin(op, "solver"));
    ptl_log *log = NULL;
    ptl_vector *rhs, *solution;
    ptl_status status = prepare_solve(op, b, x, &rhs, &solution, &log);
    const int64_t signature = ptl__vector_sign(ptl__linop_sign(PTL__SOLVE, op), b);
    status = ptl__agree(op->comm, status, ptl__vector_sign(signature, x), "solvers or vectors");
    if (status == PTL_OK) {
        ptl__wide_convert(b, rhs);
        ptl__wide_convert(x, solution);
        status = ptl__solve_run((ptl__solver *)op, rhs, solution, ptl__wide_limit(x), log);
        if (status == PTL_OK)
            ptl__wide_convert(solution, x);
    }
    ptl__busy_end(op);
    if (status == PTL_OK && out)
        *out = ptl_log_retain(log);
    ptl_log_release(&log);
    return status;
}

/* A method and its options, before there is a matrix. */
typedef struct solver_factory {
    ptl_factory base;
    ptl__factory_class cls; /* carries the method's name */
    const ptl__method *method;
    ptl_solver_options options; /* owned: its objects retained, its arrays copied */
} solver_factory;

/* The factory's criteria, bounded by 10 N iterations where they have no bound of their own, and by
 * divergence. */
static ptl_status bounded_stop(ptl_stop *stop, int64_t rows, ptl_stop **out)
{
    ptl_stop *parts[3] = {ptl_stop_retain(stop), NULL, NULL};
    ptl_status status = stop ? PTL_OK : ptl_stop_residual(1e-5, PTL_BASELINE_RHS, &parts[0]);
    int64_t count = 1;
    if (status == PTL_OK && !(stop && ptl__stop_is_bounded(stop)))
        status =
            ptl_stop_iterations(rows < INT64_MAX / 10 ? 10 * rows : INT64_MAX, &parts[count++]);
    if (status == PTL_OK && !(stop && ptl__stop_count(stop, PTL__STOP_DIVERGENCE)))
        status = ptl_stop_divergence(1e10, &parts[count++]);
    if (status == PTL_OK)
        status = ptl_stop_any(count, parts, out);
    for (int i = 0; i < 3; i++)
        ptl_stop_release(&parts[i]);
    return status;
}

/* That M can precondition A, which is square. */
static ptl_status check_precond(const ptl_linop *A, const ptl_linop *M)
{
    PTL_CHECK(M->rows == A->rows && M->cols == A->cols, PTL_DIMENSION,
              "the preconditioner is %lld x %lld, the matrix %lld x %lld", (long long)M->rows,
              (long long)M->cols, (long long)A->rows, (long long)A->cols);
    PTL_CHECK(M->local_rows == M->local_cols &&
                  (M->local_rows == A->local_rows || M->local_rows < 0 || A->local_rows < 0),
              PTL_DIMENSION,
              "the preconditioner is %lld x %lld on rank %d, the matrix %lld x %lld there",
              (long long)M->local_rows, (long long)M->local_cols, ptl_comm_rank(A->comm),
              (long long)A->local_rows, (long long)A->local_cols);
    PTL_CHECK(ptl_dtype_compute(M->dtype) == ptl_dtype_compute(A->dtype), PTL_DTYPE,
              "the preconditioner is %s, the matrix %s", ptl_dtype_name(M->dtype),
              ptl_dtype_name(A->dtype));
    PTL_CHECK(ptl__comm_same(M->comm, A->comm), PTL_INVALID,
              "the preconditioner and the matrix live on different communicators");
    return PTL_OK;
}

/* The same criteria and preconditioner on every rank: one that stops alone would leave the others
 * waiting. */
static int64_t sign_factory(const ptl_factory *base, int64_t signature)
{
    const ptl_solver_options *options = &((const solver_factory *)base)->options;
    signature = ptl__sign(ptl__stop_sign(signature, options->stop), !!options->true_residual);
    signature = ptl__sign(signature, options->precond ? options->precond->number : -1);
    return ptl__factory_sign(signature, options->precond_factory);
}

/* A square matrix. */
static ptl_status check_generate(const ptl_factory *base, const ptl_linop *A)
{
    (void)base;
    PTL_CHECK(A->rows == A->cols && A->local_rows == A->local_cols, PTL_DIMENSION,
              "a solver needs a square operator, this one is %lld x %lld (%lld x %lld on rank %d)",
              (long long)A->rows, (long long)A->cols, (long long)A->local_rows,
              (long long)A->local_cols, ptl_comm_rank(A->comm));
    return PTL_OK;
}

ptl_status ptl__solver_precond(const ptl_solver_options *options, ptl_linop *A, ptl_linop **out)
{
    *out = NULL;
    if (options->precond_factory)
        return ptl_factory_generate(options->precond_factory, A, out);
    *out = ptl_linop_retain(options->precond);
    return PTL_OK;
}

/* What a method of its own way makes of A, halves as floats. */
static ptl_status make_own(const solver_factory *factory, ptl_linop *A, ptl_linop **system,
                           ptl_linop **M)
{
    const ptl__method *method = factory->method;
    ptl_linop *wide;
    PTL_TRY(ptl__linop_computing(A, &wide));
    ptl_status status = method->system ? method->system(&factory->options, wide, system) : PTL_OK;
    if (status == PTL_OK)
        status = method->precond(&factory->options, wide, M);
    ptl_linop_release(&wide);
    return status;
}

/* The operator that is inverted, and what preconditions it. To be released, on failure too. */
static ptl_status make_parts(const solver_factory *factory, ptl_linop *A, ptl_linop **system,
                             ptl_linop **M)
{
    if (factory->method->precond)
        PTL_TRY(make_own(factory, A, system, M));
    else
        PTL_TRY(ptl__solver_precond(&factory->options, A, M));
    if (!*system)
        *system = ptl_linop_retain(A);
    return *M ? check_precond(A, *M) : PTL_OK;
}

static ptl_status assemble(solver_factory *factory, ptl_linop *A, ptl_linop *M, ptl_linop **out)
{
    ptl__solver *solver = NULL;
    PTL_TRY(PTL_NEW_ZERO(1, ptl__solver, &solver));
    ptl_status status = bounded_stop(factory->options.stop, A->rows, &solver->stop);
    if (status != PTL_OK) {
        ptl__free(solver);
        return status;
    }
    /* User code takes any local rows: then M says how many. */
    const int64_t local_rows = A->local_rows < 0 && M ? M->local_rows : A->local_rows;
    solver->method = factory->method;
    solver->A = ptl_linop_retain(A);
    solver->M = ptl_linop_retain(M);
    solver->factory = ptl_factory_retain(&factory->base);
    solver->options = &factory->options;
    solver->predicates = ptl__stop_count(solver->stop, PTL__STOP_PREDICATE);
    ptl__linop_init(&solver->base, &solver_class,
                    &(ptl__linop_spec){A->comm, A->exec, A->rows, A->cols, local_rows, local_rows,
                                       ptl_dtype_compute(A->dtype)});
    *out = &solver->base;
    PTL_TRY(ptl__object_made_of(solver, A, "an operator"));
    return ptl__object_made_of(solver, M, "an operator");
}

static ptl_status solver_generate(ptl_factory *base, ptl_linop *A, ptl_linop **out)
{
    solver_factory *factory = (solver_factory *)base;
    ptl_linop *system = NULL, *M = NULL;
    ptl_status status = make_parts(factory, A, &system, &M);
    if (status == PTL_OK)
        status = assemble(factory, system, M, out);
    ptl_linop_release(&system);
    ptl_linop_release(&M);
    return status;
}

static void solver_factory_destroy(ptl_factory *base)
{
    solver_factory *factory = (solver_factory *)base;
    ptl__params_release(&factory->method->kind, &factory->options);
    ptl_stop_release(&factory->options.stop);
    ptl_linop_release(&factory->options.precond);
    ptl_factory_release(&factory->options.precond_factory);
}

static const void *solver_factory_options(const ptl_factory *base)
{
    return &((const solver_factory *)base)->options;
}

/* What must hold of options before there is a matrix. */
static ptl_status check_options(const ptl__method *method, const ptl_solver_options *options)
{
    PTL_CHECK(!options->precond || !options->precond_factory, PTL_INVALID,
              "both a preconditioner and a preconditioner's factory are given");
    PTL_CHECK(!method->no_precond || !(options->precond || options->precond_factory), PTL_INVALID,
              "%s takes no preconditioner", method->kind.name);
    PTL_TRY(ptl__solver_check_params(&method->kind, options));
    return method->check ? method->check(options) : PTL_OK;
}

static ptl_status factory_new(const ptl__method *method, const ptl_solver_options *options,
                              ptl_factory **out)
{
    solver_factory *factory = NULL;
    PTL_TRY(PTL_NEW_ZERO(1, solver_factory, &factory));
    factory->cls = (ptl__factory_class){
        .name = method->kind.name,
        .check = check_generate,
        .sign = sign_factory,
        .generate = solver_generate,
        .destroy = solver_factory_destroy,
        .kind = &method->kind,
        .options = solver_factory_options,
    };
    ptl__factory_init(&factory->base, &factory->cls);
    factory->method = method;
    factory->options = *options;
    ptl_stop_retain(options->stop);
    ptl_linop_retain(options->precond);
    ptl_factory_retain(options->precond_factory);
    *out = &factory->base;
    PTL_TRY(ptl__params_own(&method->kind, &factory->options));
    PTL_TRY(ptl__factory_hold_params(*out, &method->kind, &factory->options));
    return ptl__factory_hold(*out, options->precond_factory, options->precond);
}

ptl_status ptl__solver_factory(const ptl__method *method, const ptl_solver_options *options,
                               ptl_factory **out)
{
    ptl_solver_options taken;
    *out = NULL;
    PTL_TRY(ptl__options_take(&method->kind, options, &taken));
    PTL_TRY(check_options(method, &taken));
    ptl_status status = factory_new(method, &taken, out);
    if (status != PTL_OK)
        ptl_factory_release(out);
    return status;
}

ptl_status ptl__solver_create(const ptl_kind *kind, const void *options, ptl_factory **out)
{
    return ptl__solver_factory((const ptl__method *)kind, options, out);
}
