/* Persistent messages: the adaptor's, with a reference to their communicator. */
#include "../core/memory.h"
#include "../core/status.h"
#include "../core/trace.h"
#include "comm.h"

struct ptl__exchange {
    ptl_comm *comm;
    void *messages; /* the adaptor's */
};

ptl_status ptl__exchange_create(ptl_comm *comm, int count, const ptl__message *messages,
                                ptl__exchange **out)
{
    PTL_TRY(PTL_NEW_ZERO(1, ptl__exchange, out));
    int code = comm->mpi->exchange_new(comm->link, count, messages, &(*out)->messages);
    if (code != 0) {
        ptl__free(*out);
        *out = NULL;
        return ptl__comm_result(comm, code);
    }
    (*out)->comm = ptl_comm_retain(comm);
    return PTL_OK;
}

ptl_status ptl__exchange_start(ptl__exchange *exchange)
{
    ptl_comm *comm = exchange->comm;
    return ptl__comm_result(comm, comm->mpi->exchange_start(exchange->messages));
}

ptl_status ptl__exchange_wait(ptl__exchange *exchange)
{
    ptl_comm *comm = exchange->comm;
    ptl__trace_begin(PTL_TRACE_WAIT, "messages", 0);
    int code = comm->mpi->exchange_wait(exchange->messages);
    ptl__trace_end(PTL_TRACE_WAIT, "messages", 0);
    return ptl__comm_result(comm, code);
}

void ptl__exchange_free(ptl__exchange *exchange)
{
    if (!exchange)
        return;
    exchange->comm->mpi->exchange_free(exchange->messages);
    ptl_comm_release(&exchange->comm);
    ptl__free(exchange);
}
