/* A partition: [0, size) in ranges, each owned by a part. A part's local numbering joins its ranges
 * in global order. Replicated: every rank holds the whole of it. Immutable. */
#ifndef PETIOLE_PARTITION_H
#define PETIOLE_PARTITION_H

#include <petiole/comm.h>
#include <petiole/export.h>
#include <petiole/status.h>
#include <petiole/types.h>

PTL_BEGIN_DECLS

typedef struct ptl_partition ptl_partition;

/* (L) Parts of equal size, the first size % num_parts of them one larger; part p owns range p.
 * PTL_INVALID where num_parts < 1 or size < 0. */
PTL_API ptl_status ptl_partition_uniform(int num_parts, int64_t size,
                                         ptl_partition **out) PTL_MUST_USE;

/* (L) Range i is [bounds[i], bounds[i + 1]) and belongs to part_ids[i] (NULL: to part i). bounds
 * has num_ranges + 1 entries, the first 0, never decreasing. num_parts is the number of parts, or 0
 * for one more than the largest part id (num_ranges without part_ids). PTL_INVALID or PTL_INDEX
 * otherwise. */
PTL_API ptl_status ptl_partition_from_ranges(int64_t num_ranges, const int64_t *bounds,
                                             const int *part_ids, int num_parts,
                                             ptl_partition **out) PTL_MUST_USE;

/* (L) Index i belongs to part owner[i]. PTL_INDEX where an owner is outside [0, num_parts). */
PTL_API ptl_status ptl_partition_from_mapping(int64_t size, const int *owner, int num_parts,
                                              ptl_partition **out) PTL_MUST_USE;

/* (C) Rank r owns the local_size indices after those of the ranks before it. */
PTL_API ptl_status ptl_partition_from_local_size(ptl_comm *comm, int64_t local_size,
                                                 ptl_partition **out) PTL_MUST_USE;

/* (C) This rank owns [start, stop). Over all ranks the ranges cover [0, size) in any order;
 * gaps and overlaps are PTL_INVALID, empty ranges are fine. */
PTL_API ptl_status ptl_partition_from_local_range(ptl_comm *comm, int64_t start, int64_t stop,
                                                  ptl_partition **out) PTL_MUST_USE;

/* (L) */
PTL_API int64_t ptl_partition_size(const ptl_partition *p);
PTL_API int ptl_partition_num_parts(const ptl_partition *p);
PTL_API int64_t ptl_partition_num_ranges(const ptl_partition *p);
PTL_API int ptl_partition_num_empty_parts(const ptl_partition *p);
/* (L) num_ranges + 1 bounds, and the part of each range; they live as long as p. Neighbouring
 * ranges of one part are joined and empty ranges left out, so equal partitions have equal ones. */
PTL_API const int64_t *ptl_partition_bounds(const ptl_partition *p);
PTL_API const int *ptl_partition_part_ids(const ptl_partition *p);
/* (L) PTL_INDEX outside [0, num_parts). */
PTL_API ptl_status ptl_partition_part_size(const ptl_partition *p, int part,
                                           int64_t *out) PTL_MUST_USE;
/* (L) The part that owns a global index; PTL_INDEX outside [0, size). */
PTL_API ptl_status ptl_partition_owner(const ptl_partition *p, int64_t index,
                                       int *out) PTL_MUST_USE;
/* (L) A global index as its owner numbers it, and back; PTL_INDEX out of range. */
PTL_API ptl_status ptl_partition_to_local(const ptl_partition *p, int64_t index, int *out_part,
                                          int64_t *out_local) PTL_MUST_USE;
PTL_API ptl_status ptl_partition_to_global(const ptl_partition *p, int part, int64_t local,
                                           int64_t *out) PTL_MUST_USE;
/* (L) 1 where every part owns at most one range; 1 where moreover the parts come in order. */
PTL_API int ptl_partition_has_connected_parts(const ptl_partition *p);
PTL_API int ptl_partition_has_ordered_parts(const ptl_partition *p);
/* (L) 1 where both own the same indices by the same parts; then they have the same hash, too. */
PTL_API int ptl_partition_equal(const ptl_partition *a, const ptl_partition *b);
PTL_API int64_t ptl_partition_hash(const ptl_partition *p);

PTL_API ptl_partition *ptl_partition_retain(ptl_partition *p);
PTL_API void ptl_partition_release(ptl_partition **p);

PTL_END_DECLS

#endif
