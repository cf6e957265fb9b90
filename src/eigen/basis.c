/* The basis of a Rayleigh-Ritz step. */
#include "basis.h"

#include <string.h>

#include "../core/status.h"
#include "../core/trace.h"

static ptl_status shell(ptl_vector *of, const ptl_vector *like, ptl_vector **out)
{
    PTL_TRY(ptl__vector_columns_shell(of, 0, like->columns, out));
    (*out)->ndim = like->ndim;
    return PTL_OK;
}

/* A block of `columns` columns, and shells of its first and last, for vectors like X. */
static ptl_status panel(const ptl_vector *X, int64_t columns, ptl_vector *out[3])
{
    const ptl_vector_shape shape = {X->rows, X->local_rows, columns, X->dtype};
    PTL_TRY(ptl__vector_new(X->comm, X->exec, shape, &out[0]));
    out[0]->partition = ptl_partition_retain(X->partition);
    PTL_TRY(shell(out[0], X, &out[1]));
    return shell(out[0], X, &out[2]);
}

static ptl_status allocate(ptl__basis *basis, const ptl_vector *X, int64_t columns)
{
    ptl_vector *s[3] = {NULL}, *as[3] = {NULL}, *bs[3] = {NULL};
    ptl_status status = panel(X, columns, s);
    if (status == PTL_OK && basis->A)
        status = panel(X, columns, as);
    if (status == PTL_OK && basis->B)
        status = panel(X, columns, bs);
    for (int i = 0; i < 3 && !basis->B; i++)
        bs[i] = ptl_vector_retain(s[i]);
    basis->S = s[0], basis->X = s[1], basis->W = s[2];
    basis->AS = as[0], basis->AX = as[1], basis->AW = as[2];
    basis->BS = bs[0], basis->BX = bs[1], basis->BW = bs[2];
    PTL_TRY(status);
    const int64_t rotated = columns > X->columns ? 2 * X->columns : X->columns;
    const ptl_vector_shape shape = {X->rows, X->local_rows, rotated, X->dtype};
    return ptl__vector_new(X->comm, X->exec, shape, &basis->rotated);
}

ptl_status ptl__basis_init(ptl__basis *basis, ptl_linop *A, ptl_linop *B, const ptl_vector *X,
                           int whole)
{
    *basis = (ptl__basis){.A = A, .B = B, .width = ptl__coef_doubles(X->dtype)};
    basis->sections.x = X->columns;
    ptl_status status = allocate(basis, X, whole ? 3 * X->columns : X->columns);
    if (status == PTL_OK)
        ptl__vector_kernels_of(X)->copy(ptl__vector_run(X), ptl__vector_block(X),
                                        ptl__vector_block(basis->X));
    else
        ptl__basis_clear(basis);
    return status;
}

void ptl__basis_clear(ptl__basis *basis)
{
    ptl_vector **all[] = {&basis->X,  &basis->AX, &basis->BX, &basis->W,  &basis->AW,
                          &basis->BW, &basis->S,  &basis->AS, &basis->BS, &basis->rotated};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        ptl_vector_release(all[i]);
}

ptl__block ptl__basis_columns(const ptl_vector *v, int64_t first, int64_t count)
{
    ptl__block block = ptl__vector_column(v, first);
    block.columns = count;
    return block;
}

void ptl__basis_search(ptl__basis *basis, int64_t columns)
{
    const int64_t first = basis->sections.x + basis->sections.p;
    ptl_vector *shells[3] = {basis->W, basis->AW, basis->BW};
    ptl_vector *blocks[3] = {basis->S, basis->AS, basis->BS};
    basis->sections.w = columns;
    for (int i = 0; i < 3; i++) {
        shells[i]->data = ptl__vector_column(blocks[i], first).data;
        shells[i]->columns = columns;
    }
}

static void product(ptl_linop *A, ptl_vector *x, ptl_vector *y, ptl__reducer *reducer)
{
    ptl__trace_begin(PTL_TRACE_PRODUCT, A->cls->kind, 0);
    ptl__reducer_note(reducer, ptl__linop_apply(A, NULL, x, NULL, y));
    ptl__trace_end(PTL_TRACE_PRODUCT, A->cls->kind, 0);
}

void ptl__basis_products(ptl__basis *basis, const ptl_vector *of, ptl__reducer *reducer)
{
    const int first = of == basis->X;
    if (basis->A)
        product(basis->A, first ? basis->X : basis->W, first ? basis->AX : basis->AW, reducer);
    if (basis->B)
        product(basis->B, first ? basis->X : basis->W, first ? basis->BX : basis->BW, reducer);
}

/* Each section's row of blocks, on and above the diagonal. */
static void grams_of(const ptl__basis *basis, const ptl_vector *AS, double *sums)
{
    const ptl__sections s = basis->sections;
    const int64_t counts[3] = {s.x, s.p, s.w}, all = ptl__sections_sum(s);
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(basis->S);
    for (int64_t section = 0, first = 0; section < 3; first += counts[section++]) {
        if (counts[section] == 0)
            continue;
        kernels->gram(ptl__vector_run(basis->S),
                      ptl__basis_columns(basis->S, first, counts[section]),
                      ptl__basis_columns(AS, first, all - first), sums);
        sums += counts[section] * (all - first) * basis->width;
    }
}

double *ptl__basis_grams(const ptl__basis *basis, ptl__reducer *reducer)
{
    const int64_t size = ptl__sections_grams(basis->sections) * basis->width;
    double *sums = ptl__reducer_add(reducer, 2 * size);
    if (basis->AS)
        grams_of(basis, basis->AS, sums);
    grams_of(basis, basis->BS, sums + size);
    return sums;
}

static void rotate(const ptl__basis *basis, const ptl__ritz *ritz, ptl_vector *S)
{
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(S);
    const ptl__run run = ptl__vector_run(S);
    const int64_t cols = ritz->wanted + ritz->directions;
    const ptl__block made = ptl__basis_columns(basis->rotated, 0, cols);
    kernels->multiply(run, 0, ptl__basis_columns(S, 0, ptl__sections_sum(basis->sections)),
                      ritz->coefs, made);
    kernels->copy(run, made, ptl__basis_columns(S, 0, cols));
}

void ptl__basis_rotate(ptl__basis *basis, const ptl__ritz *ritz)
{
    rotate(basis, ritz, basis->S);
    if (basis->AS)
        rotate(basis, ritz, basis->AS);
    if (basis->B)
        rotate(basis, ritz, basis->BS);
    basis->sections = (ptl__sections){ritz->wanted, ritz->directions, 0};
}

ptl_status ptl__basis_start(ptl__basis *basis, ptl__ritz *ritz, ptl__reducer *reducer)
{
    basis->sections = (ptl__sections){ritz->wanted, 0, 0};
    ptl__reducer_begin(reducer);
    ptl__basis_products(basis, basis->X, reducer);
    const double *grams = ptl__basis_grams(basis, reducer);
    PTL_TRY(ptl__reducer_post(reducer));
    PTL_TRY(ptl__reducer_wait(reducer));
    PTL_TRY(ptl__ritz_solve(ritz, basis->sections, grams, NULL));
    if (ritz->trouble == PTL_REASON_RUNNING)
        ptl__basis_rotate(basis, ritz);
    return PTL_OK;
}

ptl_status ptl__basis_explain(ptl_reason trouble, const ptl_vector *X, const char *name)
{
    switch (trouble) {
    case PTL_REASON_RUNNING:
        return PTL_OK;
    case PTL_REASON_INDEFINITE:
        return ptl_fail(PTL_INVALID, "B is not positive definite on %s's columns", name);
    case PTL_REASON_BREAKDOWN:
        return ptl_fail(PTL_INVALID, "%s's %lld columns of %lld rows are not linearly independent",
                        name, (long long)X->columns, (long long)X->rows);
    default:
        return ptl_fail(PTL_INVALID, "%s, or its product with A or B, is not finite", name);
    }
}
