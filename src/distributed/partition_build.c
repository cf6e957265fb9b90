/* The builders of partitions: every way in ends in `build`, which joins the ranges. */
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>

#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "partition_ranges.h"

/* Ranges as a builder was given them. part_ids NULL: range i belongs to part i. */
typedef struct ranges {
    int64_t count;
    const int64_t *bounds;
    const int *part_ids;
} ranges;

static int part_of(const ranges *given, int64_t range)
{
    return given->part_ids ? given->part_ids[range] : (int)range;
}

static void destroy(void *self)
{
    ptl_partition *p = self;
    ptl__free(p->bounds);
    ptl__free(p->part_ids);
    ptl__free(p->starts);
    ptl__free(p->part_sizes);
    ptl__free(p->part_offsets);
    ptl__free(p->part_ranges);
    ptl__free(p);
}

static ptl_status allocate(ptl_partition *p)
{
    PTL_TRY(PTL_NEW(p->num_ranges + 1, int64_t, &p->bounds));
    PTL_TRY(PTL_NEW(p->num_ranges, int, &p->part_ids));
    PTL_TRY(PTL_NEW(p->num_ranges, int64_t, &p->starts));
    PTL_TRY(PTL_NEW_ZERO(p->num_parts, int64_t, &p->part_sizes));
    PTL_TRY(PTL_NEW_ZERO((int64_t)p->num_parts + 1, int64_t, &p->part_offsets));
    return PTL_NEW(p->num_ranges, int64_t, &p->part_ranges);
}

/* Goes through the given ranges, leaves out the empty ones and joins neighbours of one part;
 * returns how many are left. With p, they are stored. */
static int64_t join(const ranges *given, ptl_partition *p)
{
    int64_t count = 0;
    int last = -1;
    for (int64_t i = 0; i < given->count; i++) {
        if (given->bounds[i] == given->bounds[i + 1])
            continue;
        int part = part_of(given, i);
        if (part != last) {
            if (p) {
                p->bounds[count] = given->bounds[i];
                p->part_ids[count] = part;
            }
            count++;
        }
        last = part;
    }
    return count;
}

/* Sizes, local numbering, and each part's ranges. */
static void number(ptl_partition *p)
{
    for (int64_t i = 0; i < p->num_ranges; i++) {
        int part = p->part_ids[i];
        p->starts[i] = p->part_sizes[part];
        p->part_sizes[part] += p->bounds[i + 1] - p->bounds[i];
        p->part_offsets[part + 1]++;
    }
    for (int part = 0; part < p->num_parts; part++) {
        p->num_empty_parts += p->part_sizes[part] == 0;
        p->part_offsets[part + 1] += p->part_offsets[part];
    }
    for (int64_t i = 0; i < p->num_ranges; i++)
        p->part_ranges[p->part_offsets[p->part_ids[i]]++] = i;
    for (int part = p->num_parts; part > 0; part--) /* back to where each part begins */
        p->part_offsets[part] = p->part_offsets[part - 1];
    p->part_offsets[0] = 0;
}

static int64_t hash(const ptl_partition *p)
{
    int64_t hash = ptl__sign(p->size, p->num_parts);
    for (int64_t i = 0; i < p->num_ranges; i++)
        hash = ptl__sign(ptl__sign(hash, p->bounds[i]), p->part_ids[i]);
    return hash;
}

/* From ranges that are known to be right. */
static ptl_status build(const ranges *given, int num_parts, ptl_partition **out)
{
    ptl_partition *p;
    PTL_TRY(PTL_NEW_ZERO(1, ptl_partition, &p));
    ptl__object_init(p, destroy);
    p->size = given->bounds[given->count];
    p->num_parts = num_parts;
    p->num_ranges = join(given, NULL);
    ptl_status status = allocate(p);
    if (status != PTL_OK) {
        destroy(p);
        return status;
    }
    join(given, p);
    p->bounds[p->num_ranges] = p->size;
    number(p);
    p->hash = hash(p);
    *out = p;
    return PTL_OK;
}

ptl_status ptl_partition_uniform(int num_parts, int64_t size, ptl_partition **out)
{
    *out = NULL;
    PTL_CHECK(num_parts >= 1, PTL_INVALID, "num_parts is %d, expected at least 1", num_parts);
    PTL_CHECK(size >= 0, PTL_INVALID, "size is %" PRId64 ", expected at least 0", size);
    int64_t *bounds, each = size / num_parts, larger = size % num_parts;
    PTL_TRY(PTL_NEW((int64_t)num_parts + 1, int64_t, &bounds));
    for (int part = 0; part <= num_parts; part++)
        bounds[part] = part * each + (part < larger ? part : larger);
    ptl_status status = build(&(ranges){num_parts, bounds, NULL}, num_parts, out);
    ptl__free(bounds);
    return status;
}

ptl_status ptl_partition_from_ranges(int64_t num_ranges, const int64_t *bounds, const int *part_ids,
                                     int num_parts, ptl_partition **out)
{
    *out = NULL;
    PTL_CHECK(num_ranges >= 0 && (part_ids || num_ranges <= INT_MAX), PTL_INVALID,
              "num_ranges is %" PRId64 ", expected at least 0%s", num_ranges,
              part_ids ? "" : " and at most the largest int");
    PTL_CHECK(num_parts >= 0, PTL_INVALID, "num_parts is %d, expected at least 0", num_parts);
    PTL_CHECK(bounds && bounds[0] == 0, PTL_INVALID, "bounds[0] is %" PRId64 ", expected 0",
              bounds ? bounds[0] : -1);
    const ranges given = {num_ranges, bounds, part_ids};
    int least = 0; /* that num_parts can be */
    for (int64_t i = 0; i < num_ranges; i++) {
        PTL_CHECK(bounds[i + 1] >= bounds[i], PTL_INVALID,
                  "bounds[%" PRId64 "] is %" PRId64 ", less than the %" PRId64 " before it", i + 1,
                  bounds[i + 1], bounds[i]);
        int part = part_of(&given, i);
        PTL_CHECK(part >= 0 && part < INT_MAX && (num_parts == 0 || part < num_parts), PTL_INDEX,
                  "part_ids[%" PRId64 "] is %d, outside [0, %d)", i, part,
                  num_parts ? num_parts : INT_MAX);
        least = part + 1 > least ? part + 1 : least;
    }
    PTL_CHECK(num_parts || least, PTL_INVALID,
              "there are neither ranges nor num_parts: expected at least one part");
    return build(&given, num_parts ? num_parts : least, out);
}

ptl_status ptl_partition_from_mapping(int64_t size, const int *owner, int num_parts,
                                      ptl_partition **out)
{
    *out = NULL;
    PTL_CHECK(size >= 0, PTL_INVALID, "size is %" PRId64 ", expected at least 0", size);
    PTL_CHECK(num_parts >= 1, PTL_INVALID, "num_parts is %d, expected at least 1", num_parts);
    PTL_CHECK(owner || size == 0, PTL_INVALID, "owner is NULL: expected %" PRId64 " parts", size);
    int64_t count = 0;
    for (int64_t i = 0; i < size; i++) {
        PTL_CHECK(owner[i] >= 0 && owner[i] < num_parts, PTL_INDEX,
                  "owner[%" PRId64 "] is %d, outside [0, %d)", i, owner[i], num_parts);
        count += i == 0 || owner[i] != owner[i - 1];
    }
    int64_t *bounds;
    int *parts = NULL;
    ptl_status status = PTL_NEW(count + 1, int64_t, &bounds);
    if (status == PTL_OK)
        status = PTL_NEW(count, int, &parts);
    if (status == PTL_OK) {
        int64_t range = 0;
        for (int64_t i = 0; i < size; i++)
            if (i == 0 || owner[i] != owner[i - 1]) {
                bounds[range] = i;
                parts[range++] = owner[i];
            }
        bounds[count] = size;
        status = build(&(ranges){count, bounds, parts}, num_parts, out);
    }
    ptl__free(bounds);
    ptl__free(parts);
    return status;
}

/* One rank's range, as every rank gets to know it. */
typedef struct span {
    int64_t start, stop;
    int rank;
} span;

static int by_start(const void *a, const void *b)
{
    const span *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return x->rank < y->rank ? -1 : x->rank > y->rank;
}

/* From the non-empty spans in order of start: PTL_INVALID where they do not cover [0, size). */
static ptl_status build_from_spans(int count, const span *spans, int num_parts, ptl_partition **out)
{
    int64_t *bounds;
    int *parts = NULL;
    ptl_status status = PTL_NEW((int64_t)count + 1, int64_t, &bounds);
    if (status == PTL_OK)
        status = PTL_NEW(count, int, &parts);
    int64_t reached = 0;
    for (int i = 0; i < count && status == PTL_OK; i++) {
        if (spans[i].start > reached)
            status = ptl_fail(PTL_INVALID, "no rank owns [%" PRId64 ", %" PRId64 ")", reached,
                              spans[i].start);
        else if (spans[i].start < reached)
            status = ptl_fail(PTL_INVALID, "ranks %d and %d both own index %" PRId64,
                              spans[i - 1].rank, spans[i].rank, spans[i].start);
        bounds[i] = spans[i].start;
        parts[i] = spans[i].rank;
        reached = spans[i].stop;
    }
    if (status == PTL_OK) {
        bounds[count] = reached;
        status = build(&(ranges){count, bounds, parts}, num_parts, out);
    }
    ptl__free(bounds);
    ptl__free(parts);
    return status;
}

/* Every rank's span, gathered; `status` is what this rank has found so far. */
static ptl_status gather_spans(ptl_comm *comm, ptl_status status, span mine, const char *what,
                               span **out)
{
    *out = NULL;
    if (status == PTL_OK)
        status = PTL_NEW(comm->size, span, out);
    status = ptl__agree(comm, status, 0, what);
    if (status == PTL_OK)
        status = ptl__comm_allgather(comm, &mine, sizeof mine, *out);
    if (status != PTL_OK) {
        ptl__free(*out);
        *out = NULL;
    }
    return status;
}

static ptl_status from_spans(ptl_comm *comm, span *spans, ptl_partition **out)
{
    int count = 0;
    for (int rank = 0; rank < comm->size; rank++)
        if (spans[rank].stop > spans[rank].start)
            spans[count++] = spans[rank];
    qsort(spans, (size_t)count, sizeof *spans, by_start);
    ptl_status status = build_from_spans(count, spans, comm->size, out);
    status = ptl__agree(comm, status, 0, "partition");
    if (status != PTL_OK)
        ptl_partition_release(out);
    return status;
}

/* Lengths become the spans that follow one another; the sum may pass the largest int64. */
static ptl_status stack_spans(int count, span *spans)
{
    int64_t reached = 0;
    for (int i = 0; i < count; i++) {
        int64_t length = spans[i].stop;
        spans[i].start = reached;
        PTL_CHECK(!__builtin_add_overflow(reached, length, &reached), PTL_INVALID,
                  "the local sizes sum to more than a global index can hold");
        spans[i].stop = reached;
    }
    return PTL_OK;
}

ptl_status ptl_partition_from_local_size(ptl_comm *comm, int64_t local_size, ptl_partition **out)
{
    *out = NULL;
    comm = ptl__comm_or_self(comm);
    ptl_status status = PTL_OK;
    if (local_size < 0)
        status =
            ptl_fail(PTL_INVALID, "local_size is %" PRId64 ", expected at least 0", local_size);
    span *spans;
    status = gather_spans(comm, status, (span){0, local_size, comm->rank}, "local_size", &spans);
    if (status == PTL_OK)
        status = stack_spans(comm->size, spans); /* the same on every rank */
    if (status == PTL_OK)
        status = from_spans(comm, spans, out);
    ptl__free(spans);
    ptl_comm_release(&comm);
    return status;
}

ptl_status ptl_partition_from_local_range(ptl_comm *comm, int64_t start, int64_t stop,
                                          ptl_partition **out)
{
    *out = NULL;
    comm = ptl__comm_or_self(comm);
    ptl_status status = PTL_OK;
    if (start < 0 || stop < start)
        status = ptl_fail(PTL_INVALID,
                          "the range is [%" PRId64 ", %" PRId64 "), expected 0 <= start <= stop",
                          start, stop);
    span *spans;
    status = gather_spans(comm, status, (span){start, stop, comm->rank}, "range", &spans);
    if (status == PTL_OK)
        status = from_spans(comm, spans, out);
    ptl__free(spans);
    ptl_comm_release(&comm);
    return status;
}
