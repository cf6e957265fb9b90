/* Pipelined conjugate gradients, for Hermitian positive definite A and M (Ghysels and Vanroose,
 * Parallel Computing 40, 2014, algorithm 4): the method of cg.c, with its inner products moved to
 * where one reduction holds them all, and is on its way while M and A are applied.
 *
 * One iteration: one product, one preconditioner application, one reduction, which does not block:
 * of (r, u), (w, u), and (r, r) for the convergence check. 18 words a row move beside M's and A's
 * (13 without M), in one pass: ten vectors are read and eight of them written.
 *
 * The last product and application of a solve are made for nothing, since its norm arrives after
 * them. u = M r, w = A u, and for the direction s = A p, q = M s and z = A q are all updated, not
 * computed, and rounding takes them away from what they stand for: so every 50 iterations, 10 in
 * single precision, they are computed afresh, which takes three products and two applications, but
 * no reduction (after Cools et al., SIAM J. Matrix Anal. Appl. 39, 2018). r is not: replacing it by
 * b - A x perturbs the method by the rounding of that, which in single precision kept some solves
 * from ever ending.
 *
 * Single precision may not hold u or n, where A or b are large or small: M r, and A M A M r. Where
 * the first sums say so the solve begins again with a multiple of M. */
#include <math.h>
#include <string.h>

#include "../core/status.h"
#include "kinds.h"
#include "scalars.h"

enum { GAMMA, RU, UW, SCALE, COEFS };

/* The vectors, M's application or not; scaled: M counts SCALE times. */
typedef struct vectors {
    ptl_vector *u, *w, *m, *n, *z, *s, *p, *q, *space;
    int scaled;
} vectors;

static vectors vectors_of(const ptl__solve *s, int scaled)
{
    ptl_vector **work = s->work;
    vectors v = {s->r, work[0], work[0], work[1], work[2], work[3], work[4], NULL, work[8], scaled};
    if (s->M || scaled) {
        v.u = work[5];
        v.m = work[6];
        v.q = work[7];
    }
    return v;
}

static ptl_vector *precondition(ptl__solve *s, vectors v, ptl_vector *r, ptl_vector *z,
                                double *sums)
{
    if (!v.scaled)
        return ptl__solve_precondition(s, r, z, sums);
    ptl_vector *to = s->M ? v.space : z;
    ptl__solve_copy_scaled(s, s->coef[SCALE], r, to);
    return ptl__solve_precondition(s, to, z, sums);
}

/* One double per column each, in s->scratch, zeros at the start. */
typedef struct coefs {
    double *alpha, *beta, *gamma, *norms, *restarted;
} coefs;

static coefs coefs_of(const ptl__solve *s)
{
    const int64_t n = s->columns;
    double *at = s->scratch;
    memset(at, 0, (size_t)(5 * n) * sizeof(double));
    return (coefs){at, at + n, at + 2 * n, at + 3 * n, at + 4 * n};
}

/* After how many iterations everything is computed afresh. */
static int period_of(const ptl__solve *s)
{
    return ptl_dtype_real(s->b->dtype) == PTL_F32 ? 10 : 50;
}

/* u and w from r, and this rank's part of the sums: conj(r) u, conj(w) u, |r|^2. */
static void follow(ptl__solve *s, vectors v, double *sums)
{
    const int64_t n = s->columns;
    double *ru = s->coef[RU], *uw = s->coef[UW];
    ptl__solve_norms(s, s->r, sums + 2 * n);
    precondition(s, v, s->r, v.u, ru);
    ptl__solve_apply_dot(s, v.u, v.w, uw);
    ptl__solve_await(s);
    for (int64_t j = 0; j < n; j++) {
        sums[j] = s->M ? ru[j * s->width] : sums[2 * n + j];
        if (v.scaled) /* M's sums are of r so many times */
            sums[j] *= s->M ? 1 / s->coef[SCALE][j * s->width] : s->coef[SCALE][j * s->width];
        sums[n + j] = uw[j * s->width];
    }
}

static void start(ptl__solve *s, vectors v, double *sums)
{
    ptl__solve_zero(s, v.z);
    ptl__solve_zero(s, v.s);
    ptl__solve_zero(s, v.p);
    if (v.q)
        ptl__solve_zero(s, v.q);
    follow(s, v, sums);
}

/* s = A p, q = M s, z = A q, and u, w and the sums; where a column has drifted r = b - A x too. */
static void replace(ptl__solve *s, vectors v, int drifted, double *sums)
{
    if (drifted) {
        ptl__solve_apply(s, s->x, v.n);
        ptl__solve_combine(s, 1, &v.n, s->minus_one, NULL, s->r, NULL);
        ptl__solve_combine(s, 1, &s->b, s->one, s->one, s->r, NULL);
    }
    ptl__solve_apply(s, v.p, v.s);
    ptl__solve_apply(s, precondition(s, v, v.s, v.q, NULL), v.z);
    follow(s, v, sums);
}

/* All vectors, and this rank's part of the sums, in one pass. */
static void step(ptl__solve *s, vectors v, coefs of, double *sums)
{
    ptl__pipecg blocks = {
        .n = ptl__vector_block(v.n),
        .z = ptl__vector_block(v.z),
        .s = ptl__vector_block(v.s),
        .p = ptl__vector_block(v.p),
        .x = ptl__vector_block(s->x),
        .r = ptl__vector_block(s->r),
        .u = ptl__vector_block(v.u),
        .w = ptl__vector_block(v.w),
    };
    if (v.q) {
        blocks.m = ptl__vector_block(v.m);
        blocks.q = ptl__vector_block(v.q);
    }
    s->kernels->pipecg_step(s->threads, of.alpha, of.beta, s->mask, blocks, sums);
    ptl__solve_passed("pipecg_step", v.q ? 18 : 13);
}

/* The norms of the columns that run; after the first, those that have stopped have no new ones. */
static ptl_status check(ptl__solve *s, int first, coefs of, const double *sums, int64_t *running)
{
    const int64_t n = s->columns;
    for (int64_t j = 0; j < n; j++) {
        if (!first && !s->mask[j])
            continue;
        of.norms[j] = sums[2 * n + j];
        ptl__set(s->coef[GAMMA], j, s->width, sums[j]);
    }
    return ptl__solve_check(s, of.norms, s->coef[GAMMA], running);
}

/* Stops a column where (r, u) or (p, A p) is not positive: A or M is not definite. But the latter
 * is a difference, which may be rounding alone where half of the dtype's digits have been gained.
 */
static void stop(ptl__solve *s, int64_t j, double gamma, double pAp, double norm_squared)
{
    const double rhs = s->log->rhs_norms[j];
    const int digits = norm_squared > ptl__epsilon(s->b->dtype) * rhs * rhs;
    ptl_reason reason = PTL_REASON_BREAKDOWN;
    if (!ptl__fits(gamma, PTL_F64) || !ptl__fits(pAp, PTL_F64))
        reason = PTL_REASON_NON_FINITE;
    else if (gamma < 0 || (pAp < 0 && digits))
        reason = PTL_REASON_INDEFINITE;
    ptl__solve_stop_column(s, j, reason);
}

/* beta and alpha of each running column; gamma is its (r, u) of the iteration before, 0 where it
 * begins. A column whose sums are not positive may have drifted: then it begins again along u, with
 * everything computed afresh, for which *drifted is 1; unless it did within the last period, which
 * is no drift. Returns how many columns go on. */
static int64_t find_coefs(ptl__solve *s, coefs of, const double *sums, int *drifted)
{
    const double now = (double)s->iteration + 1;
    for (int64_t j = 0; j < s->columns; j++) {
        if (!s->mask[j])
            continue;
        const double gamma = sums[j], delta = sums[s->columns + j], old = of.gamma[j];
        const double beta = old == 0 ? 0 : gamma / old;
        const double pAp = old == 0 ? delta : delta - beta * gamma / of.alpha[j];
        const double alpha = gamma / pAp;
        const int good =
            gamma > 0 && pAp > 0 && ptl__fits(beta, s->b->dtype) && ptl__fits(alpha, s->b->dtype);
        const int again =
            !good && old != 0 && (of.restarted[j] == 0 || now - of.restarted[j] > period_of(s));
        of.gamma[j] = good ? gamma : 0;
        of.beta[j] = good ? beta : 0;
        of.alpha[j] = good ? alpha : 0;
        if (!good && !again)
            stop(s, j, gamma, pAp, of.norms[j]);
        if (again) {
            of.restarted[j] = now;
            *drifted = 1;
        }
    }
    return ptl__solve_running(s);
}

/* (C) The vectors of one iteration, and its sums. */
static ptl_status advance(ptl__solve *s, vectors v, coefs of, int done, int drifted, double **sums)
{
    ptl__solve_begin(s);
    *sums = ptl__solve_sums(s, 3);
    if (done == 0)
        start(s, v, *sums);
    else
        step(s, v, of, *sums);
    if (drifted || (done > 0 && done % period_of(s) == 0))
        replace(s, v, drifted, *sums);
    PTL_TRY(ptl__solve_post(s));
    precondition(s, v, v.w, v.m, NULL);
    ptl__solve_apply(s, v.m, v.n);
    return ptl__solve_wait(s);
}

static int is_safe(double norm)
{
    return norm > 0x1p-80 && norm < 0x1p80;
}

/* 1 where single precision may not hold M r or A M A M r, of which the first sums tell. */
static int leaves_range(const ptl__solve *s, const double *sums)
{
    const int64_t n = s->columns;
    for (int64_t j = 0; j < n && ptl_dtype_real(s->b->dtype) == PTL_F32; j++) {
        const double rr = sums[2 * n + j], length = fabs(sums[n + j] / sums[j]);
        if (rr > 0 && !(is_safe(fabs(sums[j]) / sqrt(rr)) && is_safe(length * length * sqrt(rr))))
            return 1;
    }
    return 0;
}

/* (C) The power of two, times M, by which M r is as far below 1 as A M A M r is above it, or the
 * other way round: its cube is 1 over their product. They are told by a vector like r of about
 * norm 1. */
static ptl_status find_scale(ptl__solve *s, vectors v)
{
    double *scale = s->coef[SCALE];
    for (int64_t j = 0; j < s->columns; j++)
        ptl__set(scale, j, s->width, 1 / ptl__power_near(s->log->rhs_norms[j]));
    ptl__solve_begin(s);
    double *rr = ptl__solve_norm_sums(s), *uu = ptl__solve_sums(s, 1), *ww = ptl__solve_sums(s, 1);
    ptl__solve_copy_scaled(s, scale, s->r, v.n);
    ptl_vector *u = ptl__solve_precondition(s, v.n, v.m, NULL);
    ptl__solve_apply(s, u, v.w);
    ptl__solve_norms(s, v.n, rr);
    ptl__solve_norms(s, u, uu);
    ptl__solve_norms(s, v.w, ww);
    PTL_TRY(ptl__solve_reduce(s));
    for (int64_t j = 0; j < s->columns; j++) {
        const int r = ptl__exponent(sqrt(rr[j])), shift = ptl__exponent(scale[j * s->width]);
        const int u_r = ptl__exponent(sqrt(uu[j])) - shift;
        const int n_r = 2 * ptl__exponent(sqrt(ww[j])) - r - shift;
        ptl__set(scale, j, s->width, ldexp(1, -(u_r + n_r) / 3));
    }
    return PTL_OK;
}

/* (C) The first vectors and sums, with M or a multiple of it. */
static ptl_status begin(ptl__solve *s, vectors *v, coefs of, double **sums)
{
    *v = vectors_of(s, 0);
    PTL_TRY(advance(s, *v, of, 0, 0, sums));
    if (!leaves_range(s, *sums))
        return PTL_OK;
    PTL_TRY(find_scale(s, *v));
    *v = vectors_of(s, 1);
    return advance(s, *v, of, 0, 0, sums);
}

static ptl_status pipecg_run(ptl__solve *s)
{
    vectors v;
    const coefs of = coefs_of(s);
    double *sums;
    int64_t running;
    int drifted = 0;
    for (int done = 0;; done++, s->iteration++) {
        if (done == 0)
            PTL_TRY(begin(s, &v, of, &sums));
        else
            PTL_TRY(advance(s, v, of, done, drifted, &sums));
        drifted = 0;
        PTL_TRY(check(s, done == 0, of, sums, &running));
        if (!running || !find_coefs(s, of, sums, &drifted))
            return PTL_OK;
    }
}

const ptl__method ptl__pipecg_method = {
    .kind = PTL__SOLVER_KIND(
        "pipecg", "PipeCg",
        "Pipelined conjugate gradients, for symmetric (Hermitian) positive "
        "definite A and M: the reduction overlaps with the application of M and A.",
        NULL),
    .needs = {.work = 9, .coefs = COEFS, .sums = 3, .scratch = 5, .overlap = 1},
    .run = pipecg_run,
};

ptl_status ptl_pipecg_factory(const ptl_solver_options *options, ptl_factory **out)
{
    return ptl__solver_factory(&ptl__pipecg_method, options, out);
}
