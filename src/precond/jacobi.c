/* Jacobi: z = D^-1 r with D the diagonal of A (Saad, Iterative Methods for Sparse Linear Systems,
 * 2nd ed., section 10.2). One apply reads D and r and writes z: three words a row. */
#include "../base/vector.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "kinds.h"

typedef struct jacobi {
    ptl_linop base;
    ptl_vector *inverse; /* 1 / D, one column */
} jacobi;

static ptl_status invert_diagonal(ptl_linop *A, ptl_vector **out)
{
    PTL_TRY(ptl__linop_diagonal(A, out));
    const int64_t bad = ptl__vector_kernels_of(*out)->diagonal_invert(
        ptl__vector_run(*out), (*out)->local_rows, (*out)->data);
    if (bad < 0)
        return PTL_OK;
    ptl_vector_release(out);
    return ptl_fail(PTL_INVALID,
                    "the diagonal entry of row %lld is zero or not finite: Jacobi needs its "
                    "inverse",
                    (long long)ptl__global_row(A, bad));
}

static ptl_status jacobi_apply(ptl_linop *A, const void *alpha, ptl_vector *x, const void *beta,
                               ptl_vector *y)
{
    const jacobi *M = (const jacobi *)A;
    const ptl__dense_kernels *kernels = x->exec->kernels->dense[x->dtype][x->dtype];
    kernels->diagonal_apply(ptl__vector_run(x), M->inverse->data, 0, alpha, ptl__vector_block(x),
                            beta, ptl__vector_block(y));
    return PTL_OK;
}

static ptl_status jacobi_apply_dot(ptl_linop *A, ptl_vector *x, ptl_vector *y, double *sums)
{
    const jacobi *M = (const jacobi *)A;
    ptl__vector_kernels_of(x)->diagonal_apply_dot(ptl__vector_run(x), M->inverse->data,
                                                  ptl__vector_block(x), ptl__vector_block(y), sums);
    return PTL_OK;
}

static ptl_status jacobi_refresh(ptl_linop *M, ptl_linop *A)
{
    jacobi *jacobi_ = (jacobi *)M;
    ptl_vector_release(&jacobi_->inverse);
    return invert_diagonal(A, &jacobi_->inverse);
}

static void jacobi_destroy(ptl_linop *A)
{
    ptl_vector_release(&((jacobi *)A)->inverse);
}

static const ptl__linop_class jacobi_class = {
    .kind = "jacobi",
    .apply = jacobi_apply,
    .apply_dot = jacobi_apply_dot,
    .destroy = jacobi_destroy,
    .refresh = jacobi_refresh,
};

static ptl_status jacobi_generate(const void *options, ptl_linop *A, ptl_linop **out)
{
    (void)options;
    ptl_vector *inverse = NULL;
    jacobi *M = NULL;
    PTL_TRY(invert_diagonal(A, &inverse));
    ptl_status status = PTL_NEW_ZERO(1, jacobi, &M);
    if (status != PTL_OK) {
        ptl_vector_release(&inverse);
        return status;
    }
    const ptl__linop_spec spec = ptl__spec_like(A);
    M->inverse = inverse;
    ptl__linop_init(&M->base, &jacobi_class, &spec);
    *out = &M->base;
    return PTL_OK;
}

static ptl_status jacobi_check(const void *options)
{
    const ptl_jacobi_options *o = options;
    PTL_CHECK(o->block_size <= 1 && !o->detect && !o->l1, PTL_NOT_SUPPORTED,
              "block_size is %lld, expected 1", (long long)o->block_size);
    return PTL_OK;
}

static const ptl_param params[] = {
    {"block_size", "max_block_size", "rows of a block; 1 is the only size so far", PTL_PARAM_INT,
     offsetof(ptl_jacobi_options, block_size), 1, NULL},
    {NULL},
};

const ptl__preconditioner ptl__jacobi_preconditioner = {
    .kind = PTL__PRECOND_KIND(
        "jacobi", "Jacobi",
        "The inverse of A's diagonal, which has no 0. NotSupported for an A that cannot give "
        "it, such as user code.",
        ptl_jacobi_options, params),
    .generate = jacobi_generate,
    .check = jacobi_check,
};

ptl_status ptl_jacobi_factory(const ptl_jacobi_options *options, ptl_factory **out)
{
    return ptl__precond_factory(&ptl__jacobi_preconditioner, options, out);
}
