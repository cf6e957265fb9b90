/* The ends of the spectrum by a few Lanczos steps.
 *
 * Ritz values lie inside the spectrum, so both ends are widened. An upper bound that is too small
 * makes Chebyshev's iteration diverge: the largest Ritz value gets the norm of the last residual
 * vector of Lanczos' process on top (Zhou, Saad, Tiago and Chelikowsky, J. Comput. Phys. 219, 2006,
 * section 3.2: no proof, but seldom too small). A lower bound that is too large only makes it slow:
 * the least Ritz value is halved. */
#include "estimate.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "../comm/comm.h"
#include "../core/status.h"
#include "scalars.h"

/* In (-1, 1), by splitmix64 (Steele, Lea and Flood, OOPSLA 2014) of a rank and a row. */
static double random_at(int rank, int64_t row)
{
    uint64_t bits = ((uint64_t)rank << 40) + (uint64_t)row + 1;
    bits *= 0x9e3779b97f4a7c15u;
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9u;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111ebu;
    bits ^= bits >> 31;
    return ((double)(bits >> 11) + 0.5) * 0x1p-52 - 1;
}

/* The same numbers in every column, so the bounds do not depend on how many there are. v is on the
 * host. */
static void fill(ptl_vector *v)
{
    const int rank = ptl_comm_rank(v->comm), width = ptl__coef_doubles(v->dtype);
    const int single = ptl_dtype_real(v->dtype) == PTL_F32;
    for (int64_t i = 0; i < v->local_rows; i++)
        for (int64_t k = i * v->ld * width; k < (i * v->ld + v->columns) * width; k++) {
            const double value = k % width ? 0 : random_at(rank, i);
            if (single)
                ((float *)v->data)[k] = (float)value;
            else
                ((double *)v->data)[k] = value;
        }
}

static ptl_status fill_random(ptl_vector *v)
{
    ptl_vector *host;
    PTL_TRY(ptl__vector_on_host(v, &host));
    fill(host);
    ptl_status status = ptl__vector_write(v, host->ld, host->data);
    ptl_vector_release(&host);
    return status;
}

/* value in every column */
static double *everywhere(const ptl__solve *s, double value, double *out)
{
    for (int64_t j = 0; j < s->columns; j++)
        ptl__set(out, j, s->width, value);
    return out;
}

/* (C) z = M r and the sum (r, z). */
static ptl_status project_residual(ptl__solve *s, ptl_vector **z, double *rho)
{
    ptl__solve_begin(s);
    double *sums = s->M ? ptl__solve_sums(s, 1) : ptl__solve_norm_sums(s);
    if (!s->M)
        ptl__solve_norms(s, s->r, sums);
    *z = ptl__solve_precondition(s, s->r, s->work[2], sums);
    PTL_TRY(ptl__solve_reduce(s));
    *rho = sums[0];
    return PTL_OK;
}

/* (C) q = A p and the sum (p, q). */
static ptl_status project_direction(ptl__solve *s, ptl_vector *p, ptl_vector *q, double *pq)
{
    ptl__solve_begin(s);
    double *sums = ptl__solve_sums(s, 1);
    ptl__solve_apply_dot(s, p, q, sums);
    PTL_TRY(ptl__solve_reduce(s));
    *pq = sums[0];
    return PTL_OK;
}

/* A Lanczos matrix of `size` rows, and the norm of what is left at its end; fault: a (p, A p) or
 * (r, M r) that is not positive, where there was one. */
typedef struct lanczos {
    int64_t size;
    double *diagonal, *beside, rest;
    int definite;
    double fault;
} lanczos;

/* (C) */
static ptl_status run_steps(ptl__solve *s, int64_t steps, double exhausted, lanczos *T)
{
    ptl_vector *p = s->work[0], *q = s->work[1], *z;
    double rho, rho_old = 1, rho_first = 0, pq, alpha = 1;
    for (int64_t k = 0;; k++) {
        PTL_TRY(project_residual(s, &z, &rho));
        rho_first = k == 0 ? rho : rho_first;
        T->definite = rho > 0 || (k > 0 && rho == 0);
        T->fault = rho;
        const double beta = k == 0 ? 0 : rho / rho_old;
        T->rest = sqrt(beta) / alpha;
        if (!T->definite || k == steps || rho <= exhausted * rho_first)
            return PTL_OK;
        ptl__solve_combine(s, 1, &z, s->one, k ? everywhere(s, beta, s->coef[0]) : NULL, p, NULL);
        PTL_TRY(project_direction(s, p, q, &pq));
        T->definite = pq > 0;
        T->fault = pq;
        if (!T->definite)
            return PTL_OK;
        if (k > 0)
            T->beside[k - 1] = T->rest;
        T->diagonal[k] = beta / alpha;
        alpha = rho / pq;
        T->diagonal[k] += 1 / alpha;
        T->size = k + 1;
        rho_old = rho;
        ptl__solve_combine(s, 1, &q, everywhere(s, -alpha, s->coef[1]), s->one, s->r, NULL);
    }
}

/* r = b - A x for the running columns; the failure of the product is noted. */
static void restore_residual(ptl__solve *s)
{
    for (int64_t j = 0; j < s->columns; j++)
        s->mask[j] = s->log->reasons[j] == PTL_REASON_RUNNING;
    ptl__solve_apply(s, s->x, s->r);
    s->kernels->scale_add(s->threads, s->minus_one, ptl__vector_block(s->b), NULL,
                          ptl__vector_block(s->r));
    ptl__solve_passed("scale_add", 3);
}

static void stop_indefinite(ptl__solve *s, double fault)
{
    ptl_reason reason = fault < 0 ? PTL_REASON_INDEFINITE : PTL_REASON_NON_FINITE;
    if (fault == 0)
        reason = PTL_REASON_BREAKDOWN;
    for (int64_t j = 0; j < s->columns; j++)
        if (s->mask[j])
            ptl__solve_stop_column(s, j, reason);
}

ptl_status ptl__estimate_spectrum(ptl__solve *s, int64_t steps, double bounds[2], int *definite)
{
    lanczos T = {.diagonal = s->scratch, .beside = s->scratch + steps};
    const double eps = ptl_dtype_real(s->b->dtype) == PTL_F32 ? FLT_EPSILON : DBL_EPSILON;
    memset(s->mask, 1, (size_t)s->columns);
    ptl__solve_note(s, fill_random(s->r)); /* told by the next reduction */
    PTL_TRY(run_steps(s, steps, eps * eps, &T));
    restore_residual(s);
    if (T.definite) {
        bounds[0] = ptl__tridiagonal_extreme(T.size, T.diagonal, T.beside, 0) / 2;
        bounds[1] = ptl__tridiagonal_extreme(T.size, T.diagonal, T.beside, 1) + T.rest;
        T.definite = bounds[0] > 0 && isfinite(bounds[1]); /* no double can hold them */
        T.fault = NAN;
    }
    *definite = T.definite;
    if (!T.definite)
        stop_indefinite(s, T.fault);
    return PTL_OK;
}

/* How many eigenvalues are below x (Golub and Van Loan, Matrix Computations, 4th ed., section
 * 8.4.2). */
static int64_t count_below(int64_t n, const double *d, const double *e, double x)
{
    int64_t count = 0;
    double q = 1;
    for (int64_t i = 0; i < n; i++) {
        const double beside = i ? e[i - 1] : 0; /* its square may overflow */
        q = d[i] - x - beside * (beside / (q == 0 ? DBL_MIN : q));
        count += q < 0;
    }
    return count;
}

double ptl__tridiagonal_extreme(int64_t n, const double *d, const double *e, int which)
{
    double low = INFINITY, high = -INFINITY;
    for (int64_t i = 0; i < n; i++) { /* Gershgorin's discs */
        const double reach = (i ? fabs(e[i - 1]) : 0) + (i < n - 1 ? fabs(e[i]) : 0);
        low = fmin(low, d[i] - reach);
        high = fmax(high, d[i] + reach);
    }
    for (int i = 0; i < 100 && low < high; i++) {
        const double middle = low + (high - low) / 2;
        if (count_below(n, d, e, middle) >= (which ? n : 1))
            high = middle;
        else
            low = middle;
    }
    return high;
}
