/* The log of an eigenvalue iteration, from the inside. */
#ifndef PTL_EIGEN_LOG_H
#define PTL_EIGEN_LOG_H

#include "../core/object.h"
#include <petiole/eigen.h>

struct ptl_eigen_log {
    ptl__object object;
    int64_t columns, wanted, iterations;
    double *values, *residual_norms; /* one per column */
    ptl_reason *reasons;
    double *values_history, *history; /* (iterations + 1) x columns */
    int64_t capacity;                 /* rows of each history */
    double time;
    char text[160];
};

/* (L) An empty log, every column running, of which the first `wanted` are waited for. */
ptl_status ptl__eigen_log_create(int64_t columns, int64_t wanted, int64_t maxiter,
                                 ptl_eigen_log **out) PTL_MUST_USE;
/* (L) Keeps values and residual_norms as those of an iteration; memory doubles when it is full. */
ptl_status ptl__eigen_log_record(ptl_eigen_log *log, int64_t iteration) PTL_MUST_USE;
/* (L) Writes the text. */
void ptl__eigen_log_finish(ptl_eigen_log *log, double seconds);

#endif
