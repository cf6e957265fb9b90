/* Conjugate gradients, for Hermitian positive definite A and M (Hestenes and Stiefel, J. Res. NBS
 * 49, 1952; preconditioned: Saad, Iterative Methods for Sparse Linear Systems, 2nd ed.,
 * algorithm 9.1).
 *
 * One iteration: one product, one preconditioner application, two reductions: (p, A p), then
 * (r, z) together with (r, r) for the convergence check. The dot products ride in the passes that
 * make their vectors, so with Jacobi 12 words a row move beside the product's: the step of x and r
 * reads x, p, r, q and writes x, r; z reads r and D and writes z; p reads z and p and writes p. */
#include "../core/status.h"
#include "solver.h"

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

static ptl_status cg_run(ptl__solve *s)
{
    ptl_vector *q = s->work[0], *p = s->work[1], *z = s->work[2];
    double *alpha = s->coef[0], *beta = s->coef[1], *rho_old = s->coef[2];
    const ptl__block x_block = ptl__vector_block(s->x), r_block = ptl__vector_block(s->r);
    const ptl__block p_block = ptl__vector_block(p), q_block = ptl__vector_block(q);

    for (s->iteration = 0;; s->iteration++) {
        ptl__reducer_begin(s->reducer);
        double *rr = ptl__reducer_add(s->reducer, s->columns);
        double *rho = ptl__solve_sums(s, 1);
        if (s->iteration == 0)
            s->kernels->norm2_squared(s->threads, r_block, rr);
        else
            s->kernels->cg_step(s->threads, alpha, s->mask, p_block, q_block, x_block, r_block, rr);
        ptl_vector *Mr = ptl__solve_precondition(s, s->r, z, rho);
        PTL_TRY(ptl__solve_reduce(s));
        if (!ptl__solve_go_on(s, rr))
            return PTL_OK;
        if (!s->M)
            for (int64_t j = 0; j < s->columns; j++)
                rho[j * s->width] = rr[j];
        if (!require_positive(s, rho))
            return PTL_OK;

        if (s->iteration == 0) {
            s->kernels->copy(s->threads, ptl__vector_block(Mr), p_block);
        } else {
            quotient(s, rho, rho_old, beta);
            s->kernels->scale_add(s->threads, beta, ptl__vector_block(Mr), s->mask, p_block);
        }
        for (int64_t j = 0; j < s->columns * s->width; j++)
            rho_old[j] = rho[j];

        ptl__reducer_begin(s->reducer);
        double *pq = ptl__solve_sums(s, 1);
        ptl__solve_note(s, ptl__linop_apply_dot(s->A, p, q, pq));
        PTL_TRY(ptl__solve_reduce(s));
        if (!require_positive(s, pq))
            return PTL_OK;
        quotient(s, rho_old, pq, alpha);
    }
}

static const ptl__method cg = {
    .name = "cg",
    .work_vectors = 3,
    .coefs = 3,
    .sums = 2,
    .run = cg_run,
};

ptl_status ptl_cg_factory(const ptl_solver_options *options, ptl_factory **out)
{
    return ptl__solver_factory(&cg, options, out);
}
