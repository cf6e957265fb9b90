/* Solves whose right-hand sides are so small or large that squares on the way would not be doubles:
 * see scaling.c. */
#ifndef PTL_SOLVER_SCALING_H
#define PTL_SOLVER_SCALING_H

#include "solver.h"

/* Of a solver; made by the first solve that needs it, but for the exponents. */
typedef struct ptl__scaling {
    int *exponents; /* per column: b and x are 2^exponent times the user's */
    ptl_vector *b;
    double *factor; /* a coefficient per column */
    uint8_t *mask;
    double *norms; /* per column: for callbacks, on the user's scale */
} ptl__scaling;

void ptl__scaling_clear(ptl__scaling *scaling);

/* (C) log->rhs_norms, which has the sums of b's squares over the ranks, becomes b's norms. Where a
 * column's is 2^48 (float) or 2^256 (double) or beyond, or the inverse of that, s->b becomes a copy
 * whose columns have norms from 1 to 2, s->x is scaled with it, and all norms of the log are on
 * that scale; s->exponents then says so. A guess that is worse than zero by more than 2^106 times
 * becomes zero. s->r, which is A x, stays that. Costs nothing where b is as usual; else fails on
 * every rank or on none. */
ptl_status ptl__scaling_open(ptl__solve *s) PTL_MUST_USE;

/* (L) x as the user's scale can hold it: before the true residual is made of it. */
void ptl__scaling_round(ptl__solve *s);

/* (L) x and the log's norms as the user has them. The end of the solve, whatever became of it. */
void ptl__scaling_close(ptl__solve *s);

/* (L) What callbacks see: norms, and `shown`, a copy on the solve's scale, on the user's. */
const double *ptl__scaling_norms(ptl__solve *s);
void ptl__scaling_show(ptl__solve *s, ptl_vector *shown);

#endif
