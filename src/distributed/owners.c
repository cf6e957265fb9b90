/* Rows given on any rank, sorted by the rank that owns them. */
#include "owners.h"

#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"

ptl_status ptl__groups_init(ptl__groups *groups, const ptl_partition *p, int64_t count,
                            const int64_t *rows, int skip)
{
    *groups = (ptl__groups){NULL, NULL};
    const int parts = ptl_partition_num_parts(p);
    PTL_TRY(PTL_NEW_ZERO((int64_t)parts + 1, int64_t, &groups->offsets));
    int64_t *offsets = groups->offsets;
    ptl__range at = {0};
    for (int64_t i = 0; i < count; i++) {
        int owner = ptl__partition_owner(p, rows[i], &at);
        offsets[owner + 1] += owner != skip;
    }
    for (int part = 0; part < parts; part++)
        offsets[part + 1] += offsets[part];
    PTL_TRY(PTL_NEW(offsets[parts], int64_t, &groups->positions));
    if (offsets[parts] == 0)
        return PTL_OK;
    for (int64_t i = 0; i < count; i++) {
        int owner = ptl__partition_owner(p, rows[i], &at);
        if (owner != skip)
            groups->positions[offsets[owner]++] = i;
    }
    memmove(offsets + 1, offsets, (size_t)parts * sizeof *offsets);
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
