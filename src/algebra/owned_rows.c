/* A matrix's own rows, put together from both blocks. */
#include "owned_rows.h"

#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "../distributed/refill.h"
#include "../distributed/row_sort.h"
#include "../kernels/exec.h"

ptl_status ptl__rows_reserve(ptl__rows *rows)
{
    PTL_TRY(PTL_NEW(rows->indptr[rows->count], int64_t, &rows->cols));
    return ptl__alloc(rows->indptr[rows->count], ptl_dtype_size(rows->dtype), &rows->values);
}

void ptl__rows_clear(ptl__rows *rows)
{
    ptl__free(rows->indptr);
    ptl__free(rows->cols);
    ptl__free(rows->values);
    *rows = (ptl__rows){0};
}

/* One block, and what its columns are called. */
typedef struct block {
    ptl_itype itype;
    const void *indptr, *indices;
    const char *values;
    const int64_t *names;
} block;

/* Both blocks. ghost_row: the first stored row of the ghost block that is not before the row that
 * was last asked for. */
typedef struct source {
    block local, ghost;
    const void *ghost_ids;
    int64_t ghost_rows, ghost_row, last;
    size_t size; /* of a value */
} source;

static source source_of(const ptl__operand *operand, const int64_t *names)
{
    const ptl_csr_arrays local = ptl_csr_get_arrays(operand->local);
    const ptl__ghost_block *ghost = &operand->A->ghost;
    return (source){
        .local = {local.itype, local.indptr, local.indices, local.values, names},
        .ghost = {ghost->itype, ghost->indptr, ghost->indices, ghost->values, names + local.cols},
        .ghost_ids = ghost->row_ids,
        .ghost_rows = ghost->rows,
        .size = ptl_dtype_size(local.dtype),
    };
}

/* The stored row of the ghost block that is local row `row`, or -1. Rows that ascend cost one
 * step each. */
static int64_t find_ghost_row(source *s, int64_t row)
{
    if (row < s->last)
        s->ghost_row = 0;
    s->last = row;
    int64_t high = s->ghost_rows;
    for (int64_t step = 1; s->ghost_row + step < high; step *= 2)
        if (ptl__index_at(s->ghost_ids, s->ghost.itype, s->ghost_row + step) >= row)
            high = s->ghost_row + step + 1;
    while (s->ghost_row < high) {
        const int64_t middle = s->ghost_row + (high - s->ghost_row) / 2;
        if (ptl__index_at(s->ghost_ids, s->ghost.itype, middle) < row)
            s->ghost_row = middle + 1;
        else
            high = middle;
    }
    return s->ghost_row < s->ghost_rows &&
                   ptl__index_at(s->ghost_ids, s->ghost.itype, s->ghost_row) == row
               ? s->ghost_row
               : -1;
}

/* The values of a stored row's `taken` entries whose columns have names. */
static void take_values(const block *b, int64_t begin, int64_t end, int64_t taken, size_t size,
                        char *values)
{
    if (taken == end - begin) {
        memcpy(values, b->values + (size_t)begin * size, (size_t)taken * size);
        return;
    }
    for (int64_t k = begin; k < end; k++)
        if (b->names[ptl__index_at(b->indices, b->itype, k)] >= 0) {
            memcpy(values, b->values + (size_t)k * size, size);
            values += size;
        }
}

/* Copies a stored row's entries, or counts them only (cols NULL). */
static int64_t take_entries(const block *b, int64_t row, size_t size, int64_t *cols, char *values)
{
    const int64_t begin = ptl__index_at(b->indptr, b->itype, row);
    const int64_t end = ptl__index_at(b->indptr, b->itype, row + 1);
    int64_t taken = 0;
    for (int64_t k = begin; k < end; k++) {
        const int64_t name = b->names[ptl__index_at(b->indices, b->itype, k)];
        if (name >= 0 && cols)
            cols[taken] = name;
        taken += name >= 0;
    }
    if (cols && taken > 0)
        take_values(b, begin, end, taken, size, values);
    return taken;
}

static int64_t take_row(source *s, int64_t row, int64_t *cols, char *values)
{
    const int64_t ghost_row = find_ghost_row(s, row);
    int64_t taken = take_entries(&s->local, row, s->size, cols, values);
    if (ghost_row >= 0)
        taken += take_entries(&s->ghost, ghost_row, s->size, cols ? cols + taken : NULL,
                              cols ? values + (size_t)taken * s->size : NULL);
    return taken;
}

ptl_status ptl__operand_rows(const ptl__operand *operand, const int64_t *names, int64_t count,
                             const int64_t *locals, ptl__rows *out)
{
    source s = source_of(operand, names);
    *out = (ptl__rows){.count = count, .dtype = operand->A->base.dtype};
    PTL_TRY(PTL_NEW(count + 1, int64_t, &out->indptr));
    out->indptr[0] = 0;
    for (int64_t i = 0; i < count; i++)
        out->indptr[i + 1] = out->indptr[i] + take_row(&s, locals ? locals[i] : i, NULL, NULL);
    PTL_TRY(ptl__rows_reserve(out));
    for (int64_t i = 0; i < count; i++)
        take_row(&s, locals ? locals[i] : i, out->cols + out->indptr[i],
                 (char *)out->values + (size_t)out->indptr[i] * s.size);
    return PTL_OK;
}

/* ---- as a CSR matrix of its own, sorted --------------------------------------------------------
 */

/* The places of row i in ascending order of columns. */
static void order_row(const ptl__rows *rows, int64_t i, ptl__row_entry_i64 *places)
{
    const int64_t begin = rows->indptr[i], length = rows->indptr[i + 1] - begin;
    for (int64_t k = 0; k < length; k++)
        places[k] = (ptl__row_entry_i64){rows->cols[begin + k], begin + k};
    ptl__sort_row_i64(places, length);
}

/* Into arrays that have room. */
static void write_sorted(const ptl__rows *rows, ptl__row_entry_i64 *places,
                         const ptl_csr_arrays *to)
{
    const size_t size = ptl_dtype_size(rows->dtype);
    for (int64_t i = 0, k = 0; i <= rows->count; i++) {
        ptl__index_put((void *)to->indptr, to->itype, i, k);
        if (i == rows->count)
            break;
        order_row(rows, i, places);
        for (const ptl__row_entry_i64 *p = places; k < rows->indptr[i + 1]; k++, p++) {
            ptl__index_put((void *)to->indices, to->itype, k, p->col);
            memcpy((char *)to->values + (size_t)k * size,
                   (const char *)rows->values + (size_t)p->pos * size, size);
        }
    }
}

static int64_t longest(const ptl__rows *rows)
{
    int64_t most = 0;
    for (int64_t i = 0; i < rows->count; i++)
        if (rows->indptr[i + 1] - rows->indptr[i] > most)
            most = rows->indptr[i + 1] - rows->indptr[i];
    return most;
}

ptl_status ptl__rows_sorted(ptl_exec *exec, const ptl__rows *rows, int64_t cols, ptl_csr **out)
{
    *out = NULL;
    const int64_t nnz = rows->indptr[rows->count];
    ptl_csr_arrays to = {.rows = rows->count, .cols = cols, .dtype = rows->dtype};
    to.itype =
        cols <= INT32_MAX && rows->count <= INT32_MAX && nnz <= INT32_MAX ? PTL_I32 : PTL_I64;
    const size_t index = ptl_itype_size(to.itype);
    void *indptr = NULL, *indices = NULL, *values = NULL;
    ptl__row_entry_i64 *places = NULL;
    ptl_status status = ptl__alloc(rows->count + 1, index, &indptr);
    if (status == PTL_OK)
        status = ptl__alloc(nnz, index, &indices);
    if (status == PTL_OK)
        status = ptl__alloc(nnz, ptl_dtype_size(rows->dtype), &values);
    if (status == PTL_OK)
        status = PTL_NEW(longest(rows), ptl__row_entry_i64, &places);
    to.indptr = indptr;
    to.indices = indices;
    to.values = values;
    if (status == PTL_OK) {
        write_sorted(rows, places, &to);
        status = ptl__csr_take(exec, &to, out);
    } else {
        ptl__free(indptr);
        ptl__free(indices);
        ptl__free(values);
    }
    ptl__free(places);
    return status;
}

/* ---- as a distributed matrix -------------------------------------------------------------------
 */

ptl_status ptl__rows_assemble(const ptl_matrix_layout *layout, const ptl__rows *rows,
                              ptl_matrix **out)
{
    const ptl_csr_arrays arrays = {rows->count,  ptl_partition_size(layout->col_partition),
                                   rows->dtype,  PTL_I64,
                                   rows->indptr, rows->cols,
                                   rows->values};
    PTL_TRY(ptl_matrix_from_csr(layout, &arrays, out));
    ptl__matrix_forget_assembly(*out);
    return PTL_OK;
}

ptl_status ptl_matrix_owned_rows(ptl_matrix *A, ptl_csr **out)
{
    *out = NULL;
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    ptl__operand operand;
    ptl__rows rows = {0};
    int64_t *names = NULL;
    ptl_status status = ptl__operand_alone(A, &operand);
    if (status == PTL_OK)
        status = ptl__operand_names(&operand, &names);
    if (status == PTL_OK)
        status = ptl__operand_rows(&operand, names, A->base.local_rows, NULL, &rows);
    if (status == PTL_OK)
        status = ptl__rows_sorted(A->base.exec, &rows, A->base.cols, out);
    ptl__rows_clear(&rows);
    ptl__free(names);
    ptl__operands_close(1, &operand);
    return status;
}
