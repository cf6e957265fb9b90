/* Local blocks, as CSR whatever they are stored in. */
#include "local_block.h"

#include "../core/status.h"
#include "../matrix/csr.h"
#include "matrix.h"

ptl_status ptl__matrix_local_csr(ptl_matrix *A, ptl_csr **out)
{
    *out = ptl_csr_retain(ptl_linop_as_csr(A->local));
    if (*out)
        return PTL_OK;
    ptl_linop *csr;
    PTL_TRY(ptl_format_convert(A->local, PTL_CSR, -1, &csr));
    *out = ptl_linop_as_csr(csr);
    return PTL_OK;
}

/* A new reference: the local block as it is, or converted. */
static ptl_status find_csr(ptl_linop *whole, const char *user, ptl_csr **out)
{
    ptl_matrix *matrix = ptl_linop_as_matrix(whole);
    ptl_linop *local = matrix ? matrix->local : whole;
    ptl_linop *csr;
    PTL_CHECK(local->cls->format, PTL_NOT_SUPPORTED,
              "%s needs the entries of a matrix: an operator of kind \"%s\" has none", user,
              local->cls->kind);
    if (matrix && whole->dtype != PTL_F16)
        return ptl__matrix_local_csr(matrix, out);
    *out = whole->dtype == PTL_F16 ? NULL : ptl_csr_retain(ptl_linop_as_csr(whole));
    if (*out)
        return PTL_OK;
    PTL_TRY(ptl_format_convert(local, PTL_CSR, (int)ptl_dtype_compute(whole->dtype), &csr));
    *out = ptl_linop_as_csr(csr);
    return PTL_OK;
}

/* A matrix's own ghost block, or a copy on the host. */
static ptl_status open_ghosts(ptl_linop *whole, ptl__ghost_block *out)
{
    const ptl_matrix *matrix = ptl_linop_as_matrix(whole);
    if (!matrix)
        return PTL_OK;
    if (whole->exec->space)
        return ptl__ghost_block_read(whole->exec, &matrix->ghost, whole->dtype, out);
    *out = matrix->ghost;
    return PTL_OK;
}

ptl_status ptl__local_block_open(ptl_linop *whole, const char *user, ptl__local_block *out)
{
    *out = (ptl__local_block){.whole = whole};
    PTL_CHECK(whole->rows == whole->cols && whole->local_rows == whole->local_cols, PTL_DIMENSION,
              "%s needs a square matrix, this one is %lld x %lld, %lld x %lld on rank %d", user,
              (long long)whole->rows, (long long)whole->cols, (long long)whole->local_rows,
              (long long)whole->local_cols, ptl_comm_rank(whole->comm));
    ptl_csr *csr = NULL;
    PTL_TRY(find_csr(whole, user, &csr));
    ptl_csr *host;
    ptl_status status = ptl__csr_on(csr, whole->exec->host, &host);
    ptl_csr_release(&csr);
    PTL_TRY(status);
    status = ptl__csr_tidy(host, &out->A);
    ptl_csr_release(&host);
    return status == PTL_OK ? open_ghosts(whole, &out->ghost) : status;
}

void ptl__local_block_close(ptl__local_block *block)
{
    ptl_csr_release(&block->A);
    if (block->whole->exec->space)
        ptl__ghost_block_clear(block->whole->exec->host, &block->ghost);
}

ptl_status ptl__pattern_check(const ptl_csr *A, uint64_t pattern)
{
    PTL_CHECK(ptl__csr_pattern(A) == pattern, PTL_INVALID,
              "A has another pattern than the matrix that this was generated from: a refresh takes "
              "new values in the same pattern");
    return PTL_OK;
}

int64_t ptl__global_row(const ptl_linop *whole, int64_t local)
{
    const ptl_matrix *matrix = ptl_linop_as_matrix((ptl_linop *)whole);
    const ptl_partition *partition = matrix ? ptl_matrix_partition(matrix) : NULL;
    int64_t row;
    if (partition &&
        ptl_partition_to_global(partition, ptl_comm_rank(whole->comm), local, &row) == PTL_OK)
        return row;
    return local;
}

ptl__linop_spec ptl__spec_like(const ptl_linop *whole)
{
    return (ptl__linop_spec){whole->comm,
                             whole->exec,
                             whole->rows,
                             whole->cols,
                             whole->local_rows,
                             whole->local_cols,
                             ptl_dtype_compute(whole->dtype)};
}
