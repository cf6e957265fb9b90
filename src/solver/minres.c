/* The minimal residual method, for Hermitian A, indefinite or not, and Hermitian positive definite
 * M (Paige and Saunders, SIAM J. Numer. Anal. 12, 1975; preconditioned: Elman, Silvester and
 * Wathen, Finite Elements and Fast Iterative Solvers, 2nd ed., algorithm 4.1).
 *
 * What it minimises, and has at hand as |eta|, is sqrt(conj(r) M r). With a preconditioner ||r||_2
 * is another norm: so r is carried along, r = s^2 r - tau v, and the norm that it will have is
 * known from inner products that leave with the others.
 *
 * One iteration: one product, one preconditioner application, two reductions: (z, A z), with which
 * the norm of the last r leaves; and (v, M v), (v, v), (r, v). 16 words a row move beside those: v
 * reads three vectors and writes one (4), the direction w likewise (4), (r, v) (2), x (3) and r
 * with its norm (3). */
#include <math.h>
#include <string.h>

#include "../core/status.h"
#include "kinds.h"
#include "scalars.h"

/* What one column knows. The Lanczos vectors v and z = M v are not normalised: gamma is their
 * length, sqrt((v, z)). Nor are the directions w, which are alpha times too long. Both are kept as
 * so many times themselves as the scales say, powers of two: v about as long as the first one,
 * which is ptl__power_root of the residual, and w as that of the step along it. */
typedef struct column {
    double unit;                      /* what M counts as, times itself */
    double squared, gamma, gamma_old; /* squared: gamma^2, as it was summed */
    double beside;                    /* gamma as an entry of T: the first is none */
    double length;                    /* of the first v as it is kept, about */
    double scale, scale_old, scale_new, scale_w;
    double alpha, alpha_old;                   /* on the diagonal of R, where T = Q R */
    double unrotated;                          /* alpha before its last rotation */
    double cosine, cosine_old, sine, sine_old; /* of the rotations */
    double eta;
    double rr;   /* ||r||^2 */
    double size; /* the largest sum of a row's entries of T up to now */
} column;

enum { COLUMN = sizeof(column) / sizeof(double) };
enum { OF_Q, OF_W, STEP, MINUS_STEP, KEPT, ETA_SQUARED, FIRST, COEFS };

/* s->scratch: the columns; two coefficients for each in two combinations; and ||r||^2, this rank's
 * part of the last, and all of the next. */
typedef struct state {
    column *of;
    double *pairs_of_v, *pairs_of_w, *part, *norms;
} state;

static state state_of(const ptl__solve *s)
{
    const int64_t pairs = s->columns * 2 * s->width;
    double *at = s->scratch + s->columns * COLUMN;
    return (state){(column *)s->scratch, at, at + pairs, at + 2 * pairs,
                   at + 2 * pairs + s->columns};
}

/* (v, M v) must be positive for a process that goes on: else M is not definite, or singular, and
 * the column stops. */
static int is_positive(ptl__solve *s, int64_t j, double squared)
{
    if (squared > 0 && ptl__fits(squared, PTL_F64))
        return 1;
    ptl_reason reason = PTL_REASON_NON_FINITE;
    if (squared == 0)
        reason = PTL_REASON_BREAKDOWN;
    else if (squared < 0)
        reason = PTL_REASON_INDEFINITE;
    ptl__solve_stop_column(s, j, reason);
    return 0;
}

static int64_t require_positive(ptl__solve *s, state now)
{
    for (int64_t j = 0; j < s->columns; j++)
        if (s->mask[j])
            is_positive(s, j, now.of[j].squared);
    return ptl__solve_running(s);
}

/* A square of the first Lanczos vector's as one of r's. */
static double without(const ptl__solve *s, int64_t j, double square)
{
    const double first = creal(ptl__get(s->coef[FIRST], j, s->width));
    return square / first / first;
}

/* 1, or 1/2 where that makes the exponent of (r, M r) even: so that M times a power of two has the
 * same roots, but for a power of two. */
static double unit_of(const ptl__solve *s, double squared)
{
    return s->M && ptl__exponent(fabs(squared)) % 2 != 0 ? 0.5 : 1;
}

/* The first Lanczos vector is FIRST r. */
static void begin(ptl__solve *s, state now, const double *rr, const double *squares)
{
    for (int64_t j = 0; j < s->columns; j++) {
        const double first = creal(ptl__get(s->coef[FIRST], j, s->width));
        const double sum = without(s, j, squares[j * s->width]), unit = unit_of(s, sum);
        const double squared = unit * sum, gamma = sqrt(fabs(squared));
        now.of[j] = (column){.squared = squared, .gamma = gamma, .gamma_old = 1, .eta = gamma};
        now.of[j].unit = unit;
        now.of[j].alpha = now.of[j].alpha_old = now.of[j].cosine = now.of[j].cosine_old = 1;
        now.of[j].length = ptl__power_near(first * gamma);
        now.of[j].scale = now.of[j].scale_old = first;
        now.norms[j] = now.of[j].rr = without(s, j, rr[j]);
        ptl__set(s->coef[ETA_SQUARED], j, s->width, sum);
    }
}

/* How the next v is kept, and w from the first on: by what is known of T's size. */
static void choose_scales(column *k)
{
    k->scale_new = k->length / ptl__power_near(k->size);
    if (k->scale_w == 0)
        k->scale_w = ptl__power_root(k->gamma / k->size);
}

/* From delta = (z, A z) / gamma^2, the next column of T: what makes the next v and w. */
static void find_vectors(ptl__solve *s, state now, const double *zq, const double *rr)
{
    const int64_t n = s->columns;
    const int width = s->width;
    for (int64_t j = 0; j < n; j++) {
        if (s->mask[j] && !ptl__fits(zq[j * width], PTL_F64))
            ptl__solve_stop_column(s, j, PTL_REASON_NON_FINITE);
        if (!s->mask[j])
            continue;
        column *k = &now.of[j];
        const double gamma = k->gamma, beside = k->beside;
        const double of_z = k->unit / k->scale, delta = zq[j * width] * of_z * of_z / k->squared;
        const double above = k->sine * delta + k->cosine_old * k->cosine * beside;
        k->unrotated = k->cosine * delta - k->cosine_old * k->sine * beside;
        k->size = fmax(k->size, fabs(delta) + beside);
        k->rr = rr[j];
        choose_scales(k);
        const double kept = k->scale_new / k->scale, kept_old = k->scale_new / k->scale_old;
        ptl__set(s->coef[OF_Q], j, width, k->unit * kept / gamma);
        ptl__set(now.pairs_of_v, j, width, -delta / gamma * kept);
        ptl__set(now.pairs_of_v, n + j, width, -beside / k->gamma_old * kept_old);
        ptl__set(s->coef[OF_W], j, width, -k->sine_old * beside / k->alpha_old);
        ptl__set(now.pairs_of_w, j, width, k->scale_w * of_z / gamma);
        ptl__set(now.pairs_of_w, n + j, width, -above / k->alpha);
    }
}

/* The rotation that takes the new gamma to zero, the steps of x and r along w and v, and the norm
 * that r will have. */
static void rotate(ptl__solve *s, state now, int64_t j, double squared, double rv, double vv)
{
    column *k = &now.of[j];
    const double gamma = sqrt(squared), alpha = hypot(k->unrotated, gamma);
    k->gamma_old = k->gamma, k->gamma = k->beside = gamma;
    k->scale_old = k->scale, k->scale = k->scale_new;
    k->alpha_old = k->alpha, k->alpha = alpha;
    k->cosine_old = k->cosine, k->cosine = k->unrotated / alpha;
    k->sine_old = k->sine, k->sine = gamma / alpha;
    const double step = k->cosine * k->eta / alpha, kept = k->sine * k->sine;
    k->eta *= -k->sine;
    now.norms[j] = fmax(kept * kept * k->rr - 2 * kept * step * rv + step * step * vv, 0);
    ptl__set(s->coef[STEP], j, s->width, step / k->scale_w);
    ptl__set(s->coef[MINUS_STEP], j, s->width, -step / k->scale);
    ptl__set(s->coef[KEPT], j, s->width, kept);
    ptl__set(s->coef[ETA_SQUARED], j, s->width, k->eta * k->eta / k->unit);
}

/* A column has no step where M is indefinite, or where R is singular: A is so, as far as the
 * process has seen it, and r is as small as it gets. */
static int64_t find_steps(ptl__solve *s, state now, const double *squares, const double *rv,
                          const double *vv)
{
    for (int64_t j = 0; j < s->columns; j++) {
        column *k = &now.of[j];
        const double scale = k->scale_new,
                     squared = squares[j * s->width] * k->unit / scale / scale;
        if (!s->mask[j] || (squared != 0 && !is_positive(s, j, squared)))
            continue;
        k->squared = squared;
        k->size = fmax(k->size, k->beside + sqrt(squared));
        if (hypot(k->unrotated, sqrt(squared)) <= ptl__epsilon(s->b->dtype) * k->size)
            ptl__solve_stop_column(s, j, PTL_REASON_BREAKDOWN);
        else
            rotate(s, now, j, squared, rv[j * s->width] / scale, vv[j] / scale / scale);
    }
    return ptl__solve_running(s);
}

/* The sums of (v, v), (v, M v) and (r, v), which leave together. */
typedef struct sums {
    double *vv, *vz, *rv;
} sums;

static sums begin_sums(ptl__solve *s)
{
    ptl__solve_begin(s);
    double *vv = ptl__solve_norm_sums(s), *vz = ptl__solve_sums(s, 1);
    return (sums){vv, vz, ptl__solve_sums(s, 1)};
}

static ptl_status reduce_sums(ptl__solve *s, sums sum)
{
    PTL_TRY(ptl__solve_reduce(s));
    for (int64_t j = 0; j < s->columns && !s->M; j++)
        ptl__set(sum.vz, j, s->width, sum.vv[j]);
    return PTL_OK;
}

/* The first v and z; *running: how many columns go on. */
static ptl_status start(ptl__solve *s, state now, ptl_vector *v, ptl_vector **z, int64_t *running)
{
    const sums sum = begin_sums(s);
    for (int64_t j = 0; j < s->columns; j++) /* r's norms are not known yet */
        ptl__set(s->coef[FIRST], j, s->width, 1 / ptl__power_root(s->log->rhs_norms[j]));
    ptl__solve_copy_scaled(s, s->coef[FIRST], s->r, v);
    ptl__solve_norms(s, v, now.part);
    ptl__solve_await(s);
    memcpy(sum.vv, now.part, (size_t)s->columns * sizeof(double));
    for (int64_t j = 0; j < s->columns; j++)
        now.part[j] = without(s, j, now.part[j]);
    *z = ptl__solve_precondition(s, v, s->work[3], sum.vz);
    PTL_TRY(reduce_sums(s, sum));
    begin(s, now, sum.vv, sum.vz);
    PTL_TRY(ptl__solve_check(s, now.norms, s->coef[ETA_SQUARED], running));
    *running = require_positive(s, now);
    return PTL_OK;
}

/* q = A z, and (z, q). */
static ptl_status multiply(ptl__solve *s, state now, ptl_vector *z, ptl_vector *q, int64_t *running)
{
    ptl__solve_begin(s);
    double *rr = ptl__solve_norm_sums(s), *zq = ptl__solve_sums(s, 1);
    ptl__solve_await(s);
    memcpy(rr, now.part, (size_t)s->columns * sizeof(double));
    ptl__solve_apply_dot(s, z, q, zq);
    PTL_TRY(ptl__solve_reduce(s));
    find_vectors(s, now, zq, rr);
    *running = ptl__solve_running(s);
    return PTL_OK;
}

static void swap(ptl_vector **a, ptl_vector **b)
{
    ptl_vector *old = *a;
    *a = *b;
    *b = old;
}

static ptl_status minres_run(ptl__solve *s)
{
    const state now = state_of(s);
    ptl_vector *v = s->work[0], *v_old = s->work[1], *q = s->work[2], *z;
    ptl_vector *w = s->work[4], *w_old = s->work[5];
    int64_t running;
    ptl__solve_zero(s, v_old);
    ptl__solve_zero(s, w);
    ptl__solve_zero(s, w_old);
    PTL_TRY(start(s, now, v, &z, &running));
    while (running) {
        PTL_TRY(multiply(s, now, z, q, &running));
        if (!running)
            break;
        const sums sum = begin_sums(s);
        ptl__solve_combine(s, 2, (ptl_vector *const[]){v, v_old}, now.pairs_of_v, s->coef[OF_Q], q,
                           sum.vv);
        ptl__solve_combine(s, 2, (ptl_vector *const[]){z, w}, now.pairs_of_w, s->coef[OF_W], w_old,
                           NULL);
        swap(&w, &w_old);
        swap(&v_old, &q); /* q has the new v: v_old, v, q become v, q, v_old */
        swap(&v_old, &v);
        z = ptl__solve_precondition(s, v, s->work[3], sum.vz);
        ptl__solve_dots(s, 1, &s->r, v, sum.rv);
        PTL_TRY(reduce_sums(s, sum));
        if (!find_steps(s, now, sum.vz, sum.rv, sum.vv))
            break;
        ptl__solve_combine(s, 1, &w, s->coef[STEP], s->one, s->x, NULL);
        ptl__solve_combine(s, 1, &v, s->coef[MINUS_STEP], s->coef[KEPT], s->r, now.part);
        s->iteration++;
        PTL_TRY(ptl__solve_check(s, now.norms, s->coef[ETA_SQUARED], &running));
        running = require_positive(s, now);
    }
    return PTL_OK;
}

const ptl__method ptl__minres_method = {
    .kind = PTL__SOLVER_KIND("minres", "Minres",
                             "The minimal residual method, for symmetric (Hermitian) A, indefinite "
                             "or not, and positive definite M.",
                             NULL),
    .needs = {.work = 6, .coefs = COEFS, .sums = 2, .scratch = COLUMN + 8 + 2},
    .run = minres_run,
};

ptl_status ptl_minres_factory(const ptl_solver_options *options, ptl_factory **out)
{
    return ptl__solver_factory(&ptl__minres_method, options, out);
}
