/* A set of global columns: an open hash table over the list of them. */
#include "column_set.h"

#include "../core/memory.h"
#include "../core/status.h"

enum { SMALLEST = 64 };

/* Where a column is in the table, or the free place where it would be. */
static int64_t find(const ptl__column_set *set, int64_t column)
{
    uint64_t mask = 2 * (uint64_t)set->room - 1;
    uint64_t at = (uint64_t)column * 0x9e3779b97f4a7c15u;
    for (at = (at ^ at >> 29) & mask; set->table[at]; at = (at + 1) & mask)
        if (set->keys[set->table[at] - 1] == column)
            break;
    return (int64_t)at;
}

static ptl_status grow(ptl__column_set *set)
{
    int64_t room = set->room ? 2 * set->room : SMALLEST, *table;
    PTL_TRY(PTL_NEW_ZERO(2 * room, int64_t, &table));
    ptl_status status = set->keys
                            ? ptl__grow(set->count, room, sizeof *set->keys, (void **)&set->keys)
                            : PTL_NEW(room, int64_t, &set->keys);
    if (status != PTL_OK) {
        ptl__free(table);
        return status;
    }
    ptl__free(set->table);
    set->table = table;
    set->room = room;
    for (int64_t i = 0; i < set->count; i++)
        table[find(set, set->keys[i])] = i + 1;
    return PTL_OK;
}

ptl_status ptl__column_set_add(ptl__column_set *set, int64_t column, int64_t *out)
{
    if (set->count == set->room)
        PTL_TRY(grow(set));
    int64_t at = find(set, column);
    if (!set->table[at]) {
        set->keys[set->count++] = column;
        set->table[at] = set->count;
    }
    *out = set->table[at] - 1;
    return PTL_OK;
}

void ptl__column_set_clear(ptl__column_set *set)
{
    ptl__free(set->keys);
    ptl__free(set->table);
    *set = (ptl__column_set){0};
}
