/* The least-squares problem of one column in GMRES. */
#include "hessenberg.h"

int64_t ptl__hessenberg_doubles(int64_t most)
{
    const int64_t head = (int64_t)(sizeof(ptl__hessenberg) / sizeof(double));
    return head + (most + 1) + most + 2 * most + 2 * (most + 1) + most * (most + 1);
}

ptl__hessenberg *ptl__hessenberg_lay(double *memory, int64_t most)
{
    _Static_assert(sizeof(ptl__hessenberg) % sizeof(double) == 0, "doubles follow it");
    ptl__hessenberg *h = (ptl__hessenberg *)memory;
    h->steps = 0;
    h->size = 0;
    h->norm = (double *)(h + 1);
    h->cosine = h->norm + most + 1;
    h->sine = (ptl__scalar *)(h->cosine + most);
    h->g = h->sine + most;
    h->h = h->g + most + 1;
    return h;
}

void ptl__hessenberg_begin(ptl__hessenberg *h, double beta, double first)
{
    h->steps = 0;
    h->begin = h->residual = beta;
    h->first = first;
    h->norm[0] = beta * first;
    h->g[0] = beta;
}

void ptl__hessenberg_measure(ptl__hessenberg *h, double part)
{
    const double size = h->size > 0 ? h->size : part;
    h->length = ptl__power_near(h->norm[0]) / ptl__power_near(size);
}

/* [c s; -conj(s) c] on two entries. */
static void rotate(double c, ptl__scalar s, ptl__scalar *a, ptl__scalar *b)
{
    const ptl__scalar first = *a;
    *a = c * first + s * *b;
    *b = c * *b - conj(s) * first;
}

ptl_reason ptl__hessenberg_extend(ptl__hessenberg *h, double tiny)
{
    const int64_t k = h->steps;
    const double below = h->norm[k + 1] / h->length;
    ptl__scalar *column = ptl__hessenberg_column(h, k);
    double size = below;
    for (int64_t i = 0; i <= k; i++)
        size = hypot(size, cabs(column[i]));
    if (!isfinite(size))
        return PTL_REASON_NON_FINITE;
    if (h->residual == 0)
        return PTL_REASON_RUNNING;
    h->size = size;
    for (int64_t i = 0; i < k; i++)
        rotate(h->cosine[i], h->sine[i], &column[i], &column[i + 1]);
    const double above = cabs(column[k]), length = hypot(above, below);
    if (!(length > tiny * size))
        return PTL_REASON_BREAKDOWN;
    const ptl__scalar phase = above > 0 ? column[k] / above : 1;
    h->cosine[k] = above / length;
    h->sine[k] = phase * (below / length);
    column[k] = phase * length;
    h->g[k + 1] = 0;
    rotate(h->cosine[k], h->sine[k], &h->g[k], &h->g[k + 1]);
    h->residual = cabs(h->g[k + 1]);
    h->steps = k + 1;
    return PTL_REASON_RUNNING;
}

void ptl__hessenberg_solve(const ptl__hessenberg *h, int64_t count, double *out, int64_t stride,
                           int width)
{
    for (int64_t i = count; i-- > 0;) {
        ptl__scalar sum = 0;
        if (i < h->steps) {
            sum = h->g[i];
            for (int64_t l = i + 1; l < h->steps; l++)
                sum -= ptl__hessenberg_column(h, l)[i] * ptl__get(out, l * stride, width);
            sum = ptl__divide(sum, ptl__hessenberg_column(h, i)[i]);
        }
        ptl__set(out, i * stride, width, sum);
    }
    for (int64_t i = 0; i < h->steps; i++)
        ptl__set(out, i * stride, width, ptl__get(out, i * stride, width) / h->norm[i]);
}

/* r = V Q^H e_k g_k, Q being the product of the rotations. */
void ptl__hessenberg_residual(const ptl__hessenberg *h, int64_t count, double *out, int64_t stride,
                              int width)
{
    for (int64_t i = 0; i < count; i++)
        ptl__set(out, i * stride, width, 0);
    ptl__scalar rest = h->g[h->steps];
    for (int64_t i = h->steps; i >= 0; i--) {
        const ptl__scalar here = i > 0 ? h->cosine[i - 1] * rest : rest;
        if (h->norm[i] > 0)
            ptl__set(out, i * stride, width, here / h->norm[i]);
        rest *= i > 0 ? -h->sine[i - 1] : 1;
    }
    if (h->steps == 0)
        ptl__set(out, 0, width, 1 / h->first);
}
