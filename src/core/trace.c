/* Who hears the events of this process. No lock is held while a tracer is called: it may allocate,
 * wait for another thread, or end itself. */
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
    int calls;        /* under way, or about to be */
    int orphan;       /* ended without waiting for them: the last call frees it */
    atomic_int ended; /* not to be called any more */
};

atomic_uint ptl__traced;

/* Over the list, and over `calls` and `orphan` of those that are or were in it. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t idle = PTHREAD_COND_INITIALIZER; /* some tracer's last call has returned */
static ptl_tracer *tracers[MAX_TRACERS];
static _Thread_local int telling; /* what a tracer does itself is not told */

/* With the lock held. Returns whether `old` was there. */
static int replace(const ptl_tracer *old, ptl_tracer *new)
{
    int i = 0;
    while (i < MAX_TRACERS && tracers[i] != old)
        i++;
    if (i == MAX_TRACERS)
        return 0;
    tracers[i] = new;
    unsigned kinds = 0;
    for (i = 0; i < MAX_TRACERS; i++)
        kinds |= tracers[i] ? tracers[i]->kinds : 0;
    atomic_store(&ptl__traced, kinds);
    return 1;
}

ptl_status ptl_trace_start(ptl_trace_fn fn, void *ctx, unsigned kinds, ptl_tracer **out)
{
    const unsigned all = (1u << PTL_TRACE_COUNT) - 1;
    *out = NULL;
    PTL_CHECK(fn, PTL_INVALID, "the tracer's function is NULL");
    PTL_CHECK((kinds & ~all) == 0, PTL_INVALID, "kinds is %#x: expected bits of %#x", kinds, all);
    ptl_tracer *tracer = malloc(sizeof *tracer); /* ptl__alloc is traced */
    PTL_CHECK(tracer, PTL_NOMEM, "cannot allocate a tracer");
    *tracer = (ptl_tracer){.fn = fn, .ctx = ctx, .kinds = kinds ? kinds : all};
    pthread_mutex_lock(&lock);
    const int found = replace(NULL, tracer);
    pthread_mutex_unlock(&lock);
    if (!found) {
        free(tracer);
        return ptl_fail(PTL_NOT_SUPPORTED, "%d tracers are active, which is the maximum",
                        MAX_TRACERS);
    }
    *out = tracer;
    return PTL_OK;
}

void ptl_trace_end(ptl_tracer **tracer)
{
    ptl_tracer *t = tracer ? *tracer : NULL;
    if (!t)
        return;
    *tracer = NULL;
    pthread_mutex_lock(&lock);
    (void)replace(t, NULL);
    atomic_store(&t->ended, 1);
    while (t->calls > 0 && !telling)
        pthread_cond_wait(&idle, &lock);
    t->orphan = t->calls > 0; /* in a tracer: its own call, or one that may wait for it */
    const int last = !t->orphan;
    pthread_mutex_unlock(&lock);
    if (last)
        free(t);
}

/* Those that hear a kind; they are not freed until `leave`. */
static int enter(ptl_trace_kind kind, ptl_tracer **hearing)
{
    int count = 0;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < MAX_TRACERS; i++)
        if (tracers[i] && tracers[i]->kinds >> kind & 1) {
            tracers[i]->calls++;
            hearing[count++] = tracers[i];
        }
    pthread_mutex_unlock(&lock);
    return count;
}

static void leave(int count, ptl_tracer *const *hearing)
{
    pthread_mutex_lock(&lock);
    for (int i = 0; i < count; i++) {
        ptl_tracer *t = hearing[i];
        if (--t->calls == 0 && t->orphan)
            free(t);
    }
    pthread_cond_broadcast(&idle);
    pthread_mutex_unlock(&lock);
}

void ptl__trace_tell(ptl_trace_kind kind, ptl_trace_phase phase, const char *name, int64_t amount)
{
    if (telling)
        return;
    ptl_tracer *hearing[MAX_TRACERS];
    const ptl_trace_event event = {kind, phase, name, amount, ptl__trace_now()};
    const int count = enter(kind, hearing);
    telling = 1;
    for (int i = 0; i < count; i++)
        if (!atomic_load(&hearing[i]->ended))
            hearing[i]->fn(hearing[i]->ctx, &event);
    telling = 0;
    leave(count, hearing);
}

double ptl__trace_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
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
