/* Jacobi: z = D^-1 r with D the diagonal of A (Saad, Iterative Methods for Sparse Linear Systems,
 * 2nd ed., section 10.2), or with blocks of it (block_jacobi.c). One apply reads D and r and writes
 * z: three words a row. */
#include "../base/vector.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "block_jacobi.h"
#include "kinds.h"
#include "l1.h"

typedef struct jacobi {
    ptl_linop base;
    int l1;
    ptl_vector *inverse; /* 1 / D, one column */
} jacobi;

/* What rows have outside of the diagonal goes to D. */
static ptl_status add_l1(ptl_linop *A, ptl_vector *D)
{
    ptl__local_block block;
    double *sums = NULL;
    ptl_status status = ptl__local_block_open(A, "Jacobi with l1", &block);
    if (status == PTL_OK)
        status = PTL_NEW(D->local_rows, double, &sums);
    void *d = NULL;
    const size_t size = ptl_dtype_size(D->dtype);
    if (status == PTL_OK)
        status = ptl__to_host(D->exec, D->local_rows, size, D->data, &d);
    if (status == PTL_OK) {
        ptl__l1_sums(&block, D->local_rows, NULL, sums);
        ptl__l1_enlarge(D->dtype, D->local_rows, sums, d);
        status = ptl__exec_write(D->exec, D->local_rows, size, d, D->data);
        ptl__host_free(D->exec, d);
    }
    ptl__free(sums);
    ptl__local_block_close(&block);
    return status;
}

static ptl_status invert(const ptl_linop *A, ptl_vector *D)
{
    const int64_t bad =
        ptl__vector_kernels_of(D)->diagonal_invert(ptl__vector_run(D), D->local_rows, D->data);
    PTL_CHECK(bad < 0, PTL_INVALID,
              "the diagonal entry of row %lld is zero or not finite: Jacobi needs its inverse",
              (long long)ptl__global_row(A, bad));
    return PTL_OK;
}

static ptl_status invert_diagonal(ptl_linop *A, int l1, ptl_vector **out)
{
    PTL_TRY(ptl__linop_diagonal(A, out));
    ptl_status status = l1 ? add_l1(A, *out) : PTL_OK;
    if (status == PTL_OK)
        status = invert(A, *out);
    if (status != PTL_OK)
        ptl_vector_release(out);
    return status;
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
    ptl_vector *inverse;
    PTL_TRY(invert_diagonal(A, jacobi_->l1, &inverse));
    ptl_vector_release(&jacobi_->inverse);
    jacobi_->inverse = inverse;
    return PTL_OK;
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
    const ptl_jacobi_options *o = options;
    ptl_vector *inverse = NULL;
    jacobi *M = NULL;
    if (o->block_size > 1)
        return ptl__block_jacobi_create(o, A, out);
    PTL_TRY(invert_diagonal(A, o->l1, &inverse));
    ptl_status status = PTL_NEW_ZERO(1, jacobi, &M);
    if (status != PTL_OK) {
        ptl_vector_release(&inverse);
        return status;
    }
    const ptl__linop_spec spec = ptl__spec_like(A);
    M->l1 = o->l1;
    M->inverse = inverse;
    ptl__linop_init(&M->base, &jacobi_class, &spec);
    *out = &M->base;
    return PTL_OK;
}

static ptl_status jacobi_check(const void *options)
{
    const ptl_jacobi_options *o = options;
    PTL_CHECK(o->block_size <= PTL__BLOCK_MAX, PTL_INVALID, "block_size is %lld, expected 1 to %d",
              (long long)o->block_size, (int)PTL__BLOCK_MAX);
    return PTL_OK;
}

static const ptl_param params[] = {
    {"block_size", "max_block_size", "number of rows of a block, 1 to 64", PTL_PARAM_INT,
     offsetof(ptl_jacobi_options, block_size), 1, NULL},
    {"detect", NULL,
     "whether a block consists of up to block_size neighbouring rows of the same pattern, instead "
     "of block_size rows",
     PTL_PARAM_BOOL, offsetof(ptl_jacobi_options, detect), 0, NULL},
    {"l1", "aggregate_l1",
     "whether the absolute values of a row's entries outside of its block are added to its "
     "diagonal entry",
     PTL_PARAM_BOOL, offsetof(ptl_jacobi_options, l1), 0, NULL},
    {NULL},
};

const ptl__preconditioner ptl__jacobi_preconditioner = {
    .kind = PTL__PRECOND_KIND(
        "jacobi", "Jacobi",
        "The inverse of A's diagonal, which must not have zeros, or of its diagonal blocks; with "
        "l1 a smoother that never diverges for symmetric positive definite A. A block does not "
        "cross from one rank to the next. NotSupported for operators without a diagonal and, for "
        "blocks and l1, for operators without entries, such as user code.",
        ptl_jacobi_options, PTL_JACOBI_OPTIONS_INIT, params),
    .generate = jacobi_generate,
    .check = jacobi_check,
};

ptl_status ptl_jacobi_factory(const ptl_jacobi_options *options, ptl_factory **out)
{
    return ptl__precond_factory(&ptl__jacobi_preconditioner, options, out);
}
