/* Ending long calls early. */
#ifndef PETIOLE_INTERRUPT_H
#define PETIOLE_INTERRUPT_H

#include <petiole/export.h>
#include <petiole/status.h>

PTL_BEGIN_DECLS

/* A function that says whether a long call should go on. Set-ups (factorizations, preconditioners,
 * orderings, products of matrices, assembly), reading and writing files, and solvers call it about
 * twenty times a second, in the thread that made the call. If it returns PTL_OK, the call goes on.
 * Any other code (usually ptl_fail(PTL_CALLBACK, ...)) is a failure of this rank: this rank does no
 * more work, and the call fails on every rank at the next agreement of the ranks. The function may
 * not use objects that the interrupted call is working on. Calls of other libraries (SuperLU,
 * METIS, LAPACK) are not interrupted. */
typedef ptl_status (*ptl_interrupt_fn)(void *ctx);

/* (L) Sets the function to call, for the whole process; NULL, the initial value, means none. Must
 * not be called while another thread is in a call of Petiole. The Python package sets a function
 * that checks for signals, so that Ctrl-C works. */
PTL_API void ptl_interrupt_set(ptl_interrupt_fn fn, void *ctx);

PTL_END_DECLS

#endif
