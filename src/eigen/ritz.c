/* The small problem of a Rayleigh-Ritz step. S is not assumed to be orthonormal, or even
 * independent: its Gram matrix, scaled to a unit diagonal, is diagonalised and what is dependent
 * dropped (Stathopoulos and Wu, SIAM J. Sci. Comput. 23, 2002: SVQB). The new directions are made
 * orthogonal to the new X, and orthonormal, in coefficients (Hetmaniuk and Lehoucq, J. Comput.
 * Phys. 218, 2006), which is what keeps the basis well conditioned.
 *
 * Nor is S assumed to be orthogonal to the constraints Q (Q^H B Q = I): what it has of them, E =
 * Q^H B S, which is small, is taken away here. The problem is that of S - Q E, and the coefficients
 * say how much of Q the new vectors lose. So they lie in Q's complement to rounding, however long
 * the iteration, for no reduction and no pass over vectors more. */
#include "ritz.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "dense.h"

/* ---- memory ---- */

/* The next `count` doubles of a block; *block moves on. */
static double *take(double **block, int64_t count)
{
    double *taken = *block;
    *block += count;
    return taken;
}

static void lay_out(ptl__ritz *r, double *block)
{
    const int64_t square = r->most * r->most * r->width;
    r->a = take(&block, square);
    r->b = take(&block, square);
    r->t = take(&block, square);
    r->u = take(&block, square);
    r->y = take(&block, square);
    r->z = take(&block, 2 * r->most * r->wanted * r->width);
    r->v = take(&block, r->wanted * r->wanted * r->width);
    r->theta_q = take(&block, r->fence * r->fence * r->width);
    r->e = take(&block, r->fence * r->most * r->width);
    r->h = take(&block, r->fence * r->most * r->width);
    r->g = take(&block, 2 * r->fence * r->wanted * r->width);
    r->theta = take(&block, r->most);
    r->scale = take(&block, r->most);
    r->work = block;
}

/* The message: three numbers, the values, the pushes, the coefficients. */
enum { TROUBLE, DIRECTIONS, RADIUS, HEADER };

static int64_t message_size(const ptl__ritz *r, int64_t rows)
{
    return HEADER + r->wanted + (r->fence + 2 * rows) * r->wanted * r->width;
}

ptl_status ptl__ritz_init(ptl__ritz *r, ptl_comm *comm, ptl_dtype dtype, int64_t wanted,
                          int64_t most, int64_t fence)
{
    const int width = ptl_dtype_is_complex(dtype) ? 2 : 1;
    const double epsilon = ptl_dtype_real(dtype) == PTL_F32 ? FLT_EPSILON : DBL_EPSILON;
    *r = (ptl__ritz){.comm = comm, .width = width, .wanted = wanted, .most = most, .fence = fence};
    r->least = 100 * epsilon;
    PTL_TRY(PTL_NEW(message_size(r, fence + most), double, &r->message));
    r->values = r->message + HEADER;
    r->pushes = r->values + wanted;
    r->coefs = r->pushes + fence * wanted * width;
    if (ptl_comm_rank(comm) > 0)
        return PTL_OK;
    const int64_t entries = 5 * most * most + 2 * most * wanted + wanted * wanted +
                            fence * (fence + 2 * most + 2 * wanted);
    const int64_t size = entries * width + 2 * most + ptl__dense_work(width, most);
    PTL_TRY(PTL_NEW(size, double, &r->matrices));
    lay_out(r, r->matrices);
    return PTL_OK;
}

void ptl__ritz_clear(ptl__ritz *r)
{
    ptl__free(r->matrices);
    ptl__free(r->message);
    *r = (ptl__ritz){0};
}

/* ---- entries ---- */

static void set(const ptl__ritz *r, double *matrix, int64_t ld, int64_t i, int64_t j, double re,
                double im)
{
    double *entry = matrix + (i + j * ld) * r->width;
    entry[0] = re;
    if (r->width == 2)
        entry[1] = im;
}

/* Q^H A S, and the Hermitian matrix whose blocks on and above the diagonal are at `grams`; returns
 * their end, or NULL where one is not finite. */
static const double *unpack(const ptl__ritz *r, ptl__sections s, const double *grams,
                            double *beside, double *matrix)
{
    const int64_t counts[3] = {s.x, s.p, s.w}, all = ptl__sections_sum(s);
    int finite = 1;
    for (int64_t i = 0; i < s.q; i++)
        for (int64_t j = 0; j < all; j++, grams += r->width) {
            finite &= isfinite(grams[0]) && isfinite(grams[r->width - 1]);
            set(r, beside, s.q, i, j, grams[0], grams[r->width - 1]);
        }
    for (int64_t section = 0, first = 0; section < 3; first += counts[section++])
        for (int64_t i = first; i < first + counts[section]; i++)
            for (int64_t j = first; j < all; j++, grams += r->width) {
                const double re = grams[0], im = r->width == 2 && i != j ? grams[1] : 0;
                finite &= isfinite(re) && isfinite(im);
                set(r, matrix, all, i, j, re, im);
                if (j >= first + counts[section] || j == i)
                    set(r, matrix, all, j, i, re, -im);
            }
    return finite ? grams : NULL;
}

static double *column(const ptl__ritz *r, double *matrix, int64_t ld, int64_t j)
{
    return matrix + j * ld * r->width;
}

static void copy_scaled(const ptl__ritz *r, int64_t rows, double factor, const double *from,
                        double *to)
{
    for (int64_t i = 0; i < rows * r->width; i++)
        to[i] = factor * from[i];
}

static void multiply(const ptl__ritz *r, int64_t rows, int64_t cols, int64_t depth, double scale,
                     ptl__dense_operand a, ptl__dense_operand b, double beta, double *c,
                     int64_t ldc)
{
    if (rows > 0 && cols > 0)
        ptl__dense_multiply(r->width, rows, cols, depth, scale, a, b, beta, c, ldc);
}

/* Leading dimensions are at least 1. */
static ptl__dense_operand plain(const double *a, int64_t ld)
{
    return (ptl__dense_operand){a, ld > 0 ? ld : 1, 0};
}

static ptl__dense_operand hermitian(const double *a, int64_t ld)
{
    return (ptl__dense_operand){a, ld > 0 ? ld : 1, 1};
}

/* ---- the steps, on rank 0 ---- */

/* a and b, of S, become those of S - Q E, and h, which is Q^H A S, too. */
static void leave_constraints(ptl__ritz *r, int64_t q, int64_t n)
{
    if (q == 0)
        return;
    multiply(r, n, n, q, -1, hermitian(r->e, q), plain(r->e, q), 1, r->b, n);
    multiply(r, n, n, q, -1, hermitian(r->e, q), plain(r->h, q), 1, r->a, n);
    multiply(r, q, n, q, -1, plain(r->theta_q, q), plain(r->e, q), 1, r->h, q);
    multiply(r, n, n, q, -1, hermitian(r->h, q), plain(r->e, q), 1, r->a, n);
}

static void use_units(ptl__ritz *r, int64_t n)
{
    if (r->units.a)
        copy_scaled(r, n * n, ldexp(1, -r->units.a), r->a, r->a);
    if (r->units.b)
        copy_scaled(r, n * n, ldexp(1, -r->units.b), r->b, r->b);
}

/* t, of n rows and as many columns as returned, such that t^H g t = I: the inverse square root of
 * the Gram matrix g, which is lost, on what is independent. -1 where LAPACK fails; r->theta has the
 * eigenvalues of the scaled g, ascending. */
static int64_t whiten(ptl__ritz *r, int64_t n, double *g, double *t)
{
    for (int64_t j = 0; j < n; j++) {
        const double square = g[(j + j * n) * r->width];
        r->scale[j] = square > 0 ? 1 / sqrt(square) : 0;
    }
    for (int64_t j = 0; j < n; j++)
        for (int64_t i = 0; i < n; i++)
            copy_scaled(r, 1, r->scale[i] * r->scale[j], g + (i + j * n) * r->width,
                        g + (i + j * n) * r->width);
    if (ptl__dense_eigh(r->width, n, g, r->theta, r->work))
        return -1;
    int64_t kept = 0;
    for (int64_t j = 0; j < n; j++) {
        if (!(r->theta[j] > r->least * r->theta[n - 1]))
            continue;
        for (int64_t i = 0; i < n; i++)
            copy_scaled(r, 1, r->scale[i] / sqrt(r->theta[j]), g + (i + j * n) * r->width,
                        t + (i + kept * n) * r->width);
        kept++;
    }
    return kept;
}

/* Whether B, the Gram matrix of which has been whitened, is clearly not positive definite. */
static int indefinite(const ptl__ritz *r, int64_t n)
{
    for (int64_t j = 0; j < n; j++) {
        const double b = r->b[(j + j * n) * r->width], a = r->a[(j + j * n) * r->width];
        if (b < 0 || (b == 0 && a != 0))
            return 1;
    }
    return n > 0 && r->theta[0] < -0.01 * r->theta[n - 1];
}

/* Whether B is singular on S: a direction that was dropped for its length in B's inner product is
 * long in A's, so it is no dependence of the columns. */
static int singular(ptl__ritz *r, int64_t n)
{
    const int w = r->width;
    double most = 0;
    for (int64_t i = 0; i < n; i++)
        most = fmax(most, fabs(r->a[(i + i * n) * w]) * r->scale[i] * r->scale[i]);
    for (int64_t j = 0; j < n && !(r->theta[j] > r->least * r->theta[n - 1]); j++) {
        double dot = 0, *direction = r->y, *product = r->y + n * w;
        for (int64_t i = 0; i < n; i++)
            copy_scaled(r, 1, r->scale[i], r->u + (i + j * n) * w, direction + i * w);
        multiply(r, n, 1, n, 1, plain(r->a, n), plain(direction, n), 0, product, n);
        for (int64_t i = 0; i < n * w; i++)
            dot += direction[i] * product[i];
        if (fabs(dot) > 0.01 * most)
            return 1;
    }
    return 0;
}

/* The first `wanted` columns of z: the chosen eigenvectors of t^H a t, and their values. */
static ptl_reason choose(ptl__ritz *r, int64_t n, int64_t kept)
{
    multiply(r, n, kept, n, 1, plain(r->a, n), plain(r->t, n), 0, r->y, n);
    multiply(r, kept, kept, n, 1, hermitian(r->t, n), plain(r->y, n), 0, r->u, kept);
    if (ptl__dense_eigh(r->width, kept, r->u, r->theta, r->work))
        return PTL_REASON_NON_FINITE;
    r->radius = fmax(fabs(r->theta[0]), fabs(r->theta[kept - 1]));
    for (int64_t j = 0; j < r->wanted; j++) {
        const int64_t from = r->largest ? kept - 1 - j : j;
        r->values[j] = r->theta[from];
        copy_scaled(r, kept, 1, column(r, r->u, kept, from), column(r, r->z, kept, j));
    }
    return PTL_REASON_RUNNING;
}

/* In y, as coordinates in the basis S t: the parts of the new X's moving columns that come from P
 * and W, orthogonal to all of the new X, of unit norm. Returns how many there are. */
static int64_t move(ptl__ritz *r, int64_t n, int64_t kept, const uint8_t *moving)
{
    const int64_t k = r->wanted;
    int64_t count = 0;
    for (int64_t j = 0; j < k; j++) {
        if (!moving[j])
            continue;
        double *part = column(r, r->y, n, count++);
        multiply(r, n, 1, kept, 1, plain(r->t, n), plain(column(r, r->z, kept, j), kept), 0, part,
                 n);
        memset(part, 0, (size_t)(k * r->width) * sizeof(double));
    }
    multiply(r, n, count, n, 1, plain(r->b, n), plain(r->y, n), 0, r->u, n);
    multiply(r, kept, count, n, 1, hermitian(r->t, n), plain(r->u, n), 0, r->y, kept);
    for (int twice = 0; twice < 2; twice++) {
        multiply(r, k, count, kept, 1, hermitian(r->z, kept), plain(r->y, kept), 0, r->u, k);
        multiply(r, kept, count, k, -1, plain(r->z, kept), plain(r->u, k), 1, r->y, kept);
    }
    return count;
}

/* The columns of z after the wanted ones: the new directions. */
static int64_t direct(ptl__ritz *r, int64_t n, int64_t kept, const uint8_t *moving)
{
    const int64_t count = moving ? move(r, n, kept, moving) : 0;
    if (count == 0)
        return 0;
    multiply(r, count, count, kept, 1, hermitian(r->y, kept), plain(r->y, kept), 0, r->u, count);
    const int64_t directions = whiten(r, count, r->u, r->v);
    if (directions <= 0)
        return 0;
    multiply(r, kept, directions, count, 1, plain(r->y, kept), plain(r->v, count), 0,
             column(r, r->z, kept, r->wanted), kept);
    return directions;
}

/* A matrix, row-major. */
static void write_rows(const ptl__ritz *r, int64_t rows, int64_t cols, const double *matrix,
                       double *to)
{
    for (int64_t j = 0; j < cols; j++)
        for (int64_t i = 0; i < rows; i++)
            copy_scaled(r, 1, 1, matrix + (i + j * rows) * r->width,
                        to + (i * cols + j) * r->width);
}

/* Into the message: y = t z; what the new vectors lose of Q, -e y; and Q^H A X = h y. */
static void write_coefs(ptl__ritz *r, int64_t q, int64_t n, int64_t kept)
{
    const int64_t cols = r->wanted + r->directions;
    multiply(r, n, cols, kept, 1, plain(r->t, n), plain(r->z, kept), 0, r->y, n);
    write_rows(r, n, cols, r->y, r->coefs + q * cols * r->width);
    if (q == 0)
        return;
    multiply(r, q, cols, n, -1, plain(r->e, q), plain(r->y, n), 0, r->g, q);
    write_rows(r, q, cols, r->g, r->coefs);
    multiply(r, q, r->wanted, n, 1, plain(r->h, q), plain(r->y, n), 0, r->g, q);
    write_rows(r, q, r->wanted, r->g, r->pushes);
}

static ptl_reason solve(ptl__ritz *r, ptl__sections s, const double *grams, const uint8_t *moving)
{
    const int64_t n = ptl__sections_sum(s);
    const double *second = unpack(r, s, grams, r->h, r->a);
    if (!second || !unpack(r, s, second, r->e, r->b))
        return PTL_REASON_NON_FINITE;
    leave_constraints(r, s.q, n);
    use_units(r, n);
    memcpy(r->u, r->b, (size_t)(n * n * r->width) * sizeof(double));
    const int64_t kept = whiten(r, n, r->u, r->t);
    if (kept < 0)
        return PTL_REASON_NON_FINITE;
    if (indefinite(r, n) || (kept < n && singular(r, n)))
        return PTL_REASON_INDEFINITE;
    if (kept < r->wanted)
        return PTL_REASON_BREAKDOWN;
    const ptl_reason trouble = choose(r, n, kept);
    if (trouble != PTL_REASON_RUNNING)
        return trouble;
    r->directions = direct(r, n, kept, moving);
    write_coefs(r, s.q, n, kept);
    return PTL_REASON_RUNNING;
}

ptl_status ptl__ritz_solve(ptl__ritz *r, ptl__sections s, const double *grams,
                           const uint8_t *moving)
{
    const int64_t size = message_size(r, s.q + ptl__sections_sum(s));
    if (r->comm->rank == 0) {
        memset(r->message, 0, (size_t)size * sizeof(double));
        r->directions = 0;
        r->radius = 0;
        r->message[TROUBLE] = solve(r, s, grams, moving);
        r->message[DIRECTIONS] = (double)r->directions;
        r->message[RADIUS] = r->radius;
    }
    if (r->comm->size > 1)
        PTL_TRY(ptl__comm_bcast(r->comm, r->message, size * (int64_t)sizeof(double), 0));
    r->trouble = (ptl_reason)r->message[TROUBLE];
    r->directions = (int64_t)r->message[DIRECTIONS];
    r->radius = r->message[RADIUS];
    return PTL_OK;
}
