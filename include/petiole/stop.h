/* Stopping criteria. A column of a solve stops when any of the criteria holds for it; a solve stops
 * when every column has. Immutable, local. */
#ifndef PETIOLE_STOP_H
#define PETIOLE_STOP_H

#include <petiole/export.h>
#include <petiole/status.h>
#include <petiole/types.h>

PTL_BEGIN_DECLS

typedef struct ptl_stop ptl_stop;

/* What the residual's norm is compared with `factor` times. */
typedef enum ptl_baseline {
    PTL_BASELINE_RHS,     /* the norm of b */
    PTL_BASELINE_INITIAL, /* the norm of b - A x0 */
    PTL_BASELINE_ABSOLUTE /* 1 */
} ptl_baseline;

/* (L) At most `maxiter` iterations; PTL_INVALID where negative. */
PTL_API ptl_status ptl_stop_iterations(int64_t maxiter, ptl_stop **out) PTL_MUST_USE;
/* (L) ||r||_2 <= factor * baseline; PTL_INVALID where factor is negative or NaN. */
PTL_API ptl_status ptl_stop_residual(double factor, ptl_baseline baseline,
                                     ptl_stop **out) PTL_MUST_USE;
/* (L) Any of `count` criteria; their contents are copied. */
PTL_API ptl_status ptl_stop_any(int64_t count, ptl_stop *const *criteria,
                                ptl_stop **out) PTL_MUST_USE;

PTL_API ptl_stop *ptl_stop_retain(ptl_stop *stop);
PTL_API void ptl_stop_release(ptl_stop **stop);

/* Why a column stopped. X(NAME, text, converged). */
#define PTL_REASON_MAP(X)                                                                          \
    X(RUNNING, "running", 0)                                                                       \
    X(RTOL, "rtol", 1)                                                                             \
    X(ATOL, "atol", 1)                                                                             \
    X(MAXITER, "maxiter", 0)                                                                       \
    X(BREAKDOWN, "breakdown", 0)                                                                   \
    X(INDEFINITE, "indefinite", 0)                                                                 \
    X(NON_FINITE, "non_finite", 0)

typedef enum ptl_reason {
#define X(name, text, converged) PTL_REASON_##name,
    PTL_REASON_MAP(X)
#undef X
        PTL_REASON_COUNT
} ptl_reason;

/* (L) The text above, a static string. */
PTL_API const char *ptl_reason_text(ptl_reason reason);

PTL_END_DECLS

#endif
