/* Chebyshev's iteration, for Hermitian positive definite A and M (Saad, Iterative Methods for
 * Sparse Linear Systems, 2nd ed., algorithm 12.1; preconditioned as section 9.2 does conjugate
 * gradients). It needs the least and the largest eigenvalue of M A, and no inner products.
 *
 * One iteration: one product, one preconditioner application, one reduction, of the residual's norm
 * for the convergence check. With Jacobi 12 words a row move beside the product's: z reads r and D
 * and writes z; the direction d reads z and d and writes d; the step of x and r reads x, d, r, A d
 * and writes x, r.
 *
 * Bounds that are not given are estimated by the first solve that needs them (estimate.h). */
#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "estimate.h"
#include "generated.h"
#include "kinds.h"
#include "params.h"
#include "scalars.h"

/* The solver's bounds: given, known from an earlier solve, or estimated now, for which r is lost
 * and made again. (C) *known is 0 where A or M turned out not to be definite. */
static ptl_status find_bounds(ptl__solve *s, double bounds[2], int *known)
{
    const double *given = s->options->bounds;
    double *cache = s->solver->cache;
    *known = 1;
    if (given[0] != 0 || given[1] != 0 || cache) {
        memcpy(bounds, cache ? cache : given, 2 * sizeof *bounds);
        return PTL_OK;
    }
    ptl__solve_note(s, PTL_NEW(2, double, &cache));
    const int64_t steps = s->options->steps;
    ptl_status status = ptl__estimate_spectrum(s, steps, bounds, known);
    if (status == PTL_OK && *known) {
        memcpy(cache, bounds, 2 * sizeof *bounds);
        s->solver->cache = cache;
    } else {
        ptl__free(cache);
    }
    return status;
}

enum { OF_Z, OF_D, INVERSE, SCALE, COEFS };

/* d is kept as so many times itself in the whole solve (ptl__power_root), by what |r| and tau are
 * at first; and the step along it divides by that. */
static void choose_scale(ptl__solve *s, double tau)
{
    for (int64_t j = 0; j < s->columns; j++)
        ptl__set(s->coef[INVERSE], j, s->width, ptl__power_root(tau * s->log->residual_norms[j]));
}

/* d = 2 tau z + delta^2 tau tau_old d, the algorithm's third line with rho = delta tau: no division
 * by delta, which may be 0. */
static void turn(ptl__solve *s, ptl_vector *z, double of_z, double of_d, ptl_vector *d)
{
    for (int64_t j = 0; j < s->columns; j++) {
        const double inverse = creal(ptl__get(s->coef[INVERSE], j, s->width));
        const double scale = creal(ptl__get(s->coef[SCALE], j, s->width)); /* of z */
        ptl__set(s->coef[OF_Z], j, s->width, of_z / inverse / scale);
        ptl__set(s->coef[OF_D], j, s->width, of_d);
    }
    ptl__solve_combine(s, 1, &z, s->coef[OF_Z], of_d == 0 ? NULL : s->coef[OF_D], d, NULL);
}

/* x += d, r -= q, and the norms of r, in one pass. */
static void step(ptl__solve *s, ptl_vector *d, ptl_vector *q, double *norms)
{
    s->kernels->cg_step(s->threads, s->coef[INVERSE], s->mask, ptl__vector_block(d),
                        ptl__vector_block(q), ptl__vector_block(s->x), ptl__vector_block(s->r),
                        norms);
    ptl__solve_passed("cg_step", 6);
}

static ptl_status chebyshev_run(ptl__solve *s)
{
    ptl_vector *d = s->work[0], *q = s->work[1], *z = s->work[2];
    double bounds[2], theta = 0, delta = 0, tau = 0;
    int64_t running;
    int known;
    for (int first = 1;; first = 0, s->iteration++) {
        ptl__solve_begin(s);
        double *rr = ptl__solve_norm_sums(s);
        if (first)
            ptl__solve_norms(s, s->r, rr);
        else
            step(s, d, q, rr);
        PTL_TRY(ptl__solve_reduce(s));
        PTL_TRY(ptl__solve_check(s, rr, NULL, &running));
        if (!running)
            return PTL_OK;
        const double tau_old = tau;
        if (first) {
            PTL_TRY(find_bounds(s, bounds, &known));
            if (!known)
                return PTL_OK;
            theta = (bounds[0] + bounds[1]) / 2;
            delta = (bounds[1] - bounds[0]) / 2;
            tau = 1 / theta;
            choose_scale(s, tau);
        } else {
            tau = 1 / (2 * theta - delta * (delta * tau_old));
        }
        ptl_vector *Mr = ptl__solve_precondition_bounded(s, q, z, s->coef[SCALE], NULL);
        turn(s, Mr, first ? tau : 2 * tau, (delta * tau) * (delta * tau_old), d);
        ptl__solve_apply(s, d, q);
    }
}

static void chebyshev_size(const ptl_solver_options *options, int64_t rows, ptl__needs *needs)
{
    (void)rows;
    needs->scratch = 2 * options->steps;
}

static ptl_status chebyshev_check(const ptl_solver_options *options)
{
    const double *bounds = options->bounds;
    PTL_CHECK((bounds[0] == 0 && bounds[1] == 0) || bounds[0] > 0, PTL_INVALID,
              "chebyshev: bounds are %g and %g, expected positive numbers", bounds[0], bounds[1]);
    return PTL_OK;
}

static const ptl_param params[] = {
    PTL__PARAM_BOUNDS,
    PTL__PARAM_STEPS,
    PTL__PARAM_END,
};

const ptl__method ptl__chebyshev_method = {
    .kind = PTL__SOLVER_KIND("chebyshev", "Chebyshev",
                             "Chebyshev's iteration, for symmetric (Hermitian) positive definite A "
                             "and M.",
                             params),
    .needs = {.work = 3, .coefs = COEFS, .sums = 1},
    .run = chebyshev_run,
    .size = chebyshev_size,
    .check = chebyshev_check,
};

ptl_status ptl_chebyshev_factory(const ptl_solver_options *options, ptl_factory **out)
{
    return ptl__solver_factory(&ptl__chebyshev_method, options, out);
}
