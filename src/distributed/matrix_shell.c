/* Distributed matrices over any operator of one process: block-diagonal, without an exchange. */
#include "../base/vector.h"
#include "../core/status.h"
#include "matrix.h"

/* x and y as vectors of one process, for the local operator. */
static ptl_status make_shells(ptl_vector *x, ptl_vector *y, ptl_vector *shells[2])
{
    shells[0] = shells[1] = NULL;
    PTL_TRY(ptl__vector_local_shell(x, &shells[0]));
    return ptl__vector_local_shell(y, &shells[1]);
}

static ptl_status shell_apply_op(ptl_linop *base, ptl_op op, const void *alpha, ptl_vector *x,
                                 const void *beta, ptl_vector *y)
{
    ptl_vector *shells[2];
    ptl_status status = make_shells(x, y, shells);
    if (status == PTL_OK)
        status =
            ptl__linop_apply_op(ptl__matrix_of(base)->local, op, alpha, shells[0], beta, shells[1]);
    ptl_vector_release(&shells[0]);
    ptl_vector_release(&shells[1]);
    return status;
}

static ptl_status shell_apply(ptl_linop *base, const void *alpha, ptl_vector *x, const void *beta,
                              ptl_vector *y)
{
    return shell_apply_op(base, PTL_OP_NONE, alpha, x, beta, y);
}

static int shell_has_op(const ptl_linop *base, ptl_op op)
{
    return ptl__linop_has_op(((const ptl_matrix *)base)->local, op);
}

static ptl_status shell_apply_dot(ptl_linop *base, ptl_vector *x, ptl_vector *y, double *sums)
{
    ptl_vector *shells[2];
    ptl_status status = make_shells(x, y, shells);
    if (status == PTL_OK)
        status = ptl__linop_apply_dot(ptl__matrix_of(base)->local, shells[0], shells[1], sums);
    ptl_vector_release(&shells[0]);
    ptl_vector_release(&shells[1]);
    return status;
}

static ptl_status shell_prepare(ptl_linop *base, ptl_op op, const ptl_vector *x)
{
    ptl_vector *shell;
    PTL_TRY(ptl__vector_local_shell((ptl_vector *)x, &shell)); /* looked at, not written */
    ptl_status status = ptl__linop_prepare(ptl__matrix_of(base)->local, op, shell);
    ptl_vector_release(&shell);
    return status;
}

static ptl_status shell_diagonal(ptl_linop *base, ptl_vector **out)
{
    ptl_matrix *A = ptl__matrix_of(base);
    ptl_vector *local;
    PTL_TRY(ptl__linop_diagonal(A->local, &local));
    ptl_status status = ptl__matrix_new_diagonal(A, out);
    if (status == PTL_OK)
        ptl__vector_kernels_of(local)->convert(ptl__vector_run(local), base->dtype,
                                               ptl__vector_block(local), ptl__vector_block(*out));
    ptl_vector_release(&local);
    return status;
}

/* Fallible, whatever the local operator is: it makes vectors in every apply. */
#define CLASS(may_mix)                                                                             \
    {                                                                                              \
        .kind = "matrix", .fallible = 1, .mixes = may_mix, .apply = shell_apply,                   \
        .destroy = ptl__matrix_destroy, .apply_op = shell_apply_op, .has_op = shell_has_op,        \
        .apply_dot = shell_apply_dot, .prepare = shell_prepare, .diagonal = shell_diagonal         \
    }
const ptl__linop_class ptl__matrix_shell_classes[2] = {CLASS(0), CLASS(1)};
