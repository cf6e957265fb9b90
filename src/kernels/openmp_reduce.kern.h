/* The fast vector kernels that end in sums. Each block of rows has its own partial sums, which are
 * added in the order of the blocks; the sums of a block are made in a fixed order too. A contiguous
 * column is walked as rows of STRIP lanes, each with its own sum, so that additions need not wait
 * for one another. */

/* The sums of the strip s: its blocks' partial sums added up. */
static void NAME(add_blocks)(cut c, strip s, W (*partial)[STRIP], W *sums)
{
    for (int64_t j = 0; j < s.width; ++j) {
        sums[s.first + j] = 0;
        for (int64_t b = 0; b < c.blocks; ++b)
            sums[s.first + j] += partial[b][j];
    }
}

/* One element's part of the sum. The term is always a constant. */
INLINE W NAME(term)(enum term term, V x, V y)
{
    switch (term) {
    case DOT:
        return (W)x * (W)y;
    case CONJ_DOT:
        return (W)NAME(conjugate)(x) * (W)y;
    case SQUARE:
        return NAME(square)(x);
    case MODULUS:
        return NAME(modulus)(x);
    case VALUE:
        return x;
    }
    return 0;
}

/* sums[j] += the terms of rows x width elements; likewise the functions of this form below. */
INLINE void NAME(sum_rows)(enum term term, int64_t rows, int64_t width, const V *x, int64_t ldx,
                           const V *y, int64_t ldy, W *sums)
{
    W acc[STRIP] = {0};
    for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < width; ++j)
            acc[j] += NAME(term)(term, x[i * ldx + j], y[i * ldy + j]);
    for (int64_t j = 0; j < width; ++j)
        sums[j] += acc[j];
}

INLINE W NAME(add_lanes)(const W *lanes)
{
    return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
           ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

INLINE void NAME(sum_tile)(enum term term, int unit, int64_t rows, int64_t width, const V *x,
                           int64_t ldx, const V *y, int64_t ldy, W *sums)
{
    if (unit) {
        const int64_t rest = rows % STRIP, whole = rows - rest;
        W lanes[STRIP] = {0};
        NAME(sum_rows)(term, whole / STRIP, STRIP, x, STRIP, y, STRIP, lanes);
        NAME(sum_rows)(term, rest, 1, x + whole, 1, y + whole, 1, lanes);
        sums[0] = NAME(add_lanes)(lanes);
    } else {
        NAME(sum_rows)(term, rows, width, x, ldx, y, ldy, sums);
    }
}

/* add_blocks for terms that are real whatever V is. */
static void NAME(add_real_blocks)(cut c, strip s, W (*partial)[STRIP], double *sums)
{
    W total[STRIP];
    NAME(add_blocks)(c, (strip){0, s.width}, partial, total);
    for (int64_t j = 0; j < s.width; ++j)
        sums[s.first + j] = creal(total[j]);
}

/* A kernel's body: ADD puts the sums of the terms of x and y (which is x where the term has one
 * operand) into `sums`. A macro for the same reason as ELEMENTWISE. */
#define REDUCE(TERM, x, y, ADD, sums)                                                              \
    const cut c = cut_rows(run, x.rows);                                                           \
    const int contiguous = is_unit(x) && is_unit(y);                                               \
    EACH_STRIP (s, NULL, x.columns) {                                                              \
        W partial[MAX_BLOCKS][STRIP];                                                              \
        EACH_BLOCK (b) {                                                                           \
            const int64_t begin = block_begin(c, b), rows = block_end(c, b) - begin;               \
            memset(partial[b], 0, sizeof partial[b]);                                              \
            FIXED_WIDTH(s.width, contiguous,                                                       \
                        NAME(sum_tile)(TERM, unit, rows, width, AT(x, begin, s.first), LD(x),      \
                                       AT(y, begin, s.first), LD(y), partial[b]));                 \
        }                                                                                          \
        NAME(ADD)(c, s, partial, sums);                                                            \
    }

static void NAME(dot)(ptl__run run, int conj_x, ptl__block x, ptl__block y, void *sums)
{
    if (IS_COMPLEX && conj_x) {
        REDUCE(CONJ_DOT, x, y, add_blocks, sums)
    } else {
        REDUCE(DOT, x, y, add_blocks, sums)
    }
}

static void NAME(sum)(ptl__run run, ptl__block x, void *sums)
{
    REDUCE(VALUE, x, x, add_blocks, sums)
}

static void NAME(norm2_squared)(ptl__run run, ptl__block x, double *sums)
{
    REDUCE(SQUARE, x, x, add_real_blocks, sums)
}

static void NAME(norm1)(ptl__run run, ptl__block x,
                        double *sums){REDUCE(MODULUS, x, x, add_real_blocks, sums)}
#undef REDUCE

INLINE void NAME(max_tile)(int64_t rows, int64_t width, const V *x, int64_t ldx, double *maxima)
{
    for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < width; ++j) {
            const V v = x[i * ldx + j];
            maxima[j] = NAME(is_nan)(v) ? NAN : NAME(larger)(maxima[j], NAME(modulus)(v));
        }
}

static void NAME(norm_inf)(ptl__run run, ptl__block x, double *maxima)
{
    const cut c = cut_rows(run, x.rows);
    const int contiguous = is_unit(x);
    EACH_LEAN_STRIP (s, x.columns) {
        double partial[MAX_BLOCKS][STRIP];
        EACH_BLOCK (b) {
            const int64_t begin = block_begin(c, b), rows = block_end(c, b) - begin;
            memset(partial[b], 0, sizeof partial[b]);
            LEAN_WIDTH(s.width, contiguous,
                       NAME(max_tile)(rows, width, AT(x, begin, s.first), LD(x), partial[b]));
        }
        for (int64_t j = 0; j < s.width; ++j) {
            double maximum = 0;
            for (int64_t b = 0; b < c.blocks; ++b)
                maximum = NAME(larger)(maximum, partial[b][j]);
            maxima[s.first + j] = maximum;
        }
    }
}

INLINE void NAME(scaled_tile)(int64_t rows, int64_t width, const double *scales, const V *x,
                              int64_t ldx, double *sums)
{
    for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < width; ++j)
            sums[j] += NAME(scaled_square)(scales[j], x[i * ldx + j]);
}

static void NAME(scaled_squares)(ptl__run run, const double *scales, ptl__block x, double *sums)
{
    const cut c = cut_rows(run, x.rows);
    const int contiguous = is_unit(x);
    EACH_LEAN_STRIP (s, x.columns) {
        double partial[MAX_BLOCKS][STRIP];
        EACH_BLOCK (b) {
            const int64_t begin = block_begin(c, b), rows = block_end(c, b) - begin;
            memset(partial[b], 0, sizeof partial[b]);
            LEAN_WIDTH(s.width, contiguous,
                       NAME(scaled_tile)(rows, width, scales + s.first, AT(x, begin, s.first),
                                         LD(x), partial[b]));
        }
        for (int64_t j = 0; j < s.width; ++j) {
            sums[s.first + j] = 0;
            for (int64_t b = 0; b < c.blocks; ++b)
                sums[s.first + j] += partial[b][j];
        }
    }
}

/* d has an element per row, or per lane where lanes is 1. */
INLINE void NAME(diagonal_dot_rows)(int lanes, int64_t rows, int64_t width, const V *d, const V *x,
                                    int64_t ldx, V *restrict y, int64_t ldy, W *sums)
{
    W acc[STRIP] = {0};
    for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < width; ++j) {
            const V v = x[i * ldx + j], dv = d[lanes ? i * width + j : i] * v;
            y[i * ldy + j] = dv;
            acc[j] += (W)NAME(conjugate)(v) * (W)dv;
        }
    for (int64_t j = 0; j < width; ++j)
        sums[j] += acc[j];
}

INLINE void NAME(diagonal_dot_tile)(int unit, int64_t rows, int64_t width, const V *d, const V *x,
                                    int64_t ldx, V *y, int64_t ldy, W *sums)
{
    if (unit) {
        const int64_t rest = rows % STRIP, whole = rows - rest;
        W lanes[STRIP] = {0};
        NAME(diagonal_dot_rows)(1, whole / STRIP, STRIP, d, x, STRIP, y, STRIP, lanes);
        NAME(diagonal_dot_rows)(0, rest, 1, d + whole, x + whole, 1, y + whole, 1, lanes);
        sums[0] = NAME(add_lanes)(lanes);
    } else {
        NAME(diagonal_dot_rows)(0, rows, width, d, x, ldx, y, ldy, sums);
    }
}

static void NAME(diagonal_apply_dot)(ptl__run run, const void *d, ptl__block x, ptl__block y,
                                     void *sums)
{
    const cut c = cut_rows(run, y.rows);
    const int contiguous = is_unit(x) && is_unit(y);
    EACH_STRIP (s, NULL, y.columns) {
        W partial[MAX_BLOCKS][STRIP];
        EACH_BLOCK (b) {
            const int64_t begin = block_begin(c, b), rows = block_end(c, b) - begin;
            memset(partial[b], 0, sizeof partial[b]);
            FIXED_WIDTH(s.width, contiguous,
                        NAME(diagonal_dot_tile)(unit, rows, width, (const V *)d + begin,
                                                AT(x, begin, s.first), LD(x), AT(y, begin, s.first),
                                                LD(y), partial[b]));
        }
        NAME(add_blocks)(c, s, partial, sums);
    }
}

/* The four operands of a CG step, from some row on. */
typedef struct NAME(step) {
    const V *p, *q;
    V *x, *r;
    int64_t ldp, ldq, ldx, ldr;
} NAME(step);

INLINE void NAME(cg_rows)(int64_t rows, int64_t width, const V *a, NAME(step) t, W *sums)
{
    const V *p = t.p, *q = t.q;
    V *restrict x = t.x, *restrict r = t.r;
    double acc[STRIP] = {0};
    for (int64_t i = 0; i < rows; ++i)
#pragma omp simd
        for (int64_t j = 0; j < width; ++j) {
            x[i * t.ldx + j] += a[j] * p[i * t.ldp + j];
            const V v = r[i * t.ldr + j] - a[j] * q[i * t.ldq + j];
            r[i * t.ldr + j] = v;
            acc[j] += NAME(square)(v);
        }
    for (int64_t j = 0; j < width; ++j)
        sums[j] += acc[j];
}

INLINE void NAME(cg_tile)(int unit, int64_t rows, int64_t width, const W *c, NAME(step) t, W *sums)
{
    V a[STRIP];
    for (int64_t j = 0; j < STRIP; ++j)
        a[j] = (V)c[unit ? 0 : j];
    if (unit) {
        const int64_t rest = rows % STRIP, whole = rows - rest;
        W lanes[STRIP] = {0};
        NAME(cg_rows)
        (whole / STRIP, STRIP, a, (NAME(step)){t.p, t.q, t.x, t.r, STRIP, STRIP, STRIP, STRIP},
         lanes);
        NAME(cg_rows)
        (rest, 1, a, (NAME(step)){t.p + whole, t.q + whole, t.x + whole, t.r + whole, 1, 1, 1, 1},
         lanes);
        sums[0] = NAME(add_lanes)(lanes);
    } else {
        NAME(cg_rows)(rows, width, a, t, sums);
    }
}

static void NAME(cg_step)(ptl__run run, const void *a, const uint8_t *mask, ptl__block p,
                          ptl__block q, ptl__block x, ptl__block r, double *sums)
{
    const cut c = cut_rows(run, r.rows);
    const int contiguous = is_unit(p) && is_unit(q) && is_unit(x) && is_unit(r);
    EACH_STRIP (s, mask, r.columns) {
        W coefs[STRIP] = {0}, partial[MAX_BLOCKS][STRIP];
        memcpy(coefs, (const W *)a + s.first, (size_t)s.width * sizeof(W));
        EACH_BLOCK (b) {
            const int64_t begin = block_begin(c, b), rows = block_end(c, b) - begin;
            memset(partial[b], 0, sizeof partial[b]);
            FIXED_WIDTH(s.width, contiguous,
                        NAME(cg_tile)(unit, rows, width, coefs,
                                      (NAME(step)){AT(p, begin, s.first), AT(q, begin, s.first),
                                                   AT(x, begin, s.first), AT(r, begin, s.first),
                                                   LD(p), LD(q), LD(x), LD(r)},
                                      partial[b]));
        }
        NAME(add_real_blocks)(c, s, partial, sums);
    }
    for (int64_t j = 0; mask && j < r.columns; ++j)
        if (!mask[j])
            NAME(norm2_squared)(run, (ptl__block){AT(r, 0, j), r.rows, 1, r.ld}, sums + j);
}
