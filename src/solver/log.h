/* The log of a solve, from the inside. */
#ifndef PTL_SOLVER_LOG_H
#define PTL_SOLVER_LOG_H

#include "../core/object.h"
#include <petiole/solver.h>

struct ptl_log {
    ptl__object object;
    int64_t columns, iterations;
    /* One per column. */
    double *residual_norms, *true_residual_norms, *rhs_norms, *initial_norms;
    double *implicit_norms, *initial_implicit; /* the method's own norms */
    ptl_reason *reasons;
    int64_t *column_iterations;
    double *history;  /* (iterations + 1) x columns */
    int64_t capacity; /* rows of history */
    double time;
    char text[160];
};

/* (L) An empty log, every column running, for a solve of at most `maxiter` iterations. */
ptl_status ptl__log_create(int64_t columns, int64_t maxiter, ptl_log **out) PTL_MUST_USE;
/* (L) Empty again, every column running. */
void ptl__log_reset(ptl_log *log);
/* (L) Appends residual_norms to the history; memory doubles when it is full. */
ptl_status ptl__log_record(ptl_log *log, int64_t iteration) PTL_MUST_USE;
/* (L) Writes the text. */
void ptl__log_finish(ptl_log *log, double seconds);

#endif
