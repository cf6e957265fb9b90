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

/* alpha or beta of each running column: the quotient of two real sums (the imaginary parts of both
 * are rounding); 0 for columns that have stopped. */
static void quotient(const ptl__solve *s, const double *above, const double *below, double *out)
{
    for (int64_t j = 0; j < s->columns; j++) {
        int64_t at = j * s->width;
        out[at] = s->mask[j] ? above[at] / below[at] : 0;
        if (s->width == 2)
            out[at + 1] = 0;
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
    double *alpha = s->coef[0], *beta = s->coef[1], *rho_old = s->coef[2];
    int64_t running;

    for (int first = 1;; first = 0, s->iteration++) {
        ptl__solve_begin(s);
        double *rr = ptl__solve_norm_sums(s), *rho = ptl__solve_sums(s, 1);
        if (first)
            ptl__solve_norms(s, s->r, rr);
        else
            step(s, alpha, p, q, rr);
        ptl_vector *Mr = ptl__solve_precondition(s, s->r, z, rho);
        PTL_TRY(ptl__solve_reduce(s));
        for (int64_t j = 0; j < s->columns && !s->M; j++)
            rho[j * s->width] = rr[j];
        PTL_TRY(ptl__solve_check(s, rr, rho, &running));
        if (!running || !require_positive(s, rho))
            return PTL_OK;

        quotient(s, rho, rho_old, beta);
        ptl__solve_combine(s, 1, &Mr, s->one, first ? NULL : beta, p, NULL);
        memcpy(rho_old, rho, (size_t)(s->columns * s->width) * sizeof(double));

        ptl__solve_begin(s);
        double *pq = ptl__solve_sums(s, 1);
        ptl__solve_apply_dot(s, p, q, pq);
        PTL_TRY(ptl__solve_reduce(s));
        if (!require_positive(s, pq))
            return PTL_OK;
        quotient(s, rho_old, pq, alpha);
    }
}

const ptl__method ptl__cg_method = {
    .kind = PTL__SOLVER_KIND("cg", "Cg",
                             "Conjugate gradients, for symmetric (Hermitian) positive definite A "
                             "and M.",
                             NULL),
    .needs = {.work = 3, .coefs = 3, .sums = 1},
    .run = cg_run,
};

ptl_status ptl_cg_factory(const ptl_solver_options *options, ptl_factory **out)
{
    return ptl__solver_factory(&ptl__cg_method, options, out);
}
