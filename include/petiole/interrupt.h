/* Ending long set-ups early. */
#ifndef PETIOLE_INTERRUPT_H
#define PETIOLE_INTERRUPT_H

#include <petiole/export.h>
#include <petiole/status.h>

PTL_BEGIN_DECLS

/* Asked by set-ups that may take long (factorizations, preconditioners, orderings, products of
 * matrices, assembly), by files that are read or written, and by solvers, some twenty times a
 * second, in the thread that made the call: PTL_OK goes on. Anything else (by ptl_fail,
 * PTL_CALLBACK as user code does) ends the call on every rank, as a failure of this rank: at the
 * next agreement of the ranks, before which this one does no more work. It may not call Petiole on
 * what the call is working on. What is inside another library (SuperLU, METIS, LAPACK) is waited
 * for. */
typedef ptl_status (*ptl_interrupt_fn)(void *ctx);

/* (L) Whom to ask, for the whole process; NULL, as it is at first: nobody. Not to be called while
 * another thread is within Petiole. In Python it is set: there it looks at signals, for Ctrl-C. */
PTL_API void ptl_interrupt_set(ptl_interrupt_fn fn, void *ctx);

PTL_END_DECLS

#endif
