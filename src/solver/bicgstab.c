/* The stabilised bi-conjugate gradient method, for any A (van der Vorst, SIAM J. Sci. Stat. Comput.
 * 13, 1992; Saad, Iterative Methods for Sparse Linear Systems, 2nd ed., algorithm 7.7),
 * preconditioned from the right, so that r is the residual itself.
 *
 * One iteration: two products, two preconditioner applications, three reductions: (shadow, v);
 * (t, r) with (t, t); (shadow, r) with (r, r) for the convergence check. 21 words a row move beside
 * those: p reads r, v and p and writes p (4); (shadow, v) (2); r -= alpha v (3); (t, r) and (t, t)
 * (3); x reads two directions and x and writes x (4); r -= omega t with its norm (3); (shadow, r)
 * (2).
 *
 * Where (shadow, r) or (shadow, v) vanishes the column takes its residual as the new shadow. It
 * breaks down where the minimising step is zero: A M r is orthogonal to r, as it always is for a
 * skew-symmetric A M. */
#include "../core/status.h"
#include "kinds.h"
#include "shadow.h"

/* SCALE and SCALE_2: p, and r for M and A, are kept as so many times themselves
 * (ptl__power_root). */
enum { ALPHA, OMEGA, BETA, MINUS, RHO, NORMS, SCALE, SCALE_2, COEFS };

/* p = scale (r + beta (p - omega v)), with beta = (rho / rho_old) (alpha / omega). */
static void turn(ptl__solve *s, ptl__shadow shadow, const double *rho, const double *rr,
                 ptl_vector *p, ptl_vector *v)
{
    double *of = s->scratch;
    for (int64_t j = 0; j < s->columns; j++) {
        const ptl__scalar omega =
            ptl__get(s->coef[OMEGA], j, s->width) * ptl__get(s->coef[SCALE_2], j, s->width);
        const double scale = 1 / ptl__power_root(sqrt(rr[j]));
        ptl__scalar beta = 0;
        if (s->mask[j] && ptl__shadow_ratio(s, shadow, j, ptl__get(rho, j, s->width), rr[j], &beta))
            beta *= ptl__divide(ptl__get(s->coef[ALPHA], j, s->width), omega) * scale;
        if (!ptl__fits(beta, s->b->dtype))
            beta = 0;
        ptl__set(s->coef[BETA], j, s->width, beta);
        ptl__set(s->coef[SCALE], j, s->width, scale);
        ptl__set(of, j, s->width, scale);
        ptl__set(of, s->columns + j, s->width, -beta * omega);
    }
    ptl__solve_combine(s, 2, (ptl_vector *const[]){s->r, v}, of, s->coef[BETA], p, NULL);
}

/* r -= alpha v. Returns how many columns go on. */
static int64_t first_half(ptl__solve *s, ptl__shadow shadow, const double *sigma, ptl_vector *v)
{
    for (int64_t j = 0; j < s->columns; j++) {
        ptl__scalar alpha = 0;
        if (s->mask[j])
            alpha = ptl__shadow_step(s, shadow, j, ptl__get(sigma, j, s->width));
        ptl__set(s->coef[ALPHA], j, s->width, alpha);
        ptl__set(s->coef[MINUS], j, s->width, -alpha);
    }
    ptl__solve_combine(s, 1, &v, s->coef[MINUS], s->one, s->r, NULL);
    return ptl__solve_running(s);
}

/* omega = (t, r) / (t, t), the step that leaves the least residual; `sums` are conj(r) t and
 * conj(t) t. A column without one keeps omega 0, and stops once its residual has been looked at. */
static int64_t minimise(ptl__solve *s, const double *sums)
{
    for (int64_t j = 0; j < s->columns; j++) {
        const ptl__scalar rt = ptl__get(sums, j, s->width);
        const ptl__scalar tt = ptl__get(sums, s->columns + j, s->width);
        ptl__scalar omega = ptl__divide(conj(rt), creal(tt));
        if (s->mask[j] && !(ptl__fits(rt, PTL_F64) && ptl__fits(tt, PTL_F64)))
            ptl__solve_stop_column(s, j, PTL_REASON_NON_FINITE);
        if (!ptl__fits(omega, s->b->dtype))
            omega = 0;
        ptl__set(s->coef[OMEGA], j, s->width, omega);
        ptl__set(s->coef[MINUS], j, s->width, -omega);
    }
    return ptl__solve_running(s);
}

/* x += alpha p + omega z; r -= omega t and its norms. */
static void second_half(ptl__solve *s, ptl_vector *p, ptl_vector *z, ptl_vector *t, double *norms)
{
    double *of = s->scratch;
    for (int64_t j = 0; j < s->columns; j++) {
        ptl__set(of, j, s->width, ptl__get(s->coef[ALPHA], j, s->width));
        ptl__set(of, s->columns + j, s->width, ptl__get(s->coef[OMEGA], j, s->width));
    }
    ptl__solve_combine(s, 2, (ptl_vector *const[]){p, z}, of, s->one, s->x, NULL);
    ptl__solve_combine(s, 1, &t, s->coef[MINUS], s->one, s->r, norms);
}

/* Columns that go on, but made no minimising step, cannot. */
static int64_t require_omega(ptl__solve *s)
{
    for (int64_t j = 0; j < s->columns; j++)
        if (s->mask[j] && ptl__get(s->coef[OMEGA], j, s->width) == 0)
            ptl__solve_stop_column(s, j, PTL_REASON_BREAKDOWN);
    return ptl__solve_running(s);
}

static ptl_status bicgstab_run(ptl__solve *s)
{
    ptl_vector *p = s->work[1], *v = s->work[2], *t = s->work[3], *Mp = p, *Mr = s->r;
    const ptl__shadow shadow = {s->work[0], s->coef[NORMS], s->coef[RHO]};
    int64_t running;
    ptl__solve_zero(s, p);
    ptl__solve_zero(s, v);
    for (int first = 1;; first = 0, s->iteration++) {
        ptl__solve_begin(s);
        double *rr = ptl__solve_norm_sums(s), *rho = ptl__solve_sums(s, 1);
        if (first) {
            ptl__solve_norms(s, s->r, rr);
        } else {
            second_half(s, Mp, Mr, t, rr);
            ptl__solve_dots(s, 1, &shadow.vector, s->r, rho);
        }
        PTL_TRY(ptl__solve_reduce(s));
        PTL_TRY(ptl__solve_check(s, rr, NULL, &running));
        if (!running || !(first || require_omega(s)))
            return PTL_OK;

        turn(s, shadow, rho, rr, p, v);
        Mp = ptl__solve_precondition(s, p, s->work[4], NULL);
        ptl__solve_begin(s);
        double *sigma = ptl__solve_sums(s, 1);
        ptl__solve_apply(s, Mp, v);
        ptl__solve_dots(s, 1, &shadow.vector, v, sigma);
        PTL_TRY(ptl__solve_reduce(s));
        if (!first_half(s, shadow, sigma, v))
            return PTL_OK;

        Mr = ptl__solve_precondition_bounded(s, t, s->work[5], s->coef[SCALE_2], NULL);
        ptl__solve_begin(s);
        double *rt_tt = ptl__solve_sums(s, 2);
        ptl__solve_apply(s, Mr, t);
        ptl__solve_dots(s, 2, (ptl_vector *const[]){s->r, t}, t, rt_tt);
        PTL_TRY(ptl__solve_reduce(s));
        if (!minimise(s, rt_tt))
            return PTL_OK;
    }
}

const ptl__method ptl__bicgstab_method = {
    .kind = PTL__SOLVER_KIND("bicgstab", "Bicgstab",
                             "The stabilised bi-conjugate gradient method, for any A; "
                             "preconditioned from the right.",
                             NULL),
    .needs = {.work = 6, .coefs = COEFS, .sums = 2, .scratch = 4},
    .run = bicgstab_run,
};

ptl_status ptl_bicgstab_factory(const ptl_solver_options *options, ptl_factory **out)
{
    return ptl__solver_factory(&ptl__bicgstab_method, options, out);
}
