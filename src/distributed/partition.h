/* Partitions from the inside. Who owns an index and how its owner numbers it is asked here: what a
 * partition is made of is known to partition*.c alone. */
#ifndef PTL_DISTRIBUTED_PARTITION_H
#define PTL_DISTRIBUTED_PARTITION_H

#include <petiole/partition.h>

/* Indices in a row that one part owns. */
typedef struct ptl__range {
    int64_t number;     /* among all ranges, in global order */
    int64_t begin, end; /* global indices */
    int64_t start;      /* the local index of `begin` at its part */
    int part;
} ptl__range;

static inline int64_t ptl__range_size(const ptl__range *range)
{
    return range->end - range->begin;
}
/* The local index of one of its indices. */
static inline int64_t ptl__range_local(const ptl__range *range, int64_t index)
{
    return range->start + (index - range->begin);
}

/* The range that holds `index`, which is in [0, size). */
ptl__range ptl__partition_find(const ptl_partition *p, int64_t index);

/* The same for a run of indices that mostly stay in one range, or go on to the next: *at, which
 * begins as {0}, is the range of the last index. */
static inline void ptl__partition_seek(const ptl_partition *p, int64_t index, ptl__range *at)
{
    if (index < at->begin || index >= at->end)
        *at = ptl__partition_find(p, index);
}
/* Who owns `index`, and its local number there. */
static inline int ptl__partition_owner(const ptl_partition *p, int64_t index, ptl__range *at)
{
    ptl__partition_seek(p, index, at);
    return at->part;
}
static inline int64_t ptl__partition_local(const ptl_partition *p, int64_t index, ptl__range *at)
{
    ptl__partition_seek(p, index, at);
    return ptl__range_local(at, index);
}

/* Range `number` of all, in global order: ptl_partition_num_ranges of them. */
ptl__range ptl__partition_range(const ptl_partition *p, int64_t number);
/* The ranges of one part, in local order: how many, and number k of them. */
int64_t ptl__partition_count_own(const ptl_partition *p, int part);
ptl__range ptl__partition_own(const ptl_partition *p, int part, int64_t k);

/* How many indices `part`, which is one of p's, owns. */
int64_t ptl__partition_local_size(const ptl_partition *p, int part);

/* The global index of local index `local`, which `part` has. */
int64_t ptl__partition_global(const ptl_partition *p, int part, int64_t local);

/* The global indices that `part` owns, in local order: ptl__partition_local_size of them. */
void ptl__partition_globals(const ptl_partition *p, int part, int64_t *out);

/* Mixes a partition into a signature (see ptl__agree); NULL is allowed. */
int64_t ptl__partition_sign(int64_t signature, const ptl_partition *p);

#endif
