/* Arnoldi's process: by classical Gram-Schmidt done twice (Giraud, Langou, Rozloznik, van den
 * Eshof, Numer. Math. 101, 2005), once, and modified (Saad, Iterative Methods for Sparse Linear
 * Systems, 2nd ed., algorithm 6.2).
 *
 * Reductions of a step: modified has one for each vector and one for the norm. Classical has two:
 * all inner products, then the norm. Classical twice has two as well: the second one brings the
 * norm between the projections along with the inner products of the second, and the norm after it
 * follows by Pythagoras; where that cancels, which happens when hardly anything is left, a third
 * one takes the norm itself. */
#include "arnoldi.h"

#include <string.h>

#include "../core/status.h"

/* Less than this share of a square left by Pythagoras, and its rounding shows. */
static const double safe_share = 0.25;

static int64_t coef_doubles(int64_t most)
{
    return 2 * (most + 1);
}

int64_t ptl__krylov_doubles(int64_t most)
{
    return coef_doubles(most) + ptl__hessenberg_doubles(most);
}

ptl__krylov ptl__krylov_of(ptl__solve *s, int64_t most)
{
    return (ptl__krylov){
        .s = s,
        .most = most,
        .tiny = 100 * ptl__epsilon(s->b->dtype),
        .coefs = s->scratch,
        .small = s->scratch + coef_doubles(most) * s->columns,
        .inverse = s->coef[0],
        .residuals = s->coef[1],
        .first = s->coef[2],
    };
}

ptl__hessenberg *ptl__krylov_column(const ptl__krylov *p, int64_t j)
{
    return (ptl__hessenberg *)(p->small + j * ptl__hessenberg_doubles(p->most));
}

/* A column that has stopped has zeros in every further vector: what is done to it stays harmless.
 */
static void clear_column(const ptl__solve *s, ptl_vector *v, int64_t j)
{
    static const double zero[2] = {0, 0};
    s->kernels->fill(s->threads, zero, ptl__vector_column(v, j));
}

static void stop(ptl__solve *s, ptl_vector *w, int64_t j, ptl_reason reason)
{
    ptl__solve_stop_column(s, j, reason);
    clear_column(s, w, j);
}

/* The residuals' norms at the begin of a cycle that is not the first. */
static void open_cycle(const ptl__krylov *p, const double *norms)
{
    ptl__solve *s = p->s;
    for (int64_t j = 0; j < s->columns; j++) {
        ptl__hessenberg *h = ptl__krylov_column(p, j);
        const double first = creal(ptl__get(p->first, j, s->width));
        const double beta = sqrt(norms[j]) / first;
        h->steps = 0;
        if (!s->mask[j])
            continue;
        if (!isfinite(beta))
            stop(s, p->v[1], j, PTL_REASON_NON_FINITE);
        else if (beta >= (1 - p->tiny) * h->begin)
            stop(s, p->v[1], j, PTL_REASON_STAGNATION);
        else
            ptl__hessenberg_begin(h, beta, first);
    }
}

/* Adds column j's inner products of w with v[first ..] to H, and makes the coefficients that take
 * w's parts along them away. w is still the product with v[k] as it is kept where `raw`, and else
 * h->length times what it stands for. Returns the sum of the squares of its parts. */
static double take(const ptl__krylov *p, int64_t j, int64_t k, int64_t first, int64_t count,
                   const double *sums, int raw)
{
    const ptl__solve *s = p->s;
    ptl__hessenberg *h = ptl__krylov_column(p, j);
    ptl__scalar *column = ptl__hessenberg_column(h, k);
    double squares = 0;
    if (raw)
        ptl__hessenberg_measure(h, cabs(ptl__get(sums, j, s->width)) / h->norm[0] / h->norm[k]);
    for (int64_t i = 0; i < count; i++) {
        const int64_t at = i * s->columns + j;
        const double norm = h->norm[first + i];
        ptl__scalar part = 0;
        if (norm > 0)
            part = ptl__get(sums, at, s->width) / norm / (raw ? h->norm[k] / h->length : 1);
        ptl__set(p->coefs, at, s->width, norm > 0 ? -part / norm : 0);
        column[first + i] += part / h->length;
        squares += creal(part) * creal(part) + cimag(part) * cimag(part);
    }
    return squares;
}

static void take_all(const ptl__krylov *p, int64_t k, int64_t first, int64_t count,
                     const double *sums)
{
    for (int64_t j = 0; j < p->s->columns; j++)
        if (p->s->mask[j])
            (void)take(p, j, k, first, count, sums, first == 0);
}

/* (C) Ends the reduction that has w's squared norms. */
static ptl_status take_norms(const ptl__krylov *p, int64_t k, const double *norms)
{
    PTL_TRY(ptl__solve_reduce(p->s));
    for (int64_t j = 0; j < p->s->columns; j++)
        ptl__krylov_column(p, j)->norm[k + 1] = sqrt(norms[j]);
    return PTL_OK;
}

/* (C) The second projection, in the reduction that has w's squared norms after the first. */
static ptl_status project_again(const ptl__krylov *p, int64_t k, double *norms)
{
    ptl__solve *s = p->s;
    ptl_vector *w = p->v[k + 1];
    double *sums = ptl__solve_sums(s, k + 1);
    ptl__solve_dots(s, k + 1, p->v, w, sums);
    PTL_TRY(ptl__solve_reduce(s));
    int unsure = 0;
    for (int64_t j = 0; j < s->columns; j++) {
        if (!s->mask[j])
            continue;
        const double rest = norms[j] - take(p, j, k, 0, k + 1, sums, 0);
        ptl__krylov_column(p, j)->norm[k + 1] = sqrt(fmax(rest, 0));
        unsure += !(rest >= safe_share * norms[j]);
    }
    if (unsure) {
        ptl__solve_begin(s);
        norms = ptl__solve_norm_sums(s);
    }
    ptl__solve_combine(s, k + 1, p->v, p->coefs, s->one, w, unsure ? norms : NULL);
    return unsure ? take_norms(p, k, norms) : PTL_OK;
}

/* length / |v[k]| of each running column: the first pass over w multiplies by it. */
static const double *lengths(const ptl__krylov *p, int64_t k)
{
    const ptl__solve *s = p->s;
    for (int64_t j = 0; j < s->columns; j++) {
        const ptl__hessenberg *h = ptl__krylov_column(p, j);
        const double norm = h->norm[k];
        ptl__set(p->inverse, j, s->width, s->mask[j] && norm > 0 ? h->length / norm : 0);
    }
    return p->inverse;
}

/* (C) w, the product, becomes orthogonal to v[0 .. k]. */
static ptl_status orthogonalize(const ptl__krylov *p, int64_t k, const double *opening)
{
    ptl__solve *s = p->s;
    const int method = s->options->orthogonalization;
    const int64_t lot = method == PTL_ORTHO_MGS ? 1 : k + 1;
    ptl_vector *w = p->v[k + 1];
    double *norms = NULL;
    for (int64_t i = 0; i <= k; i += lot) {
        double *sums = ptl__solve_sums(s, lot);
        ptl__solve_dots(s, lot, p->v + i, w, sums);
        PTL_TRY(ptl__solve_reduce(s));
        if (i == 0 && opening)
            open_cycle(p, opening);
        take_all(p, k, i, lot, sums);
        ptl__solve_begin(s);
        norms = ptl__solve_norm_sums(s);
        ptl__solve_combine(s, lot, p->v + i, p->coefs, i ? s->one : lengths(p, k), w,
                           i + lot > k ? norms : NULL);
    }
    return method == PTL_ORTHO_CGS2 ? project_again(p, k, norms) : take_norms(p, k, norms);
}

ptl_status ptl__arnoldi_step(const ptl__krylov *p, int64_t k, const double *norms, int64_t *running)
{
    ptl__solve *s = p->s;
    for (int64_t j = 0; j < s->columns; j++) {
        ptl__scalar *column = ptl__hessenberg_column(ptl__krylov_column(p, j), k);
        memset(column, 0, (size_t)(k + 1) * sizeof *column);
        if (!s->mask[j])
            clear_column(s, p->v[k + 1], j);
    }
    PTL_TRY(orthogonalize(p, k, norms));
    *running = 0;
    for (int64_t j = 0; j < s->columns; j++) {
        ptl__hessenberg *h = ptl__krylov_column(p, j);
        const ptl_reason reason =
            s->mask[j] ? ptl__hessenberg_extend(h, p->tiny) : PTL_REASON_RUNNING;
        if (reason != PTL_REASON_RUNNING)
            stop(s, p->v[k + 1], j, reason);
        p->residuals[j] = h->residual * h->residual;
        *running += s->mask[j];
    }
    return PTL_OK;
}
