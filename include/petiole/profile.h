/* Profiles: where the time of a part of a program goes, over all ranks, from the events of trace.h.
 */
#ifndef PETIOLE_PROFILE_H
#define PETIOLE_PROFILE_H

#include <petiole/comm.h>
#include <petiole/export.h>
#include <petiole/status.h>
#include <petiole/trace.h>

PTL_BEGIN_DECLS

typedef struct ptl_profile ptl_profile;

/* Seconds: the least and the most of any rank, and the mean. */
typedef struct ptl_spread {
    double min, mean, max;
} ptl_spread;

/* The events of one kind and name. */
typedef struct ptl_profile_row {
    ptl_trace_kind kind;
    const char *name;
    int64_t calls;    /* of the rank that made the most */
    int64_t amount;   /* the events' amounts, of all ranks together; 0 for ITERATION */
    ptl_spread total; /* from beginning to end, what happened inside included */
    ptl_spread self;  /* without the events inside it; 0 for REDUCTION and HALO, which go on while
                         other work is done: what is lost to them is in WAIT */
    double share;     /* of self in the time of all ranks: the shares of all rows and what happened
                         outside of any event are 1 together */
} ptl_profile_row;

/* A good number of events to keep: 32 MB. */
#define PTL_PROFILE_EVENTS 1000000

/* (L) From now on the profile hears the events of the calling thread. The first `max_events` of
 * them are kept for ptl_profile_write_trace, 32 bytes each, in memory that grows as they come;
 * beyond, and where memory fails, only the sums go on. comm is retained. PTL_INVALID where
 * max_events is negative; PTL_NOT_SUPPORTED where too many listen (ptl_trace_start). */
PTL_API ptl_status ptl_profile_start(ptl_comm *comm, int64_t max_events,
                                     ptl_profile **out) PTL_MUST_USE;
/* (C) Ends that, on every rank and on failure too, and makes the table. What is still going on ends
 * here. PTL_INVALID where it was stopped before; PTL_NOMEM. */
PTL_API ptl_status ptl_profile_stop(ptl_profile *profile) PTL_MUST_USE;
/* (C) Ends it without a table where the program itself has failed on this rank, with `failure` (any
 * code but PTL_OK). The other ranks learn it in whichever collective call on comm they are in, or
 * in ptl_profile_stop; all return when all are at one of these two ends. Returns the failure that
 * all have agreed on. */
PTL_API ptl_status ptl_profile_abandon(ptl_profile *profile, ptl_status failure) PTL_MUST_USE;

/* (L) The table, the same on every rank: rows by falling self time, then those without any.
 * Borrowed from the profile. PTL_INVALID where it was not stopped, or that failed. */
PTL_API ptl_status ptl_profile_table(const ptl_profile *profile, int64_t *out_count,
                                     const ptl_profile_row **out_rows) PTL_MUST_USE;
/* (L) The mean of the ranks' seconds from start to stop; 0 without a table. */
PTL_API double ptl_profile_seconds(const ptl_profile *profile);
/* (L) How many events the rank with the most of them could not keep; 0 without a table. */
PTL_API int64_t ptl_profile_lost(const ptl_profile *profile);
/* (L) The table to be printed; borrowed. "" without a table. */
PTL_API const char *ptl_profile_text(const ptl_profile *profile);

/* (C) The events kept on all ranks as one file in Chrome's trace format (JSON, for ui.perfetto.dev
 * or chrome://tracing): a process per rank, with lanes of their own for halo exchanges and
 * reductions. Ranks of one node share a clock; between nodes clocks are compared at the end of an
 * agreement. The file appears under its name when it is whole. PTL_IO where a rank cannot write;
 * PTL_INVALID where there is no table. */
PTL_API ptl_status ptl_profile_write_trace(ptl_profile *profile, const char *path) PTL_MUST_USE;

/* (L) Stops hearing, where that goes on. */
PTL_API void ptl_profile_release(ptl_profile **profile);

PTL_END_DECLS

#endif
