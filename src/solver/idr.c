/* Induced dimension reduction, IDR(s) with biorthogonal residuals and a preconditioner (van Gijzen
 * and Sonneveld, ACM Trans. Math. Softw. 38(1), 2011, algorithm 2), whose inner products with the s
 * shadow vectors are made together (Collignon and van Gijzen, Numer. Linear Algebra Appl. 18,
 * 2011). The step omega keeps an angle (Sleijpen and van der Vorst, Numer. Algorithms 10, 1995).
 *
 * One cycle is s + 1 iterations, each one product and one preconditioner application, and has s + 2
 * reductions: the residual's norm is known in the reduction after the one that its step is made in,
 * so the next product has been made when the criteria are asked, and the last one of a solve is in
 * vain. The k-th iteration of a cycle moves 3 s + 15 words a row, where s is at most 7 (3 s + 11
 * for k = 0): r and g_k .. g_s-1 are read for v, z and u_k .. u_s-1 for u_k, the shadow vectors and
 * g_k for the inner products, g_0 .. g_k-1 and u_0 .. u_k-1 to be taken off g_k and u_k, and x and
 * r take their step as in cg.c. The last iteration, that of omega, moves s + 10. */
#include <string.h>

#include "../core/status.h"
#include "kinds.h"
#include "params.h"
#include "random.h"
#include "scalars.h"

typedef struct idr {
    ptl__solve *s;
    int64_t dim;              /* s of the method's name */
    ptl_vector **p, **g, **u; /* the shadow vectors, A u, and the directions: dim each */
    ptl_vector *v, *z;
    double *coefs;       /* (dim + 1) x columns entries of W */
    ptl__scalar *f, *m;  /* per column: (p_i, r), and (p_i, g_k), a lower triangle, row-major */
    double *step, *back; /* a coefficient per column, and its negative */
    double *gamma, *omega;
    double *scale; /* of a direction, as it is kept, or of r before its product */
} idr;

static int64_t dimension(const ptl_solver_options *options, int64_t rows)
{
    const int64_t s = options->s;
    return s < rows ? s : rows > 0 ? rows : 1;
}

static void idr_size(const ptl_solver_options *options, int64_t rows, ptl__needs *needs)
{
    const int64_t dim = dimension(options, rows);
    needs->work = 3 * dim + 2;
    needs->coefs = 5;
    needs->sums = dim > 2 ? dim : 2;
    needs->scratch = 2 * (dim + 1) + 2 * dim + 2 * dim * dim;
}

static idr idr_of(ptl__solve *s)
{
    idr t = {.s = s, .dim = dimension(s->options, s->b->rows), .v = s->work[0], .z = s->work[1]};
    t.p = s->work + 2;
    t.g = t.p + t.dim;
    t.u = t.g + t.dim;
    t.coefs = s->scratch;
    t.f = (ptl__scalar *)(s->scratch + 2 * (t.dim + 1) * s->columns);
    t.m = t.f + t.dim * s->columns;
    t.step = s->coef[0];
    t.back = s->coef[1];
    t.gamma = s->coef[2];
    t.omega = s->coef[3];
    t.scale = s->coef[4];
    return t;
}

static void set_coef(const idr *t, int64_t i, int64_t j, ptl__scalar value)
{
    ptl__set(t->coefs, i * t->s->columns + j, t->s->width, value);
}

/* (C) Random shadow vectors, each orthogonal to those before it and of norm 1, but for rounding and
 * where there are hardly more rows than vectors; neither is needed exactly. */
static ptl_status make_shadow(const idr *t)
{
    ptl__solve *s = t->s;
    for (int64_t k = 0; k < t->dim; k++) {
        const ptl_status filled = ptl__random_fill(t->p[k], (uint64_t)k);
        ptl__solve_begin(s);
        ptl__solve_note(s, filled);
        double *norms = ptl__solve_norm_sums(s), *sums = ptl__solve_sums(s, k);
        ptl__solve_norms(s, t->p[k], norms);
        ptl__solve_dots(s, k, t->p, t->p[k], sums);
        PTL_TRY(ptl__solve_reduce(s));
        for (int64_t j = 0; j < s->columns; j++) {
            double rest = norms[j];
            for (int64_t i = 0; i < k; i++) {
                const double part = cabs(ptl__get(sums, i * s->columns + j, s->width));
                rest -= part * part;
            }
            const double norm = sqrt(fmax(rest, 1e-4 * norms[j]));
            for (int64_t i = 0; i < k; i++)
                set_coef(t, i, j, -ptl__get(sums, i * s->columns + j, s->width) / norm);
            ptl__set(t->gamma, j, s->width, norm > 0 ? 1 / norm : 0);
        }
        ptl__solve_combine(s, k, t->p, t->coefs, t->gamma, t->p[k], NULL);
    }
    return PTL_OK;
}

/* g = u = 0, M = I, omega = 1. */
static void clear(const idr *t)
{
    static const double zero[2] = {0, 0};
    ptl__solve *s = t->s;
    for (int64_t k = 0; k < t->dim; k++) {
        s->kernels->fill(s->threads, zero, ptl__vector_block(t->g[k]));
        s->kernels->fill(s->threads, zero, ptl__vector_block(t->u[k]));
    }
    memset(t->m, 0, (size_t)(t->dim * t->dim * s->columns) * sizeof *t->m);
    for (int64_t j = 0; j < s->columns; j++) {
        for (int64_t k = 0; k < t->dim; k++)
            t->m[(j * t->dim + k) * t->dim + k] = 1;
        ptl__set(t->omega, j, s->width, 1);
    }
}

/* y = a_0 first + sum_i a_(i + 1) x_i + beta y */
static void combine(ptl__solve *s, ptl_vector *first, int64_t count, ptl_vector *const *x,
                    const double *a, const double *beta, ptl_vector *y)
{
    ptl_vector *list[PTL__COMBINED_MAX] = {first};
    const int64_t some = count < PTL__COMBINED_MAX - 1 ? count : PTL__COMBINED_MAX - 1;
    for (int64_t i = 0; i < some; i++)
        list[i + 1] = x[i];
    ptl__solve_combine(s, some + 1, list, a, beta, y, NULL);
    if (some < count)
        ptl__solve_combine(s, count - some, x + some, a + (some + 1) * s->columns * s->width,
                           s->one, y, NULL);
}

/* u_k, a direction into the next space, and g_k = A u_k: with M c = f on the rows from k on,
 * v = r - sum c_i g_i and u_k = omega M v + sum c_i u_i; both are kept as so many times themselves
 * (ptl__power_root). */
static void direct(const idr *t, int64_t k)
{
    ptl__solve *s = t->s;
    const int64_t rest = t->dim - k;
    for (int64_t j = 0; j < s->columns; j++) {
        const ptl__scalar *f = t->f + j * t->dim, *m = t->m + j * t->dim * t->dim;
        const double norm = s->log->residual_norms[j], of_v = 1 / ptl__power_root(norm);
        const double length = cabs(ptl__get(t->omega, j, s->width)) * norm;
        ptl__set(t->scale, j, s->width, 1 / ptl__power_root(length) / of_v); /* of u, beside v's */
        set_coef(t, 0, j, of_v);
        for (int64_t i = k; i < t->dim && s->mask[j]; i++) {
            ptl__scalar sum = f[i] * of_v;
            for (int64_t l = k; l < i; l++)
                sum +=
                    m[i * t->dim + l] * ptl__get(t->coefs, (l - k + 1) * s->columns + j, s->width);
            set_coef(t, i - k + 1, j, -ptl__divide(sum, m[i * t->dim + i]));
        }
    }
    combine(s, s->r, rest, t->g + k, t->coefs, NULL, t->v);
    ptl_vector *z = ptl__solve_precondition(s, t->v, t->z, NULL);
    for (int64_t j = 0; j < s->columns; j++) {
        const double scale = creal(ptl__get(t->scale, j, s->width));
        ptl__set(t->gamma, j, s->width, -scale * ptl__get(t->coefs, s->columns + j, s->width));
        set_coef(t, 0, j, scale * ptl__get(t->omega, j, s->width));
        for (int64_t i = 1; i < rest; i++)
            set_coef(t, i, j, -scale * ptl__get(t->coefs, (i + 1) * s->columns + j, s->width));
    }
    combine(s, z, rest - 1, t->u + k + 1, t->coefs, t->gamma, t->u[k]);
    ptl__solve_apply(s, t->u[k], t->g[k]);
}

/* Sets column j's next step, which must be a number. */
static void set_step(const idr *t, int64_t j, ptl__scalar step, int finite)
{
    ptl__solve *s = t->s;
    if (!ptl__fits(step, s->b->dtype))
        ptl__solve_stop_column(s, j, finite ? PTL_REASON_BREAKDOWN : PTL_REASON_NON_FINITE);
    ptl__set(t->step, j, s->width, step);
    ptl__set(t->back, j, s->width, -step);
}

static int64_t count_running(const ptl__solve *s)
{
    int64_t running = 0;
    for (int64_t j = 0; j < s->columns; j++)
        running += s->mask[j];
    return running;
}

/* Takes g_0 .. g_k-1 off g_k so that p_0 .. p_k-1 are orthogonal to it, the same off u_k, and makes
 * the step along them that makes r orthogonal to p_k. sums: (p_i, g_k). */
static void biorthogonalize(const idr *t, int64_t k, double *sums)
{
    ptl__solve *s = t->s;
    const int64_t dim = t->dim;
    for (int64_t j = 0; j < s->columns; j++) {
        ptl__scalar *f = t->f + j * dim, *m = t->m + j * dim * dim;
        if (!s->mask[j])
            continue;
        for (int64_t i = 0; i < dim; i++)
            m[i * dim + k] = ptl__get(sums, i * s->columns + j, s->width);
        for (int64_t i = 0; i < k; i++) {
            const ptl__scalar alpha = ptl__divide(m[i * dim + k], m[i * dim + i]);
            for (int64_t l = i; l < dim; l++)
                m[l * dim + k] -= alpha * m[l * dim + i];
            set_coef(t, i, j, -alpha);
        }
        const ptl__scalar pivot = m[k * dim + k], step = ptl__divide(f[k], pivot);
        set_step(t, j, step, ptl__fits(pivot, PTL_F64));
        for (int64_t i = k + 1; i < dim; i++)
            f[i] -= step * m[i * dim + k];
    }
    if (k > 0) {
        ptl__solve_combine(s, k, t->g, t->coefs, s->one, t->g[k], NULL);
        ptl__solve_combine(s, k, t->u, t->coefs, s->one, t->u[k], NULL);
    }
}

/* x += step u_k, r -= step g_k, and r's norms. */
static void advance(const idr *t, int64_t k, double *norms)
{
    ptl__solve *s = t->s;
    s->kernels->cg_step(s->threads, t->step, s->mask, ptl__vector_block(t->u[k]),
                        ptl__vector_block(t->g[k]), ptl__vector_block(s->x),
                        ptl__vector_block(s->r), norms);
    ptl__solve_passed("cg_step", 6);
}

/* (C) The directions of a cycle; all steps along them but the last. */
static ptl_status directions(const idr *t, int64_t *running)
{
    ptl__solve *s = t->s;
    for (int64_t k = 0; k < t->dim && *running; k++) {
        ptl__solve_begin(s);
        double *norms = ptl__solve_norm_sums(s), *sums = ptl__solve_sums(s, t->dim);
        if (k > 0)
            advance(t, k - 1, norms);
        direct(t, k);
        ptl__solve_dots(s, t->dim, t->p, t->g[k], sums);
        PTL_TRY(ptl__solve_reduce(s));
        s->iteration += k > 0;
        if (k > 0)
            PTL_TRY(ptl__solve_check(s, norms, NULL, running));
        if (*running)
            biorthogonalize(t, k, sums);
        *running = count_running(s);
    }
    return PTL_OK;
}

/* (C) The last step along them, and that along M r, which makes the residual small: *z is M r, or a
 * multiple of r, v is A z. */
static ptl_status minimize(const idr *t, ptl_vector **z, int64_t *running)
{
    ptl__solve *s = t->s;
    ptl__solve_begin(s);
    double *norms = ptl__solve_norm_sums(s), *sums = ptl__solve_sums(s, 2);
    advance(t, t->dim - 1, norms);
    *z = ptl__solve_precondition_bounded(s, t->v, t->z, t->scale, NULL);
    ptl__solve_apply(s, *z, t->v);
    ptl__solve_dots(s, 2, (ptl_vector *const[]){s->r, t->v}, t->v, sums);
    PTL_TRY(ptl__solve_reduce(s));
    s->iteration++;
    PTL_TRY(ptl__solve_check(s, norms, NULL, running));
    const double kappa = s->options->kappa;
    for (int64_t j = 0; j < s->columns; j++) {
        if (!s->mask[j])
            continue;
        const ptl__scalar tr = conj(ptl__get(sums, j, s->width));
        const double tt = creal(ptl__get(sums, s->columns + j, s->width));
        const double cosine = cabs(tr) / sqrt(tt) / sqrt(norms[j]);
        ptl__scalar omega = tr / tt;
        if (cosine < kappa)
            omega *= kappa / cosine;
        set_step(t, j, omega, ptl__fits(tr, PTL_F64) && ptl__fits(tt, PTL_F64));
        const double scale = creal(ptl__get(t->scale, j, s->width));
        ptl__set(t->omega, j, s->width, omega * scale);
    }
    *running = count_running(s);
    return PTL_OK;
}

/* (C) The step along z, but for the first cycle, and (p_i, r). */
static ptl_status open_cycle(const idr *t, ptl_vector *z, int64_t *running)
{
    ptl__solve *s = t->s;
    ptl__solve_begin(s);
    double *norms = ptl__solve_norm_sums(s), *sums = ptl__solve_sums(s, t->dim);
    if (z) {
        ptl__solve_combine(s, 1, &z, t->step, s->one, s->x, NULL);
        ptl__solve_combine(s, 1, &t->v, t->back, s->one, s->r, norms);
    } else {
        ptl__solve_norms(s, s->r, norms);
    }
    ptl__solve_dots(s, t->dim, t->p, s->r, sums);
    PTL_TRY(ptl__solve_reduce(s));
    for (int64_t j = 0; j < s->columns; j++)
        for (int64_t i = 0; i < t->dim && s->mask[j]; i++)
            t->f[j * t->dim + i] = ptl__get(sums, i * s->columns + j, s->width);
    s->iteration += z != NULL;
    return ptl__solve_check(s, norms, NULL, running);
}

static ptl_status idr_run(ptl__solve *s)
{
    const idr t = idr_of(s);
    ptl_vector *z = NULL;
    int64_t running;
    if (!s->again)
        PTL_TRY(make_shadow(&t));
    clear(&t);
    for (;;) {
        PTL_TRY(open_cycle(&t, z, &running));
        PTL_TRY(directions(&t, &running));
        if (running)
            PTL_TRY(minimize(&t, &z, &running));
        if (!running)
            return PTL_OK;
    }
}

static ptl_status idr_check(const ptl_solver_options *options)
{
    PTL_CHECK(options->kappa <= 1, PTL_INVALID,
              "idr: kappa is %g, expected a number between 0 and 1", options->kappa);
    return PTL_OK;
}

static const ptl_param params[] = {PTL__PARAM_S, PTL__PARAM_KAPPA, PTL__PARAM_END};

const ptl__method ptl__idr_method = {
    .kind = PTL__SOLVER_KIND("idr", "Idr",
                             "Induced dimension reduction, IDR(s), for any A: short recurrences, "
                             "and often nearly as few products as GMRES.",
                             params),
    .run = idr_run,
    .check = idr_check,
    .size = idr_size,
};

ptl_status ptl_idr_factory(const ptl_solver_options *options, ptl_factory **out)
{
    return ptl__solver_factory(&ptl__idr_method, options, out);
}
