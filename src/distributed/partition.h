/* Partitions from the inside. */
#ifndef PTL_DISTRIBUTED_PARTITION_H
#define PTL_DISTRIBUTED_PARTITION_H

#include "../core/object.h"
#include <petiole/partition.h>

struct ptl_partition {
    ptl__object object;
    int64_t size, num_ranges;
    int64_t hash; /* of the ranges, made with them */
    int num_parts, num_empty_parts;
    int64_t *bounds;       /* num_ranges + 1 */
    int *part_ids;         /* num_ranges */
    int64_t *starts;       /* num_ranges: the range's first local index at its part */
    int64_t *part_sizes;   /* num_parts */
    int64_t *part_offsets; /* num_parts + 1: into part_ranges */
    int64_t *part_ranges;  /* num_ranges: each part's ranges, in global order */
};

/* The range that holds `index`, which is in [0, size). */
int64_t ptl__partition_find(const ptl_partition *p, int64_t index);

/* The same for a run of indices that mostly stay in one range: start with *range = 0. */
static inline int64_t ptl__partition_seek(const ptl_partition *p, int64_t index, int64_t *range)
{
    if (index < p->bounds[*range] || index >= p->bounds[*range + 1])
        *range = ptl__partition_find(p, index);
    return *range;
}

/* The global index of local index `local`, which `part` has. */
int64_t ptl__partition_global(const ptl_partition *p, int part, int64_t local);

/* The global indices that `part` owns, in local order: part_sizes[part] of them. */
void ptl__partition_globals(const ptl_partition *p, int part, int64_t *out);

/* Mixes a partition into a signature (see ptl__agree); NULL is let through. */
int64_t ptl__partition_sign(int64_t signature, const ptl_partition *p);

#endif
