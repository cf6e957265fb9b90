/* The owned rows of a matrix, from both of its blocks, a piece at a time. */
#include "rows.h"

#include <string.h>

#include "../algebra/operand.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../distributed/matrix_build.h"
#include "../distributed/row_sort.h"

ptl_status ptl__row_reader_begin(ptl_matrix *A, ptl__row_reader *r)
{
    *r = (ptl__row_reader){.rank = A->base.comm->rank};
    PTL_TRY(ptl__matrix_on_host(A, &r->A));
    PTL_TRY(ptl__matrix_local_csr(r->A, &r->csr));
    r->local = ptl_csr_get_arrays(r->csr);
    return PTL_OK;
}

ptl_status ptl__row_reader_place(ptl__row_reader *r)
{
    ptl_matrix *A = r->A;
    ptl_comm *comm = A->base.comm;
    if (A->partition) {
        r->partition = ptl_partition_retain(A->partition);
        r->col_partition = ptl_partition_retain(A->col_partition);
        return PTL_OK;
    }
    PTL_TRY(ptl_partition_from_local_size(comm, r->local.rows, &r->partition));
    return ptl_partition_from_local_size(comm, r->local.cols, &r->col_partition);
}

void ptl__row_reader_end(ptl__row_reader *r)
{
    ptl_csr_release(&r->csr);
    ptl_matrix_release(&r->A);
    ptl_partition_release(&r->partition);
    ptl_partition_release(&r->col_partition);
    ptl__free(r->lengths);
    ptl__free(r->rows);
    ptl__free(r->cols);
    ptl__free(r->values);
}

/* The first of the ghost block's stored rows that is not before `row`. */
static int64_t find_ghost(const ptl__ghost_block *g, int64_t row)
{
    int64_t low = 0, high = g->rows;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (ptl__index_at(g->row_ids, g->itype, middle) < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int64_t ghost_begin(const ptl__ghost_block *g, int64_t stored)
{
    return g->rows > 0 ? ptl__index_at(g->indptr, g->itype, stored) : 0;
}

void ptl__row_reader_seek(ptl__row_reader *r, int64_t row)
{
    r->next = row;
    r->next_ghost = find_ghost(&r->A->ghost, row);
}

int64_t ptl__row_reader_count(const ptl__row_reader *r, int64_t first, int64_t last)
{
    const ptl__ghost_block *g = &r->A->ghost;
    return ptl__index_at(r->local.indptr, r->local.itype, last) -
           ptl__index_at(r->local.indptr, r->local.itype, first) +
           ghost_begin(g, find_ghost(g, last)) - ghost_begin(g, find_ghost(g, first));
}

/* Where an entry's value is: number `pos` of the local block's, then of the ghost block's. */
static int64_t local_entries(const ptl__row_reader *r)
{
    return ptl__index_at(r->local.indptr, r->local.itype, r->local.rows);
}

static const char *value_at(const ptl__row_reader *r, int64_t pos, size_t size)
{
    const int64_t local = local_entries(r);
    return pos < local ? (const char *)r->local.values + (size_t)pos * size
                       : (const char *)r->A->ghost.values + (size_t)(pos - local) * size;
}

/* The entries of a local row; `ghost` is its number in the ghost block, or -1. */
static void collect(const ptl__row_reader *r, int64_t row, int64_t ghost, ptl__row_entry_i64 *out)
{
    const ptl_csr_arrays *l = &r->local;
    const ptl__ghost_block *g = &r->A->ghost;
    int64_t end = ptl__index_at(l->indptr, l->itype, row + 1);
    for (int64_t k = ptl__index_at(l->indptr, l->itype, row); k < end; k++) {
        int64_t col = ptl__index_at(l->indices, l->itype, k);
        *out++ = (ptl__row_entry_i64){ptl__partition_global(r->col_partition, r->rank, col), k};
    }
    if (ghost < 0)
        return;
    const int64_t *ghosts = ptl_index_map_ghosts(r->A->map);
    end = ghost_begin(g, ghost + 1);
    for (int64_t k = ghost_begin(g, ghost); k < end; k++)
        *out++ = (ptl__row_entry_i64){ghosts[ptl__index_at(g->indices, g->itype, k)],
                                      local_entries(r) + k};
}

/* Appends a row of `length` entries to the piece, by way of `places`. */
static void append(ptl__row_reader *r, int64_t row, int64_t ghost, int64_t length,
                   ptl__row_entry_i64 *places)
{
    size_t size = ptl_dtype_size(r->A->base.dtype);
    int64_t global = ptl__partition_global(r->partition, r->rank, row);
    collect(r, row, ghost, places);
    ptl__sort_row_i64(places, length);
    for (int64_t i = 0; i < length; i++) {
        const ptl__row_entry_i64 *p = &places[i];
        int64_t at = r->count + i;
        r->rows[at] = global;
        r->cols[at] = p->col;
        memcpy((char *)r->values + (size_t)at * size, value_at(r, p->pos, size), size);
    }
    r->lengths[row - r->first] = length;
    r->count += length;
}

/* The number of a local row in the ghost block, where `next` is the first that is not before it; -1
 * where the row has no ghost entry. */
static int64_t ghost_of(const ptl__row_reader *r, int64_t row, int64_t next)
{
    const ptl__ghost_block *g = &r->A->ghost;
    return next < g->rows && ptl__index_at(g->row_ids, g->itype, next) == row ? next : -1;
}

static int64_t length_of(const ptl__row_reader *r, int64_t row, int64_t ghost)
{
    const ptl__ghost_block *g = &r->A->ghost;
    int64_t local = ptl__index_at(r->local.indptr, r->local.itype, row + 1) -
                    ptl__index_at(r->local.indptr, r->local.itype, row);
    return ghost < 0 ? local : local + ghost_begin(g, ghost + 1) - ghost_begin(g, ghost);
}

/* Which rows are next: how many entries they have, and the longest of them. */
static int64_t choose(ptl__row_reader *r, int64_t limit, int64_t *last, int64_t *longest)
{
    int64_t count = 0, next = r->next_ghost, row = r->next;
    *longest = 0;
    for (; row < limit && row - r->next < PTL__ROW_PIECE; row++) {
        int64_t ghost = ghost_of(r, row, next), length = length_of(r, row, ghost);
        if (count > 0 && count + length > PTL__ROW_PIECE)
            break;
        next += ghost >= 0;
        count += length;
        *longest = length > *longest ? length : *longest;
    }
    *last = row;
    return count;
}

static ptl_status reserve(ptl__row_reader *r, int64_t rows, int64_t count)
{
    if (rows > r->row_room || !r->lengths) {
        ptl__free(r->lengths);
        r->row_room = 0;
        PTL_TRY(PTL_NEW(rows, int64_t, &r->lengths));
        r->row_room = rows;
    }
    if (count <= r->room && r->values)
        return PTL_OK;
    ptl__free(r->rows);
    ptl__free(r->cols);
    ptl__free(r->values);
    r->cols = NULL;
    r->values = NULL;
    r->room = 0;
    PTL_TRY(PTL_NEW(count, int64_t, &r->rows));
    PTL_TRY(PTL_NEW(count, int64_t, &r->cols));
    PTL_TRY(ptl__alloc(count, ptl_dtype_size(r->A->base.dtype), &r->values));
    r->room = count;
    return PTL_OK;
}

ptl_status ptl__row_reader_read(ptl__row_reader *r, int64_t limit)
{
    int64_t last, longest, count = choose(r, limit, &last, &longest);
    ptl__row_entry_i64 *places;
    r->first = r->next;
    r->count = 0;
    PTL_TRY(reserve(r, last - r->next, count));
    PTL_TRY(PTL_NEW(longest, ptl__row_entry_i64, &places));
    for (int64_t row = r->next; row < last; row++) {
        int64_t ghost = ghost_of(r, row, r->next_ghost);
        append(r, row, ghost, length_of(r, row, ghost), places);
        r->next_ghost += ghost >= 0;
    }
    ptl__free(places);
    r->next = last;
    return PTL_OK;
}
