/* A solve of A x = b is one of A (2^k x) = 2^k b, with the same bits; where |b| is so small or
 * large that inner products would underflow or overflow, the latter is solved instead, for each
 * column with a k of its own. The method and the criteria work on that scale, whose absolute
 * tolerances are 2^k times the user's; callbacks and the log have the user's. */
#include "scaling.h"

#include <math.h>

#include "../base/careful_norm.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "generated.h"

/* Norms of b from 2^-limit to 2^limit are as usual: there is room for A's norm, and for residuals
 * far below b's. */
static int limit_of(const ptl__solve *s)
{
    return ptl_dtype_real(s->b->dtype) == PTL_F32 ? 48 : 256;
}

static int is_usual(int limit, double square)
{
    return square >= ldexp(1, -2 * limit) && square <= ldexp(1, 2 * limit);
}

void ptl__scaling_clear(ptl__scaling *scaling)
{
    ptl__free(scaling->exponents);
    ptl_vector_release(&scaling->b);
    ptl__free(scaling->factor);
    ptl__free(scaling->mask);
    ptl__free(scaling->norms);
    *scaling = (ptl__scaling){0};
}

/* What a solve needs that is scaled; callbacks then see copies. */
static ptl_status allocate(ptl__solve *s, ptl__workspace *space)
{
    ptl__scaling *scaling = &space->scaling;
    for (int i = 0; i < 2; i++)
        if (!space->shown[i] && (s->options->callback || s->solver->predicates))
            PTL_TRY(ptl__vector_new_like(s->b, s->b->dtype, &space->shown[i]));
    if (!scaling->factor)
        PTL_TRY(PTL_NEW_ZERO(s->columns * s->width, double, &scaling->factor));
    if (!scaling->mask)
        PTL_TRY(PTL_NEW(s->columns, uint8_t, &scaling->mask));
    if (!scaling->norms)
        PTL_TRY(PTL_NEW(s->columns, double, &scaling->norms));
    return scaling->b ? PTL_OK : ptl__vector_new_like(s->b, s->b->dtype, &scaling->b);
}

/* v's columns times 2^(sign exponent), in two steps: the factor itself may be no number. */
static void scale(ptl__solve *s, int sign, ptl_vector *v)
{
    ptl__scaling *scaling = &s->solver->space.scaling;
    for (int step = 0; step < 2; step++) {
        for (int64_t j = 0; j < s->columns; j++) {
            const int all = sign * scaling->exponents[j], half = all / 2;
            scaling->factor[j * s->width] = ldexp(1, step ? all - half : half);
            scaling->mask[j] = all != 0;
        }
        s->kernels->scale(s->threads, scaling->factor, scaling->mask, ptl__vector_block(v));
    }
}

/* (C) The columns of x0 whose residual is so large beside b that rounding alone keeps them from
 * their solution become zero; scaled they might be no numbers. s->r, which is A x, is lost. */
static ptl_status drop_guesses(ptl__solve *s)
{
    static const double zero[2] = {0, 0};
    const int *exponents = s->solver->space.scaling.exponents;
    double *norms = s->solver->space.scaling.norms;
    s->kernels->scale_add(s->threads, s->minus_one, ptl__vector_block(s->b), NULL,
                          ptl__vector_block(s->r));
    ptl__solve_begin(s);
    double *rr = ptl__solve_norm_sums(s);
    ptl__solve_norms(s, s->r, rr);
    PTL_TRY(ptl__solve_reduce(s));
    for (int64_t j = 0; j < s->columns; j++)
        norms[j] = rr[j];
    PTL_TRY(ptl__careful_norms(s->r, norms));
    for (int64_t j = 0; j < s->columns; j++)
        if (exponents[j] != 0 && isfinite(norms[j]) &&
            ldexp(norms[j], exponents[j] - 106) > s->log->rhs_norms[j])
            s->kernels->fill(s->threads, zero, ptl__vector_column(s->x, j));
    return PTL_OK;
}

/* (C) rhs_norms are on the scale of the solve already. */
static ptl_status rescale(ptl__solve *s)
{
    ptl__workspace *space = &s->solver->space;
    PTL_TRY(ptl__agree(s->b->comm, allocate(s, space), 0, "calls"));
    PTL_TRY(drop_guesses(s));
    ptl__workspace_dress(space, s->b);
    s->exponents = space->scaling.exponents;
    s->kernels->copy(s->threads, ptl__vector_block(s->b), ptl__vector_block(space->scaling.b));
    s->b = space->scaling.b;
    scale(s, 1, s->b);
    scale(s, 1, s->x);
    ptl__solve_apply(s, s->x, s->r);
    return PTL_OK;
}

ptl_status ptl__scaling_open(ptl__solve *s)
{
    double *norms = s->log->rhs_norms;
    int *exponents = s->solver->space.scaling.exponents;
    const int limit = limit_of(s);
    int64_t usual = 0, scaled = 0;
    for (int64_t j = 0; j < s->columns; j++) {
        usual += is_usual(limit, norms[j]);
        exponents[j] = 0;
    }
    if (usual < s->columns)
        PTL_TRY(ptl__careful_squares(s->b, norms, exponents));
    for (int64_t j = 0; j < s->columns; j++) {
        const double square = norms[j];
        norms[j] = sqrt(square);
        if (square == 0 || !isfinite(square) || (exponents[j] == 0 && is_usual(limit, square))) {
            exponents[j] = 0;
            continue;
        }
        exponents[j] -= ilogb(norms[j]);
        norms[j] = ldexp(norms[j], -ilogb(norms[j]));
        scaled++;
    }
    return scaled ? rescale(s) : PTL_OK;
}

void ptl__scaling_round(ptl__solve *s)
{
    if (!s->exponents)
        return;
    scale(s, -1, s->x);
    scale(s, 1, s->x);
}

/* Rows of norms, one per column. */
static void unscale(const ptl__solve *s, int64_t rows, const double *norms, double *out)
{
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < s->columns; j++)
            out[i * s->columns + j] = ldexp(norms[i * s->columns + j], -s->exponents[j]);
}

void ptl__scaling_close(ptl__solve *s)
{
    ptl_log *log = s->log;
    double *const norms[] = {log->residual_norms, log->true_residual_norms, log->rhs_norms,
                             log->initial_norms,  log->implicit_norms,      log->initial_implicit};
    if (!s->exponents)
        return;
    scale(s, -1, s->x);
    for (size_t i = 0; i < sizeof norms / sizeof *norms; i++)
        unscale(s, 1, norms[i], norms[i]);
    unscale(s, log->iterations + 1, log->history, log->history);
    s->exponents = NULL;
}

const double *ptl__scaling_norms(ptl__solve *s)
{
    double *norms = s->solver->space.scaling.norms;
    if (!s->exponents)
        return s->log->residual_norms;
    unscale(s, 1, s->log->residual_norms, norms);
    return norms;
}

void ptl__scaling_show(ptl__solve *s, ptl_vector *shown)
{
    if (s->exponents)
        scale(s, -1, shown);
}
