/* How values given at assembly reach the blocks of a matrix, once and again. */
#ifndef PTL_DISTRIBUTED_REFILL_H
#define PTL_DISTRIBUTED_REFILL_H

#include "matrix.h"
#include "owners.h"

/* A rank's entries are, in this order: those that arrive from the ranks before it, those given on
 * it, and those that arrive from the ranks after it. That is the order in which duplicates are
 * summed. */
struct ptl__refill {
    int64_t given;       /* values given on this rank */
    int routed;          /* 1 where values of any rank travel: the same on all ranks */
    ptl__groups leaving; /* the given ones that go to other ranks; empty where nothing travels */
    int64_t
        *arrivals; /* ranks + 1: offsets of what arrives, by source; NULL where nothing travels */
    ptl_itype itype;
    void *slots; /* see ptl__block_pair; NULL: entry k is the local block's entry k */
};

/* (L) */
ptl_status ptl__refill_new(int64_t given, ptl__refill **out) PTL_MUST_USE;
void ptl__refill_free(ptl__refill *refill); /* NULL is let through */

/* How many entries arrive from the ranks before `rank`, and from all. */
static inline int64_t ptl__refill_before(const ptl__refill *refill, int rank)
{
    return refill->routed ? refill->arrivals[rank] : 0;
}
static inline int64_t ptl__refill_arriving(const ptl__refill *refill, int ranks)
{
    return refill->routed ? refill->arrivals[ranks] : 0;
}

/* Memory that a refill needs beside A's: the sums where values are halves; the blocks' values where
 * A's memory is not the host's. */
typedef struct ptl__refill_room {
    float *sums;
    void *local, *ghost;
} ptl__refill_room;
/* (L) To be cleared, on failure too. */
ptl_status ptl__refill_room_init(const ptl_matrix *A, ptl__refill_room *room) PTL_MUST_USE;
void ptl__refill_room_clear(ptl__refill_room *room);
/* (L) Sets all values of A's blocks: `arrived` from other ranks, and those given here. Cannot fail
 * on the host. */
ptl_status ptl__refill_values(ptl_matrix *A, const void *arrived, const void *given,
                              const ptl__refill_room *room) PTL_MUST_USE;

/* (L) A matrix that was assembled from what the caller never saw has nothing to be updated. */
void ptl__matrix_forget_assembly(ptl_matrix *A);

#endif
