/* One solve: what every method shares, from the first residual to the true one at the end. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "../core/status.h"
#include "generated.h"

ptl_vector *ptl__solve_precondition(ptl__solve *s, ptl_vector *r, ptl_vector *z, double *sums)
{
    if (!s->M)
        return r;
    ptl__solve_note(s, ptl__linop_apply_dot(s->M, r, z, sums));
    return z;
}

double *ptl__solve_sums(ptl__solve *s, int entries)
{
    return ptl__reducer_add(s->reducer, s->columns * s->width * entries);
}

void ptl__solve_note(ptl__solve *s, ptl_status status)
{
    ptl__reducer_note(s->reducer, status);
}

ptl_status ptl__solve_reduce(ptl__solve *s)
{
    PTL_TRY(ptl__reducer_post(s->reducer));
    return ptl__reducer_wait(s->reducer);
}

void ptl__solve_stop_column(ptl__solve *s, int64_t j, ptl_reason reason)
{
    s->log->reasons[j] = reason;
    s->mask[j] = 0;
}

int ptl__solve_go_on(ptl__solve *s, const double *norms_squared)
{
    ptl_log *log = s->log;
    for (int64_t j = 0; j < s->columns; j++)
        log->residual_norms[j] = sqrt(norms_squared[j]);
    if (s->iteration == 0)
        for (int64_t j = 0; j < s->columns; j++)
            log->initial_norms[j] = log->residual_norms[j];
    ptl__solve_note(s, ptl__log_record(log, s->iteration));
    ptl__stop_state state = {
        .columns = s->columns,
        .iteration = s->iteration,
        .norms = log->residual_norms,
        .rhs_norms = log->rhs_norms,
        .initial_norms = log->initial_norms,
    };
    int64_t running = ptl__stop_check(s->solver->stop, &state, log->reasons, s->mask);
    if (s->solver->callback) {
        ptl_event event = {s->iteration, s->columns, log->residual_norms, s->x, s->r};
        ptl__solve_note(s, s->solver->callback(s->solver->callback_ctx, &event));
    }
    return running > 0;
}

/* b's norms, and r = b - A x. A column whose right-hand side is zero has the solution zero, which
 * no relative criterion would recognise: it starts there. */
static ptl_status start(ptl__solve *s)
{
    const ptl__block x = ptl__vector_block(s->x), b = ptl__vector_block(s->b),
                     r = ptl__vector_block(s->r);
    ptl__reducer_begin(s->reducer);
    double *bb = ptl__reducer_add(s->reducer, s->columns);
    s->kernels->norm2_squared(s->threads, b, bb);
    ptl__solve_note(s, ptl__linop_apply(s->A, NULL, s->x, NULL, s->r));
    PTL_TRY(ptl__solve_reduce(s));
    s->kernels->scale_add(s->threads, s->solver->space.minus_one, b, NULL, r);
    int zeros = 0;
    for (int64_t j = 0; j < s->columns; j++) {
        s->log->rhs_norms[j] = sqrt(bb[j]);
        s->mask[j] = bb[j] == 0;
        zeros += s->mask[j];
    }
    if (zeros) {
        double *zero = s->coef[0]; /* still all zeros: the method has not begun */
        s->kernels->scale(s->threads, zero, s->mask, x);
        s->kernels->scale(s->threads, zero, s->mask, r);
    }
    return PTL_OK;
}

/* The norms of b - A x, computed afresh; also the agreement that ends a solve. */
static ptl_status finish(ptl__solve *s)
{
    ptl__reducer_begin(s->reducer);
    double *rr = ptl__reducer_add(s->reducer, s->columns);
    ptl__solve_note(s, ptl__linop_apply(s->A, NULL, s->x, NULL, s->r));
    s->kernels->scale_add(s->threads, s->solver->space.minus_one, ptl__vector_block(s->b), NULL,
                          ptl__vector_block(s->r));
    s->kernels->norm2_squared(s->threads, ptl__vector_block(s->r), rr);
    PTL_TRY(ptl__solve_reduce(s));
    for (int64_t j = 0; j < s->columns; j++)
        s->log->true_residual_norms[j] = sqrt(rr[j]);
    return PTL_OK;
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

ptl_status ptl__solve_run(ptl__solver *solver, ptl_vector *b, ptl_vector *x, ptl_log *log)
{
    ptl__workspace *space = &solver->space;
    double began = seconds_now();
    ptl__solve s = {
        .A = solver->A,
        .M = solver->M,
        .b = b,
        .x = x,
        .r = space->r,
        .mask = space->mask,
        .columns = b->columns,
        .width = ptl__coef_doubles(b->dtype),
        .reducer = space->reducer,
        .kernels = ptl__vector_kernels_of(b),
        .threads = ptl__vector_run(b),
        .log = log,
        .solver = solver,
    };
    memcpy(s.work, space->work, sizeof s.work);
    memcpy(s.coef, space->coef, sizeof s.coef);
    for (int i = 0; i < solver->method->coefs; i++)
        memset(s.coef[i], 0, (size_t)(s.columns * s.width) * sizeof(double));
    PTL_TRY(start(&s));
    PTL_TRY(solver->method->run(&s));
    PTL_TRY(finish(&s));
    ptl__log_finish(log, seconds_now() - began);
    return PTL_OK;
}
