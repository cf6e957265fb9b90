/* Stopping criteria. */
#include "stop.h"

#include <math.h>
#include <string.h>

#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"

static void stop_destroy(void *self)
{
    ptl_stop *stop = self;
    ptl__free(stop->residual);
    ptl__free(stop);
}

/* No iteration bound, and room for `count` residual criteria. */
static ptl_status stop_new(int64_t count, ptl_stop **out)
{
    ptl_stop *stop = NULL;
    struct ptl__stop_residual *residual = NULL;
    PTL_TRY(PTL_NEW_ZERO(count, struct ptl__stop_residual, &residual));
    ptl_status status = PTL_NEW_ZERO(1, ptl_stop, &stop);
    if (status != PTL_OK) {
        ptl__free(residual);
        return status;
    }
    ptl__object_init(stop, stop_destroy);
    stop->maxiter = -1;
    stop->count = count;
    stop->residual = residual;
    *out = stop;
    return PTL_OK;
}

ptl_status ptl_stop_iterations(int64_t maxiter, ptl_stop **out)
{
    *out = NULL;
    PTL_CHECK(maxiter >= 0, PTL_INVALID, "maxiter is %lld, it cannot be negative",
              (long long)maxiter);
    PTL_TRY(stop_new(0, out));
    (*out)->maxiter = maxiter;
    return PTL_OK;
}

ptl_status ptl_stop_residual(double factor, ptl_baseline baseline, ptl_stop **out)
{
    *out = NULL;
    PTL_CHECK(factor >= 0, PTL_INVALID, "the residual's factor is %g, expected a number >= 0",
              factor);
    PTL_CHECK(baseline >= PTL_BASELINE_RHS && baseline <= PTL_BASELINE_ABSOLUTE, PTL_INVALID,
              "baseline %d is unknown", (int)baseline);
    PTL_TRY(stop_new(1, out));
    (*out)->residual[0] = (struct ptl__stop_residual){factor, baseline};
    return PTL_OK;
}

ptl_status ptl_stop_any(int64_t count, ptl_stop *const *criteria, ptl_stop **out)
{
    *out = NULL;
    int64_t residuals = 0;
    for (int64_t i = 0; i < count; i++) {
        PTL_CHECK(criteria[i], PTL_INVALID, "criterion %lld is NULL", (long long)i);
        residuals += criteria[i]->count;
    }
    PTL_TRY(stop_new(residuals, out));
    ptl_stop *all = *out;
    all->count = 0;
    for (int64_t i = 0; i < count; i++) {
        const ptl_stop *one = criteria[i];
        for (int64_t j = 0; j < one->count; j++)
            all->residual[all->count++] = one->residual[j];
        if (one->maxiter >= 0 && (all->maxiter < 0 || one->maxiter < all->maxiter))
            all->maxiter = one->maxiter;
    }
    return PTL_OK;
}

int64_t ptl__stop_sign(int64_t signature, const ptl_stop *stop)
{
    if (!stop)
        return ptl__sign(signature, -1);
    signature = ptl__sign(ptl__sign(signature, stop->maxiter), stop->count);
    for (int64_t i = 0; i < stop->count; i++) {
        int64_t bits;
        memcpy(&bits, &stop->residual[i].factor, sizeof bits);
        signature = ptl__sign(ptl__sign(signature, bits), stop->residual[i].baseline);
    }
    return signature;
}

/* Why column j stops now, or RUNNING. */
static ptl_reason check_column(const ptl_stop *stop, const ptl__stop_state *state, int64_t j)
{
    if (!isfinite(state->norms[j]))
        return PTL_REASON_NON_FINITE;
    for (int64_t i = 0; i < stop->count; i++) {
        double base = 1;
        if (stop->residual[i].baseline == PTL_BASELINE_RHS)
            base = state->rhs_norms[j];
        else if (stop->residual[i].baseline == PTL_BASELINE_INITIAL)
            base = state->initial_norms[j];
        if (state->norms[j] <= stop->residual[i].factor * base)
            return stop->residual[i].baseline == PTL_BASELINE_ABSOLUTE ? PTL_REASON_ATOL
                                                                       : PTL_REASON_RTOL;
    }
    /* A zero residual is as good as a solution gets, whatever the criteria ask. */
    if (state->norms[j] == 0)
        return PTL_REASON_ATOL;
    if (stop->maxiter >= 0 && state->iteration >= stop->maxiter)
        return PTL_REASON_MAXITER;
    return PTL_REASON_RUNNING;
}

int64_t ptl__stop_check(const ptl_stop *stop, const ptl__stop_state *state, ptl_reason *reasons,
                        uint8_t *mask)
{
    int64_t running = 0;
    for (int64_t j = 0; j < state->columns; j++) {
        if (reasons[j] == PTL_REASON_RUNNING)
            reasons[j] = check_column(stop, state, j);
        mask[j] = reasons[j] == PTL_REASON_RUNNING;
        running += mask[j];
    }
    return running;
}

const char *ptl_reason_text(ptl_reason reason)
{
    static const char *const texts[] = {
#define X(name, text, converged) text,
        PTL_REASON_MAP(X)
#undef X
    };
    return (unsigned)reason < PTL_REASON_COUNT ? texts[reason] : "unknown";
}

PTL__OBJECT_FUNCTIONS(ptl_stop)
