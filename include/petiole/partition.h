/* A partition divides the indices [0, size) into ranges, each owned by a part. A part numbers its
 * indices locally from 0, its ranges joined in global order. Every rank holds the whole partition.
 * Immutable. */
#ifndef PETIOLE_PARTITION_H
#define PETIOLE_PARTITION_H

#include <petiole/comm.h>
#include <petiole/export.h>
#include <petiole/status.h>
#include <petiole/types.h>

PTL_BEGIN_DECLS

typedef struct ptl_partition ptl_partition;

/* (L) Parts of equal size, the first size % num_parts of them one larger; part p owns range p.
 * PTL_INVALID if num_parts < 1 or size < 0. */
PTL_API ptl_status ptl_partition_uniform(int num_parts, int64_t size,
                                         ptl_partition **out) PTL_MUST_USE;

/* (L) Range i is [bounds[i], bounds[i + 1]) and belongs to part_ids[i] (NULL: to part i). bounds
 * has num_ranges + 1 entries; the first is 0 and none is smaller than the one before. num_parts is
 * the number of parts; 0 means one more than the largest part id (num_ranges if part_ids is NULL).
 * PTL_INVALID for wrong bounds or counts; PTL_INDEX for a part id out of range. */
PTL_API ptl_status ptl_partition_from_ranges(int64_t num_ranges, const int64_t *bounds,
                                             const int *part_ids, int num_parts,
                                             ptl_partition **out) PTL_MUST_USE;

/* (L) Index i belongs to part owner[i]. PTL_INDEX if an owner is outside [0, num_parts). */
PTL_API ptl_status ptl_partition_from_mapping(int64_t size, const int *owner, int num_parts,
                                              ptl_partition **out) PTL_MUST_USE;

/* (C) Each rank owns local_size indices, which follow those of the lower ranks. */
PTL_API ptl_status ptl_partition_from_local_size(ptl_comm *comm, int64_t local_size,
                                                 ptl_partition **out) PTL_MUST_USE;

/* (C) This rank owns [start, stop). Together the ranges of all ranks cover [0, size), in any order;
 * a range may be empty. PTL_INVALID for gaps and overlaps. */
PTL_API ptl_status ptl_partition_from_local_range(ptl_comm *comm, int64_t start, int64_t stop,
                                                  ptl_partition **out) PTL_MUST_USE;

/* (L) */
PTL_API int64_t ptl_partition_size(const ptl_partition *p);
PTL_API int ptl_partition_num_parts(const ptl_partition *p);
PTL_API int64_t ptl_partition_num_ranges(const ptl_partition *p);
PTL_API int ptl_partition_num_empty_parts(const ptl_partition *p);
/* (L) num_ranges + 1 bounds, and the part of each range; they live as long as p. Neighbouring
 * ranges of one part are joined and empty ranges left out, so equal partitions have equal bounds
 * and part ids. */
PTL_API const int64_t *ptl_partition_bounds(const ptl_partition *p);
PTL_API const int *ptl_partition_part_ids(const ptl_partition *p);
/* (L) The number of indices that a part owns; PTL_INDEX if part is outside [0, num_parts). */
PTL_API ptl_status ptl_partition_part_size(const ptl_partition *p, int part,
                                           int64_t *out) PTL_MUST_USE;
/* (L) The part that owns a global index; PTL_INDEX outside [0, size). */
PTL_API ptl_status ptl_partition_owner(const ptl_partition *p, int64_t index,
                                       int *out) PTL_MUST_USE;
/* (L) The owner of a global index and its local index there, and back; PTL_INDEX if an argument is
 * out of range. */
PTL_API ptl_status ptl_partition_to_local(const ptl_partition *p, int64_t index, int *out_part,
                                          int64_t *out_local) PTL_MUST_USE;
PTL_API ptl_status ptl_partition_to_global(const ptl_partition *p, int part, int64_t local,
                                           int64_t *out) PTL_MUST_USE;
/* (L) connected: 1 if every part owns at most one range. ordered: 1 if moreover the parts come in
 * ascending order. */
PTL_API int ptl_partition_has_connected_parts(const ptl_partition *p);
PTL_API int ptl_partition_has_ordered_parts(const ptl_partition *p);
/* (L) 1 if each part owns the same indices in both. Equal partitions have equal hashes. */
PTL_API int ptl_partition_equal(const ptl_partition *a, const ptl_partition *b);
PTL_API int64_t ptl_partition_hash(const ptl_partition *p);

PTL_API ptl_partition *ptl_partition_retain(ptl_partition *p);
PTL_API void ptl_partition_release(ptl_partition **p);

PTL_END_DECLS

#endif
