/* Rows given on any rank, sorted by the rank that owns them. */
#include "owners.h"

#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"

static int owner_of(const ptl_partition *p, int64_t row, int64_t *range)
{
    return p->part_ids[ptl__partition_seek(p, row, range)];
}

ptl_status ptl__groups_init(ptl__groups *groups, const ptl_partition *p, int64_t count,
                            const int64_t *rows, int skip)
{
    *groups = (ptl__groups){NULL, NULL};
    PTL_TRY(PTL_NEW_ZERO((int64_t)p->num_parts + 1, int64_t, &groups->offsets));
    int64_t *offsets = groups->offsets, range = 0;
    for (int64_t i = 0; i < count; i++) {
        int owner = owner_of(p, rows[i], &range);
        offsets[owner + 1] += owner != skip;
    }
    for (int part = 0; part < p->num_parts; part++)
        offsets[part + 1] += offsets[part];
    PTL_TRY(PTL_NEW(offsets[p->num_parts], int64_t, &groups->positions));
    if (offsets[p->num_parts] == 0)
        return PTL_OK;
    for (int64_t i = 0; i < count; i++) {
        int owner = owner_of(p, rows[i], &range);
        if (owner != skip)
            groups->positions[offsets[owner]++] = i;
    }
    memmove(offsets + 1, offsets, (size_t)p->num_parts * sizeof *offsets);
    offsets[0] = 0;
    return PTL_OK;
}

void ptl__groups_clear(ptl__groups *groups)
{
    ptl__free(groups->offsets);
    ptl__free(groups->positions);
    *groups = (ptl__groups){NULL, NULL};
}

ptl_status ptl__groups_pack(const ptl__groups *groups, int parts, size_t size, const void *from,
                            void **out)
{
    int64_t count = groups->offsets[parts];
    PTL_TRY(ptl__alloc(count, size, out));
    for (int64_t i = 0; i < count; i++)
        memcpy((char *)*out + (size_t)i * size,
               (const char *)from + (size_t)groups->positions[i] * size, size);
    return PTL_OK;
}
