/* The memory of a solver: made when a solve is prepared, kept for the next of the same shape. */
#ifndef PTL_SOLVER_WORKSPACE_H
#define PTL_SOLVER_WORKSPACE_H

#include "scaling.h"
#include "solver.h"

typedef struct ptl__workspace {
    int64_t local_rows, columns;
    ptl__needs needs;
    ptl_vector *r, *guess; /* guess: where an apply with beta solves to */
    ptl_vector *shown[2];  /* x and r for callbacks, where the method does not keep them */
    ptl_vector **work;
    double **coef;
    double *scratch;
    double *one, *minus_one; /* a coefficient per column */
    uint8_t *mask;
    ptl__scaling scaling;
    ptl__reducer *reducer, *votes; /* votes: of predicates, where there are any */
    ptl_log *log;                  /* of solves that nobody wants the log of */
} ptl__workspace;

/* (L) Makes the space fit vectors like b. On failure it is empty. */
ptl_status ptl__workspace_ensure(struct ptl__solver *solver, const ptl_vector *b) PTL_MUST_USE;
/* (L) What callbacks see looks like the b of this solve. */
void ptl__workspace_dress(ptl__workspace *space, const ptl_vector *b);
void ptl__workspace_clear(ptl__workspace *space);

#endif
