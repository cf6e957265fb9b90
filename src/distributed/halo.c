/* The halo. Ghosts are ordered by owner, so what each neighbour sends lands in one piece where the
 * ghost block reads it; what each neighbour needs is gathered into one piece before it leaves. */
#include "halo.h"

#include <assert.h>

#include "../base/vector.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../core/trace.h"
#include "../matrix/format.h"

/* The messages for one way, dtype and number of columns, and the rows that they carry. */
typedef struct lane {
    struct lane *next;
    ptl__halo_way way;
    ptl_dtype dtype;
    int64_t columns;
    void *owned, *ghosts; /* send_size and ghost_size x columns elements */
    /* The same for the messages: pinned host memory where the executor's is not the host's. */
    void *host_owned, *host_ghosts;
    ptl__exchange *exchange;
} lane;

struct ptl__halo {
    ptl_comm *comm;
    ptl_exec *exec;
    ptl_index_map *map;
    int64_t send_size;
    int64_t *send_offsets, *recv_offsets; /* per rank: into send_ids and into the ghosts */
    ptl_itype itype;
    void *send_ids; /* local indices of the rows that others need, by rank */
    lane *lanes;
};

static void free_pinned(ptl_exec *exec, void *block)
{
    if (block)
        exec->space->free_pinned(block);
}

static void lane_free(ptl_exec *exec, lane *l)
{
    ptl__exchange_free(l->exchange);
    if (exec->space) {
        free_pinned(exec, l->host_owned);
        free_pinned(exec, l->host_ghosts);
    }
    ptl__exec_free(exec, l->owned);
    ptl__exec_free(exec, l->ghosts);
    ptl__free(l);
}

void ptl__halo_free(ptl__halo *halo)
{
    if (!halo)
        return;
    for (lane *l = halo->lanes, *next; l; l = next) {
        next = l->next;
        lane_free(halo->exec, l);
    }
    ptl__exec_free(halo->exec, halo->send_ids);
    ptl__free(halo->send_offsets);
    ptl__free(halo->recv_offsets);
    ptl_index_map_release(&halo->map);
    ptl_exec_release(&halo->exec);
    ptl_comm_release(&halo->comm);
    ptl__free(halo);
}

/* (L) All but what the other ranks will ask for. */
static ptl_status halo_new(ptl_comm *comm, ptl_exec *exec, ptl_index_map *map, ptl__halo **out)
{
    PTL_TRY(PTL_NEW_ZERO(1, ptl__halo, out));
    ptl__halo *halo = *out;
    halo->comm = ptl_comm_retain(comm);
    halo->exec = ptl_exec_retain(exec);
    halo->map = ptl_index_map_retain(map);
    PTL_TRY(PTL_NEW_ZERO((int64_t)comm->size + 1, int64_t, &halo->send_offsets));
    PTL_TRY(PTL_NEW_ZERO((int64_t)comm->size + 1, int64_t, &halo->recv_offsets));
    const int *owners = ptl_index_map_owners(map);
    for (int64_t i = 0; i < ptl_index_map_ghost_size(map); i++)
        halo->recv_offsets[owners[i] + 1]++;
    for (int rank = 0; rank < comm->size; rank++)
        halo->recv_offsets[rank + 1] += halo->recv_offsets[rank];
    return PTL_OK;
}

/* (L) Keeps the asked global indices as local ones. */
static ptl_status keep_requests(ptl__halo *halo, int64_t *asked)
{
    halo->send_size = halo->send_offsets[halo->comm->size];
    halo->itype = ptl_index_map_local_size(halo->map) <= INT32_MAX ? PTL_I32 : PTL_I64;
    const size_t size = ptl_itype_size(halo->itype);
    void *ids;
    PTL_TRY(ptl_index_map_to_local(halo->map, halo->send_size, asked, PTL_LOCAL, asked));
    PTL_TRY(ptl__alloc(halo->send_size, size, &ids));
    for (int64_t i = 0; i < halo->send_size; i++)
        ptl__index_put(ids, halo->itype, i, asked[i]);
    const ptl__array array = {&ids, halo->send_size, size};
    ptl_status status = ptl__from_host(halo->exec, 1, &array);
    if (status == PTL_OK)
        halo->send_ids = ids;
    else
        ptl__free(ids);
    return status;
}

/* (C) */
static ptl_status ask_owners(ptl__halo *halo)
{
    int64_t *asked;
    PTL_TRY(ptl__comm_route(halo->comm, sizeof *asked, ptl_index_map_ghosts(halo->map),
                            halo->recv_offsets, (void **)&asked, halo->send_offsets));
    ptl_status status = keep_requests(halo, asked);
    ptl__free(asked);
    return ptl__agree(halo->comm, status, 0, "halo");
}

ptl_status ptl__halo_create(ptl_comm *comm, ptl_exec *exec, ptl_index_map *map, ptl__halo **out)
{
    *out = NULL;
    ptl__halo *halo = NULL;
    ptl_status status = ptl__agree(comm, halo_new(comm, exec, map, &halo), 0, "halo");
    int64_t most = ptl_index_map_ghost_size(map);
    if (status == PTL_OK)
        status = ptl__comm_allreduce(comm, &most, 1, PTL_MTYPE_INT64, PTL_REDUCE_MAX);
    if (status == PTL_OK && most > 0)
        status = ask_owners(halo);
    if (status == PTL_OK && most > 0)
        *out = halo;
    else
        ptl__halo_free(halo);
    return status;
}

static lane *find_lane(const ptl__halo *halo, ptl__halo_way way, const ptl_vector *x)
{
    lane *l = halo->lanes;
    while (l && (l->way != way || l->dtype != x->dtype || l->columns != x->columns))
        l = l->next;
    return l;
}

/* Adds the messages of one direction: one per rank that has a part of `data`. */
static int add_messages(const ptl__halo *halo, const int64_t *offsets, char *data, int64_t width,
                        int send, int count, ptl__message *messages)
{
    for (int rank = 0; rank < halo->comm->size; rank++)
        if (offsets[rank + 1] > offsets[rank])
            messages[count++] = (ptl__message){.peer = rank,
                                               .bytes = (offsets[rank + 1] - offsets[rank]) * width,
                                               .data = data + offsets[rank] * width,
                                               .send = send};
    return count;
}

static ptl_status connect(const ptl__halo *halo, lane *l)
{
    int64_t width = l->columns * (int64_t)ptl_dtype_size(l->dtype);
    const int back = l->way == PTL__TO_OWNERS;
    ptl__message *messages;
    PTL_TRY(PTL_NEW(2 * (int64_t)halo->comm->size, ptl__message, &messages));
    int count = add_messages(halo, halo->recv_offsets, l->host_ghosts, width, back, 0, messages);
    count = add_messages(halo, halo->send_offsets, l->host_owned, width, !back, count, messages);
    ptl_status status =
        count > 0 ? ptl__exchange_create(halo->comm, count, messages, &l->exchange) : PTL_OK;
    ptl__free(messages);
    return status;
}

/* Finds the memory that messages are sent from and arrive in. */
static ptl_status stage(ptl_exec *exec, lane *l, size_t owned, size_t ghosts)
{
    if (!exec->space) {
        l->host_owned = l->owned;
        l->host_ghosts = l->ghosts;
        return PTL_OK;
    }
    PTL_TRY(exec->space->alloc_pinned(owned, &l->host_owned));
    return exec->space->alloc_pinned(ghosts, &l->host_ghosts);
}

static ptl_status lane_fill(const ptl__halo *halo, const ptl_vector *x, lane *l)
{
    size_t size = ptl_dtype_size(x->dtype);
    int64_t rows = ptl_index_map_ghost_size(halo->map), owned, ghosts;
    l->dtype = x->dtype;
    l->columns = x->columns;
    PTL_CHECK(!__builtin_mul_overflow(halo->send_size, x->columns, &owned) &&
                  !__builtin_mul_overflow(rows, x->columns, &ghosts),
              PTL_NOMEM, "the halo of %lld columns exceeds the largest size",
              (long long)x->columns);
    PTL_TRY(ptl__exec_alloc(halo->exec, owned, size, &l->owned));
    PTL_TRY(ptl__exec_alloc(halo->exec, ghosts, size, &l->ghosts));
    PTL_TRY(stage(halo->exec, l, (size_t)owned * size, (size_t)ghosts * size));
    return connect(halo, l);
}

ptl_status ptl__halo_prepare(ptl__halo *halo, ptl__halo_way way, const ptl_vector *x)
{
    if (find_lane(halo, way, x))
        return PTL_OK;
    lane *l;
    PTL_TRY(PTL_NEW_ZERO(1, lane, &l));
    l->way = way;
    ptl_status status = lane_fill(halo, x, l);
    if (status != PTL_OK) {
        lane_free(halo->exec, l);
        return status;
    }
    l->next = halo->lanes;
    halo->lanes = l;
    return PTL_OK;
}

/* The lane that prepare has made. */
static lane *lane_of(const ptl__halo *halo, ptl__halo_way way, const ptl_vector *x)
{
    lane *l = find_lane(halo, way, x);
    assert(l && "prepare comes first");
    return l;
}

static ptl__block ghosts_of(const ptl__halo *halo, const lane *l)
{
    return (ptl__block){l->ghosts, ptl_index_map_ghost_size(halo->map), l->columns, l->columns};
}

static const ptl__index_kernels *kernels_of(const ptl__halo *halo, ptl_dtype dtype)
{
    return halo->exec->kernels->index[dtype][halo->itype];
}

/* An exchange begins or ends: what it is, and the bytes that this rank sends. */
static void tell(const ptl__halo *halo, const lane *l, ptl_trace_phase phase)
{
    const int there = l->way == PTL__TO_GHOSTS;
    const int64_t rows = there ? halo->send_size : ptl_index_map_ghost_size(halo->map);
    ptl__trace(PTL_TRACE_HALO, phase, there ? "to ghosts" : "to owners",
               rows * l->columns * (int64_t)ptl_dtype_size(l->dtype));
}

static int64_t owned_count(const ptl__halo *halo, const lane *l)
{
    return halo->send_size * l->columns;
}

static int64_t ghost_count(const ptl__halo *halo, const lane *l)
{
    return ptl_index_map_ghost_size(halo->map) * l->columns;
}

/* Starts the messages, once what they carry is where they are sent from. They are started whatever
 * that meets; the first failure of the two. */
static ptl_status start(const ptl__halo *halo, const lane *l)
{
    const size_t size = ptl_dtype_size(l->dtype);
    const ptl_status ready =
        l->way == PTL__TO_GHOSTS
            ? ptl__exec_read(halo->exec, owned_count(halo, l), size, l->owned, l->host_owned)
            : ptl__exec_read(halo->exec, ghost_count(halo, l), size, l->ghosts, l->host_ghosts);
    const ptl_status started = ptl__exchange_start(l->exchange);
    return ready != PTL_OK ? ready : started;
}

/* Waits for the messages, and hands over what they brought. */
static ptl_status finish(const ptl__halo *halo, const lane *l)
{
    const size_t size = ptl_dtype_size(l->dtype);
    ptl_status status = ptl__exchange_wait(l->exchange);
    tell(halo, l, PTL_TRACE_END);
    PTL_TRY(status);
    return l->way == PTL__TO_GHOSTS
               ? ptl__exec_write(halo->exec, ghost_count(halo, l), size, l->host_ghosts, l->ghosts)
               : ptl__exec_write(halo->exec, owned_count(halo, l), size, l->host_owned, l->owned);
}

ptl_status ptl__halo_start(ptl__halo *halo, const ptl_vector *x)
{
    const lane *l = lane_of(halo, PTL__TO_GHOSTS, x);
    if (!l->exchange)
        return PTL_OK;
    tell(halo, l, PTL_TRACE_BEGIN);
    ptl__block owned = {l->owned, halo->send_size, l->columns, l->columns};
    if (halo->send_size > 0)
        kernels_of(halo, x->dtype)
            ->gather(ptl__vector_run(x), halo->send_size, halo->send_ids, ptl__vector_block(x),
                     owned);
    return start(halo, l);
}

ptl_status ptl__halo_finish(ptl__halo *halo, const ptl_vector *x, ptl__block *ghosts)
{
    const lane *l = lane_of(halo, PTL__TO_GHOSTS, x);
    *ghosts = ghosts_of(halo, l);
    return l->exchange ? finish(halo, l) : PTL_OK;
}

ptl__block ptl__halo_parts(const ptl__halo *halo, const ptl_vector *x)
{
    return ghosts_of(halo, lane_of(halo, PTL__TO_OWNERS, x));
}

ptl_status ptl__halo_start_back(ptl__halo *halo, const ptl_vector *x)
{
    const lane *l = lane_of(halo, PTL__TO_OWNERS, x);
    if (!l->exchange)
        return PTL_OK;
    tell(halo, l, PTL_TRACE_BEGIN);
    return start(halo, l);
}

ptl_status ptl__halo_finish_back(ptl__halo *halo, const ptl_vector *x, ptl__block y)
{
    const lane *l = lane_of(halo, PTL__TO_OWNERS, x);
    if (!l->exchange)
        return PTL_OK;
    PTL_TRY(finish(halo, l));
    const size_t id = ptl_itype_size(halo->itype),
                 row = (size_t)l->columns * ptl_dtype_size(l->dtype);
    for (int rank = 0; rank < halo->comm->size; rank++) {
        const int64_t first = halo->send_offsets[rank],
                      count = halo->send_offsets[rank + 1] - first;
        const ptl__block part = {(char *)l->owned + (size_t)first * row, count, l->columns,
                                 l->columns};
        if (count > 0)
            kernels_of(halo, x->dtype)
                ->scatter_add(ptl__vector_run(x), count,
                              (const char *)halo->send_ids + (size_t)first * id, part, y);
    }
    return PTL_OK;
}
