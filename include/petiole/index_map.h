/* An index map: how one rank numbers the indices that it owns and those that it needs from other
 * ranks. The ghosts are global indices owned by other ranks, without duplicates, ordered by owner
 * and then by global index. Local indices are [0, local_size), ghost indices [0, ghost_size), and a
 * combined index is a local one or local_size + a ghost one. Immutable. */
#ifndef PETIOLE_INDEX_MAP_H
#define PETIOLE_INDEX_MAP_H

#include <petiole/export.h>
#include <petiole/partition.h>
#include <petiole/status.h>
#include <petiole/types.h>

PTL_BEGIN_DECLS

typedef struct ptl_index_map ptl_index_map;

typedef enum ptl_index_space { PTL_LOCAL, PTL_GHOST, PTL_COMBINED } ptl_index_space;

/* (L) `ghosts`: count global indices in any order, duplicates and owned indices allowed (owned ones
 * are dropped). The partition is retained. PTL_INDEX if rank is not a part, or an index is outside
 * [0, size): the message gives its position and value. */
PTL_API ptl_status ptl_index_map_create(ptl_partition *partition, int rank, int64_t count,
                                        const int64_t *ghosts, ptl_index_map **out) PTL_MUST_USE;

/* (L) */
PTL_API int64_t ptl_index_map_local_size(const ptl_index_map *map);
PTL_API int64_t ptl_index_map_ghost_size(const ptl_index_map *map);
PTL_API int ptl_index_map_rank(const ptl_index_map *map);
/* (L) Borrowed: lives as long as the map. */
PTL_API ptl_partition *ptl_index_map_partition(const ptl_index_map *map);
/* (L) The ghost_size global indices of the ghosts, and their owners; both arrays live as long as
 * the map. */
PTL_API const int64_t *ptl_index_map_ghosts(const ptl_index_map *map);
PTL_API const int *ptl_index_map_owners(const ptl_index_map *map);

/* (L) out[i] is the index of globals[i] in `space`, or -1 if globals[i] is not in that space. */
PTL_API ptl_status ptl_index_map_to_local(const ptl_index_map *map, int64_t count,
                                          const int64_t *globals, ptl_index_space space,
                                          int64_t *out) PTL_MUST_USE;
/* (L) out[i] is the global index of locals[i], an index in `space`, or -1 if it is out of range. */
PTL_API ptl_status ptl_index_map_to_global(const ptl_index_map *map, int64_t count,
                                           const int64_t *locals, ptl_index_space space,
                                           int64_t *out) PTL_MUST_USE;

PTL_API ptl_index_map *ptl_index_map_retain(ptl_index_map *map);
PTL_API void ptl_index_map_release(ptl_index_map **map);

PTL_END_DECLS

#endif
