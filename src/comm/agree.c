/* Agreement: all ranks go on, or all fail. Every collective call begins with the same reduction, a
 * sum of doubles that are integers (so they add up exactly, in whatever order), whichever call it
 * is: so ranks that make different calls learn that, too. Only where signatures differ, or a rank
 * has failed, do the ranks exchange more. */
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#include "../core/status.h"
#include "comm.h"

/* What is summed. A signature goes in parts, each with its square: the ranks' are equal where the
 * mean of the squares is the square of the mean. */
enum { PARTS = 4, PART_BITS = 16, EXACT_BITS = 53 };
typedef struct head {
    double failed; /* ranks */
    double clock;
    double parts[PARTS], squares[PARTS];
    double riders[PTL__RIDERS];
} head;
enum { HEAD = sizeof(head) / sizeof(double) };

int64_t ptl__sign(int64_t signature, int64_t value)
{
    uint64_t h = ((uint64_t)signature + 1) * 0x9e3779b97f4a7c15u ^ (uint64_t)value;
    h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
    h = (h ^ h >> 27) * 0x94d049bb133111ebu;
    return (int64_t)((h ^ h >> 31) & INT64_MAX);
}

/* Names the rank at fault; a rank that an earlier agreement on these ranks has found is kept. */
static void set_rank(ptl__error *error, const ptl_comm *comm, int rank)
{
    if (error->link != comm->link)
        error->rank = rank;
    error->link = comm->link;
}

/* (C) The cold path: rank `first` tells all others its failure. User code's own failure stays what
 * it is where it happened. */
static ptl_status share_failure(ptl_comm *comm, int first, ptl_status local)
{
    ptl__error shared = {0};
    if (comm->rank == first) {
        shared = *ptl__error_of(local);
        set_rank(&shared, comm, first);
    }
    PTL_TRY(ptl__comm_bcast(comm, &shared, sizeof shared, first));
    shared.link = comm->link;
    if (local == PTL_CALLBACK) {
        ptl__error *mine = ptl__error_of(local);
        mine->rank = shared.rank;
        mine->link = shared.link;
        return local;
    }
    if (shared.code == PTL_CALLBACK)
        shared.code = PTL_REMOTE;
    *ptl__last_error() = shared;
    return shared.code;
}

/* (C) The cold path where no rank has failed: the first rank that differs from rank 0 says so. */
static ptl_status report_difference(ptl_comm *comm, int64_t signature, const char *what)
{
    int64_t root = signature;
    PTL_TRY(ptl__comm_bcast(comm, &root, sizeof root, 0));
    ptl_status local = PTL_OK;
    if (signature != root)
        local = ptl_fail(PTL_DIMENSION, "ranks pass different %s: rank %d's is not rank 0's", what,
                         comm->rank);
    int64_t first = local == PTL_OK ? 0 : comm->size - comm->rank;
    PTL_TRY(ptl__comm_allreduce(comm, &first, 1, PTL_MTYPE_INT64, PTL_REDUCE_MAX));
    return share_failure(comm, comm->size - (int)first, local);
}

/* Bits of a part: as many as let the squares of all ranks' add up exactly. */
static int part_bits(int ranks)
{
    int bits = PART_BITS;
    while (ranks > INT64_C(1) << (EXACT_BITS - 2 * bits))
        bits--;
    return bits;
}

static void put_signature(head *h, int ranks, int64_t signature)
{
    const uint64_t mask = (UINT64_C(1) << part_bits(ranks)) - 1;
    for (int i = 0; i < PARTS; i++) {
        h->parts[i] = (double)((uint64_t)signature >> (i * PART_BITS) & mask);
        h->squares[i] = h->parts[i] * h->parts[i];
    }
}

static int signatures_equal(const head *h, int ranks)
{
    for (int i = 0; i < PARTS; i++) {
        const int64_t sum = (int64_t)h->parts[i], mean = sum / ranks;
        if (sum != mean * ranks || (int64_t)h->squares[i] != ranks * mean * mean)
            return 0;
    }
    return 1;
}

/* (C) The reduction: h becomes its sum. A rank's clock counts the agreements that it took part in,
 * of any communicator: so the sum of clocks is another one at each agreement. */
static ptl_status reduce(ptl_comm *comm, ptl_status local, int64_t signature, head *h)
{
    static atomic_llong clock;
    h->failed = local != PTL_OK;
    h->clock = (double)(1 + atomic_fetch_add_explicit(&clock, 1, memory_order_relaxed));
    put_signature(h, comm->size, signature);
    return ptl__comm_allreduce(comm, h, HEAD, PTL_MTYPE_DOUBLE, PTL_REDUCE_SUM);
}

/* (C) The cold path where a rank has failed. */
static ptl_status report_failure(ptl_comm *comm, ptl_status local)
{
    int64_t first = local == PTL_OK ? 0 : comm->size - comm->rank;
    PTL_TRY(ptl__comm_allreduce(comm, &first, 1, PTL_MTYPE_INT64, PTL_REDUCE_MAX));
    return share_failure(comm, comm->size - (int)first, local);
}

/* (C) With riders, where several ranks have something to agree on. */
static ptl_status agree(ptl_comm *comm, ptl_status local, int64_t signature, const char *what,
                        head *h)
{
    PTL_TRY(reduce(comm, local, signature, h));
    if (h->failed > 0)
        return report_failure(comm, local);
    if (!signatures_equal(h, comm->size))
        return report_difference(comm, signature, what);
    comm->agreed = ptl__sign(0, (int64_t)h->clock);
    return PTL_OK;
}

ptl_status ptl__agree_sum(ptl_comm *comm, ptl_status local, int64_t signature, const char *what,
                          int64_t count, double *numbers)
{
    PTL_TRY(ptl__comm_open(comm));
    if (comm->size == 1) {
        if (local != PTL_OK)
            set_rank(ptl__error_of(local), comm, 0);
        return local;
    }
    head h = {0};
    const int ride = count <= PTL__RIDERS && local == PTL_OK;
    const size_t bytes = ride ? (size_t)count * sizeof *numbers : 0;
    if (bytes)
        memcpy(h.riders, numbers, bytes);
    PTL_TRY(agree(comm, local, signature, what, &h));
    if (!ride)
        return ptl__comm_allreduce(comm, numbers, count, PTL_MTYPE_DOUBLE, PTL_REDUCE_SUM);
    if (bytes)
        memcpy(numbers, h.riders, bytes);
    return PTL_OK;
}

ptl_status ptl__agree(ptl_comm *comm, ptl_status local, int64_t signature, const char *what)
{
    return ptl__agree_sum(comm, local, signature, what, 0, NULL);
}

int64_t ptl__agreed(const ptl_comm *comm)
{
    return comm->agreed;
}

int64_t ptl__derived(int64_t number, int64_t operation)
{
    return number ? ptl__sign(number, operation) : 0;
}
