/* The ghost block: its end, its transpose, and the whole of it as a CSR matrix. */
#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "../kernels/exec.h"
#include "../matrix/transposed.h"
#include "matrix.h"

void ptl__ghost_block_clear(ptl_exec *exec, ptl__ghost_block *ghost)
{
    ptl__exec_free(exec, ghost->row_ids);
    ptl__exec_free(exec, ghost->indptr);
    if (!ghost->borrowed) {
        ptl__exec_free(exec, ghost->indices);
        ptl__exec_free(exec, ghost->values);
    }
    *ghost = (ptl__ghost_block){0};
}

ptl_status ptl__ghost_block_copy(ptl_exec *exec, const ptl__ghost_block *ghost, ptl_dtype from,
                                 ptl_dtype to, ptl__ghost_block *out)
{
    const ptl_itype i = ghost->itype;
    *out =
        (ptl__ghost_block){.itype = i, .rows = ghost->rows, .cols = ghost->cols, .nnz = ghost->nnz};
    PTL_TRY(ptl__copy_indices(exec, i, i, ghost->rows, ghost->row_ids, &out->row_ids));
    PTL_TRY(ptl__copy_indices(exec, i, i, ghost->rows ? ghost->rows + 1 : 0, ghost->indptr,
                              &out->indptr));
    PTL_TRY(ptl__copy_indices(exec, i, i, ghost->nnz, ghost->indices, &out->indices));
    PTL_TRY(ptl__exec_alloc(exec, ghost->nnz, ptl_dtype_size(to), &out->values));
    exec->kernels->vector[from]->convert(ptl__exec_run(exec), to,
                                         (ptl__block){ghost->values, ghost->nnz, 1, 1},
                                         (ptl__block){out->values, ghost->nnz, 1, 1});
    return PTL_OK;
}

static void each_entry(const void *source, void (*visit)(void *ctx, ptl__place place), void *ctx)
{
    const ptl__ghost_block *g = source;
    int64_t k = 0;
    for (int64_t i = 0; i < g->rows; i++) {
        const int64_t row = ptl__index_at(g->row_ids, g->itype, i);
        for (int64_t end = ptl__index_at(g->indptr, g->itype, i + 1); k < end; k++)
            visit(ctx, (ptl__place){row, ptl__index_at(g->indices, g->itype, k), k});
    }
}

ptl_status ptl__ghost_block_transpose(ptl_exec *exec, const ptl__ghost_block *ghost,
                                      int64_t local_rows, ptl__transposed *out)
{
    const ptl__places places = {each_entry, ghost, local_rows, ghost->cols, ghost->nnz, ghost->nnz};
    return ptl__transposed_init(exec, &places, out);
}

/* The indptr of all local rows: those between boundary rows are empty. */
static void expand_indptr(const ptl__ghost_block *g, int64_t rows, void *indptr)
{
    int64_t stored = 0;
    for (int64_t r = 0; r <= rows; r++) {
        ptl__index_put(indptr, g->itype, r,
                       g->rows ? ptl__index_at(g->indptr, g->itype, stored) : 0);
        stored += r < rows && stored < g->rows && ptl__index_at(g->row_ids, g->itype, stored) == r;
    }
}

static ptl_status expand_ghost(const ptl_matrix *A, ptl_csr **out)
{
    ptl_exec *exec = A->base.exec;
    const ptl__ghost_block *g = &A->ghost;
    size_t index = ptl_itype_size(g->itype), size = ptl_dtype_size(A->base.dtype);
    void *indptr = NULL, *indices = NULL, *values = NULL;
    ptl_status status = ptl__exec_alloc(exec, A->base.local_rows + 1, index, &indptr);
    if (status == PTL_OK)
        status = ptl__exec_alloc(exec, g->nnz, index, &indices);
    if (status == PTL_OK)
        status = ptl__exec_alloc(exec, g->nnz, size, &values);
    if (status != PTL_OK) {
        ptl__exec_free(exec, indptr);
        ptl__exec_free(exec, indices);
        return status;
    }
    expand_indptr(g, A->base.local_rows, indptr);
    if (g->nnz > 0) {
        memcpy(indices, g->indices, (size_t)g->nnz * index);
        memcpy(values, g->values, (size_t)g->nnz * size);
    }
    const ptl_csr_arrays arrays = {
        A->base.local_rows, g->cols, A->base.dtype, g->itype, indptr, indices, values};
    return ptl__csr_take(exec, &arrays, out);
}

ptl_status ptl_matrix_ghost(ptl_matrix *A, ptl_csr **out)
{
    *out = NULL;
    if (A->map && !A->ghost_csr) {
        PTL_TRY(ptl__busy_begin(A, "matrix"));
        ptl_status status = A->ghost_csr ? PTL_OK : expand_ghost(A, &A->ghost_csr);
        ptl__busy_end(A);
        PTL_TRY(status);
    }
    *out = A->ghost_csr;
    return PTL_OK;
}
