/* Asking whether to go on, in loops of set-ups. */
#ifndef PTL_CORE_INTERRUPT_H
#define PTL_CORE_INTERRUPT_H

#include <stdatomic.h>
#include <stdint.h>

#include <petiole/interrupt.h>
#include <petiole/status.h>

/* (L) PTL_OK, or that this rank was interrupted, with its message: to be returned like any failure
 * of this rank alone. Costs some nanoseconds. */
ptl_status ptl__interrupt(void) PTL_MUST_USE;
/* What passes between two questions on a thread; tests set 0. */
extern double ptl__interrupt_seconds;

/* The same in step i of a loop whose steps are short: once in 16. */
PTL_MUST_USE static inline ptl_status ptl__interrupt_at(int64_t i)
{
    return i % 16 ? PTL_OK : ptl__interrupt();
}

/* For the steps of a parallel loop, which thread 0, the caller's, asks for: 1 where they are to do
 * nothing more. Begins as {PTL_OK}, and after the loop has the status. */
typedef struct ptl__loop_watch {
    atomic_int status;
} ptl__loop_watch;
static inline int ptl__loop_ends(ptl__loop_watch *watch, int thread, int64_t i)
{
    if (thread == 0 && i % 16 == 0 && !atomic_load_explicit(&watch->status, memory_order_relaxed))
        atomic_store_explicit(&watch->status, (int)ptl__interrupt(), memory_order_relaxed);
    return atomic_load_explicit(&watch->status, memory_order_relaxed) != PTL_OK;
}

#endif
