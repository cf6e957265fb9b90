/* What the files of profiles share. */
#ifndef PTL_PROFILE_PROFILE_H
#define PTL_PROFILE_PROFILE_H

#include <pthread.h>

#include "../comm/comm.h"
#include "../core/trace.h"
#include <petiole/profile.h>

/* What this rank has heard of one kind and name. */
typedef struct ptl__profile_sum {
    ptl_trace_kind kind;
    const char *name;
    int64_t calls, amount;
    double total, self;
    int open; /* begun and not ended */
} ptl__profile_sum;

/* An event as it is kept. */
typedef struct ptl__profile_event {
    double seconds;
    const char *name;
    int64_t amount;
    short kind, phase;
} ptl__profile_event;

/* An event that is going on: its sum, and the time of those inside it. */
typedef struct ptl__profile_frame {
    int64_t sum;
    double began, inner;
} ptl__profile_frame;

/* A kind and name as it travels between ranks. */
typedef struct ptl__profile_label {
    int32_t kind;
    char name[60];
} ptl__profile_label;

enum { PTL__PROFILE_DEPTH = 128 };

struct ptl_profile {
    ptl_comm *comm;
    ptl_tracer *tracer; /* NULL once stopped */
    pthread_t thread;
    double started, seconds;

    ptl__profile_sum *sums;
    int64_t count, room;
    ptl__profile_frame frames[PTL__PROFILE_DEPTH];
    int depth, deeper; /* deeper: going on, but not in frames */
    int failed;        /* no memory for a sum */

    ptl__profile_event *events;
    int64_t kept, events_room, max_events, lost;

    /* Of all ranks, once stopped. */
    int64_t labels_count;
    ptl__profile_label *labels;
    ptl_profile_row *rows; /* NULL: no table */
    double mean_seconds;
    int64_t most_lost;
    char *text;
};

/* 1 for the kinds that go on while other work is done. */
static inline int ptl__profile_in_flight(ptl_trace_kind kind)
{
    return kind == PTL_TRACE_REDUCTION || kind == PTL_TRACE_HALO;
}

/* (C) The table, of what every rank has heard. */
ptl_status ptl__profile_join(ptl_profile *profile) PTL_MUST_USE;
/* (L) The table as text. */
ptl_status ptl__profile_print(ptl_profile *profile) PTL_MUST_USE;

#endif
