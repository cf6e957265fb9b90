/* The reducer: doubles to be summed, and one more for the number of ranks that have failed. */
#include "reducer.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "../core/trace.h"
#include "comm.h"

struct ptl__reducer {
    ptl_comm *comm;
    int64_t capacity, used; /* doubles after the first */
    double *slots;          /* 1 + capacity; the first counts failed ranks */
    int overlap;
    void *holder; /* the adaptor's, where overlap is asked for on several processes */
    int posted;
    ptl__error failure; /* the first that was noted and is not told yet */
};

static ptl_status create(ptl_comm *comm, int64_t capacity, int overlap, ptl__reducer *reducer)
{
    PTL_CHECK(capacity >= 0 && capacity < INT_MAX, PTL_NOT_SUPPORTED,
              "a reduction of %" PRId64 " numbers: at most %d", capacity, INT_MAX - 1);
    reducer->comm = ptl_comm_retain(comm);
    reducer->capacity = capacity;
    PTL_TRY(PTL_NEW_ZERO(capacity + 1, double, &reducer->slots));
    reducer->overlap = overlap && comm->size > 1;
    if (reducer->overlap)
        PTL_TRY(ptl__comm_result(
            comm, comm->mpi->reduction_new(comm->link, (int)capacity + 1, &reducer->holder)));
    return PTL_OK;
}

ptl_status ptl__reducer_create(ptl_comm *comm, int64_t capacity, int overlap, ptl__reducer **out)
{
    PTL_TRY(PTL_NEW_ZERO(1, ptl__reducer, out));
    ptl_status status = create(comm, capacity, overlap, *out);
    if (status != PTL_OK) {
        ptl__reducer_free(*out);
        *out = NULL;
    }
    return status;
}

void ptl__reducer_free(ptl__reducer *reducer)
{
    if (!reducer)
        return;
    if (reducer->holder)
        reducer->comm->mpi->reduction_free(reducer->holder);
    ptl_comm_release(&reducer->comm);
    ptl__free(reducer->slots);
    ptl__free(reducer);
}

void ptl__reducer_begin(ptl__reducer *reducer)
{
    reducer->used = 0;
}

double *ptl__reducer_add(ptl__reducer *reducer, int64_t count)
{
    assert(count >= 0 && count <= reducer->capacity - reducer->used);
    double *slots = reducer->slots + 1 + reducer->used;
    memset(slots, 0, (size_t)count * sizeof *slots);
    reducer->used += count;
    return slots;
}

void ptl__reducer_note(ptl__reducer *reducer, ptl_status status)
{
    if (status == PTL_OK || reducer->failure.code != PTL_OK)
        return;
    reducer->failure = *ptl__error_of(status);
}

static const char *name_of(const ptl__reducer *reducer)
{
    return reducer->overlap ? "overlapped sum" : "sum";
}

/* Begins the sum where it goes on by itself: of all slots, since what is always the same is one
 * persistent request. */
static ptl_status start(ptl__reducer *reducer)
{
    if (!reducer->overlap)
        return PTL_OK;
    const int64_t unused = reducer->capacity - reducer->used;
    memset(reducer->slots + 1 + reducer->used, 0, (size_t)unused * sizeof *reducer->slots);
    int code = reducer->comm->mpi->reduction_post(reducer->holder, reducer->slots);
    reducer->posted = code == 0;
    return ptl__comm_result(reducer->comm, code);
}

ptl_status ptl__reducer_post(ptl__reducer *reducer)
{
    int failed = reducer->failure.code != PTL_OK;
    if (failed)
        memset(reducer->slots + 1, 0, (size_t)reducer->used * sizeof *reducer->slots);
    reducer->slots[0] = failed;
    ptl__trace_begin(PTL_TRACE_REDUCTION, name_of(reducer), reducer->used);
    ptl_status status = start(reducer);
    if (status != PTL_OK) /* no wait will follow */
        ptl__trace_end(PTL_TRACE_REDUCTION, name_of(reducer), reducer->used);
    return status;
}

/* The sum itself: the end of the posted one, or all of it at once. */
static ptl_status complete(ptl__reducer *reducer)
{
    ptl_comm *comm = reducer->comm;
    if (reducer->posted) {
        reducer->posted = 0;
        ptl__trace_begin(PTL_TRACE_WAIT, "overlapped sum", 0);
        int code = comm->mpi->reduction_wait(reducer->holder);
        ptl__trace_end(PTL_TRACE_WAIT, "overlapped sum", 0);
        return ptl__comm_result(comm, code);
    }
    if (reducer->overlap || comm->size == 1)
        return PTL_OK;
    return ptl__comm_allreduce(comm, reducer->slots, reducer->used + 1, PTL_MTYPE_DOUBLE,
                               PTL_REDUCE_SUM);
}

ptl_status ptl__reducer_wait(ptl__reducer *reducer)
{
    ptl_status status = complete(reducer);
    ptl__trace_end(PTL_TRACE_REDUCTION, name_of(reducer), reducer->used);
    PTL_TRY(status);
    if (reducer->slots[0] == 0) /* what was noted since post goes with the next reduction */
        return PTL_OK;
    ptl_status own = reducer->failure.code;
    if (own != PTL_OK)
        *ptl__last_error() = reducer->failure;
    reducer->failure.code = PTL_OK;
    return ptl__agree(reducer->comm, own, 0, "calls");
}
