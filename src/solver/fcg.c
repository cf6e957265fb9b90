/* Flexible conjugate gradients, for Hermitian positive definite A and an M that may change from one
 * application to the next (Notay, SIAM J. Sci. Comput. 22, 2000, algorithm FCG(1)): the new
 * direction is made A-orthogonal to the last one by beta = -(A p, M r) / (p, A p), which is the
 * Polak-Ribiere (r - r_old, M r) / (r_old, M r_old) since r - r_old = -alpha A p.
 *
 * One iteration: one product, one preconditioner application, two reductions: (p, A p), then
 * (r, z), (A p, z) and (r, r) for the convergence check. 14 words a row move beside the product's
 * with Jacobi: those of cg.c, and (A p, z) (2). */
#include <string.h>

#include "../core/status.h"
#include "kinds.h"
#include "scalars.h"

/* SCALE and SCALE_Z: p and z are kept as so many times themselves (ptl__power_root; only where
 * single precision might not hold z). */
enum { ALPHA, BETA, PAP, SCALE, SCALE_Z, OF_Z, COEFS };

/* Stops the columns whose sum (p, A p) or (r, z) is not positive: A or M is not definite. Returns
 * how many columns go on. */
static int64_t require_positive(ptl__solve *s, const double *sums)
{
    for (int64_t j = 0; j < s->columns; j++) {
        const double value = sums[j * s->width];
        if (!s->mask[j] || (value > 0 && ptl__fits(value, PTL_F64)))
            continue;
        ptl_reason reason = PTL_REASON_NON_FINITE;
        if (value == 0)
            reason = PTL_REASON_BREAKDOWN;
        else if (value < 0)
            reason = PTL_REASON_INDEFINITE;
        ptl__solve_stop_column(s, j, reason);
    }
    return ptl__solve_running(s);
}

/* z = M r, by way of `space`, with its sums; without M r itself. */
static ptl_vector *precondition(ptl__solve *s, ptl_vector *space, ptl_vector *z, double *rz)
{
    if (s->M)
        return ptl__solve_precondition_bounded(s, space, z, s->coef[SCALE_Z], rz);
    memcpy(s->coef[SCALE_Z], s->one, (size_t)(s->columns * s->width) * sizeof(double));
    return s->r;
}

/* (r, z) and (A p, z), from the sums as they were made. */
static void unscale(ptl__solve *s, const double *rr, double *rz, double *qz)
{
    for (int64_t j = 0; j < s->columns; j++) {
        const double scale = s->coef[SCALE_Z][j * s->width];
        const ptl__scalar sum = ptl__get(rz, j, s->width) / scale / scale;
        ptl__set(rz, j, s->width, s->M ? sum : rr[j]);
        ptl__set(qz, j, s->width, ptl__get(qz, j, s->width) / scale);
    }
}

/* p = scale (z + beta p), with beta = -(A p, z) / (p, A p), 0 at first. |z| is not known, but about
 * (r, z) / |r|. */
static void turn(ptl__solve *s, const double *rr, const double *rz, const double *qz, ptl_vector *z,
                 ptl_vector *p)
{
    for (int64_t j = 0; j < s->columns; j++) {
        const double pAp = s->coef[PAP][j * s->width], length = rz[j * s->width] / sqrt(rr[j]);
        const double scale = 1 / ptl__power_root(length);
        ptl__scalar beta = pAp == 0 ? 0 : -ptl__divide(ptl__get(qz, j, s->width), pAp) * scale;
        if (s->mask[j] && !ptl__fits(beta, s->b->dtype))
            ptl__solve_stop_column(s, j, PTL_REASON_BREAKDOWN);
        ptl__set(s->coef[BETA], j, s->width, beta);
        ptl__set(s->coef[SCALE], j, s->width, scale);
        ptl__set(s->coef[OF_Z], j, s->width, scale / s->coef[SCALE_Z][j * s->width]);
    }
    ptl__solve_combine(s, 1, &z, s->coef[OF_Z], s->coef[BETA], p, NULL);
}

/* alpha = (p, r) / (p, A p), where (p, r) is scale (z, r): r is orthogonal to the directions up to
 * now.
 */
static int64_t find_step(ptl__solve *s, const double *pq)
{
    for (int64_t j = 0; j < s->columns; j++) {
        const ptl__scalar rz = ptl__get(s->coef[ALPHA], j, s->width);
        const double scale = s->coef[SCALE][j * s->width];
        const ptl__scalar alpha = ptl__divide(conj(rz) * scale, pq[j * s->width]);
        if (s->mask[j] && !ptl__fits(alpha, s->b->dtype))
            ptl__solve_stop_column(s, j, PTL_REASON_BREAKDOWN);
        ptl__set(s->coef[ALPHA], j, s->width, alpha);
        ptl__set(s->coef[PAP], j, s->width, pq[j * s->width]);
    }
    return ptl__solve_running(s);
}

/* x += alpha p, r -= alpha q, and the norms of r, in one pass. */
static void step(ptl__solve *s, ptl_vector *p, ptl_vector *q, double *norms)
{
    s->kernels->cg_step(s->threads, s->coef[ALPHA], s->mask, ptl__vector_block(p),
                        ptl__vector_block(q), ptl__vector_block(s->x), ptl__vector_block(s->r),
                        norms);
    ptl__solve_passed("cg_step", 6);
}

static ptl_status fcg_run(ptl__solve *s)
{
    ptl_vector *q = s->work[0], *p = s->work[1], *z = s->work[2];
    const size_t bytes = (size_t)(s->columns * s->width) * sizeof(double);
    int64_t running;
    ptl__solve_zero(s, p);
    for (int first = 1;; first = 0, s->iteration++) {
        ptl__solve_begin(s);
        double *rr = ptl__solve_norm_sums(s), *rz = ptl__solve_sums(s, 1);
        double *qz = ptl__solve_sums(s, 1);
        if (first)
            ptl__solve_norms(s, s->r, rr);
        else
            step(s, p, q, rr);
        ptl_vector *Mr = precondition(s, s->work[3], z, rz);
        if (!first)
            ptl__solve_dots(s, 1, &q, Mr, qz);
        PTL_TRY(ptl__solve_reduce(s));
        unscale(s, rr, rz, qz);
        PTL_TRY(ptl__solve_check(s, rr, rz, &running));
        if (!running || !require_positive(s, rz))
            return PTL_OK;

        turn(s, rr, rz, qz, Mr, p);
        memcpy(s->coef[ALPHA], rz, bytes);
        ptl__solve_begin(s);
        double *pq = ptl__solve_sums(s, 1);
        ptl__solve_apply_dot(s, p, q, pq);
        PTL_TRY(ptl__solve_reduce(s));
        if (!require_positive(s, pq) || !find_step(s, pq))
            return PTL_OK;
    }
}

const ptl__method ptl__fcg_method = {
    .kind = PTL__SOLVER_KIND("fcg", "Fcg",
                             "Flexible conjugate gradients, for symmetric (Hermitian) positive "
                             "definite A and an M that may change from one application to the "
                             "next.",
                             NULL),
    .needs = {.work = 4, .coefs = COEFS, .sums = 2},
    .run = fcg_run,
};

ptl_status ptl_fcg_factory(const ptl_solver_options *options, ptl_factory **out)
{
    return ptl__solver_factory(&ptl__fcg_method, options, out);
}
