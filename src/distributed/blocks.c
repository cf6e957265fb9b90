/* From entries to blocks: a counting sort by rows, a sort of each row, then duplicates fall
 * together. Linear in the number of entries. */
#include "blocks.h"

#include "../core/interrupt.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "partition.h"
#include "row_sort.h"

#define I int32_t
#define NAME(f) f##_i32
#include "blocks.kern.h"
#undef I
#undef NAME

#define I int64_t
#define NAME(f) f##_i64
#include "blocks.kern.h"
#undef I
#undef NAME

ptl_status ptl__entries_init(ptl__entries *entries, int64_t room, int64_t local_rows,
                             const ptl_partition *columns, int rank)
{
    int64_t local_cols = ptl__partition_local_size(columns, rank);
    int narrow = local_rows < INT32_MAX - 1 && local_cols < INT32_MAX &&
                 room <= INT32_MAX - 1 - local_cols; /* combined columns and slots fit, too */
    *entries = (ptl__entries){
        .itype = narrow ? PTL_I32 : PTL_I64, .room = room, .columns = columns, .rank = rank};
    PTL_TRY(ptl__alloc(room, ptl_itype_size(entries->itype), &entries->rows));
    return ptl__alloc(room, ptl_itype_size(entries->itype), &entries->cols);
}

void ptl__entries_clear(ptl__entries *entries)
{
    ptl__free(entries->rows);
    ptl__free(entries->cols);
    ptl__free(entries->ghosts);
    *entries = (ptl__entries){0};
}

ptl_status ptl__entries_add(ptl__entries *entries, int64_t count, const int64_t *rows,
                            const int64_t *cols)
{
    int64_t needed = entries->num_ghosts + count; /* at most */
    PTL_TRY(ptl__interrupt());
    if (needed > entries->ghost_room) {
        int64_t room = needed + needed / 2;
        PTL_TRY(ptl__grow(entries->num_ghosts, room, sizeof(int64_t), (void **)&entries->ghosts));
        entries->ghost_room = room;
    }
    (entries->itype == PTL_I32 ? add_i32 : add_i64)(entries, count, rows, cols);
    return PTL_OK;
}

ptl_status ptl__entries_number(ptl__entries *entries, const ptl_index_map *map)
{
    PTL_TRY(ptl_index_map_to_local(map, entries->num_ghosts, entries->ghosts, PTL_COMBINED,
                                   entries->ghosts));
    (entries->itype == PTL_I32 ? number_i32 : number_i64)(entries);
    ptl__free(entries->ghosts);
    entries->ghosts = NULL;
    return PTL_OK;
}

ptl_status ptl__block_pair_init(ptl__block_pair *blocks, ptl__entries *entries, int64_t local_rows,
                                const ptl_index_map *map)
{
    const ptl_itype itype = entries->itype;
    *blocks = (ptl__block_pair){.itype = itype,
                                .ghost = {.itype = itype, .cols = ptl_index_map_ghost_size(map)}};
    void *start = NULL, *places = NULL;
    ptl_status status = (itype == PTL_I32 ? compress_i32 : compress_i64)(
        entries, local_rows, ptl_index_map_local_size(map), &start, &places, blocks);
    ptl__free(start);
    ptl__free(places);
    return status;
}

void ptl__block_pair_clear(ptl__block_pair *blocks)
{
    const ptl__ghost_block *ghost = &blocks->ghost;
    void *const arrays[] = {blocks->indptr, blocks->indices, blocks->values, blocks->slots,
                            ghost->row_ids, ghost->indptr,   ghost->indices, ghost->values};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        ptl__free(arrays[i]);
    *blocks = (ptl__block_pair){0};
}

ptl_status ptl__find_boundary(const void *indptr, int64_t rows, ptl__ghost_block *ghost)
{
    const ptl_itype itype = ghost->itype;
    int64_t stored = 0, begin = 0, end;
    for (int64_t r = 0; r < rows; r++, begin = end) {
        end = ptl__index_at(indptr, itype, r + 1);
        stored += end > begin;
    }
    ghost->rows = stored;
    PTL_TRY(ptl__alloc(stored, ptl_itype_size(itype), &ghost->row_ids));
    PTL_TRY(ptl__alloc(stored + 1, ptl_itype_size(itype), &ghost->indptr));
    ptl__index_put(ghost->indptr, itype, 0, 0);
    stored = begin = 0;
    for (int64_t r = 0; r < rows; r++, begin = end) {
        end = ptl__index_at(indptr, itype, r + 1);
        if (end > begin) {
            ptl__index_put(ghost->row_ids, itype, stored++, r);
            ptl__index_put(ghost->indptr, itype, stored, end);
        }
    }
    return PTL_OK;
}

ptl_status ptl__block_pair_reserve(ptl__block_pair *blocks, ptl_dtype dtype)
{
    const size_t size = ptl_dtype_size(dtype);
    PTL_TRY(ptl__alloc(blocks->nnz, size, &blocks->values));
    return ptl__alloc(blocks->ghost.nnz, size, &blocks->ghost.values);
}

ptl_status ptl__block_pair_take(ptl__block_pair *b, ptl_matrix *A)
{
    const ptl_csr_arrays local = {A->base.local_rows, A->base.local_cols, A->base.dtype, b->itype,
                                  b->indptr,          b->indices,         b->values};
    A->ghost = b->ghost;
    b->ghost = (ptl__ghost_block){0};
    b->indptr = b->indices = b->values = NULL; /* taken on failure, too */
    PTL_TRY(ptl__csr_take(A->base.exec, &local, &A->local_csr));
    A->local = ptl_csr_linop(A->local_csr);
    return PTL_OK;
}
