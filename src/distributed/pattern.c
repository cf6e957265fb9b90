/* From entries to patterns: a counting sort by rows, a sort of each row, then duplicates fall
 * together. Linear in the number of entries. */
#include "pattern.h"

#include "../core/interrupt.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../kernels/exec.h"
#include "partition.h"
#include "row_sort.h"

#define I int32_t
#define NAME(f) f##_i32
#include "pattern.kern.h"
#undef I
#undef NAME

#define I int64_t
#define NAME(f) f##_i64
#include "pattern.kern.h"
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

ptl_status ptl__pattern_init(ptl__pattern *pattern, ptl__entries *entries, ptl_exec *exec,
                             int64_t local_rows, const ptl_index_map *map)
{
    *pattern =
        (ptl__pattern){.ghost = {.itype = entries->itype, .cols = ptl_index_map_ghost_size(map)}};
    void *start = NULL, *places = NULL;
    ptl_status status = (entries->itype == PTL_I32 ? compress_i32 : compress_i64)(
        entries, exec, local_rows, ptl_index_map_local_size(map), &start, &places, pattern);
    ptl__free(start);
    ptl__free(places);
    return status;
}

void ptl__pattern_clear(ptl_exec *exec, ptl__pattern *pattern)
{
    ptl__exec_free(exec, pattern->indptr);
    ptl__exec_free(exec, pattern->indices);
    ptl__ghost_block_clear(exec, &pattern->ghost);
    ptl__free(pattern->slots);
    *pattern = (ptl__pattern){0};
}
