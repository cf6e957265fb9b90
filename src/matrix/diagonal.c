/* y = D x for the diagonal that a vector holds. One apply reads D and x and writes y: three words a
 * row. */
#include "../base/linop.h"
#include "../base/operation.h"
#include "../base/vector.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include <petiole/diagonal.h>

typedef struct diagonal {
    ptl_linop base;
    ptl_vector *d;
    void *packed; /* NULL where d's elements lie side by side */
} diagonal;

static const diagonal *diagonal_of(const ptl_linop *A)
{
    return (const diagonal *)A;
}

/* D's elements side by side, as they are now. */
static const void *elements(const diagonal *D)
{
    ptl__block packed = ptl__vector_block(D->d);
    if (!D->packed)
        return packed.data;
    packed.data = D->packed;
    packed.ld = 1;
    ptl__vector_kernels_of(D->d)->copy(ptl__vector_run(D->d), ptl__vector_block(D->d), packed);
    return D->packed;
}

static ptl_status diagonal_apply_op(ptl_linop *A, ptl_op op, const void *alpha, ptl_vector *x,
                                    const void *beta, ptl_vector *y)
{
    A->exec->kernels->dense[A->dtype][x->dtype]->diagonal_apply(
        ptl__exec_run(A->exec), elements(diagonal_of(A)), op == PTL_OP_HERMITIAN, alpha,
        ptl__vector_block(x), beta, ptl__vector_block(y));
    return PTL_OK;
}

static ptl_status diagonal_apply(ptl_linop *A, const void *alpha, ptl_vector *x, const void *beta,
                                 ptl_vector *y)
{
    return diagonal_apply_op(A, PTL_OP_NONE, alpha, x, beta, y);
}

static ptl_status diagonal_apply_dot(ptl_linop *A, ptl_vector *x, ptl_vector *y, double *sums)
{
    const ptl__vector_kernels *kernels = A->exec->kernels->vector[x->dtype];
    const ptl__run run = ptl__exec_run(A->exec);
    const ptl__block from = ptl__vector_block(x), to = ptl__vector_block(y);
    if (x->dtype == A->dtype) {
        kernels->diagonal_apply_dot(run, elements(diagonal_of(A)), from, to, sums);
    } else {
        PTL_TRY(diagonal_apply(A, NULL, x, NULL, y));
        kernels->dot(run, 1, from, to, sums);
    }
    return PTL_OK;
}

static ptl_status diagonal_diagonal(ptl_linop *A, ptl_vector **out)
{
    return ptl_vector_clone(diagonal_of(A)->d, out);
}

static void diagonal_destroy(ptl_linop *A)
{
    diagonal *D = (diagonal *)A;
    ptl__exec_free(A->exec, D->packed);
    ptl_vector_release(&D->d);
}

static const ptl__linop_class diagonal_class = {
    .kind = "diagonal",
    .mixes = 1,
    .apply = diagonal_apply,
    .destroy = diagonal_destroy,
    .apply_op = diagonal_apply_op,
    .apply_dot = diagonal_apply_dot,
    .diagonal = diagonal_diagonal,
};

ptl_status ptl_diagonal_create(ptl_vector *d, ptl_linop **out)
{
    *out = NULL;
    PTL_CHECK(d, PTL_INVALID, "d is NULL");
    PTL_CHECK(d->columns == 1, PTL_DIMENSION, "d has %lld columns: a diagonal has one",
              (long long)d->columns);
    diagonal *D;
    void *packed = NULL;
    if (d->ld > 1)
        PTL_TRY(ptl__exec_alloc(d->exec, d->local_rows, ptl_dtype_size(d->dtype), &packed));
    ptl_status status = PTL_NEW_ZERO(1, diagonal, &D);
    if (status != PTL_OK) {
        ptl__exec_free(d->exec, packed);
        return status;
    }
    ptl__linop_init(&D->base, &diagonal_class,
                    &(ptl__linop_spec){d->comm, d->exec, d->rows, d->rows, d->local_rows,
                                       d->local_rows, d->dtype});
    D->base.number = ptl__derived(d->number, PTL__DIAGONAL);
    D->d = ptl_vector_retain(d);
    D->packed = packed;
    *out = &D->base;
    return PTL_OK;
}

ptl_vector *ptl_diagonal_vector(ptl_linop *D)
{
    return D && D->cls == &diagonal_class ? ((diagonal *)D)->d : NULL;
}
