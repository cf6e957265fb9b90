/* Communicators: the public functions, and the raw operations over the table of the MPI in use. */
#include "comm.h"

#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "../core/trace.h"
#include "forked.h"
#include "loader.h"

static void never(void *self)
{
    (void)self;
}

/* One object for all: it is never destroyed, since it holds a reference to itself. */
static ptl_comm self_comm = {.object = {.refs = 1, .destroy = never},
                             .mpi = &ptl__mpi_self,
                             .link = (void *)&ptl__mpi_self,
                             .rank = 0,
                             .size = 1,
                             .opened = 1};

PTL__OBJECT_FUNCTIONS(ptl_comm)

ptl_status ptl_comm_self(ptl_comm **out)
{
    *out = ptl_comm_retain(&self_comm);
    return PTL_OK;
}

ptl_comm *ptl__comm_or_self(ptl_comm *comm)
{
    return ptl_comm_retain(comm ? comm : &self_comm);
}

static void destroy(void *self)
{
    ptl_comm *comm = self;
    comm->mpi->release(comm->link);
    ptl__free(comm);
}

ptl_status ptl__comm_attach(const ptl__mpi *mpi, const void *handle, ptl_comm **out)
{
    ptl_comm *comm;
    *out = NULL;
    PTL_TRY(PTL_NEW_ZERO(1, ptl_comm, &comm));
    comm->mpi = mpi;
    int code = mpi->attach(handle, &comm->link);
    if (code != 0) {
        ptl_status status = ptl__comm_result(comm, code);
        ptl__free(comm);
        return status;
    }
    ptl__object_init(comm, destroy);
    comm->rank = mpi->rank(comm->link);
    comm->size = mpi->size(comm->link);
    *out = comm;
    return PTL_OK;
}

ptl_status ptl_comm_from_handle(const void *handle, size_t handle_size, ptl_comm **out)
{
    *out = NULL;
    PTL_CHECK(handle, PTL_INVALID, "handle is NULL: expected a pointer to an MPI_Comm");
    const ptl__mpi *mpi;
    PTL_TRY(ptl__loader_in_process(&mpi));
    PTL_CHECK(mpi, PTL_MPI, "a communicator is given, but no MPI is loaded in this process");
    PTL_CHECK(handle_size == mpi->handle_size, PTL_MPI,
              "the communicator's handle has %zu bytes, but those of the MPI in this process (%s) "
              "have %zu: it is of another MPI",
              handle_size, mpi->name, mpi->handle_size);
    PTL_CHECK(mpi->initialized(), PTL_MPI, "MPI is not initialised");
    PTL_CHECK(!mpi->finalized(), PTL_MPI, "MPI is finalised");
    return ptl__comm_attach(mpi, handle, out);
}

ptl_status ptl_comm_expect(ptl_comm *comm, int rank, int size)
{
    PTL_CHECK(
        ptl_comm_rank(comm) == rank && ptl_comm_size(comm) == size, PTL_MPI,
        "the caller sees rank %d of %d, but Petiole (through %s) sees rank %d of %d: they use "
        "different MPIs",
        rank, size, ptl__first_line(ptl_comm_library(comm)).text, ptl_comm_rank(comm),
        ptl_comm_size(comm));
    return PTL_OK;
}

int ptl_comm_rank(const ptl_comm *comm)
{
    return comm ? comm->rank : 0;
}

int ptl_comm_size(const ptl_comm *comm)
{
    return comm ? comm->size : 1;
}

int ptl_comm_freed(const ptl_comm *comm)
{
    return comm && comm->mpi->freed(comm->link);
}

const char *ptl_comm_library(const ptl_comm *comm)
{
    return (comm ? comm : &self_comm)->mpi->library_version();
}

const void *ptl_comm_handle(const ptl_comm *comm, size_t *handle_size)
{
    comm = comm ? comm : &self_comm;
    *handle_size = comm->mpi->handle_size;
    return comm->mpi->handle(comm->link);
}

/* A launcher that hears of an abort may drop what it has not read yet of a process's last words:
 * waits until the other end has read what is in the pipe, a second at most. */
static void await_reader(int pipe)
{
    const struct timespec millisecond = {.tv_nsec = 1000000};
    struct stat about;
    int unread;
    if (fstat(pipe, &about) != 0 || !S_ISFIFO(about.st_mode))
        return;
    for (int i = 0; i < 1000 && ioctl(pipe, FIONREAD, &unread) == 0 && unread > 0; i++)
        nanosleep(&millisecond, NULL);
}

void ptl_comm_abort(ptl_comm *comm, int code)
{
    comm = comm ? comm : &self_comm;
    if (comm->size > 1) {
        await_reader(1);
        await_reader(2);
    }
    comm->mpi->abort(comm->link, code);
}

int ptl__comm_same(const ptl_comm *a, const ptl_comm *b)
{
    return (a ? a : &self_comm)->link == (b ? b : &self_comm)->link;
}

int ptl_comm_equal(const ptl_comm *a, const ptl_comm *b)
{
    return ptl__comm_same(a, b);
}

ptl_status ptl__comm_result(const ptl_comm *comm, int code)
{
    switch (code) {
    case 0:
        return PTL_OK;
    case PTL__MPI_NULL_COMM:
        return ptl_fail(PTL_MPI, "the communicator is MPI_COMM_NULL");
    case PTL__MPI_INTER_COMM:
        return ptl_fail(PTL_MPI, "the communicator is an intercommunicator: expected one group");
    case PTL__MPI_NO_MEMORY:
        return ptl_fail(PTL_NOMEM, "cannot allocate memory for a message");
    case PTL__MPI_FREED:
        return ptl_fail(PTL_MPI, "communicator was freed%s",
                        comm->mpi->finalized() ? " (MPI is finalised)" : "");
    case PTL__MPI_MISMATCH:
        return ptl_fail(PTL_MPI,
                        "rank %d of %d: what rank 0 sent did not arrive through %s; the processes "
                        "of this job use different MPIs",
                        comm->rank, comm->size, ptl__first_line(comm->mpi->library_version()).text);
    case PTL__MPI_THREAD:
        return ptl_fail(PTL_MPI,
                        "MPI was initialised for its main thread alone: initialise it with "
                        "MPI_THREAD_SERIALIZED or more to use Petiole from this thread");
    default:
        return ptl_fail(PTL_MPI, "%s: %s", comm->mpi->name, comm->mpi->error_text(code));
    }
}

/* In a forked process: one rank needs no MPI, several cannot speak to each other. */
static ptl_status leave_mpi(ptl_comm *comm)
{
    PTL_CHECK(comm->size == 1, PTL_MPI,
              "this process was forked from rank %d of %d, and MPI does not work in it. Start "
              "processes before MPI, or afresh: with multiprocessing's \"spawn\" or "
              "\"forkserver\"; a communicator of one process works here",
              comm->rank, comm->size);
    comm->mpi = &ptl__mpi_self;
    comm->opened = 1;
    return PTL_OK;
}

ptl_status ptl__comm_usable(ptl_comm *comm)
{
    if (ptl__comm_forked() && comm->mpi != &ptl__mpi_self)
        return leave_mpi(comm);
    return ptl__comm_result(comm, comm->mpi->freed(comm->link) ? PTL__MPI_FREED : 0);
}

ptl_status ptl__comm_open(ptl_comm *comm)
{
    PTL_TRY(ptl__comm_usable(comm));
    if (comm->opened)
        return PTL_OK;
    if (comm->size == 1)
        PTL_TRY(ptl__launcher_check(comm->mpi));
    PTL_TRY(ptl__comm_result(comm, comm->mpi->open(comm->link)));
    comm->opened = 1;
    return PTL_OK;
}

ptl_status ptl_comm_node(ptl_comm *comm, int *out_rank, int *out_size)
{
    *out_rank = *out_size = 0;
    comm = comm ? comm : &self_comm;
    PTL_TRY(ptl__agree(comm, PTL_OK, 0, "calls"));
    return ptl__comm_result(comm, comm->mpi->node(comm->link, out_rank, out_size));
}

ptl_status ptl_comm_agree(ptl_comm *comm, ptl_status local)
{
    return ptl__agree(comm ? comm : &self_comm, local, 0, "calls");
}

/* An agreement is a barrier. */
ptl_status ptl_comm_barrier(ptl_comm *comm)
{
    return ptl_comm_agree(comm, PTL_OK);
}

static ptl_status check_allreduce(const void *data, int64_t count, ptl_mtype type, ptl_reduce_op op)
{
    PTL_CHECK(count >= 0, PTL_INVALID, "count is %lld: expected at least 0", (long long)count);
    PTL_CHECK(data || count == 0, PTL_INVALID, "data is NULL: expected %lld elements",
              (long long)count);
    PTL_CHECK((unsigned)type < PTL_MTYPE_COUNT, PTL_INVALID, "type is %d: expected a ptl_mtype",
              (int)type);
    PTL_CHECK((unsigned)op < PTL_REDUCE_OP_COUNT, PTL_INVALID, "op is %d: expected a ptl_reduce_op",
              (int)op);
    int ordered = op == PTL_REDUCE_MIN || op == PTL_REDUCE_MAX;
    PTL_CHECK(!ordered || (type != PTL_MTYPE_CFLOAT && type != PTL_MTYPE_CDOUBLE), PTL_INVALID,
              "op is %s, but complex numbers have no order", op == PTL_REDUCE_MIN ? "min" : "max");
    return PTL_OK;
}

ptl_status ptl_comm_allreduce(ptl_comm *comm, void *data, int64_t count, ptl_mtype type,
                              ptl_reduce_op op)
{
    comm = comm ? comm : &self_comm;
    ptl_status local = check_allreduce(data, count, type, op);
    int64_t signature = ptl__sign(ptl__sign(ptl__sign(0, count), type), op);
    PTL_TRY(ptl__agree(comm, local, signature, "counts, types or operations"));
    return ptl__comm_allreduce(comm, data, count, type, op);
}

ptl_status ptl__comm_bcast(ptl_comm *comm, void *data, int64_t bytes, int root)
{
    ptl__trace_begin(PTL_TRACE_WAIT, "broadcast", bytes);
    int code = comm->mpi->bcast(comm->link, data, bytes, root);
    ptl__trace_end(PTL_TRACE_WAIT, "broadcast", bytes);
    return ptl__comm_result(comm, code);
}

ptl_status ptl__comm_allreduce(ptl_comm *comm, void *data, int64_t count, ptl_mtype type,
                               ptl_reduce_op op)
{
    PTL_TRY(ptl__comm_usable(comm));
    ptl__trace_begin(PTL_TRACE_WAIT, "allreduce", count);
    int code = comm->mpi->allreduce(comm->link, data, count, type, op);
    ptl__trace_end(PTL_TRACE_WAIT, "allreduce", count);
    return ptl__comm_result(comm, code);
}

ptl_status ptl__comm_allgather(ptl_comm *comm, const void *mine, int64_t bytes, void *all)
{
    ptl__trace_begin(PTL_TRACE_WAIT, "allgather", bytes);
    int code = comm->mpi->allgather(comm->link, mine, bytes, all);
    ptl__trace_end(PTL_TRACE_WAIT, "allgather", bytes);
    return ptl__comm_result(comm, code);
}
