/* Stopping criteria. A column of a solve stops when a criterion holds for it; a solve stops when
 * every column has stopped. Immutable, local. */
#ifndef PETIOLE_STOP_H
#define PETIOLE_STOP_H

#include <petiole/event.h>
#include <petiole/export.h>
#include <petiole/status.h>
#include <petiole/types.h>

PTL_BEGIN_DECLS

typedef struct ptl_stop ptl_stop;

/* The norm that is multiplied by `factor` to give a tolerance. */
typedef enum ptl_baseline {
    PTL_BASELINE_RHS,     /* the norm of b */
    PTL_BASELINE_INITIAL, /* the first value of that norm in the solve */
    PTL_BASELINE_ABSOLUTE /* 1 */
} ptl_baseline;

/* (L) At most `maxiter` iterations; PTL_INVALID if it is negative. */
PTL_API ptl_status ptl_stop_iterations(int64_t maxiter, ptl_stop **out) PTL_MUST_USE;
/* (L) ||r||_2 <= factor * baseline; PTL_INVALID if factor is negative or NaN. */
PTL_API ptl_status ptl_stop_residual(double factor, ptl_baseline baseline,
                                     ptl_stop **out) PTL_MUST_USE;
/* (L) The same for the norm that the method computes anyway: sqrt(conj(r) M r) in preconditioned
 * conjugate gradient methods, ||r||_2 in the other methods. The true residual is not checked at the
 * end. */
PTL_API ptl_status ptl_stop_implicit_residual(double factor, ptl_baseline baseline,
                                              ptl_stop **out) PTL_MUST_USE;
/* (L) `seconds` of wall time since the solve began, by rank 0's clock, whose time the solve's usual
 * reductions carry to the other ranks. PTL_INVALID if negative or NaN. */
PTL_API ptl_status ptl_stop_time(double seconds, ptl_stop **out) PTL_MUST_USE;
/* (L) ||r|| > factor * the larger of ||b|| and the initial residual norm. A solve without this
 * criterion uses it with factor 1e10. PTL_INVALID if factor is not positive. */
PTL_API ptl_status ptl_stop_divergence(double factor, ptl_stop **out) PTL_MUST_USE;
/* (L) ||r|| > factor * the value of ||r|| `window` iterations ago. PTL_INVALID if window < 1, or
 * factor is not positive. */
PTL_API ptl_status ptl_stop_stagnation(int64_t window, double factor, ptl_stop **out) PTL_MUST_USE;
/* (L) A function in user code. `fn` is called on every rank after each iteration and once before
 * the first. If it sets *stop to 1 on any rank, all columns stop. It costs one more reduction an
 * iteration. If `fn` fails on a rank, the solve fails on every rank. `release(ctx)`, unless release
 * is NULL, is called once when the criterion is destroyed. */
typedef ptl_status (*ptl_predicate_fn)(void *ctx, const ptl_event *event, int *stop);
PTL_API ptl_status ptl_stop_predicate(ptl_predicate_fn fn, void *ctx, void (*release)(void *ctx),
                                      ptl_stop **out) PTL_MUST_USE;
/* (L) any: at least one of `count` criteria holds. all: every one of them holds. The criteria are
 * retained. PTL_INVALID if one is NULL, count is 0 for `all`, or criteria would nest deeper than
 * PTL_MAX_DEPTH or be more than PTL_MAX_PARTS. */
PTL_API ptl_status ptl_stop_any(int64_t count, ptl_stop *const *criteria,
                                ptl_stop **out) PTL_MUST_USE;
PTL_API ptl_status ptl_stop_all(int64_t count, ptl_stop *const *criteria,
                                ptl_stop **out) PTL_MUST_USE;

PTL_API ptl_stop *ptl_stop_retain(ptl_stop *stop);
PTL_API void ptl_stop_release(ptl_stop **stop);

/* Why a column stopped. X(NAME, text, converged). BREAKDOWN: the method would divide by zero.
 * INDEFINITE: it needs a definite A or M. ACCURACY_LIMIT: the recurrence's residual reached the
 * tolerance, but b - A x did not, even after a restart. CONSTRAINTS: the vectors are not orthogonal
 * to the given constraints. */
#define PTL_REASON_MAP(X)                                                                          \
    X(RUNNING, "running", 0)                                                                       \
    X(RTOL, "rtol", 1)                                                                             \
    X(ATOL, "atol", 1)                                                                             \
    X(IMPLICIT, "implicit", 1)                                                                     \
    X(PREDICATE, "predicate", 1)                                                                   \
    X(MAXITER, "maxiter", 0)                                                                       \
    X(TIME, "time", 0)                                                                             \
    X(DIVERGENCE, "divergence", 0)                                                                 \
    X(STAGNATION, "stagnation", 0)                                                                 \
    X(BREAKDOWN, "breakdown", 0)                                                                   \
    X(INDEFINITE, "indefinite", 0)                                                                 \
    X(NON_FINITE, "non_finite", 0)                                                                 \
    X(ACCURACY_LIMIT, "accuracy_limit", 0)                                                         \
    X(CONSTRAINTS, "constraints", 0)

typedef enum ptl_reason {
#define X(name, text, converged) PTL_REASON_##name,
    PTL_REASON_MAP(X)
#undef X
        PTL_REASON_COUNT
} ptl_reason;

/* (L) The text in the list above, a static string. */
PTL_API const char *ptl_reason_text(ptl_reason reason);
/* (L) The number in the list above: 1 if the column converged. */
PTL_API int ptl_reason_converged(ptl_reason reason);

PTL_END_DECLS

#endif
