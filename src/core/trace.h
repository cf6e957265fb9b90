/* Tracing from the inside: how events are told. */
#ifndef PTL_CORE_TRACE_H
#define PTL_CORE_TRACE_H

#include <stdatomic.h>
#include <stdint.h>

#include <petiole/trace.h>

/* The kinds that somebody hears, one bit each. */
extern atomic_uint ptl__traced;

/* Seconds on the clock of events. */
double ptl__trace_now(void);

/* Tells the tracers; use it through the functions below. */
void ptl__trace_tell(ptl_trace_kind kind, ptl_trace_phase phase, const char *name, int64_t amount);

static inline void ptl__trace(ptl_trace_kind kind, ptl_trace_phase phase, const char *name,
                              int64_t amount)
{
    if (__builtin_expect(atomic_load_explicit(&ptl__traced, memory_order_relaxed) >> kind & 1, 0))
        ptl__trace_tell(kind, phase, name, amount);
}
static inline void ptl__trace_begin(ptl_trace_kind kind, const char *name, int64_t amount)
{
    ptl__trace(kind, PTL_TRACE_BEGIN, name, amount);
}
static inline void ptl__trace_end(ptl_trace_kind kind, const char *name, int64_t amount)
{
    ptl__trace(kind, PTL_TRACE_END, name, amount);
}
static inline void ptl__trace_point(ptl_trace_kind kind, const char *name, int64_t amount)
{
    ptl__trace(kind, PTL_TRACE_POINT, name, amount);
}

#endif
