/* Index maps: a rank's ghosts in order, and the way between global, local and ghost indices. */
#include <petiole/index_map.h>

#include <inttypes.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/object.h"
#include "../core/status.h"
#include "partition.h"

struct ptl_index_map {
    ptl__object object;
    ptl_partition *partition;
    int rank;
    int64_t local_size, ghost_size;
    int64_t *ghosts; /* global indices, by owner and then ascending */
    int *owners;
};

PTL__OBJECT_FUNCTIONS(ptl_index_map)

static void destroy(void *self)
{
    ptl_index_map *map = self;
    ptl_partition_release(&map->partition);
    ptl__free(map->ghosts);
    ptl__free(map->owners);
    ptl__free(map);
}

/* Ascending order of keys in [0, limit), by digits of 11 bits, the lowest first. */
static ptl_status sort_keys(int64_t count, int64_t *keys, int64_t limit)
{
    enum { BITS = 11, DIGITS = 1 << BITS };
    int64_t *spare;
    PTL_TRY(PTL_NEW(count, int64_t, &spare));
    int64_t *from = keys, *to = spare;
    for (int shift = 0; shift < 64 && limit >> shift > 0; shift += BITS) {
        int64_t place[DIGITS + 1] = {0};
        for (int64_t i = 0; i < count; i++)
            place[(from[i] >> shift & (DIGITS - 1)) + 1]++;
        for (int digit = 0; digit < DIGITS; digit++)
            place[digit + 1] += place[digit];
        for (int64_t i = 0; i < count; i++)
            to[place[from[i] >> shift & (DIGITS - 1)]++] = from[i];
        int64_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != keys)
        memcpy(keys, from, (size_t)count * sizeof *keys);
    ptl__free(spare);
    return PTL_OK;
}

static int is_sorted(int64_t count, const int64_t *keys)
{
    for (int64_t i = 1; i < count; i++)
        if (keys[i] < keys[i - 1])
            return 0;
    return 1;
}

static int64_t unique(int64_t count, int64_t *keys)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < count; i++)
        if (i == 0 || keys[i] != keys[i - 1])
            keys[kept++] = keys[i];
    return kept;
}

/* The checked indices of other ranks, sorted and without duplicates. */
static ptl_status collect(const ptl_partition *p, int rank, int64_t count, const int64_t *given,
                          int64_t **out, int64_t *out_count)
{
    const int64_t size = ptl_partition_size(p);
    int64_t kept = 0, *keys;
    ptl__range range = {0};
    *out = NULL;
    for (int64_t i = 0; i < count; i++)
        PTL_CHECK(given[i] >= 0 && given[i] < size, PTL_INDEX,
                  "ghosts[%" PRId64 "] is %" PRId64 ", outside [0, %" PRId64 ")", i, given[i],
                  size);
    PTL_TRY(PTL_NEW(count, int64_t, &keys));
    for (int64_t i = 0; i < count; i++)
        if (ptl__partition_owner(p, given[i], &range) != rank)
            keys[kept++] = given[i];
    ptl_status status = is_sorted(kept, keys) ? PTL_OK : sort_keys(kept, keys, size);
    if (status != PTL_OK) {
        ptl__free(keys);
        return status;
    }
    *out_count = unique(kept, keys);
    *out = keys;
    return PTL_OK;
}

/* Moves the sorted keys into the map, owner by owner. place has num_parts + 1 zeros. */
static void order_by_owner(ptl_index_map *map, const int64_t *keys, int64_t *place)
{
    const ptl_partition *p = map->partition;
    const int parts = ptl_partition_num_parts(p);
    ptl__range range = {0};
    for (int64_t i = 0; i < map->ghost_size; i++)
        place[ptl__partition_owner(p, keys[i], &range) + 1]++;
    for (int part = 0; part < parts; part++)
        place[part + 1] += place[part];
    for (int64_t i = 0; i < map->ghost_size; i++) {
        int owner = ptl__partition_owner(p, keys[i], &range);
        map->owners[place[owner]] = owner;
        map->ghosts[place[owner]++] = keys[i];
    }
}

static ptl_status fill(ptl_index_map *map, const int64_t *keys)
{
    int64_t *place;
    PTL_TRY(PTL_NEW(map->ghost_size, int64_t, &map->ghosts));
    PTL_TRY(PTL_NEW(map->ghost_size, int, &map->owners));
    PTL_TRY(PTL_NEW_ZERO((int64_t)ptl_partition_num_parts(map->partition) + 1, int64_t, &place));
    order_by_owner(map, keys, place);
    ptl__free(place);
    return PTL_OK;
}

ptl_status ptl_index_map_create(ptl_partition *partition, int rank, int64_t count,
                                const int64_t *ghosts, ptl_index_map **out)
{
    *out = NULL;
    PTL_CHECK(partition, PTL_INVALID, "partition is NULL");
    PTL_CHECK(rank >= 0 && rank < ptl_partition_num_parts(partition), PTL_INDEX,
              "rank %d is outside [0, %d)", rank, ptl_partition_num_parts(partition));
    PTL_CHECK(count >= 0 && (ghosts || count == 0), PTL_INVALID,
              "count is %" PRId64 ", expected at least 0, with an array of ghosts", count);
    int64_t *keys, kept = 0;
    PTL_TRY(collect(partition, rank, count, ghosts, &keys, &kept));
    ptl_index_map *map;
    ptl_status status = PTL_NEW_ZERO(1, ptl_index_map, &map);
    if (status == PTL_OK) {
        ptl__object_init(map, destroy);
        map->partition = ptl_partition_retain(partition);
        map->rank = rank;
        map->local_size = ptl__partition_local_size(partition, rank);
        map->ghost_size = kept;
        status = fill(map, keys);
    }
    ptl__free(keys);
    if (status != PTL_OK)
        ptl_index_map_release(&map);
    *out = map;
    return status;
}

int64_t ptl_index_map_local_size(const ptl_index_map *map)
{
    return map->local_size;
}

int64_t ptl_index_map_ghost_size(const ptl_index_map *map)
{
    return map->ghost_size;
}

int ptl_index_map_rank(const ptl_index_map *map)
{
    return map->rank;
}

ptl_partition *ptl_index_map_partition(const ptl_index_map *map)
{
    return map->partition;
}

const int64_t *ptl_index_map_ghosts(const ptl_index_map *map)
{
    return map->ghosts;
}

const int *ptl_index_map_owners(const ptl_index_map *map)
{
    return map->owners;
}

/* The ghost index of a global index that `owner` owns, or -1. */
static int64_t find_ghost(const ptl_index_map *map, int owner, int64_t global)
{
    int64_t low = 0, high = map->ghost_size;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (map->owners[middle] < owner ||
            (map->owners[middle] == owner && map->ghosts[middle] < global))
            low = middle + 1;
        else
            high = middle;
    }
    return low < map->ghost_size && map->ghosts[low] == global ? low : -1;
}

static int64_t to_local(const ptl_index_map *map, int64_t global, ptl_index_space space,
                        ptl__range *range)
{
    if (global < 0 || global >= ptl_partition_size(map->partition))
        return -1;
    int owner = ptl__partition_owner(map->partition, global, range);
    if (owner == map->rank)
        return space == PTL_GHOST ? -1 : ptl__range_local(range, global);
    int64_t ghost = space == PTL_LOCAL ? -1 : find_ghost(map, owner, global);
    return ghost >= 0 && space == PTL_COMBINED ? map->local_size + ghost : ghost;
}

static ptl_status check_query(int64_t count, ptl_index_space space)
{
    PTL_CHECK(count >= 0, PTL_INVALID, "count is %" PRId64 ", expected at least 0", count);
    PTL_CHECK((unsigned)space <= PTL_COMBINED, PTL_INVALID, "unknown index space %d", (int)space);
    return PTL_OK;
}

ptl_status ptl_index_map_to_local(const ptl_index_map *map, int64_t count, const int64_t *globals,
                                  ptl_index_space space, int64_t *out)
{
    PTL_TRY(check_query(count, space));
    ptl__range range = {0};
    for (int64_t i = 0; i < count; i++)
        out[i] = to_local(map, globals[i], space, &range);
    return PTL_OK;
}

static int64_t to_global(const ptl_index_map *map, int64_t local, ptl_index_space space)
{
    if (space == PTL_COMBINED && local >= map->local_size)
        return to_global(map, local - map->local_size, PTL_GHOST);
    if (local < 0 || local >= (space == PTL_GHOST ? map->ghost_size : map->local_size))
        return -1;
    if (space == PTL_GHOST)
        return map->ghosts[local];
    return ptl__partition_global(map->partition, map->rank, local);
}

ptl_status ptl_index_map_to_global(const ptl_index_map *map, int64_t count, const int64_t *locals,
                                   ptl_index_space space, int64_t *out)
{
    PTL_TRY(check_query(count, space));
    for (int64_t i = 0; i < count; i++)
        out[i] = to_global(map, locals[i], space);
    return PTL_OK;
}
