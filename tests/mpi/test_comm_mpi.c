/* Communicators over MPI, on any number of ranks: agreement, the reducer, the raw operations,
 * routing, persistent messages, and what is left when a communicator or MPI ends. */
#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comm/comm.h"
#include "comm/reducer.h"
#include "core/memory.h"
#include "core/status.h"

static int rank, size, failures;

#define EXPECT(cond)                                                                               \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            failures++;                                                                            \
            fprintf(stderr, "rank %d of %d: %s:%d: %s (last message: %s)\n", rank, size, __FILE__, \
                    __LINE__, #cond, ptl_error_message());                                         \
        }                                                                                          \
    } while (0)

static int launched_size(void)
{
    const char *text = getenv("OMPI_COMM_WORLD_SIZE");
    text = text ? text : getenv("PMI_SIZE");
    return text ? atoi(text) : 1;
}

static void test_world(ptl_comm *world)
{
    EXPECT(size == launched_size());
    EXPECT(rank >= 0 && rank < size);
    EXPECT(ptl_comm_expect(world, rank, size) == PTL_OK);
    EXPECT(ptl_comm_expect(world, rank, size + 1) == PTL_MPI);
    int node_rank, node_size;
    EXPECT(ptl_comm_node(world, &node_rank, &node_size) == PTL_OK);
    EXPECT(node_rank == rank && node_size == size); /* the tests run on one machine */
    EXPECT(ptl_comm_barrier(world) == PTL_OK);
    ptl_mpi_info info;
    EXPECT(ptl_mpi_get_info(&info) == PTL_OK);
    EXPECT(info.initialized && *info.adaptor && *info.path);
    EXPECT(strstr(info.adaptors, info.adaptor) != NULL);
    EXPECT(strcmp(info.interface, info.adaptor) == 0);
    EXPECT(strcmp(info.library, ptl_comm_library(world)) == 0);
}

static void test_handles(ptl_comm *world)
{
    size_t bytes;
    const void *handle = ptl_comm_handle(world, &bytes);
    ptl_comm *same, *none;
    EXPECT(handle && (bytes == 4 || bytes == 8));
    EXPECT(ptl_comm_from_handle(handle, bytes, &same) == PTL_OK);
    EXPECT(ptl__comm_same(world, same));
    EXPECT(!ptl__comm_same(world, NULL));
    EXPECT(ptl_comm_agree(same, PTL_OK) == PTL_OK);
    ptl_comm_release(&same);
    EXPECT(ptl_comm_from_handle(handle, bytes + 4, &none) == PTL_MPI && !none);
    EXPECT(strstr(ptl_error_message(), "bytes") != NULL);
}

/* Every set of failing ranks among the first four, with user code's failure on the highest of them.
 */
static void test_agreement(ptl_comm *world)
{
    for (int set = 1; set < 1 << size && set < 16; set++) {
        int first = 0, last = 0;
        for (int r = 0; r < size; r++)
            last = set >> r & 1 ? r : last;
        while (!(set >> first & 1))
            first++;
        ptl_status mine = PTL_OK, expected = first == last ? PTL_CALLBACK : PTL_NOMEM;
        if (set >> rank & 1)
            mine = ptl_fail(rank == last ? PTL_CALLBACK : PTL_NOMEM, "from rank %d", rank);
        if (expected == PTL_CALLBACK && rank != last)
            expected = PTL_REMOTE;
        int own = rank == last;
        char text[32];
        snprintf(text, sizeof text, "from rank %d", own ? last : first);
        EXPECT(ptl_comm_agree(world, mine) == (own ? PTL_CALLBACK : expected));
        EXPECT(strcmp(ptl_error_message(), text) == 0);
        EXPECT(ptl_error_rank() == first);
    }
    EXPECT(ptl_comm_agree(world, PTL_OK) == PTL_OK);
}

static void test_nested_agreement(ptl_comm *world)
{
    ptl_status inner = rank == size - 1 ? ptl_fail(PTL_CALLBACK, "deep") : PTL_OK;
    inner = ptl_comm_agree(world, inner);
    ptl_status outer = ptl_comm_agree(world, inner);
    EXPECT(outer == (rank == size - 1 ? PTL_CALLBACK : PTL_REMOTE));
    EXPECT(ptl_error_rank() == size - 1);
    EXPECT(strcmp(ptl_error_message(), "deep") == 0);
}

static void test_signatures(ptl_comm *world)
{
    EXPECT(ptl__agree(world, PTL_OK, ptl__sign(0, 7), "shapes") == PTL_OK);
    if (size == 1)
        return;
    ptl_status status = ptl__agree(world, PTL_OK, ptl__sign(0, rank < 1 ? 7 : 8), "shapes");
    EXPECT(status == PTL_DIMENSION);
    EXPECT(strstr(ptl_error_message(), "different shapes") != NULL);
    EXPECT(ptl_error_rank() == 1);
    /* a failure comes before a difference */
    ptl_status local = rank == 0 ? ptl_fail(PTL_INVALID, "bad") : PTL_OK;
    EXPECT(ptl__agree(world, local, rank, "shapes") == PTL_INVALID);
}

static void test_allreduce(ptl_comm *world)
{
    double sum = size * (size + 1) / 2.0;
#define CASE(NAME, type, op, value, expected)                                                      \
    do {                                                                                           \
        type x[3] = {(type)(value), (type)(value), (type)(value)};                                 \
        EXPECT(ptl_comm_allreduce(world, x, 3, PTL_MTYPE_##NAME, PTL_REDUCE_##op) == PTL_OK);      \
        EXPECT(x[0] == (type)(expected) && x[2] == (type)(expected));                              \
    } while (0)
    CASE(INT8, int8_t, SUM, rank + 1, sum);
    CASE(INT32, int32_t, MAX, rank + 1, size);
    CASE(INT64, int64_t, MIN, (int64_t)(rank + 1) << 40, (int64_t)1 << 40);
    CASE(FLOAT, float, MIN, rank + 1, 1);
    CASE(FLOAT, float, SUM, rank + 1, sum);
    CASE(DOUBLE, double, MAX, -rank, 0);
    CASE(DOUBLE, double, PROD, 2, ldexp(1, size));
    CASE(CFLOAT, float _Complex, SUM, rank + 1.0f, sum);
    CASE(CDOUBLE, double _Complex, PROD, __builtin_complex(0.0, 1.0),
         ((double _Complex[]){1, __builtin_complex(0.0, 1.0), -1,
                              __builtin_complex(0.0, -1.0)}[size % 4]));
#undef CASE
    double nan_once[2] = {rank == size - 1 ? NAN : 1, rank == 0 ? NAN : 1};
    EXPECT(ptl_comm_allreduce(world, nan_once, 2, PTL_MTYPE_DOUBLE, PTL_REDUCE_MAX) == PTL_OK);
    EXPECT(isnan(nan_once[0]) && isnan(nan_once[1]));
    if (size > 1) {
        double x[2] = {1, 1};
        int64_t count = rank == 0 ? 1 : 2;
        EXPECT(ptl_comm_allreduce(world, x, count, PTL_MTYPE_DOUBLE, PTL_REDUCE_SUM) ==
               PTL_DIMENSION);
        ptl_status status =
            ptl_comm_allreduce(world, x, rank == 1 ? -1 : 2, PTL_MTYPE_DOUBLE, PTL_REDUCE_SUM);
        EXPECT(status == PTL_INVALID && ptl_error_rank() == 1);
    }
}

static void test_raw(ptl_comm *world)
{
    int64_t mine = (int64_t)rank * (rank + 1) / 2, all[64];
    EXPECT(ptl__comm_allgather(world, &mine, sizeof mine, all) == PTL_OK);
    for (int r = 0; r < size; r++)
        EXPECT(all[r] == (int64_t)r * (r + 1) / 2);
    for (int root = 0; root < size; root++) {
        char text[300] = "";
        if (rank == root)
            memset(text, 'a' + root, sizeof text);
        EXPECT(ptl__comm_bcast(world, text, sizeof text, root) == PTL_OK);
        EXPECT(text[0] == 'a' + root && text[299] == 'a' + root);
    }
}

/* All ranks in turn fail in the middle of reductions that go on. */
static void test_reducer(ptl_comm *world, int overlap)
{
    ptl__reducer *r;
    EXPECT(ptl__reducer_create(world, 5, overlap, &r) == PTL_OK);
    for (int failing = -1; failing < size; failing++) {
        ptl__reducer_begin(r);
        double *a = ptl__reducer_add(r, 2), *b = ptl__reducer_add(r, 3);
        a[0] = rank + 1;
        a[1] = 1;
        b[2] = rank == failing ? NAN : 0.5;
        if (rank == failing)
            ptl__reducer_note(r, ptl_fail(PTL_CALLBACK, "rank %d in the middle", rank));
        EXPECT(ptl__reducer_post(r) == PTL_OK);
        ptl_status status = ptl__reducer_wait(r);
        if (failing < 0) {
            EXPECT(status == PTL_OK);
            EXPECT(a[0] == size * (size + 1) / 2.0 && a[1] == size && b[0] == 0);
            EXPECT(b[2] == 0.5 * size);
        } else {
            char text[40];
            snprintf(text, sizeof text, "rank %d in the middle", failing);
            EXPECT(status == (rank == failing ? PTL_CALLBACK : PTL_REMOTE));
            EXPECT(ptl_error_rank() == failing);
            EXPECT(strcmp(ptl_error_message(), text) == 0);
            EXPECT(b[2] == 0.5 * (size - 1)); /* a failing rank adds nothing */
        }
    }
    for (int few = 0; few <= 2; few++) { /* fewer numbers, and none */
        ptl__reducer_begin(r);
        double *a = ptl__reducer_add(r, few);
        for (int i = 0; i < few; i++)
            a[i] = rank;
        EXPECT(ptl__reducer_post(r) == PTL_OK && ptl__reducer_wait(r) == PTL_OK);
        for (int i = 0; i < few; i++)
            EXPECT(a[i] == size * (size - 1) / 2);
    }
    ptl__reducer_free(r);
}

/* Rank s sends s + r elements to rank r, and rank 0 sends nothing; their values tell the way they
 * went. */
static int64_t routed(int from, int to)
{
    return from == 0 ? 0 : 100 * (from + to);
}

static void test_route(ptl_comm *world)
{
    int64_t send_offsets[65] = {0}, recv_offsets[65];
    for (int r = 0; r < size; r++)
        send_offsets[r + 1] = send_offsets[r] + routed(rank, r);
    int32_t *send, *recv;
    EXPECT(PTL_NEW(send_offsets[size], int32_t, &send) == PTL_OK);
    for (int r = 0; r < size; r++)
        for (int64_t i = send_offsets[r]; i < send_offsets[r + 1]; i++)
            send[i] = rank * 1000000 + r * 10000 + (int32_t)(i - send_offsets[r]);
    EXPECT(ptl__comm_route(world, sizeof *send, send, send_offsets, (void **)&recv, recv_offsets) ==
           PTL_OK);
    int wrong = 0;
    for (int r = 0; r < size; r++) {
        EXPECT(recv_offsets[r + 1] - recv_offsets[r] == routed(r, rank));
        for (int64_t i = recv_offsets[r]; i < recv_offsets[r + 1]; i++)
            wrong += recv[i] != r * 1000000 + rank * 10000 + (int32_t)(i - recv_offsets[r]);
    }
    EXPECT(wrong == 0);
    ptl__free(recv);
    /* each of the allocations fails on the last rank alone: all ranks fail, and nothing is left */
    for (int n = 1; n < 5; n++) {
        int64_t live = ptl__alloc_live();
        ptl__alloc_fail_after(rank == size - 1 ? n : 0);
        ptl_status status =
            ptl__comm_route(world, sizeof *send, send, send_offsets, (void **)&recv, recv_offsets);
        ptl__alloc_fail_after(0);
        EXPECT(status == PTL_NOMEM && ptl_error_rank() == size - 1 && !recv);
        EXPECT(ptl__alloc_live() == live);
    }
    ptl__free(send);
}

/* A ring: each rank sends 1000 bytes to the next, three times over the same messages. */
static ptl__exchange *make_ring(ptl_comm *comm, unsigned char *out, unsigned char *in)
{
    ptl__message messages[] = {
        {.peer = (rank + 1) % size, .bytes = 1000, .data = out, .send = 1},
        {.peer = (rank + size - 1) % size, .bytes = 1000, .data = in, .send = 0},
    };
    ptl__exchange *ring;
    EXPECT(ptl__exchange_create(comm, size > 1 ? 2 : 0, messages, &ring) == PTL_OK);
    return ring;
}

static void test_exchange(ptl_comm *world)
{
    unsigned char out[1000], in[1000];
    ptl__exchange *ring = make_ring(world, out, in);
    for (int round = 0; round < 3; round++) {
        memset(out, 10 * round + rank, sizeof out);
        EXPECT(ptl__exchange_start(ring) == PTL_OK);
        EXPECT(ptl__exchange_wait(ring) == PTL_OK);
        int expected = 10 * round + (rank + size - 1) % size;
        EXPECT(size == 1 || (in[0] == expected && in[999] == expected));
    }
    ptl__exchange_free(ring);
}

/* Stands before MPI's own, which sees a pointer to a handle of its kind: who frees requests? */
static pthread_t main_thread;
static int freed_here, freed_elsewhere;

int MPI_Request_free(void *request);
int MPI_Request_free(void *request)
{
    *(pthread_equal(pthread_self(), main_thread) ? &freed_here : &freed_elsewhere) += 1;
    int (*real)(void *) = (int (*)(void *))dlsym(RTLD_DEFAULT, "PMPI_Request_free");
    return real(request);
}

static void *let_go(void *ring)
{
    ptl__exchange_free(ring);
    return NULL;
}

/* A garbage collector lets go in any thread, perhaps while another one is in MPI: only threads that
 * call MPI anyway do so. */
static void test_release_in_another_thread(ptl_comm *world)
{
    unsigned char out[1000], in[1000];
    pthread_t thread;
    EXPECT(ptl_comm_barrier(world) == PTL_OK); /* takes along what the tests before let go */
    main_thread = pthread_self();
    freed_here = freed_elsewhere = 0;
    EXPECT(pthread_create(&thread, NULL, let_go, make_ring(world, out, in)) == 0);
    EXPECT(pthread_join(thread, NULL) == 0);
    EXPECT(freed_elsewhere == 0);
    EXPECT(ptl_comm_barrier(world) == PTL_OK);
    EXPECT(freed_here == (size > 1 ? 2 : 0));
}

static void expect_freed(ptl_comm *comm)
{
    EXPECT(ptl_comm_agree(comm, PTL_OK) == PTL_MPI);
    EXPECT(strstr(ptl_error_message(), "communicator was freed") != NULL);
    EXPECT(ptl_comm_agree(comm, ptl_fail(PTL_INVALID, "mine")) == PTL_MPI);
    double x = 1;
    EXPECT(ptl_comm_allreduce(comm, &x, 1, PTL_MTYPE_DOUBLE, PTL_REDUCE_SUM) == PTL_MPI);
    EXPECT(ptl_comm_rank(comm) == rank && ptl_comm_size(comm) == size);
}

/* A caller's handle, of either kind, and the MPI functions that a caller would use. */
typedef union handle {
    int number;
    void *pointer;
} handle;

static handle handle_of(ptl_comm *comm, size_t *bytes)
{
    handle copy = {.pointer = NULL};
    const void *its = ptl_comm_handle(comm, bytes);
    memcpy(&copy, its, *bytes);
    return copy;
}

static handle dup_world(ptl_comm *world, size_t *bytes)
{
    handle all = handle_of(world, bytes), copy = {.pointer = NULL};
    void *symbol = dlsym(RTLD_DEFAULT, "MPI_Comm_dup");
    if (*bytes == sizeof(int))
        EXPECT(((int (*)(int, int *))symbol)(all.number, &copy.number) == 0);
    else
        EXPECT(((int (*)(void *, void **))symbol)(all.pointer, &copy.pointer) == 0);
    return copy;
}

/* A reducer that has been used, whose sums go on by themselves. */
static ptl__reducer *used_reducer(ptl_comm *comm)
{
    ptl__reducer *reducer = NULL;
    EXPECT(ptl__reducer_create(comm, 1, 1, &reducer) == PTL_OK);
    ptl__reducer_begin(reducer);
    EXPECT(ptl__reducer_post(reducer) == PTL_OK && ptl__reducer_wait(reducer) == PTL_OK);
    return reducer;
}

static void expect_reducer_freed(ptl_comm *comm, ptl__reducer *reducer)
{
    ptl__reducer_begin(reducer);
    ptl_status posted = ptl__reducer_post(reducer);
    EXPECT(size == 1 || posted == PTL_MPI || ptl__reducer_wait(reducer) == PTL_MPI);
    EXPECT(ptl_comm_agree(comm, PTL_OK) == PTL_MPI);
    ptl__reducer_free(reducer);
}

/* The caller frees its communicator under living objects. */
static void test_freed(ptl_comm *world)
{
    int (*comm_free)(void *) = (int (*)(void *))dlsym(RTLD_DEFAULT, "MPI_Comm_free");
    size_t bytes;
    handle copy = dup_world(world, &bytes);
    ptl_comm *comm, *never_opened;
    EXPECT(ptl_comm_from_handle(&copy, bytes, &comm) == PTL_OK);
    EXPECT(!ptl__comm_same(world, comm));
    EXPECT(ptl_comm_barrier(comm) == PTL_OK);
    unsigned char out[1000] = {0}, in[1000];
    ptl__exchange *ring = make_ring(comm, out, in);
    ptl__reducer *blocking, *overlapping, *used = used_reducer(comm);
    EXPECT(ptl__reducer_create(comm, 1, 0, &blocking) == PTL_OK);
    EXPECT(ptl__reducer_create(comm, 1, 1, &overlapping) == PTL_OK);
    EXPECT(comm_free(&copy) == 0);
    expect_freed(comm);
    EXPECT(ptl__exchange_start(ring) == PTL_MPI);
    expect_reducer_freed(comm, blocking);
    expect_reducer_freed(comm, overlapping);
    expect_reducer_freed(comm, used);
    ptl__exchange_free(ring);
    EXPECT(ptl_comm_from_handle(&copy, bytes, &never_opened) == PTL_MPI); /* now MPI_COMM_NULL */
    ptl_comm_release(&comm);

    copy = dup_world(world, &bytes);
    EXPECT(ptl_comm_from_handle(&copy, bytes, &never_opened) == PTL_OK);
    EXPECT(comm_free(&copy) == 0);
    expect_freed(never_opened);
    ptl_comm_release(&never_opened);
    EXPECT(ptl_comm_barrier(world) == PTL_OK);
}

/* MPI ends under living objects: they fail, and can still be freed. */
static void test_finalized(ptl_comm *world)
{
    unsigned char out[1000] = {0}, in[1000];
    ptl__exchange *ring = make_ring(world, out, in);
    ptl__reducer *reducer = used_reducer(world);
    size_t bytes;
    handle copy = handle_of(world, &bytes);
    int (*finalize)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, "MPI_Finalize");
    EXPECT(finalize() == 0);
    expect_freed(world);
    EXPECT(ptl__exchange_start(ring) == PTL_MPI);
    ptl__exchange_free(ring);
    ptl__reducer_free(reducer);
    ptl_comm *none;
    EXPECT(ptl_comm_from_handle(&copy, bytes, &none) == PTL_MPI && !none);
    EXPECT(strstr(ptl_error_message(), "finalised") != NULL);
    EXPECT(ptl_comm_world(&none) == PTL_MPI && !none);
}

int main(void)
{
    ptl_comm *world;
    if (ptl_comm_world(&world) != PTL_OK) {
        fprintf(stderr, "no world: %s\n", ptl_error_message());
        return 1;
    }
    rank = ptl_comm_rank(world);
    size = ptl_comm_size(world);
    size_t bytes;
    int has_mpi = ptl_comm_handle(world, &bytes) != NULL;
    if (has_mpi) {
        test_world(world);
        test_handles(world);
    }
    test_agreement(world);
    test_nested_agreement(world);
    test_signatures(world);
    test_allreduce(world);
    test_raw(world);
    test_reducer(world, 0);
    test_reducer(world, 1);
    test_route(world);
    test_exchange(world);
    if (has_mpi) {
        test_release_in_another_thread(world);
        test_freed(world);
        test_finalized(world);
    }
    ptl_comm_release(&world);
    if (ptl__alloc_live() != 0) {
        failures++;
        fprintf(stderr, "rank %d: %lld blocks are left\n", rank, (long long)ptl__alloc_live());
    }
    if (rank == 0 && failures == 0)
        printf("test_comm_mpi: passed on %d ranks\n", size);
    return failures != 0;
}
