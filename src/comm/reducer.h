/* The reducer: one sum over the ranks that also carries their status. An iteration's inner products
 * are local sums of doubles that leave together:
 *
 *     ptl__reducer_begin(r);
 *     double *rho = ptl__reducer_add(r, k);       a kernel writes this rank's sums there
 *     ptl__reducer_note(r, status);               a failure of this rank, if any
 *     PTL_TRY(ptl__reducer_post(r));              starts the sum; work may follow here
 *     PTL_TRY(ptl__reducer_wait(r));              rho now has the global sums on every rank,
 *                                                 or every rank fails here
 */
#ifndef PTL_COMM_REDUCER_H
#define PTL_COMM_REDUCER_H

#include <stdint.h>

#include <petiole/comm.h>
#include <petiole/status.h>

typedef struct ptl__reducer ptl__reducer;

/* (L) Room for `capacity` doubles in one reduction. With `overlap` the sum goes on between post and
 * wait: a persistent request of the communicator's, found or made by the first post, or, where the
 * MPI has none for sums, a non-blocking reduction, which costs it some memory each time. Without,
 * all of it is done in wait.
 * Retains comm. */
ptl_status ptl__reducer_create(ptl_comm *comm, int64_t capacity, int overlap,
                               ptl__reducer **out) PTL_MUST_USE;
void ptl__reducer_free(ptl__reducer *reducer); /* NULL is let through */

void ptl__reducer_begin(ptl__reducer *reducer);
/* `count` zeros to be filled; the pointer holds until the reducer ends, its contents till begin. */
double *ptl__reducer_add(ptl__reducer *reducer, int64_t count);
/* Keeps the first failure, with this thread's message, until a reduction posted after it is waited
 * for (a begin between does not forget it); PTL_OK is let through. */
void ptl__reducer_note(ptl__reducer *reducer, ptl_status status);
/* (C) wait fails on every rank where any rank noted a failure: with that code and message on all,
 * PTL_CALLBACK being PTL_REMOTE on the other ranks. Always call both. */
ptl_status ptl__reducer_post(ptl__reducer *reducer) PTL_MUST_USE;
ptl_status ptl__reducer_wait(ptl__reducer *reducer) PTL_MUST_USE;

#endif
