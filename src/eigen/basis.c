/* The basis of a Rayleigh-Ritz step. */
#include "basis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../comm/comm.h"
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

static ptl_status allocate(ptl__basis *basis, const ptl_vector *X, int64_t fence, int whole)
{
    const int64_t columns = fence + (whole ? 3 : 1) * X->columns;
    ptl_vector *s[3] = {NULL}, *as[3] = {NULL}, *bs[3] = {NULL};
    ptl_status status = panel(X, columns, s);
    if (status == PTL_OK)
        status = panel(X, columns, as);
    if (status == PTL_OK && basis->B)
        status = panel(X, columns, bs);
    for (int i = 0; i < 3 && !basis->B; i++)
        bs[i] = ptl_vector_retain(s[i]);
    basis->S = s[0], basis->X = s[1], basis->W = s[2];
    basis->AS = as[0], basis->AX = as[1], basis->AW = as[2];
    basis->BS = bs[0], basis->BX = bs[1], basis->BW = bs[2];
    PTL_TRY(status);
    const int64_t rotated = (whole ? 2 : 1) * X->columns;
    const ptl_vector_shape shape = {X->rows, X->local_rows, rotated, X->dtype};
    return ptl__vector_new(X->comm, X->exec, shape, &basis->rotated);
}

ptl_status ptl__basis_init(ptl__basis *basis, ptl_linop *A, ptl_linop *B, const ptl_vector *X,
                           int64_t fence, int whole)
{
    *basis = (ptl__basis){.A = A, .B = B, .width = ptl__coef_doubles(X->dtype)};
    basis->sections.x = X->columns;
    ptl_status status = allocate(basis, X, fence, whole);
    if (status != PTL_OK)
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

/* Shells of S, A S and B S become their columns first .. first + count. */
static void look_at(const ptl__basis *basis, int64_t first, int64_t count,
                    ptl_vector *const shells[3])
{
    const ptl_vector *blocks[3] = {basis->S, basis->AS, basis->BS};
    for (int i = 0; i < 3; i++) {
        shells[i]->data = ptl__vector_column(blocks[i], first).data;
        shells[i]->columns = count;
    }
}

void ptl__basis_guess(ptl__basis *basis, const ptl_vector *guess)
{
    basis->sections = (ptl__sections){basis->sections.q, guess->columns, 0, 0};
    look_at(basis, basis->sections.q, guess->columns,
            (ptl_vector *[]){basis->X, basis->AX, basis->BX});
    ptl__vector_kernels_of(guess)->copy(ptl__vector_run(guess), ptl__vector_block(guess),
                                        ptl__vector_block(basis->X));
}

void ptl__basis_search(ptl__basis *basis, int64_t columns)
{
    const ptl__sections s = basis->sections;
    basis->sections.w = columns;
    look_at(basis, s.q + s.x + s.p, columns, (ptl_vector *[]){basis->W, basis->AW, basis->BW});
}

void ptl__basis_product(ptl_linop *A, ptl_vector *x, ptl_vector *y, ptl__reducer *reducer)
{
    ptl__trace_begin(PTL_TRACE_PRODUCT, A->cls->kind, 0);
    ptl__reducer_note(reducer, ptl__linop_apply(A, NULL, x, NULL, y));
    ptl__trace_end(PTL_TRACE_PRODUCT, A->cls->kind, 0);
}

void ptl__basis_products(ptl__basis *basis, const ptl_vector *of, ptl__reducer *reducer)
{
    const int first = of == basis->X;
    ptl__basis_product(basis->A, first ? basis->X : basis->W, first ? basis->AX : basis->AW,
                       reducer);
    if (basis->B)
        ptl__basis_product(basis->B, first ? basis->X : basis->W, first ? basis->BX : basis->BW,
                           reducer);
}

ptl_status ptl__basis_reduce(const ptl__basis *basis, ptl__reducer *reducer)
{
    ptl__reducer_note(reducer, ptl__exec_wait(basis->S->exec));
    PTL_TRY(ptl__reducer_post(reducer));
    return ptl__reducer_wait(reducer);
}

/* Q^H A S, and each section's row of blocks, on and above the diagonal. */
static void grams_of(const ptl__basis *basis, const ptl_vector *AS, double *sums)
{
    const ptl__sections s = basis->sections;
    const int64_t counts[4] = {s.q, s.x, s.p, s.w}, all = s.q + ptl__sections_sum(s);
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(basis->S);
    for (int64_t section = 0, first = 0; section < 4; first += counts[section++]) {
        const int64_t from = section == 0 ? s.q : first;
        if (counts[section] == 0)
            continue;
        kernels->gram(ptl__vector_run(basis->S),
                      ptl__basis_columns(basis->S, first, counts[section]),
                      ptl__basis_columns(AS, from, all - from), sums);
        sums += counts[section] * (all - from) * basis->width;
    }
}

double *ptl__basis_grams(const ptl__basis *basis, ptl__reducer *reducer)
{
    const int64_t size = ptl__sections_grams(basis->sections) * basis->width;
    double *sums = ptl__reducer_add(reducer, 2 * size);
    grams_of(basis, basis->AS, sums);
    grams_of(basis, basis->BS, sums + size);
    return sums;
}

double *ptl__basis_overlaps(const ptl__basis *basis, int64_t count, const ptl_vector *v,
                            ptl__reducer *reducer)
{
    double *sums = ptl__reducer_add(reducer, count * v->columns * basis->width);
    if (count > 0)
        ptl__vector_kernels_of(v)->gram(ptl__vector_run(v), ptl__basis_columns(basis->BS, 0, count),
                                        ptl__vector_block(v), sums);
    return sums;
}

void ptl__basis_project(const ptl__basis *basis, ptl__units units, int64_t count, double *sums,
                        ptl_vector *v)
{
    const int64_t row = v->columns * basis->width;
    for (int64_t i = 0; i < count * row; i++)
        sums[i] *= i < basis->sections.q * row ? -1 : -ldexp(1, -units.b);
    if (count > 0)
        ptl__vector_kernels_of(v)->multiply(ptl__vector_run(v), 1,
                                            ptl__basis_columns(basis->S, 0, count), sums,
                                            ptl__vector_block(v));
}

static void rotate(const ptl__basis *basis, const ptl__ritz *ritz, ptl_vector *S)
{
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(S);
    const ptl__run run = ptl__vector_run(S);
    const int64_t cols = ritz->wanted + ritz->directions, q = basis->sections.q;
    const ptl__block made = ptl__basis_columns(basis->rotated, 0, cols);
    kernels->multiply(run, 0, ptl__basis_columns(S, 0, q + ptl__sections_sum(basis->sections)),
                      ritz->coefs, made);
    kernels->copy(run, made, ptl__basis_columns(S, q, cols));
}

void ptl__basis_rotate(ptl__basis *basis, const ptl__ritz *ritz)
{
    rotate(basis, ritz, basis->S);
    rotate(basis, ritz, basis->AS);
    if (basis->B)
        rotate(basis, ritz, basis->BS);
    basis->sections = (ptl__sections){basis->sections.q, ritz->wanted, ritz->directions, 0};
}

/* ---- X alone ---- */

/* X's products, its squared norms, and the Gram matrices. */
static ptl_status measure(ptl__basis *basis, ptl__reducer *reducer, const double **squares,
                          const double **grams)
{
    basis->sections = (ptl__sections){basis->sections.q, basis->X->columns, 0, 0};
    ptl__reducer_begin(reducer);
    double *sums = ptl__reducer_add(reducer, basis->X->columns);
    ptl__vector_kernels_of(basis->X)->norm2_squared(ptl__vector_run(basis->X),
                                                    ptl__vector_block(basis->X), sums);
    ptl__basis_products(basis, basis->X, reducer);
    *squares = sums;
    *grams = ptl__basis_grams(basis, reducer);
    return ptl__basis_reduce(basis, reducer);
}

static ptl_status solve(ptl__basis *basis, ptl__ritz *ritz, const double *grams)
{
    PTL_TRY(ptl__ritz_solve(ritz, basis->sections, grams, NULL));
    if (ritz->trouble == PTL_REASON_RUNNING)
        ptl__basis_rotate(basis, ritz);
    return PTL_OK;
}

ptl_status ptl__basis_refresh(ptl__basis *basis, ptl__ritz *ritz, ptl__reducer *reducer)
{
    const double *squares, *grams;
    PTL_TRY(measure(basis, reducer, &squares, &grams));
    return solve(basis, ritz, grams);
}

static int all_near(int64_t count, const double *squares)
{
    for (int64_t j = 0; j < count; j++)
        if (!(squares[j] >= ldexp(1, -2 * PTL__FAR) && squares[j] <= ldexp(1, 2 * PTL__FAR)))
            return 0;
    return 1;
}

ptl_status ptl__basis_exponents(const ptl_vector *v, double *exponents)
{
    const int limit = ptl_dtype_real(v->dtype) == PTL_F32 ? 120 : 1000; /* so that 2^it is there */
    ptl__vector_kernels_of(v)->norm_inf(ptl__vector_run(v), ptl__vector_block(v), exponents);
    const ptl_status waited = ptl__exec_wait(v->exec);
    for (int64_t j = 0; j < v->columns; j++)
        exponents[j] = isfinite(exponents[j]) ? exponents[j] : HUGE_VAL;
    if (v->comm->size > 1)
        PTL_TRY(
            ptl__comm_allreduce(v->comm, exponents, v->columns, PTL_MTYPE_DOUBLE, PTL_REDUCE_MAX));
    for (int64_t j = 0; j < v->columns; j++) {
        const int usable = exponents[j] > 0 && isfinite(exponents[j]);
        exponents[j] = usable ? fmax(-limit, fmin(ilogb(exponents[j]), limit)) : 0;
    }
    return waited;
}

void ptl__basis_scale(ptl_vector *v, int64_t j, int exponent)
{
    const double factor[2] = {ldexp(1, exponent), 0};
    if (exponent != 0)
        ptl__vector_kernels_of(v)->scale(ptl__vector_run(v), factor, NULL,
                                         ptl__vector_column(v, j));
}

/* The exponent of the largest of `count` numbers divided by `by`, where it is far from 0. */
static int exponent_of(int64_t count, const double *numbers, double by)
{
    double most = 0;
    for (int64_t i = 0; i < count; i++)
        most = fmax(most, fabs(numbers[i]));
    const int usable = most > 0 && isfinite(most) && by > 0 && isfinite(by);
    const int exponent = usable ? ilogb(most) - ilogb(by) : 0;
    return abs(exponent) > PTL__FAR ? exponent : 0;
}

/* From X^H A X, X^H B X and X's squared norms. */
static ptl__units units_of(const ptl__basis *basis, const double *squares, const double *grams)
{
    const int64_t q = basis->sections.q, x = basis->sections.x;
    const int64_t before = q * x * basis->width, size = x * x * basis->width;
    double by = 0;
    for (int64_t j = 0; j < x; j++)
        by = fmax(by, squares[j]);
    const double *with_b = grams + before + size;
    return (ptl__units){
        .a = exponent_of(size, grams + before, by),
        .b = basis->B ? exponent_of(size, with_b + before, by) / 2 * 2 : 0,
    };
}

ptl_status ptl__basis_start(ptl__basis *basis, ptl__ritz *ritz, ptl__reducer *reducer)
{
    const double *squares, *grams;
    PTL_TRY(measure(basis, reducer, &squares, &grams));
    if (!all_near(basis->X->columns, squares)) {
        PTL_TRY(ptl__basis_exponents(basis->X, ritz->values));
        for (int64_t j = 0; j < basis->X->columns; j++)
            ptl__basis_scale(basis->X, j, -(int)ritz->values[j]);
        PTL_TRY(measure(basis, reducer, &squares, &grams));
    }
    ritz->units = units_of(basis, squares, grams);
    return solve(basis, ritz, grams);
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
