/* Profiles: where a part of a program spends its time, over all ranks, from the events of trace.h.
 */
#ifndef PETIOLE_PROFILE_H
#define PETIOLE_PROFILE_H

#include <petiole/comm.h>
#include <petiole/export.h>
#include <petiole/status.h>
#include <petiole/trace.h>

PTL_BEGIN_DECLS

typedef struct ptl_profile ptl_profile;

/* Seconds: the minimum, mean and maximum over the ranks. */
typedef struct ptl_spread {
    double min, mean, max;
} ptl_spread;

/* One row of the table: the events of one kind and name. */
typedef struct ptl_profile_row {
    ptl_trace_kind kind;
    const char *name;
    int64_t calls;    /* the maximum over the ranks */
    int64_t amount;   /* the sum of the events' amounts over all ranks; 0 for ITERATION */
    ptl_spread total; /* from beginning to end, including the events inside */
    ptl_spread self;  /* without the events inside; 0 for REDUCTION and HALO, which overlap with
                         other work: the time lost in them is that of WAIT */
    double share; /* of self in the time of all ranks; the shares of all rows and the share of time
                     outside of any event sum to 1 */
} ptl_profile_row;

/* A good value for max_events; it takes 32 MB. */
#define PTL_PROFILE_EVENTS 1000000

/* (L) Starts a profile of the calling thread's events. The first `max_events` of them are kept for
 * ptl_profile_write_trace, 32 bytes each, in memory that grows as needed. Later events, and those
 * for which there is no memory, only count in the table. comm is retained. PTL_INVALID if
 * max_events is negative; PTL_NOT_SUPPORTED if there are too many tracers (ptl_trace_start). */
PTL_API ptl_status ptl_profile_start(ptl_comm *comm, int64_t max_events,
                                     ptl_profile **out) PTL_MUST_USE;
/* (C) Stops the profile and makes the table. Events that have not ended count up to here. If the
 * call fails, the profile is stopped on every rank all the same. PTL_INVALID if it was stopped
 * before; PTL_NOMEM. */
PTL_API ptl_status ptl_profile_stop(ptl_profile *profile) PTL_MUST_USE;
/* (C) Stops the profile without a table, because the program failed on this rank with `failure`
 * (any code but PTL_OK). On the other ranks the collective call on comm that they are in, or
 * ptl_profile_stop, fails too. Every rank must call ptl_profile_stop or ptl_profile_abandon; both
 * return when all ranks have. Returns the failure that all ranks have agreed on. */
PTL_API ptl_status ptl_profile_abandon(ptl_profile *profile, ptl_status failure) PTL_MUST_USE;

/* (L) The table, the same on every rank, in order of decreasing self time; rows without self time
 * come last. Borrowed from the profile. PTL_INVALID if the profile was not stopped, or stopping it
 * failed. */
PTL_API ptl_status ptl_profile_table(const ptl_profile *profile, int64_t *out_count,
                                     const ptl_profile_row **out_rows) PTL_MUST_USE;
/* (L) The mean of the ranks' seconds from start to stop; 0 without a table. */
PTL_API double ptl_profile_seconds(const ptl_profile *profile);
/* (L) The number of events that were not kept: the maximum over the ranks; 0 without a table. */
PTL_API int64_t ptl_profile_lost(const ptl_profile *profile);
/* (L) The table as a text to print; borrowed. "" without a table. */
PTL_API const char *ptl_profile_text(const ptl_profile *profile);

/* (C) The events kept on all ranks as one file in Chrome's trace format (JSON, for ui.perfetto.dev
 * or chrome://tracing): a process per rank, with separate lanes for halo exchanges and reductions.
 * Ranks of one node share a clock; the clocks of different nodes are compared at the end of an
 * agreement. The file appears under its name only when it is complete. PTL_IO if a rank cannot
 * write; PTL_INVALID without a table. */
PTL_API ptl_status ptl_profile_write_trace(ptl_profile *profile, const char *path) PTL_MUST_USE;

/* (L) Stops the profile if it is running. */
PTL_API void ptl_profile_release(ptl_profile **profile);

PTL_END_DECLS

#endif
