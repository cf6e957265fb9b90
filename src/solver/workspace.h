/* The memory of a solver: made when a solve is prepared, kept for the next of the same shape. */
#ifndef PTL_SOLVER_WORKSPACE_H
#define PTL_SOLVER_WORKSPACE_H

#include "solver.h"

typedef struct ptl__workspace {
    int64_t local_rows, columns;
    ptl_vector *r, *guess; /* guess: where an apply with beta solves to */
    ptl_vector *work[PTL__SOLVER_MAX_WORK];
    double *coef[PTL__SOLVER_MAX_COEFS];
    double *minus_one; /* a coefficient per column */
    uint8_t *mask;
    ptl__reducer *reducer;
    ptl_log *log; /* of solves that nobody wants the log of */
} ptl__workspace;

/* (L) Makes the space fit vectors like b. On failure it is empty. */
ptl_status ptl__workspace_ensure(ptl__workspace *space, const ptl__method *method,
                                 const ptl_vector *b) PTL_MUST_USE;
void ptl__workspace_clear(ptl__workspace *space);

#endif
