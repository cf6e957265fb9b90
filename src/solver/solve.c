/* One solve: what every method shares, from the first residual to the true one at the end. */
#include <math.h>
#include <string.h>

#include "../base/careful_norm.h"
#include "../core/interrupt.h"
#include "../core/status.h"
#include "../core/trace.h"
#include "generated.h"
#include "seconds.h"

void ptl__solve_stop_column(ptl__solve *s, int64_t j, ptl_reason reason)
{
    s->log->reasons[j] = reason;
    s->mask[j] = 0;
}

int64_t ptl__solve_running(const ptl__solve *s)
{
    int64_t running = 0;
    for (int64_t j = 0; j < s->columns; j++)
        running += s->mask[j];
    return running;
}

/* What the criteria look at. On the second run half the tolerance is aimed at, so that rounding
 * does not decide whether the true residual meets it. */
static ptl__stop_state state_now(const ptl__solve *s)
{
    const ptl_log *log = s->log;
    return (ptl__stop_state){
        .columns = s->columns,
        .iteration = s->iteration,
        .norms = log->residual_norms,
        .implicit_norms = log->implicit_norms,
        .rhs_norms = log->rhs_norms,
        .initial_norms = log->initial_norms,
        .initial_implicit = log->initial_implicit,
        .history = log->history,
        .exponents = s->exponents,
        .seconds = s->seconds,
        .predicates = s->votes,
        .strictness = s->again ? 0.5 : 1,
    };
}

/* The votes of all ranks on the predicates. (C) where there are any. */
static ptl_status ask_predicates(ptl__solve *s, const ptl_event *event)
{
    ptl__solver *solver = s->solver;
    if (!solver->predicates)
        return PTL_OK;
    ptl__reducer *votes = solver->space.votes;
    ptl__reducer_begin(votes);
    s->votes = ptl__reducer_add(votes, solver->predicates);
    ptl__reducer_note(votes, ptl__stop_ask(solver->stop, event, s->votes));
    PTL_TRY(ptl__reducer_post(votes));
    return ptl__reducer_wait(votes);
}

/* The norms of this iteration, into the log. */
static void keep_norms(ptl__solve *s, const double *norms_squared, const double *implicit_squared)
{
    ptl_log *log = s->log;
    for (int64_t j = 0; j < s->columns; j++) {
        log->residual_norms[j] = sqrt(norms_squared[j]);
        log->implicit_norms[j] =
            implicit_squared ? sqrt(fabs(implicit_squared[j * s->width])) : log->residual_norms[j];
    }
    if (s->begun || s->again)
        return;
    memcpy(log->initial_norms, log->residual_norms, (size_t)s->columns * sizeof(double));
    memcpy(log->initial_implicit, log->implicit_norms, (size_t)s->columns * sizeof(double));
}

/* History, predicates and callback. A second run begins with an iteration that has been told. */
static ptl_status tell(ptl__solve *s)
{
    if (!s->begun && s->again)
        return PTL_OK;
    const ptl_solver_options *options = s->options;
    const ptl_event event = {s->iteration, s->columns, ptl__scaling_norms(s), s->rhs, s};
    ptl__solve_note(s, ptl__log_record(s->log, s->iteration));
    if (s->begun)
        ptl__trace_point(PTL_TRACE_ITERATION, s->solver->method->kind.name, s->iteration);
    PTL_TRY(ask_predicates(s, &event));
    ptl__solve_note(s, ptl__interrupt());
    if (options->callback)
        ptl__solve_note(s, options->callback(options->callback_ctx, &event));
    return PTL_OK;
}

ptl_status ptl__solve_check(ptl__solve *s, const double *norms_squared,
                            const double *implicit_squared, int64_t *running)
{
    ptl_log *log = s->log;
    keep_norms(s, norms_squared, implicit_squared);
    PTL_TRY(tell(s));
    s->begun = 1;
    const ptl__stop_state state = state_now(s);
    *running = 0;
    for (int64_t j = 0; j < s->columns; j++) {
        if (log->reasons[j] == PTL_REASON_RUNNING)
            log->reasons[j] = ptl__stop_reason(s->solver->stop, &state, j);
        s->mask[j] = log->reasons[j] == PTL_REASON_RUNNING;
        *running += s->mask[j];
    }
    return PTL_OK;
}

/* A vector of the method, formed or as it keeps it, on the user's scale. */
static ptl_vector *shown(ptl__solve *s, ptl_vector *kept, void (*form)(ptl__solve *, ptl_vector *),
                         ptl_vector *out)
{
    if (!form && !s->exponents)
        return kept;
    if (!out)
        return NULL;
    if (form)
        form(s, out);
    else
        ptl__solve_copy(s, kept, out);
    ptl__scaling_show(s, out);
    return out;
}

ptl_vector *ptl_event_x(const ptl_event *event)
{
    ptl__solve *s = event->solve;
    ptl__solver *solver = s->solver;
    return shown(s, s->x, solver->method->form_x, solver->space.shown[0]);
}

ptl_vector *ptl_event_r(const ptl_event *event)
{
    ptl__solve *s = event->solve;
    ptl__solver *solver = s->solver;
    return shown(s, s->r, solver->method->form_r, solver->space.shown[1]);
}

/* b's norms, and r = b - A x, on the scale of the solve (scaling.h). A column whose right-hand side
 * is zero has the solution zero, which no relative criterion would recognise: it starts there. */
static ptl_status start(ptl__solve *s)
{
    ptl__solve_begin(s);
    double *bb = ptl__solve_norm_sums(s);
    ptl__solve_norms(s, s->b, bb);
    ptl__solve_apply(s, s->x, s->r);
    PTL_TRY(ptl__solve_reduce(s));
    memcpy(s->log->rhs_norms, bb, (size_t)s->columns * sizeof(double));
    PTL_TRY(ptl__scaling_open(s));
    s->kernels->scale_add(s->threads, s->minus_one, ptl__vector_block(s->b), NULL,
                          ptl__vector_block(s->r));
    int zeros = 0;
    for (int64_t j = 0; j < s->columns; j++) {
        s->mask[j] = s->log->rhs_norms[j] == 0;
        zeros += s->mask[j];
    }
    if (zeros) {
        static const double zero[2] = {0, 0};
        for (int64_t j = 0; j < s->columns; j++)
            if (s->mask[j]) {
                s->kernels->fill(s->threads, zero, ptl__vector_column(s->x, j));
                s->kernels->fill(s->threads, zero, ptl__vector_column(s->r, j));
            }
    }
    memset(s->mask, 1, (size_t)s->columns);
    return PTL_OK;
}

/* r = b - A x, computed afresh, and this rank's part of its squared norms. */
static void renew_residual(ptl__solve *s, double *rr)
{
    ptl__solve_apply(s, s->x, s->r);
    s->kernels->scale_add(s->threads, s->minus_one, ptl__vector_block(s->b), NULL,
                          ptl__vector_block(s->r));
    ptl__solve_norms(s, s->r, rr);
}

/* Columns of x that do not fit where the user keeps them: their sums become infinite. */
static void judge_sizes(ptl__solve *s, double *maxima, double *sums)
{
    if (s->limit == HUGE_VAL)
        return;
    s->kernels->norm_inf(s->threads, ptl__vector_block(s->x), maxima);
    ptl__solve_await(s);
    for (int64_t j = 0; j < s->columns; j++)
        if (!(ldexp(maxima[j], s->exponents ? -s->exponents[j] : 0) < s->limit))
            sums[j] = HUGE_VAL;
}

/* The norms of the true residual; also the agreement that ends a solve. A solution that only the
 * scale or the dtype of the solve can hold is none. */
static ptl_status true_residual(ptl__solve *s)
{
    double *norms = s->log->true_residual_norms;
    const int unchecked = !s->options->true_residual;
    ptl__scaling_round(s);
    ptl__solve_begin(s);
    double *sums = ptl__solve_norm_sums(s);
    if (!unchecked)
        renew_residual(s, sums);
    else if (s->exponents)
        s->kernels->norm1(s->threads, ptl__vector_block(s->x), sums);
    judge_sizes(s, norms, sums);
    PTL_TRY(ptl__solve_reduce(s));
    for (int64_t j = 0; j < s->columns; j++) {
        norms[j] = unchecked ? NAN : sums[j];
        if ((s->exponents || s->limit < HUGE_VAL) && !isfinite(sums[j]) &&
            ptl_reason_converged(s->log->reasons[j]))
            s->log->reasons[j] = PTL_REASON_NON_FINITE;
    }
    return unchecked ? PTL_OK : ptl__careful_norms(s->r, norms);
}

/* Whether column j could not begin since the guess's residual, though finite, has no square. */
static int has_lost_guess(const ptl__solve *s, int64_t j)
{
    const ptl_log *log = s->log;
    return !s->again && log->reasons[j] == PTL_REASON_NON_FINITE &&
           !isfinite(log->initial_norms[j]) && isfinite(log->true_residual_norms[j]) &&
           isfinite(log->rhs_norms[j]);
}

static void begin_at_zero(ptl__solve *s, int64_t j)
{
    static const double zero[2] = {0, 0};
    s->kernels->fill(s->threads, zero, ptl__vector_column(s->x, j));
    s->kernels->copy(s->threads, ptl__vector_column(s->b, j), ptl__vector_column(s->r, j));
}

/* Columns that stopped by their residual, whose true residual misses the tolerance: they run once
 * more, and then stop as they are; those with a guess out of all proportion too, from zero.
 * Returns how many run. */
static int64_t missed(ptl__solve *s)
{
    ptl_log *log = s->log;
    ptl__stop_state state = state_now(s);
    state.norms = log->true_residual_norms;
    state.strictness = 1;
    int64_t running = 0;
    memset(s->mask, 0, (size_t)s->columns);
    for (int64_t j = 0; j < s->columns && s->options->true_residual; j++) {
        const ptl_reason reason = log->reasons[j];
        if (has_lost_guess(s, j))
            begin_at_zero(s, j);
        else if ((reason != PTL_REASON_RTOL && reason != PTL_REASON_ATOL) ||
                 ptl_reason_converged(ptl__stop_reason(s->solver->stop, &state, j)))
            continue;
        s->mask[j] = !s->again;
        running += s->mask[j];
        log->reasons[j] = s->again ? PTL_REASON_ACCURACY_LIMIT : PTL_REASON_RUNNING;
    }
    return running;
}

static ptl__solve solve_of(ptl__solver *solver, ptl_vector *b, ptl_vector *x, double limit,
                           ptl_log *log)
{
    ptl__workspace *space = &solver->space;
    return (ptl__solve){
        .A = solver->A,
        .M = solver->M,
        .b = b,
        .rhs = b,
        .x = x,
        .limit = limit,
        .r = space->r,
        .work = space->work,
        .coef = space->coef,
        .scratch = space->scratch,
        .one = space->one,
        .minus_one = space->minus_one,
        .mask = space->mask,
        .columns = b->columns,
        .width = ptl__coef_doubles(b->dtype),
        .options = solver->options,
        .reducer = space->reducer,
        .kernels = ptl__vector_kernels_of(b),
        .threads = ptl__vector_run(b),
        .log = log,
        .solver = solver,
        .began = ptl__seconds_now(),
    };
}

/* The method, and once more where it missed. */
static ptl_status iterate(ptl__solve *s)
{
    const ptl__needs *needs = &s->solver->space.needs;
    for (s->again = 0;; s->again = 1) {
        for (int64_t i = 0; i < needs->coefs; i++)
            memset(s->coef[i], 0, (size_t)(s->columns * s->width) * sizeof(double));
        s->begun = 0;
        PTL_TRY(s->solver->method->run(s));
        PTL_TRY(true_residual(s));
        if (!missed(s))
            return PTL_OK;
    }
}

ptl_status ptl__solve_run(ptl__solver *solver, ptl_vector *b, ptl_vector *x, double limit,
                          ptl_log *log)
{
    const char *name = solver->method->kind.name;
    ptl__solve s = solve_of(solver, b, x, limit, log);
    ptl__trace_begin(PTL_TRACE_SOLVE, name, 0);
    ptl_status status = start(&s);
    if (status == PTL_OK)
        status = iterate(&s);
    const ptl_status waited = ptl__exec_wait(b->exec); /* for sums that nobody has read */
    status = status == PTL_OK ? waited : status;
    ptl__scaling_close(&s);
    if (status == PTL_OK)
        ptl__log_finish(log, ptl__seconds_now() - s.began);
    ptl__trace_end(PTL_TRACE_SOLVE, name, 0);
    return status;
}
