/* Conjugate gradients, for Hermitian positive definite A and M (Hestenes and Stiefel, J. Res. NBS
 * 49, 1952; preconditioned: Saad, Iterative Methods for Sparse Linear Systems, 2nd ed.,
 * algorithm 9.1).
 *
 * One iteration: one product, one preconditioner application, two reductions: (p, A p), then
 * (r, z) together with (r, r) for the convergence check. The dot products ride in the passes that
 * make their vectors, so with Jacobi 12 words a row move beside the product's: the step of x and r
 * reads x, p, r, q and writes x, r; z reads r and D and writes z; p reads z and p and writes p. */
#include <string.h>

#include "../core/status.h"
#include "kinds.h"
#include "scalars.h"

/* SCALE and SCALE_Z: p and z are kept as so many times themselves (ptl__power_root; only where
 * single precision might not hold z). */
enum { ALPHA, BETA, RHO, SCALE, SCALE_Z, OF_Z, COEFS };

/* z = M r, by way of `space`, with its sums; without M r itself. */
static ptl_vector *precondition(ptl__solve *s, ptl_vector *space, ptl_vector *z, double *rho)
{
    if (s->M)
        return ptl__solve_precondition_bounded(s, space, z, s->coef[SCALE_Z], rho);
    memcpy(s->coef[SCALE_Z], s->one, (size_t)(s->columns * s->width) * sizeof(double));
    return s->r;
}

/* (r, z), from the sums as they were made. */
static void unscale(ptl__solve *s, const double *rr, double *rho)
{
    for (int64_t j = 0; j < s->columns; j++) {
        const double scale = s->coef[SCALE_Z][j * s->width];
        rho[j * s->width] = s->M ? rho[j * s->width] / scale / scale : rr[j];
    }
}

/* p = scale (z + beta p) of each running column, with beta = rho / rho_old; the imaginary parts of
 * these sums are rounding. |z| is not known, but about rho / |r|. */
static void turn(ptl__solve *s, int first, const double *rr, const double *rho, ptl_vector *z,
                 ptl_vector *p)
{
    for (int64_t j = 0; j < s->columns; j++) {
        const int64_t at = j * s->width;
        const double old = s->coef[SCALE][at], beta = rho[at] / s->coef[RHO][at];
        const double scale = 1 / ptl__power_root(rho[at] / sqrt(rr[j]));
        ptl__set(s->coef[BETA], j, s->width, s->mask[j] && !first ? beta * (scale / old) : 0);
        ptl__set(s->coef[SCALE], j, s->width, scale);
        ptl__set(s->coef[OF_Z], j, s->width, scale / s->coef[SCALE_Z][at]);
        ptl__set(s->coef[RHO], j, s->width, rho[at]);
    }
    ptl__solve_combine(s, 1, &z, s->coef[OF_Z], first ? NULL : s->coef[BETA], p, NULL);
}

/* The step along p as it is kept, rho / (p, A p); 0 for columns that have stopped. */
static void find_step(ptl__solve *s, const double *pq)
{
    for (int64_t j = 0; j < s->columns; j++) {
        const int64_t at = j * s->width;
        const double alpha = s->coef[RHO][at] * s->coef[SCALE][at] / pq[at];
        ptl__set(s->coef[ALPHA], j, s->width, s->mask[j] ? alpha : 0);
    }
}

/* Stops the columns whose sum (p, A p) or (r, z) is not positive: A or M is not definite. Returns
 * how many columns go on. */
static int64_t require_positive(ptl__solve *s, const double *sums)
{
    int64_t running = 0;
    for (int64_t j = 0; j < s->columns; j++) {
        double value = sums[j * s->width];
        running += s->mask[j] && value > 0;
        if (!s->mask[j] || value > 0)
            continue;
        ptl_reason reason = PTL_REASON_NON_FINITE;
        if (value == 0)
            reason = PTL_REASON_BREAKDOWN;
        else if (value < 0)
            reason = PTL_REASON_INDEFINITE;
        ptl__solve_stop_column(s, j, reason);
    }
    return running;
}

/* x += alpha p, r -= alpha q, and the norms of r, in one pass. */
static void step(ptl__solve *s, const double *alpha, ptl_vector *p, ptl_vector *q, double *norms)
{
    s->kernels->cg_step(s->threads, alpha, s->mask, ptl__vector_block(p), ptl__vector_block(q),
                        ptl__vector_block(s->x), ptl__vector_block(s->r), norms);
    ptl__solve_passed("cg_step", 6);
}

static ptl_status cg_run(ptl__solve *s)
{
    ptl_vector *q = s->work[0], *p = s->work[1], *z = s->work[2];
    int64_t running;

    for (int first = 1;; first = 0, s->iteration++) {
        ptl__solve_begin(s);
        double *rr = ptl__solve_norm_sums(s), *rho = ptl__solve_sums(s, 1);
        if (first)
            ptl__solve_norms(s, s->r, rr);
        else
            step(s, s->coef[ALPHA], p, q, rr);
        ptl_vector *Mr = precondition(s, q, z, rho);
        PTL_TRY(ptl__solve_reduce(s));
        unscale(s, rr, rho);
        PTL_TRY(ptl__solve_check(s, rr, rho, &running));
        if (!running || !require_positive(s, rho))
            return PTL_OK;

        turn(s, first, rr, rho, Mr, p);
        ptl__solve_begin(s);
        double *pq = ptl__solve_sums(s, 1);
        ptl__solve_apply_dot(s, p, q, pq);
        PTL_TRY(ptl__solve_reduce(s));
        if (!require_positive(s, pq))
            return PTL_OK;
        find_step(s, pq);
    }
}

const ptl__method ptl__cg_method = {
    .kind = PTL__SOLVER_KIND("cg", "Cg",
                             "Conjugate gradients, for symmetric (Hermitian) positive definite A "
                             "and M.",
                             NULL),
    .needs = {.work = 3, .coefs = COEFS, .sums = 1},
    .run = cg_run,
};

ptl_status ptl_cg_factory(const ptl_solver_options *options, ptl_factory **out)
{
    return ptl__solver_factory(&ptl__cg_method, options, out);
}
