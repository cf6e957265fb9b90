/* Partitions: who owns an index, and how its owner numbers it. */
#include "partition_ranges.h"

#include <inttypes.h>
#include <string.h>

#include "../comm/comm.h"
#include "../core/status.h"

PTL__OBJECT_FUNCTIONS(ptl_partition)

int64_t ptl_partition_size(const ptl_partition *p)
{
    return p->size;
}

int ptl_partition_num_parts(const ptl_partition *p)
{
    return p->num_parts;
}

int64_t ptl_partition_num_ranges(const ptl_partition *p)
{
    return p->num_ranges;
}

int ptl_partition_num_empty_parts(const ptl_partition *p)
{
    return p->num_empty_parts;
}

const int64_t *ptl_partition_bounds(const ptl_partition *p)
{
    return p->bounds;
}

const int *ptl_partition_part_ids(const ptl_partition *p)
{
    return p->part_ids;
}

static ptl_status check_part(const ptl_partition *p, int part)
{
    PTL_CHECK(part >= 0 && part < p->num_parts, PTL_INDEX, "part %d is outside [0, %d)", part,
              p->num_parts);
    return PTL_OK;
}

static ptl_status check_index(const ptl_partition *p, int64_t index)
{
    PTL_CHECK(index >= 0 && index < p->size, PTL_INDEX,
              "index %" PRId64 " is outside [0, %" PRId64 ")", index, p->size);
    return PTL_OK;
}

ptl_status ptl_partition_part_size(const ptl_partition *p, int part, int64_t *out)
{
    *out = 0;
    PTL_TRY(check_part(p, part));
    *out = p->part_sizes[part];
    return PTL_OK;
}

ptl__range ptl__partition_range(const ptl_partition *p, int64_t number)
{
    return (ptl__range){.number = number,
                        .begin = p->bounds[number],
                        .end = p->bounds[number + 1],
                        .start = p->starts[number],
                        .part = p->part_ids[number]};
}

int64_t ptl__partition_count_own(const ptl_partition *p, int part)
{
    return p->part_offsets[part + 1] - p->part_offsets[part];
}

ptl__range ptl__partition_own(const ptl_partition *p, int part, int64_t k)
{
    return ptl__partition_range(p, p->part_ranges[p->part_offsets[part] + k]);
}

int64_t ptl__partition_local_size(const ptl_partition *p, int part)
{
    return p->part_sizes[part];
}

ptl__range ptl__partition_find(const ptl_partition *p, int64_t index)
{
    int64_t low = 0, high = p->num_ranges; /* bounds[low] <= index < bounds[high] */
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (p->bounds[middle] <= index)
            low = middle;
        else
            high = middle;
    }
    return ptl__partition_range(p, low);
}

ptl_status ptl_partition_owner(const ptl_partition *p, int64_t index, int *out)
{
    *out = 0;
    PTL_TRY(check_index(p, index));
    *out = ptl__partition_find(p, index).part;
    return PTL_OK;
}

ptl_status ptl_partition_to_local(const ptl_partition *p, int64_t index, int *out_part,
                                  int64_t *out_local)
{
    *out_part = 0;
    *out_local = 0;
    PTL_TRY(check_index(p, index));
    const ptl__range range = ptl__partition_find(p, index);
    *out_part = range.part;
    *out_local = ptl__range_local(&range, index);
    return PTL_OK;
}

int64_t ptl__partition_global(const ptl_partition *p, int part, int64_t local)
{
    const int64_t *ranges = p->part_ranges + p->part_offsets[part];
    int64_t low = 0, high = p->part_offsets[part + 1] - p->part_offsets[part];
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (p->starts[ranges[middle]] <= local)
            low = middle;
        else
            high = middle;
    }
    return p->bounds[ranges[low]] + (local - p->starts[ranges[low]]);
}

void ptl__partition_globals(const ptl_partition *p, int part, int64_t *out)
{
    for (int64_t k = p->part_offsets[part]; k < p->part_offsets[part + 1]; k++) {
        const int64_t range = p->part_ranges[k];
        for (int64_t i = p->bounds[range]; i < p->bounds[range + 1]; i++)
            *out++ = i;
    }
}

ptl_status ptl_partition_to_global(const ptl_partition *p, int part, int64_t local, int64_t *out)
{
    *out = 0;
    PTL_TRY(check_part(p, part));
    PTL_CHECK(local >= 0 && local < p->part_sizes[part], PTL_INDEX,
              "local index %" PRId64 " is outside [0, %" PRId64 ") of part %d", local,
              p->part_sizes[part], part);
    *out = ptl__partition_global(p, part, local);
    return PTL_OK;
}

int ptl_partition_has_connected_parts(const ptl_partition *p)
{
    return p->num_ranges == p->num_parts - p->num_empty_parts;
}

int ptl_partition_has_ordered_parts(const ptl_partition *p)
{
    for (int64_t i = 1; i < p->num_ranges; i++)
        if (p->part_ids[i] <= p->part_ids[i - 1])
            return 0;
    return 1;
}

int ptl_partition_equal(const ptl_partition *a, const ptl_partition *b)
{
    size_t ranges = (size_t)a->num_ranges;
    return a == b ||
           (a->size == b->size && a->num_parts == b->num_parts && a->num_ranges == b->num_ranges &&
            memcmp(a->bounds, b->bounds, (ranges + 1) * sizeof *a->bounds) == 0 &&
            memcmp(a->part_ids, b->part_ids, ranges * sizeof *a->part_ids) == 0);
}

int64_t ptl_partition_hash(const ptl_partition *p)
{
    return p->hash;
}

int64_t ptl__partition_sign(int64_t signature, const ptl_partition *p)
{
    return ptl__sign(signature, p ? p->hash : -1);
}
