/* From entries in any order, with duplicates, to the patterns of a rank's two blocks. */
#ifndef PTL_DISTRIBUTED_PATTERN_H
#define PTL_DISTRIBUTED_PATTERN_H

#include "matrix.h"
#include "partition.h"

/* A rank's entries, numbered as they come. */
typedef struct ptl__entries {
    ptl_itype itype; /* of rows and cols: I32 where all numbers fit */
    int64_t count, room;
    void *rows; /* local rows; -1: an entry that is another rank's */
    void *cols; /* combined columns; -1 for a ghost until ptl__entries_number */
    int64_t num_ghosts, ghost_room;
    int64_t *ghosts;              /* global columns of the entries with column -1, in order */
    ptl__range range;             /* of the last column */
    const ptl_partition *columns; /* borrowed */
    int rank;
} ptl__entries;

/* (L) Room for `room` entries in local_rows rows. To be ended by clear, on failure too. */
ptl_status ptl__entries_init(ptl__entries *entries, int64_t room, int64_t local_rows,
                             const ptl_partition *columns, int rank) PTL_MUST_USE;
void ptl__entries_clear(ptl__entries *entries);

/* (L) Appends `count` entries: local rows (or -1), and global columns in range. */
ptl_status ptl__entries_add(ptl__entries *entries, int64_t count, const int64_t *rows,
                            const int64_t *cols) PTL_MUST_USE;
/* (L) Numbers the ghosts, once all is added, by the map that has them. */
ptl_status ptl__entries_number(ptl__entries *entries, const ptl_index_map *map) PTL_MUST_USE;

/* What entries become: the blocks but for their values, and where each entry's value goes. */
typedef struct ptl__pattern {
    int64_t nnz;            /* of the local block */
    void *indptr, *indices; /* of the local block, in the executor's memory */
    ptl__ghost_block ghost;
    void *
        slots; /* per entry: k: the local block's entry k; nnz + k: the ghost block's; -1: none's */
} ptl__pattern;

/* (L) Takes the entries' memory step by step (clear them all the same). Patterns have the entries'
 * itype; columns are sorted within each row. To be ended by clear, on failure too. */
ptl_status ptl__pattern_init(ptl__pattern *pattern, ptl__entries *entries, ptl_exec *exec,
                             int64_t local_rows, const ptl_index_map *map) PTL_MUST_USE;
void ptl__pattern_clear(ptl_exec *exec, ptl__pattern *pattern);

#endif
