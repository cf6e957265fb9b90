/* Routing: set-up data from every rank to every other, its amount known to the sender alone. */
#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "comm.h"

typedef struct route {
    ptl_comm *comm;
    size_t size; /* of one element */
    const char *send;
    const int64_t *send_offsets;
    char *recv;
    int64_t *recv_offsets;
    int64_t *counts;        /* what this rank sends to each */
    ptl__message *messages; /* at most two per other rank */
    ptl__exchange *exchange;
} route;

/* (L) What is needed before the first message. */
static ptl_status make_room(route *r)
{
    PTL_TRY(PTL_NEW(r->comm->size, int64_t, &r->counts));
    PTL_TRY(PTL_NEW(2 * (int64_t)r->comm->size, ptl__message, &r->messages));
    for (int p = 0; p < r->comm->size; p++)
        r->counts[p] = r->send_offsets[p + 1] - r->send_offsets[p];
    return PTL_OK;
}

/* (C) Fills recv_offsets. */
static ptl_status exchange_counts(route *r)
{
    ptl_comm *comm = r->comm;
    int64_t *offsets = r->recv_offsets;
    PTL_TRY(ptl__comm_result(
        comm, comm->mpi->alltoall(comm->link, r->counts, sizeof *r->counts, offsets + 1)));
    offsets[0] = 0;
    for (int p = 0; p < comm->size; p++)
        offsets[p + 1] += offsets[p];
    return PTL_OK;
}

/* Adds the message with `peer`, where there is something to say. */
static int add_message(const route *r, int count, int peer, const char *data,
                       const int64_t *offsets, int send)
{
    int64_t elements = offsets[peer + 1] - offsets[peer];
    if (peer == r->comm->rank || elements == 0)
        return count;
    r->messages[count] = (ptl__message){.peer = peer,
                                        .bytes = elements * (int64_t)r->size,
                                        .data = (char *)data + offsets[peer] * (int64_t)r->size,
                                        .send = send};
    return count + 1;
}

/* (L) Memory for what arrives, and the messages. */
static ptl_status make_messages(route *r)
{
    PTL_TRY(ptl__alloc(r->recv_offsets[r->comm->size], r->size, (void **)&r->recv));
    int count = 0;
    for (int p = 0; p < r->comm->size; p++) {
        count = add_message(r, count, p, r->recv, r->recv_offsets, 0);
        count = add_message(r, count, p, r->send, r->send_offsets, 1);
    }
    return ptl__exchange_create(r->comm, count, r->messages, &r->exchange);
}

static void copy_own(const route *r)
{
    int me = r->comm->rank;
    size_t bytes = (size_t)(r->send_offsets[me + 1] - r->send_offsets[me]) * r->size;
    if (bytes > 0)
        memcpy(r->recv + (size_t)r->recv_offsets[me] * r->size,
               r->send + (size_t)r->send_offsets[me] * r->size, bytes);
}

static ptl_status run(route *r)
{
    PTL_TRY(ptl__agree(r->comm, make_room(r), (int64_t)r->size, "sizes of elements"));
    PTL_TRY(exchange_counts(r));
    PTL_TRY(ptl__agree(r->comm, make_messages(r), 0, "calls"));
    PTL_TRY(ptl__exchange_start(r->exchange));
    copy_own(r);
    return ptl__exchange_wait(r->exchange);
}

ptl_status ptl__comm_route(ptl_comm *comm, size_t size, const void *send,
                           const int64_t *send_offsets, void **recv, int64_t *recv_offsets)
{
    *recv = NULL;
    route r = {.comm = comm,
               .size = size,
               .send = send,
               .send_offsets = send_offsets,
               .recv_offsets = recv_offsets};
    ptl_status status = run(&r);
    ptl__exchange_free(r.exchange);
    ptl__free(r.messages);
    ptl__free(r.counts);
    if (status == PTL_OK)
        *recv = r.recv;
    else
        ptl__free(r.recv);
    return status;
}
