/* Conjugate gradients squared, for any A (Sonneveld, SIAM J. Sci. Stat. Comput. 10, 1989; Saad,
 * Iterative Methods for Sparse Linear Systems, 2nd ed., algorithm 7.6), preconditioned from the
 * right, so that r is the residual itself.
 *
 * One iteration: two products, two preconditioner applications, two reductions: (shadow, v); and
 * (shadow, r) with (r, r) for the convergence check. 23 words a row move beside those: u reads r
 * and q and writes u (3); p reads u, q and p and writes p (4); (shadow, v) (2); q (3) and u + q
 * (3); x (3), r with its norm (3); (shadow, r) (2).
 *
 * Where (shadow, r) or (shadow, v) vanishes the column takes its residual as the new shadow; it
 * breaks down where that changes nothing. */
#include "../core/status.h"
#include "kinds.h"
#include "shadow.h"

/* SCALE: u, p and q are kept as so many times themselves (ptl__power_root). */
enum { ALPHA, MINUS_ALPHA, BETA, BETA_SQUARED, RHO, NORMS, SCALE, COEFS };

/* u = scale (r + beta q); p = scale (u + beta (q + beta p)). */
static void turn(ptl__solve *s, ptl__shadow shadow, const double *rho, const double *rr,
                 ptl_vector *u, ptl_vector *p, ptl_vector *q)
{
    double *of_u = s->scratch, *of_p = of_u + 2 * s->columns * s->width;
    for (int64_t j = 0; j < s->columns; j++) {
        ptl__scalar beta = 0;
        const double old = creal(ptl__get(s->coef[SCALE], j, s->width));
        const double scale = 1 / ptl__power_root(sqrt(rr[j]));
        if (s->mask[j])
            ptl__shadow_ratio(s, shadow, j, ptl__get(rho, j, s->width), rr[j], &beta);
        if (!ptl__fits(beta * beta, s->b->dtype))
            beta = 0;
        const double longer = old > 0 ? scale / old : 1;
        ptl__set(s->coef[SCALE], j, s->width, scale);
        ptl__set(s->coef[BETA], j, s->width, beta);
        ptl__set(s->coef[BETA_SQUARED], j, s->width, beta * beta * longer);
        ptl__set(of_u, j, s->width, scale);
        ptl__set(of_p, j, s->width, 1);
        ptl__set(of_u, s->columns + j, s->width, beta * longer);
        ptl__set(of_p, s->columns + j, s->width, beta * longer);
    }
    ptl__solve_combine(s, 2, (ptl_vector *const[]){s->r, q}, of_u, NULL, u, NULL);
    ptl__solve_combine(s, 2, (ptl_vector *const[]){u, q}, of_p, s->coef[BETA_SQUARED], p, NULL);
}

/* q = u - alpha v; u += q. A column without alpha keeps x and r, and has a new shadow next; unless
 * its shadow is new, for which beta is 0. */
static int64_t square(ptl__solve *s, ptl__shadow shadow, const double *sigma, ptl_vector *u,
                      ptl_vector *v, ptl_vector *q)
{
    double *of = s->scratch; /* 1 and -alpha, of what is not scaled */
    for (int64_t j = 0; j < s->columns; j++) {
        ptl__scalar alpha = 0;
        const double scale = creal(ptl__get(s->coef[SCALE], j, s->width));
        if (s->mask[j])
            alpha = ptl__shadow_step(s, shadow, j, ptl__get(sigma, j, s->width));
        if (s->mask[j] && alpha == 0 && ptl__get(s->coef[BETA], j, s->width) == 0)
            ptl__solve_stop_column(s, j, PTL_REASON_BREAKDOWN);
        ptl__set(s->coef[ALPHA], j, s->width, alpha);
        ptl__set(s->coef[MINUS_ALPHA], j, s->width, -alpha);
        ptl__set(of, j, s->width, 1);
        ptl__set(of, s->columns + j, s->width, -alpha * scale);
    }
    ptl__solve_combine(s, 2, (ptl_vector *const[]){u, v}, of, NULL, q, NULL);
    ptl__solve_combine(s, 1, &q, s->one, s->one, u, NULL);
    return ptl__solve_running(s);
}

static ptl_status cgs_run(ptl__solve *s)
{
    ptl_vector *u = s->work[1], *p = s->work[2], *q = s->work[3], *v = s->work[4];
    const ptl__shadow shadow = {s->work[0], s->coef[NORMS], s->coef[RHO]};
    int64_t running;
    ptl__solve_zero(s, p);
    ptl__solve_zero(s, q);
    for (int first = 1;; first = 0, s->iteration++) {
        ptl__solve_begin(s);
        double *rr = ptl__solve_norm_sums(s), *rho = ptl__solve_sums(s, 1);
        if (first) {
            ptl__solve_norms(s, s->r, rr);
        } else {
            ptl_vector *Mu = ptl__solve_precondition(s, u, s->work[5], NULL);
            ptl__solve_apply(s, Mu, v);
            ptl__solve_combine(s, 1, &Mu, s->coef[ALPHA], s->one, s->x, NULL);
            ptl__solve_combine(s, 1, &v, s->coef[MINUS_ALPHA], s->one, s->r, rr);
            ptl__solve_dots(s, 1, &shadow.vector, s->r, rho);
        }
        PTL_TRY(ptl__solve_reduce(s));
        PTL_TRY(ptl__solve_check(s, rr, NULL, &running));
        if (!running)
            return PTL_OK;

        turn(s, shadow, rho, rr, u, p, q);
        ptl_vector *Mp = ptl__solve_precondition(s, p, s->work[5], NULL);
        ptl__solve_begin(s);
        double *sigma = ptl__solve_sums(s, 1);
        ptl__solve_apply(s, Mp, v);
        ptl__solve_dots(s, 1, &shadow.vector, v, sigma);
        PTL_TRY(ptl__solve_reduce(s));
        if (!square(s, shadow, sigma, u, v, q))
            return PTL_OK;
    }
}

const ptl__method ptl__cgs_method = {
    .kind = PTL__SOLVER_KIND("cgs", "Cgs",
                             "Conjugate gradients squared, for any A; preconditioned from the "
                             "right.",
                             NULL),
    .needs = {.work = 6, .coefs = COEFS, .sums = 1, .scratch = 8},
    .run = cgs_run,
};

ptl_status ptl_cgs_factory(const ptl_solver_options *options, ptl_factory **out)
{
    return ptl__solver_factory(&ptl__cgs_method, options, out);
}
