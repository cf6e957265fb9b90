/* Tracing: what happens inside the library, told as it happens. Where nobody traces, an event costs
 * one load and one branch. */
#ifndef PETIOLE_TRACE_H
#define PETIOLE_TRACE_H

#include <stdint.h>

#include <petiole/export.h>
#include <petiole/status.h>

PTL_BEGIN_DECLS

/* X(NAME, text). What `name` and `amount` of an event are:
 * SOLVE      a solve; the method's name
 * GENERATE   a factory at work; its name
 * ITERATION  a point: an iteration has ended; its number
 * PRODUCT    a product with A inside a solve; the class of A
 * PRECONDITION  an application of M inside a solve; the class of M
 * VECTOR     a point: a pass over vectors inside a solve; the kernel, and how many words a row and
 *            column it moves
 * APPLY      any product or application, those above included; the operator's class
 * REDUCTION  numbers of all ranks become one: "sum" and "overlapped sum" of a solve, from the post
 *            to the end of the wait, or what a vector's is called; how many numbers. Also on one
 *            process, where nothing is sent
 * HALO       an exchange with neighbours, from its start to its end: "to ghosts", or for
 *            transposed products "to owners"; bytes sent by this rank
 * WAIT       a call of MPI that waits for other ranks, in any of the above; what is waited for
 * ALLOCATION a point: memory was asked for; "host"; bytes
 * REDUCTION and HALO are under way while other work goes on: of their time WAIT alone is lost. */
#define PTL_TRACE_MAP(X)                                                                           \
    X(SOLVE, "solve")                                                                              \
    X(GENERATE, "generate")                                                                        \
    X(ITERATION, "iteration")                                                                      \
    X(PRODUCT, "product")                                                                          \
    X(PRECONDITION, "precondition")                                                                \
    X(VECTOR, "vector")                                                                            \
    X(APPLY, "apply")                                                                              \
    X(REDUCTION, "reduction")                                                                      \
    X(HALO, "halo")                                                                                \
    X(WAIT, "wait")                                                                                \
    X(ALLOCATION, "allocation")

typedef enum ptl_trace_kind {
#define X(name, text) PTL_TRACE_##name,
    PTL_TRACE_MAP(X)
#undef X
        PTL_TRACE_COUNT
} ptl_trace_kind;

typedef enum ptl_trace_phase { PTL_TRACE_BEGIN, PTL_TRACE_END, PTL_TRACE_POINT } ptl_trace_phase;

typedef struct ptl_trace_event {
    ptl_trace_kind kind;
    ptl_trace_phase phase;
    const char *name; /* a static string */
    int64_t amount;
    double seconds; /* on this process's monotonic clock */
} ptl_trace_event;

/* Called in the thread where it happens, on several threads at once where they are at work; not for
 * what it does itself. */
typedef void (*ptl_trace_fn)(void *ctx, const ptl_trace_event *event);

typedef struct ptl_tracer ptl_tracer;

/* (L) From now on until the tracer's end fn hears the events of this process whose kinds are in
 * `kinds` (bits 1 << kind; 0 is all of them). At most 16 at a time: else PTL_NOT_SUPPORTED.
 * PTL_INVALID for bits of no kind. */
PTL_API ptl_status ptl_trace_start(ptl_trace_fn fn, void *ctx, unsigned kinds,
                                   ptl_tracer **out) PTL_MUST_USE;
/* (L) The end: waits for the calls under way in other threads, and once it returns fn is not called
 * again. In a tracer's function, its own or another's, it does not wait: a call under way in
 * another thread may then end later. A pointer to NULL is let through. */
PTL_API void ptl_trace_end(ptl_tracer **tracer);
/* (L) The text above; "unknown" for an unknown kind. */
PTL_API const char *ptl_trace_kind_text(ptl_trace_kind kind);

PTL_END_DECLS

#endif
