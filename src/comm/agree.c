/* Agreement: all ranks go on, or all fail. One reduction of three numbers tells whether any rank
 * has failed, the first one that has, and whether the signatures are equal; only where they are
 * not, or a rank has failed, do the ranks exchange more. */
#include <inttypes.h>

#include "../core/status.h"
#include "comm.h"

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

ptl_status ptl__agree(ptl_comm *comm, ptl_status local, int64_t signature, const char *what)
{
    ptl_status usable = ptl__comm_open(comm);
    if (usable != PTL_OK)
        return usable;
    if (comm->size == 1) {
        if (local != PTL_OK)
            set_rank(ptl__error_of(local), comm, 0);
        return local;
    }
    signature &= INT64_MAX;
    int64_t found[3] = {local == PTL_OK ? 0 : comm->size - comm->rank, signature, -signature};
    PTL_TRY(ptl__comm_allreduce(comm, found, 3, PTL_MTYPE_INT64, PTL_REDUCE_MAX));
    if (found[0] != 0)
        return share_failure(comm, comm->size - (int)found[0], local);
    if (found[1] != -found[2])
        return report_difference(comm, signature, what);
    return PTL_OK;
}
