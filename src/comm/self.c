/* One process without MPI: every operation of the table, trivially right. A message to oneself does
 * not occur, so there is nothing to exchange. */
#include <string.h>
#include <unistd.h>

#include "comm.h"

static const char *self_library_version(void)
{
    return "none";
}

static const char *self_error_text(int code)
{
    (void)code;
    return "error of one process";
}

static int self_zero(void)
{
    return 0;
}

static int self_one(void)
{
    return 1;
}

static void self_abort(void *link, int code)
{
    (void)link;
    _exit(code);
}

static int self_attach(const void *handle, void **link)
{
    (void)handle;
    *link = (void *)&ptl__mpi_self;
    return 0;
}

static void self_nothing(void *any)
{
    (void)any;
}

static int self_done(void *any)
{
    (void)any;
    return 0;
}

static int self_size(void *link)
{
    (void)link;
    return 1;
}

static const void *self_handle(void *link)
{
    (void)link;
    return NULL;
}

static int self_node(void *link, int *rank, int *size)
{
    (void)link;
    *rank = 0;
    *size = 1;
    return 0;
}

static int self_bcast(void *link, void *data, int64_t bytes, int root)
{
    (void)link, (void)data, (void)bytes, (void)root;
    return 0;
}

static int self_allreduce(void *link, void *data, int64_t count, ptl_mtype type, ptl_reduce_op op)
{
    (void)link, (void)data, (void)count, (void)type, (void)op;
    return 0;
}

static int self_allgather(void *link, const void *mine, int64_t bytes, void *all)
{
    (void)link;
    if (bytes > 0)
        memmove(all, mine, (size_t)bytes);
    return 0;
}

static int self_alltoall(void *link, const void *out, int bytes, void *in)
{
    return self_allgather(link, out, bytes, in);
}

static int self_reduction_new(void *link, int count, void **holder)
{
    (void)count;
    *holder = link;
    return 0;
}

static int self_reduction_post(void *holder, double *data)
{
    (void)holder, (void)data;
    return 0;
}

static int self_exchange_new(void *link, int count, const ptl__message *messages, void **exchange)
{
    (void)count, (void)messages;
    *exchange = link;
    return 0;
}

const ptl__mpi ptl__mpi_self = {
    .version = PTL__MPI_ADAPTOR_VERSION,
    .name = "",
    .handle_size = 0,
    .library_version = self_library_version,
    .initialized = self_one,
    .finalized = self_zero,
    .init = self_zero,
    .finalize = self_zero,
    .error_text = self_error_text,
    .abort = self_abort,
    .attach = self_attach,
    .release = self_nothing,
    .rank = self_done,
    .size = self_size,
    .freed = self_done,
    .handle = self_handle,
    .open = self_done,
    .node = self_node,
    .bcast = self_bcast,
    .allreduce = self_allreduce,
    .allgather = self_allgather,
    .alltoall = self_alltoall,
    .reduction_new = self_reduction_new,
    .reduction_post = self_reduction_post,
    .reduction_wait = self_done,
    .reduction_free = self_nothing,
    .exchange_new = self_exchange_new,
    .exchange_start = self_done,
    .exchange_wait = self_done,
    .exchange_free = self_nothing,
};
