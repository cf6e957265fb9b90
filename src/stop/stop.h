/* Stopping criteria from the inside: which columns of a solve go on. */
#ifndef PTL_STOP_STOP_H
#define PTL_STOP_STOP_H

#include <stdint.h>

#include "../core/object.h"
#include <petiole/stop.h>

struct ptl_stop {
    ptl__object object;
    int64_t maxiter; /* -1: none */
    int64_t count;   /* of residual criteria */
    struct ptl__stop_residual {
        double factor;
        ptl_baseline baseline;
    } * residual;
};

/* Where a solve stands: arrays of one entry per column. */
typedef struct ptl__stop_state {
    int64_t columns, iteration;
    const double *norms;         /* of the residual now */
    const double *rhs_norms;     /* of b */
    const double *initial_norms; /* of the first residual */
} ptl__stop_state;

/* (L) Mixes a criterion into a signature (see ptl__agree); NULL is let through. */
int64_t ptl__stop_sign(int64_t signature, const ptl_stop *stop);

/* (L) Sets reasons[j] of the columns that are RUNNING and stop now, and mask[j] to 0 for them;
 * returns how many still run. The same on every rank, since it reads reduced values alone. */
int64_t ptl__stop_check(const ptl_stop *stop, const ptl__stop_state *state, ptl_reason *reasons,
                        uint8_t *mask);

#endif
