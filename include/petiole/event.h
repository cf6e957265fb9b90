/* What a solve tells after each iteration. */
#ifndef PETIOLE_EVENT_H
#define PETIOLE_EVENT_H

#include <petiole/export.h>
#include <petiole/status.h>
#include <petiole/vector.h>

PTL_BEGIN_DECLS

/* Told after each iteration, and once before the first. Valid during the call. */
typedef struct ptl_event {
    int64_t iteration; /* 0 before the first */
    int64_t columns;
    const double *residual_norms; /* one per column, as the method's recurrence has them */
    ptl_vector *b;                /* the right-hand side, borrowed */
    void *solve;                  /* the library's own */
} ptl_event;

/* (L) The iterate and its residual, to be read during the call; borrowed. Methods that keep neither
 * (gmres, fgmres) make them here: each use costs about as much as the iteration's vector work. For
 * that, gmres keeps every M v where a solve has a callback or a predicate, whether they look or
 * not. Where options say norms_only and there is no predicate, these methods give NULL. */
PTL_API ptl_vector *ptl_event_x(const ptl_event *event);
PTL_API ptl_vector *ptl_event_r(const ptl_event *event);

/* Called on every rank. Returns PTL_OK, or ptl_fail(...)'s code to end the solve on every rank. */
typedef ptl_status (*ptl_event_fn)(void *ctx, const ptl_event *event);

PTL_END_DECLS

#endif
