/* The events of all ranks as one file in the Trace Event Format of Chrome's tracing (JSON array
 * format), which Perfetto reads too. Each rank writes its own bytes: once to count them, and once,
 * when all know where theirs begin, to the file. */
#include <stdio.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "../io/output.h"
#include "profile.h"

/* Text on its way to a place in a file. */
typedef struct writer {
    const ptl__output *out; /* NULL: the bytes are counted alone */
    int64_t offset, used;
    double origin; /* what the file's time counts from, on this rank's clock */
    int rank;
    char buffer[1 << 14];
} writer;

static ptl_status flush(writer *w)
{
    const int64_t bytes = w->used;
    w->used = 0;
    if (w->out)
        PTL_TRY(ptl__output_write(w->out, w->offset, bytes, w->buffer));
    w->offset += bytes;
    return PTL_OK;
}

static ptl_status put(writer *w, const char *line)
{
    const size_t length = strlen(line);
    if (w->used + (int64_t)length > (int64_t)sizeof w->buffer)
        PTL_TRY(flush(w));
    memcpy(w->buffer + w->used, line, length);
    w->used += (int64_t)length;
    return PTL_OK;
}

/* A rank is a process; what it does, what is on its way to neighbours, and what is being summed are
 * its threads. */
enum { LANES = 3 };

static int lane_of(int kind)
{
    return kind == PTL_TRACE_HALO ? 1 : kind == PTL_TRACE_REDUCTION ? 2 : 0;
}

static ptl_status put_names(writer *w)
{
    static const char *const lanes[LANES] = {"calls", "halo", "reductions"};
    char line[256];
    snprintf(line, sizeof line,
             "%s{\"ph\":\"M\",\"pid\":%d,\"tid\":0,\"name\":\"process_name\","
             "\"args\":{\"name\":\"rank %d\"}}",
             w->rank == 0 ? "[\n" : ",\n", w->rank, w->rank);
    PTL_TRY(put(w, line));
    for (int i = 0; i < LANES; i++) {
        snprintf(line, sizeof line,
                 ",\n{\"ph\":\"M\",\"pid\":%d,\"tid\":%d,\"name\":\"thread_name\","
                 "\"args\":{\"name\":\"%s\"}}",
                 w->rank, i, lanes[i]);
        PTL_TRY(put(w, line));
    }
    return PTL_OK;
}

/* Names are the library's own: nothing in them needs an escape. */
static ptl_status put_event(writer *w, const ptl__profile_event *event)
{
    static const char phases[] = {
        [PTL_TRACE_BEGIN] = 'B', [PTL_TRACE_END] = 'E', [PTL_TRACE_POINT] = 'i'};
    const char *kind = ptl_trace_kind_text((ptl_trace_kind)event->kind);
    char line[256], amount[48] = "";
    if (event->amount != 0 && event->phase != PTL_TRACE_END)
        snprintf(amount, sizeof amount, ",\"args\":{\"amount\":%lld}", (long long)event->amount);
    snprintf(line, sizeof line,
             ",\n{\"ph\":\"%c\",\"pid\":%d,\"tid\":%d,\"ts\":%.3f,\"cat\":\"%s\","
             "\"name\":\"%s %.60s\"%s%s}",
             phases[event->phase], w->rank, lane_of(event->kind),
             1e6 * (event->seconds - w->origin), kind, kind, event->name,
             event->phase == PTL_TRACE_POINT ? ",\"s\":\"t\"" : "", amount);
    return put(w, line);
}

static ptl_status put_all(const ptl_profile *p, writer *w)
{
    PTL_TRY(put_names(w));
    for (int64_t i = 0; i < p->kept; i++)
        PTL_TRY(put_event(w, &p->events[i]));
    if (w->rank == p->comm->size - 1)
        PTL_TRY(put(w, "\n]\n"));
    return flush(w);
}

/* (C) By how much this rank's clock is ahead of rank 0's. */
static ptl_status compare_clocks(ptl_comm *comm, double *ahead)
{
    int node[2];
    *ahead = 0;
    PTL_TRY(ptl_comm_node(comm, &node[0], &node[1]));
    int64_t least = node[1];
    PTL_TRY(ptl__comm_allreduce(comm, &least, 1, PTL_MTYPE_INT64, PTL_REDUCE_MIN));
    if (least == comm->size)
        return PTL_OK;
    PTL_TRY(ptl_comm_barrier(comm));
    double now = ptl__trace_now(), there = now;
    PTL_TRY(ptl__comm_bcast(comm, &there, sizeof there, 0));
    *ahead = now - there;
    return PTL_OK;
}

/* (C) The first start of any rank, on this rank's clock. */
static ptl_status find_origin(const ptl_profile *p, double *origin)
{
    double ahead;
    PTL_TRY(compare_clocks(p->comm, &ahead));
    *origin = p->started - ahead;
    PTL_TRY(ptl__comm_allreduce(p->comm, origin, 1, PTL_MTYPE_DOUBLE, PTL_REDUCE_MIN));
    *origin += ahead;
    return PTL_OK;
}

/* (C) `sizes` has room for a number per rank. */
static ptl_status write_parts(const ptl_profile *p, const ptl__output *out, int64_t *sizes)
{
    writer w = {.rank = p->comm->rank};
    PTL_TRY(find_origin(p, &w.origin));
    PTL_TRY(put_all(p, &w));
    PTL_TRY(ptl__comm_allgather(p->comm, &w.offset, sizeof w.offset, sizes));
    w.out = out;
    w.offset = 0;
    for (int rank = 0; rank < w.rank; rank++)
        w.offset += sizes[rank];
    return put_all(p, &w);
}

ptl_status ptl_profile_write_trace(ptl_profile *profile, const char *path)
{
    ptl_comm *comm = profile->comm;
    int64_t *sizes = NULL;
    ptl__output out;
    ptl_status status = PTL_NEW(comm->size, int64_t, &sizes);
    if (status == PTL_OK && !profile->rows)
        status = ptl_fail(PTL_INVALID, "the profile has no table: it was not stopped");
    status = ptl__output_open(comm, path, ptl__sign(0, PTL__OUTPUT_TRACE), status, &out);
    if (status == PTL_OK)
        status = write_parts(profile, &out, sizes);
    status = ptl__output_finish(&out, status);
    ptl__free(sizes);
    return status;
}
