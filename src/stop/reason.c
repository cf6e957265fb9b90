/* Why a column stops. */
#include <math.h>

#include "../core/status.h"
#include "stop.h"

int64_t ptl__stop_count(const ptl_stop *stop, ptl__stop_type type)
{
    int64_t count = stop->type == type;
    for (int64_t i = 0; stop->parts && i < stop->count; i++)
        count += ptl__stop_count(stop->parts[i], type);
    return count;
}

int ptl__stop_is_bounded(const ptl_stop *stop)
{
    if (!stop->parts)
        return stop->type == PTL__STOP_ITERATIONS || stop->type == PTL__STOP_TIME;
    int64_t bounded = 0;
    for (int64_t i = 0; i < stop->count; i++)
        bounded += ptl__stop_is_bounded(stop->parts[i]);
    return stop->type == PTL__STOP_ALL ? bounded == stop->count : bounded > 0;
}

int64_t ptl__stop_maxiter(const ptl_stop *stop)
{
    if (!stop->parts)
        return stop->type == PTL__STOP_ITERATIONS ? stop->count : INT64_MAX;
    int64_t least = INT64_MAX, most = 0;
    for (int64_t i = 0; i < stop->count; i++) {
        int64_t bound = ptl__stop_maxiter(stop->parts[i]);
        least = bound < least ? bound : least;
        most = bound > most ? bound : most;
    }
    return stop->type == PTL__STOP_ALL ? most : least;
}

static ptl_status ask(const ptl_stop *stop, const ptl_event *event, double **vote)
{
    int answer = 0;
    if (stop->type == PTL__STOP_PREDICATE) {
        ptl_status status = stop->predicate(stop->ctx, event, &answer);
        *(*vote)++ = answer != 0;
        return status;
    }
    for (int64_t i = 0; stop->parts && i < stop->count; i++)
        PTL_TRY(ask(stop->parts[i], event, vote));
    return PTL_OK;
}

ptl_status ptl__stop_ask(const ptl_stop *stop, const ptl_event *event, double *votes)
{
    return ask(stop, event, &votes);
}

static ptl_reason norm_reason(const ptl_stop *stop, const ptl__stop_state *state, int64_t j,
                              double norm, double initial, double strictness)
{
    double base = 1;
    if (stop->baseline == PTL_BASELINE_RHS)
        base = state->rhs_norms[j];
    else if (stop->baseline == PTL_BASELINE_INITIAL)
        base = initial;
    double limit = stop->factor * base * strictness;
    if (stop->baseline == PTL_BASELINE_ABSOLUTE && state->exponents)
        limit = ldexp(limit, state->exponents[j]);
    if (!(norm <= limit))
        return PTL_REASON_RUNNING;
    if (stop->type == PTL__STOP_IMPLICIT)
        return PTL_REASON_IMPLICIT;
    return stop->baseline == PTL_BASELINE_ABSOLUTE ? PTL_REASON_ATOL : PTL_REASON_RTOL;
}

static ptl_reason leaf_reason(const ptl_stop *stop, const ptl__stop_state *state, int64_t j,
                              int64_t *predicate)
{
    const double norm = state->norms[j], rhs = state->rhs_norms[j];
    switch (stop->type) {
    case PTL__STOP_RESIDUAL:
        return norm_reason(stop, state, j, norm, state->initial_norms[j], state->strictness);
    case PTL__STOP_IMPLICIT:
        return norm_reason(stop, state, j, state->implicit_norms[j], state->initial_implicit[j], 1);
    case PTL__STOP_ITERATIONS:
        return state->iteration >= stop->count ? PTL_REASON_MAXITER : PTL_REASON_RUNNING;
    case PTL__STOP_TIME:
        return state->seconds >= stop->factor ? PTL_REASON_TIME : PTL_REASON_RUNNING;
    case PTL__STOP_DIVERGENCE:
        return norm > stop->factor * fmax(rhs, state->initial_norms[j]) ? PTL_REASON_DIVERGENCE
                                                                        : PTL_REASON_RUNNING;
    case PTL__STOP_STAGNATION:
        if (state->iteration < stop->count ||
            !(norm >
              stop->factor * state->history[(state->iteration - stop->count) * state->columns + j]))
            return PTL_REASON_RUNNING;
        return PTL_REASON_STAGNATION;
    case PTL__STOP_PREDICATE:
        return state->predicates[(*predicate)++] > 0 ? PTL_REASON_PREDICATE : PTL_REASON_RUNNING;
    default:
        return PTL_REASON_RUNNING;
    }
}

/* Every part is looked at, since each predicate has its place among the votes. */
static ptl_reason tree_reason(const ptl_stop *stop, const ptl__stop_state *state, int64_t j,
                              int64_t *predicate)
{
    if (!stop->parts)
        return leaf_reason(stop, state, j, predicate);
    ptl_reason best = PTL_REASON_RUNNING;
    int64_t holding = 0;
    for (int64_t i = 0; i < stop->count; i++) {
        ptl_reason reason = tree_reason(stop->parts[i], state, j, predicate);
        holding += reason != PTL_REASON_RUNNING;
        if (best == PTL_REASON_RUNNING ||
            (ptl_reason_converged(reason) && !ptl_reason_converged(best)))
            best = reason;
    }
    return stop->type == PTL__STOP_ALL && holding < stop->count ? PTL_REASON_RUNNING : best;
}

ptl_reason ptl__stop_reason(const ptl_stop *stop, const ptl__stop_state *state, int64_t j)
{
    int64_t predicate = 0;
    if (!isfinite(state->norms[j]))
        return PTL_REASON_NON_FINITE;
    ptl_reason reason = tree_reason(stop, state, j, &predicate);
    /* A zero residual is as good as a solution gets, whatever the criteria ask. */
    if (state->norms[j] == 0 && !ptl_reason_converged(reason))
        return PTL_REASON_ATOL;
    return reason;
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

int ptl_reason_converged(ptl_reason reason)
{
    static const int table[] = {
#define X(name, text, value) value,
        PTL_REASON_MAP(X)
#undef X
    };
    return (unsigned)reason < PTL_REASON_COUNT && table[reason];
}
