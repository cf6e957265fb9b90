/* Extended blocks: own rows from both blocks of the matrix, the overlap's from their owners. */
#include "extended_block.h"

#include <tgmath.h>

#include "../algebra/fetch_rows.h"
#include "../base/operation.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../distributed/local_block.h"

#define V float
#define NAME(f) f##_f32
#include "extended_block.kern.h"
#undef V
#undef NAME

#define V double
#define NAME(f) f##_f64
#include "extended_block.kern.h"
#undef V
#undef NAME

#define V float _Complex
#define NAME(f) f##_c64
#include "extended_block.kern.h"
#undef V
#undef NAME

#define V double _Complex
#define NAME(f) f##_c128
#include "extended_block.kern.h"
#undef V
#undef NAME

typedef int64_t row_function(const ptl__rows *from, int64_t i, int64_t row, int64_t size, int l1,
                             const ptl__rows *to, int64_t at);
static row_function *const keep_row[PTL_DTYPE_COUNT] = {
    [PTL_F32] = keep_row_f32,
    [PTL_F64] = keep_row_f64,
    [PTL_C64] = keep_row_c64,
    [PTL_C128] = keep_row_c128,
};

/* The rows that are put together; columns are the block's, or outside of it. */
typedef struct parts {
    ptl__rows own, fetched;
} parts;

/* (L) Room for all that there may be, an entry more for each row where diagonals may be missing. */
static ptl_status reserve(const parts *p, int l1, ptl__rows *block)
{
    const int64_t rows = p->own.count + p->fetched.count;
    const int64_t fetched = p->fetched.count > 0 ? p->fetched.indptr[p->fetched.count] : 0;
    *block = (ptl__rows){.count = rows, .dtype = p->own.dtype};
    PTL_TRY(PTL_NEW(rows + 1, int64_t, &block->indptr));
    block->indptr[rows] = p->own.indptr[p->own.count] + fetched + (l1 ? rows : 0);
    return ptl__rows_reserve(block);
}

/* (L) */
static ptl_status join(const parts *p, ptl_exec *exec, int l1, ptl_csr **out)
{
    ptl__rows block;
    ptl_csr *sorted = NULL;
    ptl_status status = reserve(p, l1, &block);
    int64_t at = 0;
    for (int64_t row = 0; status == PTL_OK && row < block.count; row++) {
        const int64_t beyond = row - p->own.count;
        block.indptr[row] = at;
        at = keep_row[block.dtype](beyond < 0 ? &p->own : &p->fetched, beyond < 0 ? row : beyond,
                                   row, block.count, l1, &block, at);
    }
    if (status == PTL_OK) {
        block.indptr[block.count] = at;
        status = ptl__rows_sorted(exec, &block, block.count, &sorted);
    }
    if (status == PTL_OK)
        status = ptl__csr_tidy(sorted, out);
    ptl_csr_release(&sorted);
    ptl__rows_clear(&block);
    return status;
}

/* (L) Own rows, their columns numbered as the block's; those of no other number are `outside`. */
static ptl_status take_own(const ptl__operand *A, const int64_t *numbers, parts *p)
{
    return ptl__operand_rows(A, numbers, A->A->base.local_rows, NULL, &p->own);
}

/* (L) The block's number of every combined column of A. */
static ptl_status number(const ptl__operand *A, const int64_t *names, const ptl_index_map *overlap,
                         int64_t **out)
{
    PTL_CHECK(ptl_partition_equal(ptl_index_map_partition(overlap), A->rows), PTL_INVALID,
              "A's partition is not that of the matrix from which the preconditioner was "
              "generated");
    PTL_TRY(PTL_NEW(A->combined, int64_t, out));
    PTL_TRY(ptl_index_map_to_local(overlap, A->combined, names, PTL_COMBINED, *out));
    for (int64_t i = 0; i < A->combined; i++)
        PTL_CHECK((*out)[i] >= 0, PTL_INVALID,
                  "column %lld of A has no entry on rank %d in the matrix from which the "
                  "preconditioner was generated: the patterns differ",
                  (long long)names[i], A->A->base.comm->rank);
    return PTL_OK;
}

/* (C) */
static ptl_status collect(const ptl__operand *A, const ptl_index_map *overlap, parts *p)
{
    int64_t *names = NULL, *numbers = NULL;
    ptl_status status = ptl__operand_names(A, &names);
    if (status == PTL_OK)
        status = number(A, names, overlap, &numbers);
    if (status == PTL_OK)
        status = take_own(A, numbers, p);
    status = ptl__fetch_rows(A, status, names, ptl_index_map_ghost_size(overlap),
                             ptl_index_map_ghosts(overlap), &p->fetched);
    if (status == PTL_OK)
        status = ptl_index_map_to_local(overlap, p->fetched.indptr[p->fetched.count],
                                        p->fetched.cols, PTL_COMBINED, p->fetched.cols);
    ptl__free(names);
    ptl__free(numbers);
    return status;
}

/* (C) */
static ptl_status with_overlap(ptl_matrix *A, const ptl_index_map *overlap, int l1, ptl_csr **out)
{
    ptl__operand operand;
    parts p = {0};
    PTL_TRY(ptl__operands_open(1, &A, PTL_OK, ptl__sign(PTL__EXTENDED_BLOCK, l1), &operand));
    ptl_status status = collect(&operand, overlap, &p);
    if (status == PTL_OK)
        status = join(&p, A->base.exec->host, l1, out);
    ptl__rows_clear(&p.own);
    ptl__rows_clear(&p.fetched);
    ptl__operands_close(1, &operand);
    return status;
}

/* (L) The local block of a matrix with ghosts, whose entries are added to the diagonal. */
static ptl_status with_l1(ptl_matrix *A, ptl_csr **out)
{
    ptl__operand operand;
    parts p = {0};
    int64_t *numbers = NULL;
    ptl_status status = ptl__operand_alone(A, &operand);
    if (status == PTL_OK)
        status = PTL_NEW(operand.combined, int64_t, &numbers);
    for (int64_t i = 0; status == PTL_OK && i < operand.combined; i++)
        numbers[i] = i; /* ghosts are outside */
    if (status == PTL_OK)
        status = take_own(&operand, numbers, &p);
    if (status == PTL_OK)
        status = join(&p, A->base.exec->host, 1, out);
    ptl__rows_clear(&p.own);
    ptl__free(numbers);
    ptl__operands_close(1, &operand);
    return status;
}

ptl_status ptl__extended_block(ptl_linop *A, const ptl_index_map *overlap, int l1, ptl_csr **out)
{
    ptl_matrix *matrix = ptl_linop_as_matrix(A);
    ptl__local_block block;
    *out = NULL;
    if (overlap)
        return with_overlap(matrix, overlap, l1, out);
    if (l1 && matrix && matrix->map && ptl_index_map_ghost_size(matrix->map) > 0)
        return with_l1(matrix, out);
    ptl_status status = ptl__local_block_open(A, "Schwarz", &block);
    if (status == PTL_OK)
        *out = ptl_csr_retain(block.A);
    ptl__local_block_close(&block);
    return status;
}
