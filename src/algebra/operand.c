/* Opening matrices for the algebra. */
#include "operand.h"

#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../distributed/matrix_build.h"
#include "../distributed/partition.h"
#include "../distributed/refill.h"

/* (L) What one rank can do by itself. */
static ptl_status open_local(ptl__operand *operand)
{
    PTL_TRY(ptl__matrix_on_host(operand->whole, &operand->A));
    ptl_matrix *A = operand->A;
    PTL_TRY(ptl__matrix_local_csr(A, &operand->local));
    operand->combined = A->base.local_cols + (A->map ? ptl_index_map_ghost_size(A->map) : 0);
    operand->rows = ptl_partition_retain(A->partition);
    operand->cols = ptl_partition_retain(A->col_partition);
    return PTL_OK;
}

ptl_status ptl__operand_alone(ptl_matrix *A, ptl__operand *out)
{
    *out = (ptl__operand){.whole = A};
    PTL_TRY(open_local(out));
    if (out->rows)
        return PTL_OK;
    PTL_CHECK(A->base.comm->size == 1, PTL_NOT_SUPPORTED,
              "a matrix made of local operators does not know its global columns");
    PTL_TRY(ptl_partition_uniform(1, A->base.rows, &out->rows));
    return ptl_partition_uniform(1, A->base.cols, &out->cols);
}

static int64_t sign_matrix(int64_t signature, const ptl_matrix *A)
{
    signature = ptl__partition_sign(ptl__linop_sign(signature, &A->base), A->partition);
    return A->col_partition == A->partition ? signature
                                            : ptl__partition_sign(signature, A->col_partition);
}

static ptl_status check_comm(const ptl_matrix *A, const ptl_matrix *B)
{
    PTL_CHECK(ptl__comm_same(A->base.comm, B->base.comm), PTL_INVALID,
              "the matrices live on different communicators");
    return ptl__exec_check(A->base.exec, "A", B->base.exec, "B");
}

/* (C) Partitions in the order of ranks, where A has none. */
static ptl_status place(ptl__operand *operand)
{
    const ptl_linop *base = &operand->whole->base;
    if (operand->rows)
        return PTL_OK;
    PTL_TRY(ptl_partition_from_local_size(base->comm, base->local_rows, &operand->rows));
    return ptl_partition_from_local_size(base->comm, base->local_cols, &operand->cols);
}

/* All but the marks. */
static ptl_status open_all(int count, ptl_matrix *const *matrices, ptl_status status,
                           int64_t signature, ptl__operand *out)
{
    for (int i = 0; i < count; i++) {
        if (status == PTL_OK)
            status = check_comm(matrices[0], matrices[i]);
        if (status == PTL_OK)
            status = open_local(&out[i]);
        signature = sign_matrix(signature, matrices[i]);
    }
    PTL_TRY(ptl__agree(matrices[0]->base.comm, status, signature, "matrices or arguments"));
    for (int i = 0; i < count; i++)
        PTL_TRY(place(&out[i]));
    return PTL_OK;
}

ptl_status ptl__operands_open(int count, ptl_matrix *const *matrices, ptl_status status,
                              int64_t signature, ptl__operand *out)
{
    ptl_status opened = PTL_OK;
    for (int i = 0; i < count; i++)
        out[i] = (ptl__operand){.whole = matrices[i]};
    for (int i = 0; i < count && opened == PTL_OK; i++)
        if (i == 0 || matrices[i] != matrices[0]) {
            opened = ptl__busy_begin(matrices[i], "matrix");
            out[i].marked = opened == PTL_OK;
        }
    if (opened == PTL_OK)
        opened = open_all(count, matrices, status, signature, out);
    if (opened != PTL_OK)
        ptl__operands_close(count, out);
    return opened;
}

void ptl__operands_close(int count, ptl__operand *operands)
{
    for (int i = 0; i < count; i++) {
        ptl_csr_release(&operands[i].local);
        ptl_matrix_release(&operands[i].A);
        ptl_partition_release(&operands[i].rows);
        ptl_partition_release(&operands[i].cols);
        if (operands[i].marked)
            ptl__busy_end(operands[i].whole);
        operands[i].marked = 0;
    }
}

ptl_status ptl__operand_names(const ptl__operand *operand, int64_t **out)
{
    const ptl_linop *base = &operand->A->base;
    PTL_TRY(PTL_NEW(operand->combined, int64_t, out));
    ptl__partition_globals(operand->cols, base->comm->rank, *out);
    const int64_t ghosts = operand->combined - base->local_cols;
    for (int64_t i = 0; i < ghosts; i++)
        (*out)[base->local_cols + i] = ptl_index_map_ghosts(operand->A->map)[i];
    return PTL_OK;
}

ptl_matrix_layout ptl__operand_layout(const ptl__operand *operand, ptl_partition *rows,
                                      ptl_partition *cols)
{
    return (ptl_matrix_layout){operand->whole->base.comm, operand->whole->base.exec, rows, cols};
}
