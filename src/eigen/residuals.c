/* The residuals of lobpcg, and what they are judged beside. */
#include <math.h>
#include <string.h>

#include "lobpcg.h"

/* What the small problem has found: the values, into the log too. In units, they are theta. */
void ptl__lobpcg_note_values(ptl__lobpcg *l)
{
    const ptl__units units = l->ritz.units;
    l->radius = fmax(l->radius, l->ritz.radius);
    for (int64_t j = 0; j < l->R->columns; j++) {
        l->theta[j] = l->ritz.values[j];
        l->log->values[j] = ldexp(l->theta[j], units.a - units.b);
    }
}

/* R = (A X - B X Lambda - B Q Q^H A X) Pi, Pi being the order, in units. */
void ptl__lobpcg_residuals(ptl__lobpcg *l)
{
    const int64_t k = l->R->columns, q = l->basis.sections.q;
    const int width = l->basis.width;
    const double a = ldexp(1, -l->ritz.units.a), b = ldexp(1, -l->ritz.units.b);
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(l->R);
    const ptl__run run = ptl__vector_run(l->R);
    const size_t fence = (size_t)(q * k * width), all = fence + (size_t)(k * k * width);
    memset(l->coefs, 0, all * sizeof(double));
    for (int64_t j = 0; j < k; j++)
        l->coefs[(l->order[j] * k + j) * width] = a;
    kernels->multiply(run, 0, ptl__vector_block(l->basis.AX), l->coefs, ptl__vector_block(l->R));
    memset(l->coefs, 0, all * sizeof(double));
    for (int64_t i = 0; i < q * k; i++)
        for (int part = 0; part < width; part++)
            l->coefs[i * width + part] =
                -a * l->ritz.pushes[(i / k * k + l->order[i % k]) * width + part];
    for (int64_t j = 0; j < k; j++)
        l->coefs[fence + (size_t)((l->order[j] * k + j) * width)] = -b * l->theta[l->order[j]];
    kernels->multiply(run, 1, ptl__basis_columns(l->basis.BS, 0, q + k), l->coefs,
                      ptl__vector_block(l->R));
}

static double *norms_of(ptl__lobpcg *l, ptl__block block)
{
    double *sums = ptl__reducer_add(l->reducer, block.columns);
    ptl__vector_kernels_of(l->R)->norm2_squared(ptl__vector_run(l->R), block, sums);
    return sums;
}

/* Squared norms, into the reduction that has begun. */
double *ptl__lobpcg_norms(ptl__lobpcg *l, const ptl_vector *v)
{
    return norms_of(l, ptl__vector_block(v));
}

/* B X in units, in which its squares are numbers. */
static ptl__block bx_in_units(ptl__lobpcg *l)
{
    const ptl__block bx = ptl__vector_block(l->basis.BX);
    const int64_t k = bx.columns;
    if (l->ritz.units.b == 0)
        return bx;
    const ptl__block scaled = ptl__basis_columns(l->basis.rotated, 0, k);
    memset(l->coefs, 0, (size_t)(k * k * l->basis.width) * sizeof(double));
    for (int64_t j = 0; j < k; j++)
        l->coefs[(j * k + j) * l->basis.width] = ldexp(1, -l->ritz.units.b);
    ptl__vector_kernels_of(l->R)->multiply(ptl__vector_run(l->R), 0, bx, l->coefs, scaled);
    return scaled;
}

/* Of the residuals, then, where it matters, of B X. */
double *ptl__lobpcg_norms_to_judge(ptl__lobpcg *l)
{
    double *sums = ptl__lobpcg_norms(l, l->R);
    if (l->basis.B && !l->options->absolute)
        norms_of(l, bx_in_units(l));
    return sums;
}

/* The size of an eigenvalue, beside which its residual is judged. One that is 0 to rounding has
 * none: it is judged beside the smallest of the others that is not, or where there is none, beside
 * the largest Ritz value that was seen. */
static double size_of(const ptl__lobpcg *l, int64_t column)
{
    const double zero = l->ritz.least / 10 * l->radius; /* 10 epsilon */
    double size = fabs(l->theta[column]);
    if (size > zero)
        return size;
    size = l->radius;
    for (int64_t j = 0; j < l->R->columns; j++)
        if (fabs(l->theta[j]) > zero)
            size = fmin(size, fabs(l->theta[j]));
    return size;
}

static double tolerance(const ptl__lobpcg *l, int64_t column)
{
    const ptl__units units = l->ritz.units;
    return l->options->absolute ? ldexp(l->tol, units.b / 2 - units.a)
                                : l->tol * size_of(l, column) * l->weights[column];
}

/* The reduced norms, into the log; which columns are active; returns how many. */
int64_t ptl__lobpcg_judge(ptl__lobpcg *l, const double *squares)
{
    const int64_t k = l->R->columns;
    const ptl__units units = l->ritz.units;
    int64_t active = 0;
    for (int64_t j = 0; j < k; j++) {
        l->norms[l->order[j]] = sqrt(squares[j]);
        l->weights[j] = l->basis.B && !l->options->absolute ? sqrt(squares[k + j]) : 1;
    }
    for (int64_t j = 0; j < k; j++) {
        l->log->residual_norms[j] = ldexp(l->norms[j], units.a - units.b / 2);
        l->active[j] = !(l->norms[j] <= tolerance(l, j));
        active += l->active[j];
    }
    return active;
}
