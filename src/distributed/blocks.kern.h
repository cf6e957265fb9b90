/* The loops of blocks.c for one index type I. */

static void NAME(add)(ptl__entries *e, int64_t count, const int64_t *given_rows,
                      const int64_t *given_cols)
{
    const ptl_partition *p = e->columns;
    I *rows = (I *)e->rows + e->count, *cols = (I *)e->cols + e->count;
    ptl__range range = e->range;
    int64_t num_ghosts = e->num_ghosts;
    for (int64_t i = 0; i < count; i++) {
        rows[i] = (I)given_rows[i];
        cols[i] = 0;
        if (given_rows[i] < 0)
            continue;
        if (ptl__partition_owner(p, given_cols[i], &range) == e->rank) {
            cols[i] = (I)ptl__range_local(&range, given_cols[i]);
        } else {
            cols[i] = -1;
            e->ghosts[num_ghosts++] = given_cols[i];
        }
    }
    e->range = range;
    e->num_ghosts = num_ghosts;
    e->count += count;
}

static void NAME(number)(ptl__entries *e)
{
    I *cols = e->cols;
    int64_t ghost = 0;
    for (int64_t i = 0; i < e->count && ghost < e->num_ghosts; i++)
        if (cols[i] < 0)
            cols[i] = (I)e->ghosts[ghost++];
}

/* The entries row by row: row r's from start[r] to start[r + 1]. start has rows + 2 zeros. */
static void NAME(bucket)(const ptl__entries *e, int64_t rows, I *start,
                         NAME(ptl__row_entry) * places)
{
    const I *row = e->rows, *cols = e->cols;
    for (int64_t i = 0; i < e->count; i++)
        start[row[i] + 2] += row[i] >= 0;
    for (int64_t r = 0; r < rows; r++)
        start[r + 2] += start[r + 1];
    for (int64_t i = 0; i < e->count; i++)
        if (row[i] >= 0)
            places[start[row[i] + 1]++] = (NAME(ptl__row_entry)){cols[i], (I)i};
}

/* Sorts each row and counts its columns: the local block's into indptr; the ghost block's. */
static ptl_status NAME(count)(int64_t rows, int64_t local_cols, const I *start,
                              NAME(ptl__row_entry) * places, I *indptr, ptl__ghost_block *ghost)
{
    indptr[0] = 0;
    for (int64_t r = 0; r < rows; r++) {
        PTL_TRY(ptl__interrupt_at(r));
        NAME(ptl__row_entry) *row = places + start[r];
        int64_t length = start[r + 1] - start[r], local = 0, outside = 0;
        NAME(ptl__sort_row)(row, length);
        for (int64_t k = 0; k < length; k++)
            if (k == 0 || row[k].col != row[k - 1].col) {
                local += row[k].col < local_cols;
                outside += row[k].col >= local_cols;
            }
        indptr[r + 1] = indptr[r] + (I)local;
        ghost->rows += outside > 0;
        ghost->nnz += outside;
    }
    return PTL_OK;
}

/* Writes the columns of both blocks, and each entry's slot. */
static void NAME(write)(int64_t rows, int64_t local_cols, const I *start,
                        const NAME(ptl__row_entry) * places, ptl__block_pair *out)
{
    I *indices = out->indices, *slots = out->slots, *ghost_ids = out->ghost.row_ids;
    I *ghost_indptr = out->ghost.indptr, *ghost_indices = out->ghost.indices;
    int64_t local = -1, outside = -1, ghost_rows = 0;
    ghost_indptr[0] = 0;
    for (int64_t r = 0; r < rows; r++) {
        int64_t outside_before = outside;
        for (int64_t k = start[r]; k < start[r + 1]; k++) {
            int fresh = k == start[r] || places[k].col != places[k - 1].col;
            if (places[k].col < local_cols) {
                local += fresh;
                indices[local] = places[k].col;
                slots[places[k].pos] = (I)local;
            } else {
                outside += fresh;
                ghost_indices[outside] = (I)(places[k].col - local_cols);
                slots[places[k].pos] = (I)(out->nnz + outside);
            }
        }
        if (outside > outside_before) {
            ghost_ids[ghost_rows++] = (I)r;
            ghost_indptr[ghost_rows] = (I)(outside + 1);
        }
    }
}

static ptl_status NAME(allocate)(ptl__block_pair *out)
{
    ptl__ghost_block *ghost = &out->ghost;
    PTL_TRY(ptl__alloc(out->nnz, sizeof(I), &out->indices));
    PTL_TRY(ptl__alloc(ghost->rows, sizeof(I), &ghost->row_ids));
    PTL_TRY(ptl__alloc(ghost->rows + 1, sizeof(I), &ghost->indptr));
    return ptl__alloc(ghost->nnz, sizeof(I), &ghost->indices);
}

/* start and places are the caller's, to be freed. */
static ptl_status NAME(compress)(ptl__entries *e, int64_t rows, int64_t local_cols, void **start,
                                 void **places, ptl__block_pair *out)
{
    PTL_TRY(ptl__calloc(rows + 2, sizeof(I), start));
    PTL_TRY(ptl__alloc(e->count, sizeof(NAME(ptl__row_entry)), places));
    PTL_TRY(ptl__alloc(rows + 1, sizeof(I), &out->indptr));
    NAME(bucket)(e, rows, *start, *places);
    ptl__free(e->cols);
    e->cols = NULL;
    PTL_TRY(NAME(count)(rows, local_cols, *start, *places, out->indptr, &out->ghost));
    out->nnz = ((I *)out->indptr)[rows];
    PTL_TRY(NAME(allocate)(out));
    out->slots = e->rows; /* the rows are not needed any more */
    e->rows = NULL;
    NAME(write)(rows, local_cols, *start, *places, out);
    return PTL_OK;
}
