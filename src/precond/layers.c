/* Layers: the first one are the ghosts of A; each further one are the columns of the last one's
 * rows, which are fetched from their owners. */
#include "layers.h"

#include "../algebra/fetch_rows.h"
#include "../base/operation.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"

typedef struct search {
    ptl__operand A;
    int64_t *names;     /* A's combined columns as global indices */
    ptl_index_map *map; /* of the layers found so far */
    int64_t count;      /* rows of the last one */
    int64_t *last;
} search;

/* (L) The ghosts of `wider` that the map so far does not have become the last layer. */
static ptl_status keep_fresh(search *s, const ptl_index_map *wider)
{
    const int64_t count = ptl_index_map_ghost_size(wider);
    const int64_t *ghosts = ptl_index_map_ghosts(wider);
    ptl__free(s->last);
    s->count = 0;
    PTL_TRY(PTL_NEW(count, int64_t, &s->last));
    PTL_TRY(ptl_index_map_to_local(s->map, count, ghosts, PTL_GHOST, s->last));
    for (int64_t i = 0; i < count; i++)
        if (s->last[i] < 0)
            s->last[s->count++] = ghosts[i];
    return PTL_OK;
}

/* (L) The columns of the last layer's rows join the map. */
static ptl_status widen(search *s, const ptl__rows *rows)
{
    const int64_t known = ptl_index_map_ghost_size(s->map), found = rows->indptr[rows->count];
    int64_t *all;
    ptl_index_map *wider;
    PTL_TRY(PTL_NEW(known + found, int64_t, &all));
    for (int64_t i = 0; i < known; i++)
        all[i] = ptl_index_map_ghosts(s->map)[i];
    for (int64_t i = 0; i < found; i++)
        all[known + i] = rows->cols[i];
    ptl_status status =
        ptl_index_map_create(s->A.rows, ptl_index_map_rank(s->map), known + found, all, &wider);
    ptl__free(all);
    PTL_TRY(status);
    status = keep_fresh(s, wider);
    ptl_index_map_release(&s->map);
    s->map = wider;
    return status;
}

/* (C) One layer more. Fails on all ranks or none. */
static ptl_status next_layer(search *s)
{
    ptl__rows rows;
    ptl_status status = ptl__fetch_rows(&s->A, PTL_OK, s->names, s->count, s->last, &rows);
    if (status == PTL_OK)
        status = ptl__agree(s->A.A->base.comm, widen(s, &rows), 0, "calls");
    ptl__rows_clear(&rows);
    return status;
}

/* (C) The most rows that a rank has in its last layer. */
static ptl_status largest(const search *s, int64_t *out)
{
    *out = s->count;
    return ptl__comm_allreduce(s->A.A->base.comm, out, 1, PTL_MTYPE_INT64, PTL_REDUCE_MAX);
}

/* (L) The first layer. */
static ptl_status start(search *s)
{
    const ptl_index_map *map = s->A.A->map;
    PTL_TRY(ptl__operand_names(&s->A, &s->names));
    PTL_TRY(ptl_index_map_create(s->A.rows, s->A.A->base.comm->rank, 0, NULL, &s->map));
    PTL_TRY(keep_fresh(s, map));
    ptl_index_map_release(&s->map);
    s->map = ptl_index_map_retain(s->A.A->map);
    return PTL_OK;
}

/* (C) */
static ptl_status find(search *s, int64_t layers)
{
    int64_t most;
    PTL_TRY(ptl__agree(s->A.A->base.comm, start(s), 0, "calls"));
    PTL_TRY(largest(s, &most));
    for (int64_t layer = 1; layer < layers && most > 0; layer++) {
        PTL_TRY(next_layer(s));
        PTL_TRY(largest(s, &most));
    }
    return PTL_OK;
}

ptl_status ptl__layers_find(ptl_matrix *A, int64_t layers, ptl_index_map **out)
{
    search s = {.names = NULL};
    *out = NULL;
    PTL_TRY(ptl__operands_open(1, &A, PTL_OK, ptl__sign(PTL__LAYERS, layers), &s.A));
    ptl_status status = find(&s, layers);
    if (status == PTL_OK)
        *out = ptl_index_map_retain(s.map);
    ptl_index_map_release(&s.map);
    ptl__free(s.names);
    ptl__free(s.last);
    ptl__operands_close(1, &s.A);
    return status;
}
