/* Who hears the events of this process. */
#include "trace.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "status.h"

enum { MAX_TRACERS = 16 };

struct ptl_tracer {
    ptl_trace_fn fn;
    void *ctx;
    unsigned kinds;
};

atomic_uint ptl__traced;

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static ptl_tracer *tracers[MAX_TRACERS];
static _Thread_local int telling; /* what a tracer does itself is not told */

/* With the lock held. */
static void gather_kinds(void)
{
    unsigned kinds = 0;
    for (int i = 0; i < MAX_TRACERS; i++)
        kinds |= tracers[i] ? tracers[i]->kinds : 0;
    atomic_store(&ptl__traced, kinds);
}

static int replace(const ptl_tracer *old, ptl_tracer *new)
{
    pthread_rwlock_wrlock(&lock);
    int i = 0;
    while (i < MAX_TRACERS && tracers[i] != old)
        i++;
    if (i < MAX_TRACERS)
        tracers[i] = new;
    gather_kinds();
    pthread_rwlock_unlock(&lock);
    return i < MAX_TRACERS;
}

ptl_status ptl_trace_start(ptl_trace_fn fn, void *ctx, unsigned kinds, ptl_tracer **out)
{
    const unsigned all = (1u << PTL_TRACE_COUNT) - 1;
    *out = NULL;
    PTL_CHECK(fn, PTL_INVALID, "the tracer's function is NULL");
    PTL_CHECK((kinds & ~all) == 0, PTL_INVALID, "kinds has bits of no kind of event: %#x", kinds);
    PTL_CHECK(!telling, PTL_INVALID, "a tracer cannot start another one");
    ptl_tracer *tracer = malloc(sizeof *tracer); /* ptl__alloc is traced */
    PTL_CHECK(tracer, PTL_NOMEM, "out of memory");
    *tracer = (ptl_tracer){fn, ctx, kinds ? kinds : all};
    if (!replace(NULL, tracer)) {
        free(tracer);
        return ptl_fail(PTL_NOT_SUPPORTED, "%d tracers are at work: no more at a time",
                        MAX_TRACERS);
    }
    *out = tracer;
    return PTL_OK;
}

void ptl_trace_end(ptl_tracer **tracer)
{
    if (!tracer || !*tracer)
        return;
    replace(*tracer, NULL);
    free(*tracer);
    *tracer = NULL;
}

void ptl__trace_tell(ptl_trace_kind kind, ptl_trace_phase phase, const char *name, int64_t amount)
{
    if (telling)
        return;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const ptl_trace_event event = {kind, phase, name, amount,
                                   (double)now.tv_sec + 1e-9 * (double)now.tv_nsec};
    telling = 1;
    pthread_rwlock_rdlock(&lock);
    for (int i = 0; i < MAX_TRACERS; i++)
        if (tracers[i] && tracers[i]->kinds >> kind & 1)
            tracers[i]->fn(tracers[i]->ctx, &event);
    pthread_rwlock_unlock(&lock);
    telling = 0;
}

const char *ptl_trace_kind_text(ptl_trace_kind kind)
{
    static const char *const texts[] = {
#define X(name, text) text,
        PTL_TRACE_MAP(X)
#undef X
    };
    return (unsigned)kind < PTL_TRACE_COUNT ? texts[kind] : "unknown";
}
