/* What one rank hears: sums by kind and name, and the events themselves up to a number.
 *
 * Events nest (a solve has products, a product applies an operator, that waits for messages), so
 * those going on are a stack, and what is inside an event is taken off its own time. Halo exchanges
 * and reductions go on beside the work and are no part of the stack. */
#include "profile.h"

#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"

/* The sum of a kind and name; -1 where there is no memory for a new one. */
static int64_t find_sum(ptl_profile *p, const ptl_trace_event *event)
{
    for (int64_t i = 0; i < p->count; i++)
        if (p->sums[i].kind == event->kind &&
            (p->sums[i].name == event->name || strcmp(p->sums[i].name, event->name) == 0))
            return i;
    if (p->count == p->room) {
        const int64_t room = p->room ? 2 * p->room : 64;
        if (ptl__grow(p->room, room, sizeof(ptl__profile_sum), (void **)&p->sums) != PTL_OK)
            return -1;
        p->room = room;
    }
    p->sums[p->count] = (ptl__profile_sum){.kind = event->kind, .name = event->name};
    return p->count++;
}

static void keep(ptl_profile *p, const ptl_trace_event *event)
{
    if (p->kept == p->events_room && p->kept < p->max_events) {
        int64_t room = p->kept ? 2 * p->kept : 1024;
        room = room < p->max_events ? room : p->max_events;
        if (ptl__grow(p->kept, room, sizeof(ptl__profile_event), (void **)&p->events) == PTL_OK)
            p->events_room = room;
        else
            p->max_events = p->kept;
    }
    if (p->kept == p->events_room) {
        p->lost++;
        return;
    }
    p->events[p->kept++] = (ptl__profile_event){event->seconds, event->name, event->amount,
                                                (short)event->kind, (short)event->phase};
}

static void push(ptl_profile *p, int64_t sum, double now)
{
    p->sums[sum].open++;
    if (p->depth == PTL__PROFILE_DEPTH)
        p->deeper++;
    else
        p->frames[p->depth++] = (ptl__profile_frame){sum, now, 0};
}

/* Ends the innermost event. What is inside another of its kind and name is in that one's total. */
static void pop(ptl_profile *p, double now)
{
    const ptl__profile_frame *frame = &p->frames[--p->depth];
    ptl__profile_sum *sum = &p->sums[frame->sum];
    const double elapsed = now - frame->began;
    sum->self += elapsed - frame->inner;
    if (--sum->open == 0)
        sum->total += elapsed;
    if (p->depth > 0)
        p->frames[p->depth - 1].inner += elapsed;
}

/* An end without its beginning (before the profile's) is let be; one that misses the ends of those
 * inside it brings them along. */
static void end(ptl_profile *p, int64_t sum, double now)
{
    if (p->deeper > 0) {
        p->deeper--;
        p->sums[sum].open--;
        return;
    }
    int at = p->depth - 1;
    while (at >= 0 && p->frames[at].sum != sum)
        at--;
    while (at >= 0 && p->depth > at)
        pop(p, now);
}

/* The times of all exchanges of a kind: ends less beginnings. */
static void fly(ptl__profile_sum *sum, ptl_trace_phase phase, double now)
{
    if (phase == PTL_TRACE_BEGIN) {
        sum->open++;
        sum->total -= now;
    } else if (sum->open > 0) {
        sum->open--;
        sum->total += now;
    }
}

static void hear(void *ctx, const ptl_trace_event *event)
{
    ptl_profile *p = ctx;
    if (!pthread_equal(p->thread, pthread_self()))
        return;
    const int64_t at = find_sum(p, event);
    if (at < 0) {
        p->failed = 1;
        return;
    }
    const double now = event->seconds - p->started;
    ptl__profile_sum *sum = &p->sums[at];
    if (event->phase != PTL_TRACE_END) {
        sum->calls++;
        if (event->kind != PTL_TRACE_ITERATION) /* numbers of iterations add up to nothing */
            sum->amount += event->amount;
    }
    if (event->phase != PTL_TRACE_POINT && ptl__profile_in_flight(event->kind))
        fly(sum, event->phase, now);
    else if (event->phase == PTL_TRACE_BEGIN)
        push(p, at, now);
    else if (event->phase == PTL_TRACE_END)
        end(p, at, now);
    keep(p, event);
}

ptl_status ptl_profile_start(ptl_comm *comm, int64_t max_events, ptl_profile **out)
{
    *out = NULL;
    PTL_CHECK(max_events >= 0, PTL_INVALID, "max_events is %lld: expected at least 0",
              (long long)max_events);
    ptl_profile *p;
    PTL_TRY(PTL_NEW_ZERO(1, ptl_profile, &p));
    p->comm = ptl__comm_or_self(comm);
    p->max_events = max_events;
    p->thread = pthread_self();
    p->started = ptl__trace_now();
    ptl_status status = ptl_trace_start(hear, p, 0, &p->tracer);
    if (status != PTL_OK)
        ptl_profile_release(&p);
    *out = p;
    return status;
}

/* (L) What is still going on ends now. */
static ptl_status stop(ptl_profile *p)
{
    PTL_CHECK(p->tracer, PTL_INVALID, "the profile was stopped before");
    ptl_trace_end(&p->tracer);
    p->seconds = ptl__trace_now() - p->started;
    while (p->depth > 0)
        pop(p, p->seconds);
    for (int64_t i = 0; i < p->count; i++)
        while (ptl__profile_in_flight(p->sums[i].kind) && p->sums[i].open > 0)
            fly(&p->sums[i], PTL_TRACE_END, p->seconds);
    PTL_CHECK(!p->failed, PTL_NOMEM, "cannot allocate a profile's sums");
    return PTL_OK;
}

/* (C) Waits until every rank is here, after a failure that some of them have met inside the block:
 * they have made its calls up to the one that failed by it, and come here from there. The failure
 * stays this thread's last one. */
static void meet(ptl_comm *comm)
{
    const int64_t here = ptl__sign(0, 0x656e64);
    const ptl__error failure = *ptl__last_error();
    while (ptl__agree(comm, PTL_OK, here, "calls") != PTL_OK &&
           ptl__last_error()->link == comm->link) /* else MPI itself has failed */
        ;
    *ptl__last_error() = failure;
}

ptl_status ptl_profile_stop(ptl_profile *profile)
{
    const int at_work = profile->tracer != NULL;
    const ptl_status status = ptl__agree(profile->comm, stop(profile), 0, "calls");
    if (status == PTL_OK)
        return ptl__profile_join(profile);
    if (at_work)
        meet(profile->comm);
    return status;
}

ptl_status ptl_profile_abandon(ptl_profile *profile, ptl_status failure)
{
    ptl_trace_end(&profile->tracer);
    const ptl_status status = ptl__agree(profile->comm, failure, 0, "calls");
    meet(profile->comm);
    return status;
}

ptl_status ptl_profile_table(const ptl_profile *profile, int64_t *out_count,
                             const ptl_profile_row **out_rows)
{
    *out_count = 0;
    *out_rows = NULL;
    PTL_CHECK(profile->rows, PTL_INVALID, "the profile has no table: it was not stopped");
    *out_count = profile->labels_count;
    *out_rows = profile->rows;
    return PTL_OK;
}

double ptl_profile_seconds(const ptl_profile *profile)
{
    return profile->rows ? profile->mean_seconds : 0;
}

int64_t ptl_profile_lost(const ptl_profile *profile)
{
    return profile->rows ? profile->most_lost : 0;
}

const char *ptl_profile_text(const ptl_profile *profile)
{
    return profile->rows ? profile->text : "";
}

void ptl_profile_release(ptl_profile **profile)
{
    ptl_profile *p = profile ? *profile : NULL;
    if (!p)
        return;
    ptl_trace_end(&p->tracer);
    ptl_comm_release(&p->comm);
    ptl__free(p->sums);
    ptl__free(p->events);
    ptl__free(p->labels);
    ptl__free(p->rows);
    ptl__free(p->text);
    ptl__free(p);
    *profile = NULL;
}
