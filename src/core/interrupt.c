/* Whom set-ups ask whether to go on, and how often. */
#include "interrupt.h"

#include <stddef.h>
#include <time.h>

#include "status.h"

static _Atomic(ptl_interrupt_fn) asked;
static void *asked_ctx;

void ptl_interrupt_set(ptl_interrupt_fn fn, void *ctx)
{
    atomic_store(&asked, NULL);
    asked_ctx = ctx;
    atomic_store(&asked, fn);
}

double ptl__interrupt_seconds = 0.05;

/* By a clock that is quick to read. */
static int is_due(void)
{
    static _Thread_local double next;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    const double seconds = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
    if (seconds < next)
        return 0;
    next = seconds + ptl__interrupt_seconds;
    return 1;
}

ptl_status ptl__interrupt(void)
{
    const ptl_interrupt_fn fn = atomic_load_explicit(&asked, memory_order_acquire);
    if (!fn || !is_due())
        return PTL_OK;
    const ptl_status status = fn(asked_ctx);
    return status == PTL_OK ? PTL_OK : ptl__error_of(status)->code;
}
