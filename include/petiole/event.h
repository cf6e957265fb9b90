/* The event that a solve's callback gets after each iteration. */
#ifndef PETIOLE_EVENT_H
#define PETIOLE_EVENT_H

#include <petiole/export.h>
#include <petiole/status.h>
#include <petiole/vector.h>

PTL_BEGIN_DECLS

/* One event after each iteration, and one before the first. It is valid during the call. */
typedef struct ptl_event {
    int64_t iteration; /* 0 before the first */
    int64_t columns;
    const double *residual_norms; /* one per column, from the method's recurrence */
    ptl_vector *b;                /* the right-hand side, borrowed */
    void *solve;                  /* for the library's use */
} ptl_event;

/* (L) The iterate x and its residual r, to read during the call; borrowed. gmres and fgmres do not
 * keep them and compute them in these functions: each use costs about as much as the iteration's
 * vector work. To make this possible, gmres keeps every M v if a solve has a callback or a
 * predicate. If the options say norms_only and there is no predicate, these two methods give NULL.
 */
PTL_API ptl_vector *ptl_event_x(const ptl_event *event);
PTL_API ptl_vector *ptl_event_r(const ptl_event *event);

/* Called on every rank. Returns PTL_OK, or ptl_fail(...)'s code to end the solve on every rank. */
typedef ptl_status (*ptl_event_fn)(void *ctx, const ptl_event *event);

PTL_END_DECLS

#endif
