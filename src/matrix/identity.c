/* y = x. */
#include "../base/linop.h"
#include "../base/operation.h"
#include "../base/vector.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include <petiole/diagonal.h>

static ptl_status identity_apply(ptl_linop *A, const void *alpha, ptl_vector *x, const void *beta,
                                 ptl_vector *y)
{
    const ptl__vector_kernels *kernels = A->exec->kernels->vector[x->dtype];
    const ptl__run run = ptl__exec_run(A->exec);
    const ptl__block from = ptl__vector_block(x), to = ptl__vector_block(y);
    if (beta && !alpha) {
        kernels->scale_add(run, beta, from, NULL, to);
    } else if (beta) {
        kernels->scale(run, beta, NULL, to);
        kernels->add_scaled(run, alpha, 0, from, NULL, to);
    } else {
        kernels->copy(run, from, to);
        if (alpha)
            kernels->scale(run, alpha, NULL, to);
    }
    return PTL_OK;
}

static ptl_status identity_apply_op(ptl_linop *A, ptl_op op, const void *alpha, ptl_vector *x,
                                    const void *beta, ptl_vector *y)
{
    (void)op;
    return identity_apply(A, alpha, x, beta, y);
}

static ptl_status identity_diagonal(ptl_linop *A, ptl_vector **out)
{
    static const ptl_c128 one = {1, 0};
    const ptl_vector_shape shape = {A->rows, A->local_rows, 0, A->dtype};
    PTL_TRY(ptl__vector_new(A->comm, A->exec, shape, out));
    return ptl_vector_fill(*out, &one);
}

static void identity_destroy(ptl_linop *A)
{
    (void)A; /* it holds nothing */
}

static const ptl__linop_class identity_class = {
    .kind = "identity",
    .mixes = 1,
    .apply = identity_apply,
    .destroy = identity_destroy,
    .apply_op = identity_apply_op,
    .diagonal = identity_diagonal,
};

static ptl_status check(int64_t rows, int64_t local_rows, ptl_dtype dtype)
{
    PTL_TRY(ptl__check_computing(dtype));
    PTL_CHECK(rows >= -1, PTL_INVALID,
              "rows is %lld: expected 0 or more, or -1 for the sum of local_rows", (long long)rows);
    PTL_CHECK(local_rows >= 0, PTL_INVALID, "local_rows is %lld: expected 0 or more",
              (long long)local_rows);
    return PTL_OK;
}

/* (C) The ranks agree on their status and arguments, then on the number of rows. */
static ptl_status settle(ptl_comm *comm, ptl_status status, ptl_dtype dtype, int64_t local_rows,
                         int64_t *rows)
{
    int64_t sum = local_rows;
    PTL_TRY(ptl__agree(comm, status, ptl__sign(ptl__sign(PTL__IDENTITY, *rows), (int64_t)dtype),
                       "rows or dtypes"));
    PTL_TRY(ptl__comm_allreduce(comm, &sum, 1, PTL_MTYPE_INT64, PTL_REDUCE_SUM));
    PTL_CHECK(*rows < 0 || *rows == sum, PTL_DIMENSION,
              "rows is %lld, but the ranks' local_rows add up to %lld", (long long)*rows,
              (long long)sum);
    *rows = sum;
    return PTL_OK;
}

ptl_status ptl_identity_create(ptl_comm *given_comm, ptl_exec *given_exec, int64_t rows,
                               int64_t local_rows, ptl_dtype dtype, ptl_linop **out)
{
    *out = NULL;
    ptl_linop *A = NULL;
    ptl_exec *exec = NULL;
    ptl_comm *comm = ptl__comm_or_self(given_comm);
    ptl_status status = check(rows, local_rows, dtype);
    if (status == PTL_OK)
        status = ptl__exec_or_default(given_exec, &exec);
    if (status == PTL_OK)
        status = PTL_NEW_ZERO(1, ptl_linop, &A);
    status = settle(comm, status, dtype, local_rows, &rows);
    if (status == PTL_OK) {
        ptl__linop_init(A, &identity_class,
                        &(ptl__linop_spec){comm, exec, rows, rows, local_rows, local_rows, dtype});
        A->number = ptl__agreed(comm);
        *out = A;
    } else {
        ptl__free(A);
    }
    ptl_exec_release(&exec);
    ptl_comm_release(&comm);
    return status;
}
