/* Tracing reports what happens inside the library, as it happens. Without a tracer an event costs
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

/* Called in the thread in which the event happens, so several threads may call it at the same time.
 * Events caused by calls within `fn` are not reported to it. */
typedef void (*ptl_trace_fn)(void *ctx, const ptl_trace_event *event);

typedef struct ptl_tracer ptl_tracer;

/* (L) Starts a tracer: until ptl_trace_end, fn is called for the events of this process whose kinds
 * are in `kinds` (bits 1 << kind; 0 means all). PTL_NOT_SUPPORTED if 16 tracers are active.
 * PTL_INVALID if a bit stands for no kind. */
PTL_API ptl_status ptl_trace_start(ptl_trace_fn fn, void *ctx, unsigned kinds,
                                   ptl_tracer **out) PTL_MUST_USE;
/* (L) Ends the tracer. Waits for calls of fn in other threads; after it returns, fn is not called
 * again. Called from a tracer's function (this one's or another's) it does not wait: a call in
 * another thread may then still be running. *tracer may be NULL. */
PTL_API void ptl_trace_end(ptl_tracer **tracer);
/* (L) The text in the list above; "unknown" for an unknown kind. */
PTL_API const char *ptl_trace_kind_text(ptl_trace_kind kind);

PTL_END_DECLS

#endif
