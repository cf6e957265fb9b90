/* What every iterative solver shares. To write one, copy cg.c: a method is a name, what it needs,
 * and `run`, the iteration from r = b - A x. The rest (checks, agreement, work space, first
 * residual, history, callbacks, the true residual at the end) is here.
 *
 * The rule inside `run`: nothing returns between reductions but through ptl__solve_reduce, which
 * fails on every rank or on none. Failures of inner calls are noted:
 *
 *     ptl__solve_note(s, ptl__linop_apply(s->A, NULL, p, NULL, q));
 */
#ifndef PTL_SOLVER_SOLVER_H
#define PTL_SOLVER_SOLVER_H

#include "../base/linop.h"
#include "../base/vector.h"
#include "../comm/reducer.h"
#include "../stop/stop.h"
#include "log.h"
#include <petiole/solver.h>

enum { PTL__SOLVER_MAX_WORK = 16, PTL__SOLVER_MAX_COEFS = 16 };

typedef struct ptl__solve ptl__solve;

typedef struct ptl__method {
    const char *name;
    int work_vectors; /* besides r */
    int coefs;        /* arrays of W, one entry per column */
    int sums;         /* entries of W per column in the largest reduction */
    ptl_status (*run)(ptl__solve *s);
} ptl__method;

/* One solve, as the method sees it. */
struct ptl__solve {
    ptl_linop *A;
    ptl_linop *M; /* NULL: none */
    ptl_vector *b, *x;
    ptl_vector *r; /* b - A x at the start; kept by the method */
    ptl_vector *work[PTL__SOLVER_MAX_WORK];
    double *coef[PTL__SOLVER_MAX_COEFS];
    uint8_t *mask; /* per column: 1 while it runs */
    int64_t columns;
    int width; /* doubles per entry of W */
    int64_t iteration;
    ptl__reducer *reducer;
    const ptl__vector_kernels *kernels;
    ptl__run threads;
    ptl_log *log;
    const struct ptl__solver *solver;
};

/* z = M r and sums = conj(r) z; where there is no preconditioner, z is r itself and sums must be
 * made from the norms by the caller: returns z. */
ptl_vector *ptl__solve_precondition(ptl__solve *s, ptl_vector *r, ptl_vector *z, double *sums);

/* Room for `entries` of W per column in the reduction begun. */
double *ptl__solve_sums(ptl__solve *s, int entries);
void ptl__solve_note(ptl__solve *s, ptl_status status);
/* (C) Posts and waits: from here the sums are global, or every rank returns the failure. */
ptl_status ptl__solve_reduce(ptl__solve *s) PTL_MUST_USE;

/* After each iteration (and before the first): `norms_squared` of the residual, reduced, one double
 * per column. Keeps the history, asks the criteria and calls the callback, whose failure is noted
 * for the next reduction. 0 when no column goes on. */
int ptl__solve_go_on(ptl__solve *s, const double *norms_squared);

/* Stops column j for a reason of the method's own (breakdown). */
void ptl__solve_stop_column(ptl__solve *s, int64_t j, ptl_reason reason);

/* The factory of a method. */
ptl_status ptl__solver_factory(const ptl__method *method, const ptl_solver_options *options,
                               ptl_factory **out) PTL_MUST_USE;

#endif
