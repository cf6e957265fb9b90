/* Generalised conjugate residuals, restarted (Eisenstat, Elman and Schultz, SIAM J. Numer. Anal.
 * 20, 1983: GCR(k); Saad, Iterative Methods for Sparse Linear Systems, 2nd ed., algorithm 6.21).
 * Directions p whose products q = A p are orthogonal to each other, so M may differ from step to
 * step.
 *
 * One iteration, the k-th of its cycle: one product, one preconditioner application, two reductions
 * (one where k is 0): the inner products of q with those before it, which are taken off by
 * classical Gram-Schmidt; then |q|^2, (q, r) and |r|^2. The new residual's norm follows by
 * Pythagoras from that |r|^2; where a step takes so much away that this cancels, a third reduction
 * makes it. Beside the product's, 3 k + 13 words a row move where k is at most 8: the earlier q
 * twice and p once, q and p written, and x and r take their step as in cg.c. */
#include <string.h>

#include "../core/status.h"
#include "kinds.h"
#include "params.h"
#include "scalars.h"

/* Less than this share of a square left by Pythagoras, and its rounding shows. */
static const double safe_share = 0.01;

typedef struct gcr {
    ptl__solve *s;
    int64_t most;
    ptl_vector **p, **q;
    double *coefs;   /* most x columns entries of W */
    double *squares; /* most x columns: |q_i|^2 */
    double *step;    /* a coefficient per column */
    double *scale;   /* the same: of r before M and A */
    double *parts;   /* per column: what was taken off q, squared; of r, this rank's squared norm,
                        the squared norm, and that of the cycle's begin */
    double *local, *norms, *opening;
} gcr;

static int64_t directions(const ptl_solver_options *options, int64_t rows)
{
    const int64_t restart = options->restart;
    return restart < rows ? restart : rows > 0 ? rows : 1;
}

static void gcr_size(const ptl_solver_options *options, int64_t rows, ptl__needs *needs)
{
    const int64_t most = directions(options, rows);
    needs->work = 2 * most;
    needs->coefs = 6;
    needs->sums = most > 2 ? most : 2;
    needs->scratch = 3 * most;
}

static gcr gcr_of(ptl__solve *s)
{
    const int64_t most = directions(s->options, s->b->rows);
    return (gcr){
        .s = s,
        .most = most,
        .p = s->work,
        .q = s->work + most,
        .coefs = s->scratch,
        .squares = s->scratch + 2 * most * s->columns,
        .step = s->coef[0],
        .parts = s->coef[1],
        .local = s->coef[2],
        .norms = s->coef[3],
        .opening = s->coef[4],
        .scale = s->coef[5],
    };
}

/* (C) r's squared norms, from this rank's. */
static ptl_status reduce_norms(const gcr *t)
{
    const size_t bytes = (size_t)t->s->columns * sizeof(double);
    ptl__solve_begin(t->s);
    double *norms = ptl__solve_norm_sums(t->s);
    ptl__solve_await(t->s);
    memcpy(norms, t->local, bytes);
    PTL_TRY(ptl__solve_reduce(t->s));
    memcpy(t->norms, norms, bytes);
    return PTL_OK;
}

/* (C) The inner products of q_k with the earlier q, and what takes those parts off. */
static ptl_status project(const gcr *t, int64_t k)
{
    ptl__solve *s = t->s;
    memset(t->parts, 0, (size_t)s->columns * sizeof(double));
    if (k == 0)
        return PTL_OK;
    ptl__solve_begin(s);
    double *sums = ptl__solve_sums(s, k);
    ptl__solve_dots(s, k, t->q, t->q[k], sums);
    PTL_TRY(ptl__solve_reduce(s));
    for (int64_t i = 0; i < k; i++)
        for (int64_t j = 0; j < s->columns; j++) {
            const int64_t at = i * s->columns + j;
            const ptl__scalar part = ptl__get(sums, at, s->width) / t->squares[at];
            ptl__set(t->coefs, at, s->width, -part);
            if (s->mask[j])
                t->parts[j] += cabs(part) * cabs(part) * t->squares[at];
        }
    return PTL_OK;
}

/* 1 where what is left of q_k is rounding in some column: it depends on the q before it. */
static int is_dependent(const gcr *t, int64_t k)
{
    const ptl__solve *s = t->s;
    const double tiny = 100 * ptl__epsilon(s->b->dtype);
    for (int64_t j = 0; j < s->columns; j++) {
        const double qq = t->squares[k * s->columns + j];
        if (s->mask[j] && isfinite(qq) && !(qq > tiny * tiny * (qq + t->parts[j])))
            return 1;
    }
    return 0;
}

/* The step along p_k; qr: (q_k, r). Returns how many columns go on. */
static int64_t choose(const gcr *t, int64_t k, const double *qr)
{
    ptl__solve *s = t->s;
    int64_t running = 0;
    for (int64_t j = 0; j < s->columns; j++) {
        const double qq = t->squares[k * s->columns + j];
        const ptl__scalar product = ptl__get(qr, j, s->width), step = product / qq;
        if (!s->mask[j])
            continue;
        if (!isfinite(qq) || !ptl__fits(product, PTL_F64))
            ptl__solve_stop_column(s, j, PTL_REASON_NON_FINITE);
        else if (qq == 0 || !ptl__fits(step, s->b->dtype))
            ptl__solve_stop_column(s, j, PTL_REASON_BREAKDOWN);
        ptl__set(t->step, j, s->width, step);
        running += s->mask[j];
    }
    return running;
}

/* (C) The step, and r's norms after it. */
static ptl_status advance(const gcr *t, int64_t k)
{
    ptl__solve *s = t->s;
    int unsure = 0;
    s->kernels->cg_step(s->threads, t->step, s->mask, ptl__vector_block(t->p[k]),
                        ptl__vector_block(t->q[k]), ptl__vector_block(s->x),
                        ptl__vector_block(s->r), t->local);
    ptl__solve_passed("cg_step", 6);
    for (int64_t j = 0; j < s->columns; j++) {
        if (!s->mask[j])
            continue;
        const double length = cabs(ptl__get(t->step, j, s->width)), before = t->norms[j];
        t->norms[j] -= length * length * t->squares[k * s->columns + j];
        unsure += !(t->norms[j] >= safe_share * before);
    }
    return unsure ? reduce_norms(t) : PTL_OK;
}

/* Stops the columns that a whole cycle brought nowhere. Returns how many go on. */
static int64_t open_cycle(const gcr *t)
{
    ptl__solve *s = t->s;
    const double tiny = 100 * ptl__epsilon(s->b->dtype);
    int64_t running = 0;
    for (int64_t j = 0; j < s->columns; j++) {
        if (s->mask[j] && t->opening[j] > 0 && t->norms[j] >= (1 - tiny) * t->opening[j])
            ptl__solve_stop_column(s, j, PTL_REASON_STAGNATION);
        t->opening[j] = t->norms[j];
        running += s->mask[j];
    }
    return running;
}

/* p_k = M r, or a multiple of it. */
static void precondition(const gcr *t, int64_t k)
{
    ptl__solve *s = t->s;
    if (ptl__solve_precondition_bounded(s, t->q[k], t->p[k], t->scale, NULL) == s->r)
        ptl__solve_copy(s, s->r, t->p[k]);
}

/* (C) p_k = M r and q_k = A p_k, orthogonal to those before. *qr: (q_k, r). */
static ptl_status direct(const gcr *t, int64_t k, double **qr)
{
    ptl__solve *s = t->s;
    const size_t bytes = (size_t)s->columns * sizeof(double);
    precondition(t, k);
    ptl__solve_apply(s, t->p[k], t->q[k]);
    PTL_TRY(project(t, k));
    ptl__solve_begin(s);
    double *squares = ptl__solve_norm_sums(s), *norms = ptl__solve_norm_sums(s);
    *qr = ptl__solve_sums(s, 1);
    if (k > 0) {
        ptl__solve_combine(s, k, t->q, t->coefs, s->one, t->q[k], squares);
        ptl__solve_combine(s, k, t->p, t->coefs, s->one, t->p[k], NULL);
    } else {
        ptl__solve_norms(s, t->q[k], squares);
    }
    ptl__solve_dots(s, 1, &t->q[k], s->r, *qr);
    ptl__solve_await(s); /* for t->local, of the step before */
    memcpy(norms, t->local, bytes);
    PTL_TRY(ptl__solve_reduce(s));
    memcpy(t->squares + k * s->columns, squares, bytes);
    memcpy(t->norms, norms, bytes);
    return PTL_OK;
}

static ptl_status gcr_run(ptl__solve *s)
{
    const gcr t = gcr_of(s);
    double *qr;
    int64_t running;
    ptl__solve_norms(s, s->r, t.local);
    PTL_TRY(reduce_norms(&t));
    PTL_TRY(ptl__solve_check(s, t.norms, NULL, &running));
    for (int64_t k = 0; running; k = (k + 1) % t.most) {
        if (k == 0 && !open_cycle(&t))
            return PTL_OK;
        PTL_TRY(direct(&t, k, &qr));
        if (k > 0 && is_dependent(&t, k)) {
            k = -1; /* the directions are used up: a new cycle */
            continue;
        }
        if (!choose(&t, k, qr))
            return PTL_OK;
        PTL_TRY(advance(&t, k));
        s->iteration++;
        PTL_TRY(ptl__solve_check(s, t.norms, NULL, &running));
    }
    return PTL_OK;
}

static const ptl_param params[] = {PTL__PARAM_RESTART, PTL__PARAM_END};

const ptl__method ptl__gcr_method = {
    .kind = PTL__SOLVER_KIND("gcr", "Gcr",
                             "Generalised conjugate residuals, restarted, for any A; M may differ "
                             "from step to step.",
                             params),
    .run = gcr_run,
    .size = gcr_size,
};

ptl_status ptl_gcr_factory(const ptl_solver_options *options, ptl_factory **out)
{
    return ptl__solver_factory(&ptl__gcr_method, options, out);
}
