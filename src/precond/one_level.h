/* One-level Schwarz, M = sum_i R_i^T A_i^-1 R_i: this rank's A_i^-1, and the exchange of the rows
 * of its overlap. */
#ifndef PTL_PRECOND_ONE_LEVEL_H
#define PTL_PRECOND_ONE_LEVEL_H

#include "../base/composed.h"
#include "../distributed/halo.h"
#include "local_solver.h"

typedef struct ptl__one_level {
    ptl__local_solver local; /* A_i^-1 */
    ptl__halo *halo;         /* NULL: no rank has an overlap */
    int64_t owned, extended;
    int additive;
    /* NULL, or of the extended rows, of the dtype's real one: on both sides; on the executor, and
     * the same on the host */
    void *weights, *host_weights;
    ptl_exec *exec; /* of the weights */
    /* Of the extended rows, for x's number of columns; lent: without memory of their own. */
    int lent;
    ptl_vector *r, *z;
} ptl__one_level;

/* (C) Weighs the rows that several ranks have: the squares of their weights add up to 1, the owner
 * having twice the share of each other rank. A is the matrix; there is an overlap, additive. Fails
 * on all ranks or none. */
ptl_status ptl__one_level_weigh(ptl__one_level *level, const ptl_linop *A) PTL_MUST_USE;

/* (L) For vectors like x. */
ptl_status ptl__one_level_prepare(ptl__one_level *level, const ptl_vector *x) PTL_MUST_USE;
/* (C) where there is an overlap: y = alpha M x + beta y. What fails on this rank is noted, and the
 * exchange completed all the same. */
void ptl__one_level_apply(ptl__one_level *level, const void *alpha, ptl_vector *x, const void *beta,
                          ptl_vector *y, ptl__first_failure *first);
void ptl__one_level_clear(ptl__one_level *level);

#endif
