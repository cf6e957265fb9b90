/* The builder of a rank's two blocks, in host memory: from entries in any order, with duplicates,
 * to sorted rows, and from there to the matrix. */
#ifndef PTL_DISTRIBUTED_BLOCKS_H
#define PTL_DISTRIBUTED_BLOCKS_H

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

/* Both blocks on their way, in host memory: columns ascend within each row. `slots` is the plan by
 * which values reach them, then and again (see refill.h): per entry, k: the local block's entry k;
 * nnz + k: the ghost block's; -1: none's. */
typedef struct ptl__block_pair {
    ptl_itype itype;
    int64_t nnz; /* of the local block */
    void *indptr, *indices, *values;
    ptl__ghost_block ghost;
    void *slots;
} ptl__block_pair;

/* (L) From entries, whose memory is taken step by step (clear them all the same): all but the
 * values. To be ended by clear, on failure too. */
ptl_status ptl__block_pair_init(ptl__block_pair *blocks, ptl__entries *entries, int64_t local_rows,
                                const ptl_index_map *map) PTL_MUST_USE;
void ptl__block_pair_clear(ptl__block_pair *blocks);

/* (L) The boundary rows of a whole block of `rows` rows with this indptr, in host memory: sets
 * ghost's rows, row_ids and indptr. */
ptl_status ptl__find_boundary(const void *indptr, int64_t rows,
                              ptl__ghost_block *ghost) PTL_MUST_USE;

/* (L) Makes room for values that are to be filled in. */
ptl_status ptl__block_pair_reserve(ptl__block_pair *blocks, ptl_dtype dtype) PTL_MUST_USE;
/* (L) The arrays, but for slots, become the blocks of A, which is new and on the host. */
ptl_status ptl__block_pair_take(ptl__block_pair *blocks, ptl_matrix *A) PTL_MUST_USE;

#endif
