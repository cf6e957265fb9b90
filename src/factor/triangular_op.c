/* Triangular systems as an operator x = T^-1 b. One apply reads T's entries and b, and writes x. */
#include "../base/linop.h"
#include "../base/vector.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "triangular.h"

typedef struct triangular_op {
    ptl_linop base;
    ptl__triangular T;
    ptl_vector *solution; /* for products that add to y */
} triangular_op;

static ptl_status triangular_apply(ptl_linop *A, const void *alpha, ptl_vector *x, const void *beta,
                                   ptl_vector *y)
{
    const triangular_op *op = (const triangular_op *)A;
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(y);
    const ptl__block w = ptl__vector_block(beta ? op->solution : y);
    ptl__triangular_solve(&op->T, ptl__vector_block(x), w);
    if (alpha)
        kernels->scale(ptl__vector_run(y), alpha, NULL, w);
    if (beta)
        kernels->scale_add(ptl__vector_run(y), beta, w, NULL, ptl__vector_block(y));
    return PTL_OK;
}

static ptl_status triangular_prepare(ptl_linop *A, ptl_op form, const ptl_vector *x)
{
    (void)form; /* there is no transposed product */
    triangular_op *op = (triangular_op *)A;
    if (op->solution && op->solution->columns == x->columns)
        return PTL_OK;
    ptl_vector_release(&op->solution);
    return ptl__vector_new_like(x, x->dtype, &op->solution);
}

static void triangular_destroy(ptl_linop *A)
{
    triangular_op *op = (triangular_op *)A;
    ptl__triangular_clear(&op->T);
    ptl_vector_release(&op->solution);
}

static const ptl__linop_class triangular_class = {
    .kind = "triangular",
    .apply = triangular_apply,
    .destroy = triangular_destroy,
    .prepare = triangular_prepare,
};

ptl_status ptl__triangular_create(ptl_csr *A, int triangle, ptl_linop **out)
{
    *out = NULL;
    const ptl_linop *from = ptl_csr_linop(A);
    triangular_op *op;
    PTL_TRY(PTL_NEW_ZERO(1, triangular_op, &op));
    ptl__linop_init(&op->base, &triangular_class,
                    &(ptl__linop_spec){from->comm, from->exec, from->rows, from->cols,
                                       from->local_rows, from->local_cols, from->dtype});
    *out = &op->base;
    ptl_status status = ptl__triangular_init(A, triangle, &op->T);
    if (status != PTL_OK)
        ptl_linop_release(out);
    return status;
}
