/* User code as an operator. */
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "linop.h"
#include "operation.h"
#include "vector.h"

typedef struct callback_op {
    ptl_linop base;
    ptl_linop_callbacks callbacks;
    void *ctx;
} callback_op;

/* y = alpha w + beta y, where NULL alpha is 1 and NULL beta is 0. */
static ptl_status combine(const void *alpha, const ptl_vector *w, const void *beta, ptl_vector *y)
{
    if (!beta) {
        PTL_TRY(ptl_vector_copy_from(y, w));
        return alpha ? ptl_vector_scale(y, alpha) : PTL_OK;
    }
    PTL_TRY(ptl_vector_scale(y, beta));
    double *one = NULL;
    if (!alpha) {
        int width = ptl__coef_doubles(y->dtype);
        PTL_TRY(PTL_NEW_ZERO(y->columns * width, double, &one));
        for (int64_t j = 0; j < y->columns; j++)
            one[j * width] = 1;
    }
    ptl_status status = ptl_vector_add_scaled(y, alpha ? alpha : one, w);
    ptl__free(one);
    return status;
}

/* The plain product of the form that is asked for. */
static ptl_status call(callback_op *op, ptl_op form, ptl_vector *x, ptl_vector *y)
{
    return form == PTL_OP_NONE ? op->callbacks.apply(op->ctx, x, y)
                               : op->callbacks.apply_op(op->ctx, form, x, y);
}

/* The scaled product by way of the plain one. User code may communicate, so that no rank may miss
 * it: the ranks agree on the memory first. */
static ptl_status apply_derived(callback_op *op, ptl_op form, const void *alpha, ptl_vector *x,
                                const void *beta, ptl_vector *y)
{
    ptl_vector *w = NULL;
    ptl_status status = ptl_vector_zeros_like(y, &w);
    status = ptl__agree(op->base.comm, status, 0, "calls");
    if (status == PTL_OK)
        status = call(op, form, x, w);
    if (status == PTL_OK)
        status = combine(alpha, w, beta, y);
    ptl_vector_release(&w);
    return status;
}

static ptl_status callback_apply_op(ptl_linop *A, ptl_op form, const void *alpha, ptl_vector *x,
                                    const void *beta, ptl_vector *y)
{
    callback_op *op = (callback_op *)A;
    if (!alpha && !beta)
        return call(op, form, x, y);
    return apply_derived(op, form, alpha, x, beta, y);
}

static ptl_status callback_apply(ptl_linop *A, const void *alpha, ptl_vector *x, const void *beta,
                                 ptl_vector *y)
{
    callback_op *op = (callback_op *)A;
    if (op->callbacks.apply_scaled && alpha && beta)
        return op->callbacks.apply_scaled(op->ctx, alpha, x, beta, y);
    return callback_apply_op(A, PTL_OP_NONE, alpha, x, beta, y);
}

static int callback_has_op(const ptl_linop *A, ptl_op form)
{
    (void)form;
    return ((const callback_op *)A)->callbacks.apply_op != NULL;
}

static void callback_destroy(ptl_linop *A)
{
    callback_op *op = (callback_op *)A;
    if (op->callbacks.destroy)
        op->callbacks.destroy(op->ctx);
}

static const ptl__linop_class callback_class = {
    .kind = "callback",
    .fallible = 1,
    .apply = callback_apply,
    .destroy = callback_destroy,
    .apply_op = callback_apply_op,
    .has_op = callback_has_op,
};

/* What is wrong with the arguments, on this rank. */
static ptl_status check_arguments(int64_t rows, int64_t cols, ptl_dtype dtype,
                                  const ptl_linop_callbacks *callbacks)
{
    PTL_CHECK(rows >= 0 && cols >= 0, PTL_INVALID,
              "shape is (%lld, %lld), sizes cannot be negative", (long long)rows, (long long)cols);
    PTL_TRY(ptl__check_computing(dtype));
    PTL_CHECK(callbacks && callbacks->apply, PTL_INVALID, "callbacks->apply is required");
    return PTL_OK;
}

ptl_status ptl_linop_create(ptl_comm *comm, ptl_exec *exec, int64_t rows, int64_t cols,
                            ptl_dtype dtype, const ptl_linop_callbacks *callbacks, void *ctx,
                            ptl_linop **out)
{
    *out = NULL;
    callback_op *op = NULL;
    ptl_exec *on = NULL;
    ptl_comm *over = ptl__comm_or_self(comm);
    ptl_status status = check_arguments(rows, cols, dtype, callbacks);
    if (status == PTL_OK)
        status = ptl__exec_or_default(exec, &on);
    if (status == PTL_OK)
        status = PTL_NEW_ZERO(1, callback_op, &op);
    int64_t signature = ptl__sign(ptl__sign(ptl__sign(PTL__OPERATOR_MAKE, rows), cols), dtype);
    status = ptl__agree(over, status, signature, "shapes or dtypes");
    if (status == PTL_OK) {
        op->callbacks = *callbacks;
        op->ctx = ctx;
        ptl__linop_init(&op->base, &callback_class,
                        &(ptl__linop_spec){over, on, rows, cols, -1, -1, dtype});
        op->base.number = ptl__agreed(over);
        *out = &op->base;
    } else {
        ptl__free(op);
    }
    ptl_exec_release(&on);
    ptl_comm_release(&over);
    return status;
}
