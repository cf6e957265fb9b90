/* Rows given on any rank, sorted by the rank that owns them. */
#ifndef PTL_DISTRIBUTED_OWNERS_H
#define PTL_DISTRIBUTED_OWNERS_H

#include <stddef.h>

#include "partition.h"

/* Which of some given rows go where: positions[offsets[r] .. offsets[r + 1]) go to rank r, in the
 * order in which they were given. */
typedef struct ptl__groups {
    int64_t *offsets; /* parts + 1 */
    int64_t *positions;
} ptl__groups;

/* (L) rows are in [0, size); those of part `skip` are left out (-1: none). To be ended by clear, on
 * failure too. */
ptl_status ptl__groups_init(ptl__groups *groups, const ptl_partition *p, int64_t count,
                            const int64_t *rows, int skip) PTL_MUST_USE;
void ptl__groups_clear(ptl__groups *groups);

/* (L) Room for the grouped elements of `size` bytes, and those at `from` put there in order. */
ptl_status ptl__groups_pack(const ptl__groups *groups, int parts, size_t size, const void *from,
                            void **out) PTL_MUST_USE;

#endif
