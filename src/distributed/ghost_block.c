/* The ghost block: its copies, its transpose, and the whole of it as a CSR matrix. */
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

/* The arrays that hold indices; returns how many. */
static int index_arrays(ptl__ghost_block *g, ptl__array out[3])
{
    const size_t size = ptl_itype_size(g->itype);
    out[0] = (ptl__array){&g->row_ids, g->rows, size};
    out[1] = (ptl__array){&g->indptr, g->rows ? g->rows + 1 : 0, size};
    out[2] = (ptl__array){&g->indices, g->nnz, size};
    return 3;
}

ptl_status ptl__ghost_block_hand_over(ptl_exec *exec, ptl_dtype dtype, ptl__ghost_block *ghost)
{
    ptl__array arrays[4];
    const int count = index_arrays(ghost, arrays);
    arrays[count] = (ptl__array){&ghost->values, ghost->nnz, ptl_dtype_size(dtype)};
    return ptl__from_host(exec, count + 1, arrays);
}

/* A copy of the indices in host memory; what was allocated is in *out, also on failure. */
static ptl_status read_indices(ptl_exec *exec, const ptl__ghost_block *ghost, ptl__ghost_block *out)
{
    const ptl_itype i = ghost->itype;
    *out =
        (ptl__ghost_block){.itype = i, .rows = ghost->rows, .cols = ghost->cols, .nnz = ghost->nnz};
    PTL_TRY(ptl__copy_indices(exec, i, i, ghost->rows, ghost->row_ids, &out->row_ids));
    PTL_TRY(ptl__copy_indices(exec, i, i, ghost->rows ? ghost->rows + 1 : 0, ghost->indptr,
                              &out->indptr));
    return ptl__copy_indices(exec, i, i, ghost->nnz, ghost->indices, &out->indices);
}

ptl_status ptl__ghost_block_read(ptl_exec *exec, const ptl__ghost_block *ghost, ptl_dtype dtype,
                                 ptl__ghost_block *out)
{
    PTL_TRY(read_indices(exec, ghost, out));
    return ptl__copy_values(exec, dtype, ghost->nnz, ghost->values, &out->values);
}

ptl_status ptl__ghost_block_copy(ptl_exec *exec, const ptl__ghost_block *ghost, ptl_dtype from,
                                 ptl_dtype to, ptl__ghost_block *out)
{
    ptl__ghost_block copy;
    ptl__array arrays[3];
    *out = (ptl__ghost_block){0};
    ptl_status status = read_indices(exec, ghost, &copy);
    if (status == PTL_OK)
        status = ptl__from_host(exec, index_arrays(&copy, arrays), arrays);
    if (status != PTL_OK) {
        ptl__ghost_block_clear(exec->host, &copy);
        return status;
    }
    *out = copy;
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
    ptl__ghost_block host;
    ptl_status status = read_indices(exec, ghost, &host);
    const ptl__places places = {each_entry, &host, local_rows, ghost->cols, ghost->nnz, ghost->nnz};
    if (status == PTL_OK)
        status = ptl__transposed_init(exec, &places, out);
    ptl__ghost_block_clear(exec->host, &host);
    return status;
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
    const int64_t rows = A->base.local_rows;
    ptl__ghost_block g;
    void *indptr = NULL;
    ptl_status status = ptl__ghost_block_read(exec, &A->ghost, A->base.dtype, &g);
    if (status == PTL_OK)
        status = ptl__alloc(rows + 1, ptl_itype_size(g.itype), &indptr);
    if (status == PTL_OK) {
        expand_indptr(&g, rows, indptr);
        const ptl_csr_arrays arrays = {rows,   g.cols,    A->base.dtype, g.itype,
                                       indptr, g.indices, g.values};
        g.indices = g.values = NULL;
        status = ptl__csr_take(exec, &arrays, out);
    }
    ptl__ghost_block_clear(exec->host, &g);
    return status;
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
