/* WHAT IT IS, and for which A (AUTHOR, WHERE, YEAR). One apply: WORDS A ROW. */
#include "../base/vector.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "kinds.h"

typedef struct NAME {
    ptl_linop base;
    double damping;
    ptl_vector *inverse; /* damping / D, one column */
} NAME;

/* ---- as an operator ---- */

static ptl_status NAME_apply(ptl_linop *A, const void *alpha, ptl_vector *x, const void *beta,
                             ptl_vector *y)
{
    const NAME *M = (const NAME *)A;
    const ptl__dense_kernels *kernels = x->exec->kernels->dense[x->dtype][x->dtype];
    kernels->diagonal_apply(ptl__vector_run(x), M->inverse->data, 0, alpha, ptl__vector_block(x),
                            beta, ptl__vector_block(y));
    return PTL_OK;
}

static void NAME_destroy(ptl_linop *A)
{
    ptl_vector_release(&((NAME *)A)->inverse);
}

/* ---- its set-up ---- */

static ptl_status invert(const ptl_linop *A, double damping, ptl_vector *D)
{
    const double factor[2] = {damping, 0};
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(D);
    const int64_t bad = kernels->diagonal_invert(ptl__vector_run(D), D->local_rows, D->data);
    PTL_CHECK(bad < 0, PTL_INVALID, "the diagonal entry of row %lld is zero or not finite",
              (long long)ptl__global_row(A, bad));
    kernels->scale(ptl__vector_run(D), factor, NULL, ptl__vector_block(D));
    return PTL_OK;
}

/* The same again, of a matrix with new values. */
static ptl_status NAME_refresh(ptl_linop *base, ptl_linop *A)
{
    NAME *M = (NAME *)base;
    ptl_vector *D;
    PTL_TRY(ptl__linop_diagonal(A, &D));
    ptl_status status = invert(A, M->damping, D);
    if (status != PTL_OK) {
        ptl_vector_release(&D);
        return status;
    }
    ptl_vector_release(&M->inverse);
    M->inverse = D;
    return PTL_OK;
}

static const ptl__linop_class NAME_class = {
    .kind = "NAME",
    .apply = NAME_apply,
    .destroy = NAME_destroy,
    .refresh = NAME_refresh,
};

static ptl_status NAME_generate(const void *options, ptl_linop *A, ptl_linop **out)
{
    const ptl__linop_spec spec = ptl__spec_like(A);
    NAME *M;
    PTL_TRY(PTL_NEW_ZERO(1, NAME, &M));
    ptl__linop_init(&M->base, &NAME_class, &spec);
    M->damping = ((const ptl_NAME_options *)options)->damping;
    *out = &M->base;
    ptl_status status = NAME_refresh(&M->base, A);
    if (status != PTL_OK)
        ptl_linop_release(out);
    return status;
}

/* ---- as a kind ---- */

static const ptl_param params[] = {
    {"damping", NULL, "a factor, from 0 on", PTL_PARAM_REAL, offsetof(ptl_NAME_options, damping), 0,
     NULL},
    {NULL},
};

const ptl__preconditioner ptl__NAME_preconditioner = {
    .kind = PTL__PRECOND_KIND("NAME", "TITLE", "WHAT IT IS.", ptl_NAME_options,
                              PTL_UPPER_OPTIONS_INIT, params),
    .generate = NAME_generate,
};

ptl_status ptl_NAME_factory(const ptl_NAME_options *options, ptl_factory **out)
{
    return ptl__precond_factory(&ptl__NAME_preconditioner, options, out);
}
