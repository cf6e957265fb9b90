/* Stopping criteria from the inside: which columns of a solve go on. A criterion is a tree: `any`
 * and `all` have parts. */
#ifndef PTL_STOP_STOP_H
#define PTL_STOP_STOP_H

#include <stdint.h>

#include "../core/object.h"
#include <petiole/stop.h>

typedef enum ptl__stop_type {
    PTL__STOP_ANY,
    PTL__STOP_ALL,
    PTL__STOP_ITERATIONS,
    PTL__STOP_RESIDUAL,
    PTL__STOP_IMPLICIT,
    PTL__STOP_TIME,
    PTL__STOP_DIVERGENCE,
    PTL__STOP_STAGNATION,
    PTL__STOP_PREDICATE
} ptl__stop_type;

struct ptl_stop {
    ptl__object object;
    ptl__stop_type type;
    double factor; /* of norms; seconds */
    ptl_baseline baseline;
    int64_t count; /* iterations, window, or how many parts */
    ptl_stop **parts;
    int64_t leaves; /* criteria that it is made of, combinations not counted */
    ptl_predicate_fn predicate;
    void *ctx;
    void (*release)(void *ctx);
};

/* Where a solve stands: arrays of one entry per column. The same on every rank. */
typedef struct ptl__stop_state {
    int64_t columns, iteration;
    const double *norms;            /* of the residual now */
    const double *implicit_norms;   /* the method's own */
    const double *rhs_norms;        /* of b */
    const double *initial_norms;    /* of the first residual */
    const double *initial_implicit; /* the first of implicit_norms */
    const double *history;          /* iterations x columns norms up to now */
    const int *exponents;     /* NULL, or per column: all norms are 2^exponent times the user's */
    double seconds;           /* by rank 0's clock */
    const double *predicates; /* above 0 where a rank's said stop, in the order of ptl__stop_ask */
    double strictness;        /* residual tolerances count this many times */
} ptl__stop_state;

/* (L) Mixes a criterion into a signature (see ptl__agree); NULL is let through. */
int64_t ptl__stop_sign(int64_t signature, const ptl_stop *stop);
/* (L) How many criteria of a type the tree has; 1 where it ends every solve by itself. */
int64_t ptl__stop_count(const ptl_stop *stop, ptl__stop_type type);
int ptl__stop_is_bounded(const ptl_stop *stop);
/* (L) The largest number of iterations that it lets through; INT64_MAX where it has no bound. */
int64_t ptl__stop_maxiter(const ptl_stop *stop);

/* (L) Asks this rank's predicates: 1 or 0 into votes, one of each. The first failure. */
ptl_status ptl__stop_ask(const ptl_stop *stop, const ptl_event *event, double *votes) PTL_MUST_USE;

/* (L) Why column j stops now, or RUNNING: a reason of having converged comes before the others. */
ptl_reason ptl__stop_reason(const ptl_stop *stop, const ptl__stop_state *state, int64_t j);

#endif
