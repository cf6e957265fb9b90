/* The Rayleigh-Ritz procedure as a call of its own. */
#include <math.h>

#include "../base/operation.h"
#include "../comm/comm.h"
#include "../core/status.h"
#include "call.h"

typedef struct workspace {
    ptl__basis basis;
    ptl__ritz ritz;
    ptl__reducer *reducer;
} workspace;

static ptl_status prepare(ptl_linop *A, ptl_linop *B, ptl_vector *X, workspace *w)
{
    PTL_TRY(ptl__eigen_check(A, B, X));
    PTL_TRY(ptl__basis_init(&w->basis, A, B, X, 0, 0));
    PTL_TRY(ptl__ritz_init(&w->ritz, A->comm, X->dtype, X->columns, X->columns, 0));
    ptl__basis_guess(&w->basis, X);
    const int64_t sums = X->columns + 2 * ptl__sections_grams(w->basis.sections) * w->basis.width;
    PTL_TRY(ptl__reducer_create(A->comm, sums, 0, &w->reducer));
    PTL_TRY(ptl__linop_prepare(A, PTL_OP_NONE, w->basis.X));
    return B ? ptl__linop_prepare(B, PTL_OP_NONE, w->basis.X) : PTL_OK;
}

static ptl_status run(workspace *w, ptl_vector *X, double *values)
{
    PTL_TRY(ptl__basis_start(&w->basis, &w->ritz, w->reducer));
    PTL_TRY(ptl__basis_explain(w->ritz.trouble, X, "X"));
    const ptl__units units = w->ritz.units;
    ptl__eigen_deliver(&w->basis, units, X);
    for (int64_t j = 0; j < X->columns; j++)
        values[j] = ldexp(w->ritz.values[j], units.a - units.b);
    return PTL_OK;
}

ptl_status ptl_rayleigh_ritz(ptl_linop *A, ptl_linop *B, ptl_vector *X, double *values)
{
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    workspace w = {0};
    ptl_status status = prepare(A, B, X, &w);
    const int64_t signature = status == PTL_OK ? ptl__eigen_sign(PTL__RAYLEIGH_RITZ, A, B, X) : 0;
    status = ptl__agree(A->comm, status, signature, "operators or vectors");
    if (status == PTL_OK)
        status = run(&w, X, values);
    ptl__basis_clear(&w.basis);
    ptl__ritz_clear(&w.ritz);
    ptl__reducer_free(w.reducer);
    return status;
}
