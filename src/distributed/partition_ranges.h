/* What a partition is made of. Only partition*.c include this: all others ask partition.h. */
#ifndef PTL_DISTRIBUTED_PARTITION_RANGES_H
#define PTL_DISTRIBUTED_PARTITION_RANGES_H

#include "../core/object.h"
#include "partition.h"

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

#endif
