/* Stopping criteria: how they are made, and taken together. */
#include "stop.h"

#include <math.h>
#include <string.h>

#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"

static void stop_destroy(void *self)
{
    ptl_stop *stop = self;
    for (int64_t i = 0; stop->parts && i < stop->count; i++)
        ptl_stop_release(&stop->parts[i]);
    ptl__free(stop->parts);
    if (stop->release)
        stop->release(stop->ctx);
    ptl__free(stop);
}

static ptl_status stop_new(ptl__stop_type type, double factor, ptl_stop **out)
{
    PTL_TRY(PTL_NEW_ZERO(1, ptl_stop, out));
    ptl__object_init(*out, stop_destroy);
    (*out)->type = type;
    (*out)->factor = factor;
    (*out)->leaves = 1;
    return PTL_OK;
}

ptl_status ptl_stop_iterations(int64_t maxiter, ptl_stop **out)
{
    *out = NULL;
    PTL_CHECK(maxiter >= 0, PTL_INVALID, "maxiter is %lld, it cannot be negative",
              (long long)maxiter);
    PTL_TRY(stop_new(PTL__STOP_ITERATIONS, 0, out));
    (*out)->count = maxiter;
    return PTL_OK;
}

static ptl_status norm_criterion(ptl__stop_type type, double factor, ptl_baseline baseline,
                                 ptl_stop **out)
{
    *out = NULL;
    PTL_CHECK(factor >= 0, PTL_INVALID, "the residual's factor is %g, expected a number >= 0",
              factor);
    PTL_CHECK(baseline >= PTL_BASELINE_RHS && baseline <= PTL_BASELINE_ABSOLUTE, PTL_INVALID,
              "baseline %d is unknown", (int)baseline);
    PTL_TRY(stop_new(type, factor, out));
    (*out)->baseline = baseline;
    return PTL_OK;
}

ptl_status ptl_stop_residual(double factor, ptl_baseline baseline, ptl_stop **out)
{
    return norm_criterion(PTL__STOP_RESIDUAL, factor, baseline, out);
}

ptl_status ptl_stop_implicit_residual(double factor, ptl_baseline baseline, ptl_stop **out)
{
    return norm_criterion(PTL__STOP_IMPLICIT, factor, baseline, out);
}

ptl_status ptl_stop_time(double seconds, ptl_stop **out)
{
    *out = NULL;
    PTL_CHECK(seconds >= 0, PTL_INVALID, "the time is %g seconds, expected a number >= 0", seconds);
    return stop_new(PTL__STOP_TIME, seconds, out);
}

ptl_status ptl_stop_divergence(double factor, ptl_stop **out)
{
    *out = NULL;
    PTL_CHECK(factor > 0, PTL_INVALID, "the divergence's factor is %g, expected a number > 0",
              factor);
    return stop_new(PTL__STOP_DIVERGENCE, factor, out);
}

ptl_status ptl_stop_stagnation(int64_t window, double factor, ptl_stop **out)
{
    *out = NULL;
    PTL_CHECK(window >= 1, PTL_INVALID, "the window is %lld iterations, expected at least 1",
              (long long)window);
    PTL_CHECK(factor > 0, PTL_INVALID, "the stagnation's factor is %g, expected a number > 0",
              factor);
    PTL_TRY(stop_new(PTL__STOP_STAGNATION, factor, out));
    (*out)->count = window;
    return PTL_OK;
}

ptl_status ptl_stop_predicate(ptl_predicate_fn fn, void *ctx, void (*release)(void *ctx),
                              ptl_stop **out)
{
    *out = NULL;
    PTL_CHECK(fn, PTL_INVALID, "the predicate is NULL");
    PTL_TRY(stop_new(PTL__STOP_PREDICATE, 0, out));
    (*out)->predicate = fn;
    (*out)->ctx = ctx;
    (*out)->release = release;
    return PTL_OK;
}

static ptl_status take_parts(ptl_stop *stop, int64_t count, ptl_stop *const *criteria)
{
    PTL_TRY(PTL_NEW_ZERO(count, ptl_stop *, &stop->parts));
    stop->leaves = 0;
    for (; stop->count < count; stop->count++) {
        ptl_stop *part = criteria[stop->count];
        PTL_TRY(ptl__object_made_of(stop, part, "a criterion"));
        stop->leaves += part->leaves;
        PTL_CHECK(stop->leaves <= PTL_MAX_PARTS, PTL_INVALID,
                  "a criterion would be made of %lld criteria or more: at most %d",
                  (long long)stop->leaves, PTL_MAX_PARTS);
        stop->parts[stop->count] = ptl_stop_retain(part);
    }
    return PTL_OK;
}

static ptl_status together(ptl__stop_type type, int64_t count, ptl_stop *const *criteria,
                           ptl_stop **out)
{
    *out = NULL;
    for (int64_t i = 0; i < count; i++)
        PTL_CHECK(criteria[i], PTL_INVALID, "criterion %lld is NULL", (long long)i);
    ptl_stop *stop = NULL;
    PTL_TRY(stop_new(type, 0, &stop));
    ptl_status status = take_parts(stop, count, criteria);
    if (status != PTL_OK)
        ptl_stop_release(&stop);
    *out = stop;
    return status;
}

ptl_status ptl_stop_any(int64_t count, ptl_stop *const *criteria, ptl_stop **out)
{
    return together(PTL__STOP_ANY, count, criteria, out);
}

ptl_status ptl_stop_all(int64_t count, ptl_stop *const *criteria, ptl_stop **out)
{
    *out = NULL;
    PTL_CHECK(count > 0, PTL_INVALID, "all() of no criteria would stop every solve at once");
    return together(PTL__STOP_ALL, count, criteria, out);
}

int64_t ptl__stop_sign(int64_t signature, const ptl_stop *stop)
{
    if (!stop)
        return ptl__sign(signature, -1);
    int64_t bits;
    memcpy(&bits, &stop->factor, sizeof bits);
    signature = ptl__sign(ptl__sign(signature, stop->type), bits);
    signature = ptl__sign(ptl__sign(signature, stop->baseline), stop->count);
    for (int64_t i = 0; stop->parts && i < stop->count; i++)
        signature = ptl__stop_sign(signature, stop->parts[i]);
    return signature;
}

PTL__OBJECT_FUNCTIONS(ptl_stop)
