/* The fast kernels over several vectors. They go through y in chunks that stay in the first cache
 * while the x_k pass by, some at a time: so memory sees y once however many there are. The order of
 * every sum is fixed, as in openmp_reduce.kern.h. */

/* How many x_k pass at a time: their sums fit the registers. */
enum { NAME(LOT) = IS_COMPLEX ? 2 : 4 };

/* CALL with a constant `lot`, some of the `rest` vectors to come, which it is taken from. */
#define FIXED_LOT(rest, CALL)                                                                      \
    do {                                                                                           \
        if ((rest) >= NAME(LOT)) {                                                                 \
            enum { lot = NAME(LOT) };                                                              \
            CALL;                                                                                  \
            (rest) -= lot;                                                                         \
        } else {                                                                                   \
            enum { lot = 1 };                                                                      \
            CALL;                                                                                  \
            (rest) -= lot;                                                                         \
        }                                                                                          \
    } while (0)

/* A strip of a combination: its coefficients, as V wants them. */
typedef struct NAME(combination) {
    int count, scaled, normed; /* beta is given; the norms are wanted */
    const ptl__block *x;
    ptl__block y;
    int64_t first;
    V a[PTL__COMBINED_MAX][STRIP];
    W beta[STRIP];
} NAME(combination);

/* y += the next `lot` vectors, on some rows from `row` on. */
INLINE void NAME(add_lot)(int lot, int unit, int64_t rows, int64_t width,
                          const NAME(combination) * t, int k, int64_t row)
{
    V *restrict y = AT(t->y, row, t->first);
    const int64_t ldy = LD(t->y);
    const V *x[NAME(LOT)];
    int64_t ldx[NAME(LOT)];
    for (int l = 0; l < lot; ++l) {
        x[l] = AT(t->x[k + l], row, t->first);
        ldx[l] = LD(t->x[k + l]);
    }
    if (width == 1) {
#pragma omp simd
        for (int64_t i = 0; i < rows; ++i) {
            V sum = y[i * ldy];
            for (int l = 0; l < lot; ++l)
                sum += t->a[k + l][0] * x[l][i * ldx[l]];
            y[i * ldy] = sum;
        }
    } else {
        for (int64_t i = 0; i < rows; ++i)
#pragma omp simd
            for (int64_t j = 0; j < width; ++j) {
                V sum = y[i * ldy + j];
                for (int l = 0; l < lot; ++l)
                    sum += t->a[k + l][j] * x[l][i * ldx[l] + j];
                y[i * ldy + j] = sum;
            }
    }
}

INLINE void NAME(combine_chunk)(int unit, int64_t rows, int64_t width, const NAME(combination) * t,
                                int64_t row, W *sums)
{
    V *y = AT(t->y, row, t->first);
    const int64_t ldy = LD(t->y);
    if (t->scaled)
        NAME(element_tile)(SCALE, rows, width, t->beta, y, ldy, y, ldy);
    else
        NAME(element_tile)(FILL, rows, width, t->beta, y, ldy, y, ldy);
    for (int rest = t->count; rest > 0;)
        FIXED_LOT(rest, NAME(add_lot)(lot, unit, rows, width, t, t->count - rest, row));
    if (!t->normed)
        return;
    W chunk[STRIP] = {0};
    NAME(sum_tile)(SQUARE, unit, rows, width, y, ldy, y, ldy, chunk);
    for (int64_t j = 0; j < width; ++j)
        sums[j] += chunk[j];
}

INLINE void NAME(combine_tile)(int unit, int64_t rows, int64_t width, const NAME(combination) * t,
                               int64_t begin, W *sums)
{
    const int64_t most = CHUNK / width;
    for (int64_t done = 0; done < rows; done += most)
        NAME(combine_chunk)
    (unit, rows - done < most ? rows - done : most, width, t, begin + done, sums);
}

static void NAME(combine)(ptl__run run, int count, const ptl__block *x, const void *a,
                          const void *beta, const uint8_t *mask, ptl__block y, double *norms)
{
    const cut c = cut_rows(run, y.rows);
    NAME(combination) t = {count, beta != NULL, norms != NULL, x, y, 0, {{0}}, {0}};
    int contiguous = is_unit(y);
    for (int k = 0; k < count; ++k)
        contiguous = contiguous && is_unit(x[k]);
    EACH_STRIP(s, mask, y.columns)
    {
        W partial[MAX_BLOCKS][STRIP];
        t.first = s.first;
        for (int64_t j = 0; j < s.width; ++j) {
            t.beta[j] = beta ? ((const W *)beta)[s.first + j] : 0;
            for (int k = 0; k < count; ++k)
                t.a[k][j] = (V)((const W *)a)[k * y.columns + s.first + j];
        }
        EACH_BLOCK(b)
        {
            const int64_t begin = block_begin(c, b), rows = block_end(c, b) - begin;
            memset(partial[b], 0, sizeof partial[b]);
            FIXED_WIDTH(s.width, contiguous,
                        NAME(combine_tile)(unit, rows, width, &t, begin, partial[b]));
        }
        if (norms)
            NAME(add_real_blocks)(c, s, partial, norms);
    }
    for (int64_t j = 0; norms && mask && j < y.columns; ++j)
        if (!mask[j])
            NAME(norm2_squared)(run, (ptl__block){AT(y, 0, j), y.rows, 1, y.ld}, norms + j);
}

/* sums[l][j] += conj(x_l) y of rows x width elements. */
INLINE void NAME(dots_rows)(int lot, int64_t rows, int64_t width, const V *const *x,
                            const int64_t *ldx, const V *y, int64_t ldy, W (*sums)[STRIP])
{
    W acc[NAME(LOT)][STRIP] = {{0}};
    for (int64_t i = 0; i < rows; ++i)
        for (int l = 0; l < lot; ++l)
            for (int64_t j = 0; j < width; ++j)
                acc[l][j] += NAME(term)(CONJ_DOT, x[l][i * ldx[l] + j], y[i * ldy + j]);
    for (int l = 0; l < lot; ++l)
        for (int64_t j = 0; j < width; ++j)
            sums[l][j] += acc[l][j];
}

INLINE void NAME(dots_lot)(int lot, int unit, int64_t rows, int64_t width, const V *const *x,
                           const int64_t *ldx, const V *y, int64_t ldy, W (*sums)[LEAN_STRIP])
{
    const V *behind[NAME(LOT)];
    int64_t lanes_ld[NAME(LOT)], ones[NAME(LOT)];
    W lanes[NAME(LOT)][STRIP] = {{0}};
    const int64_t rest = rows % STRIP, whole = rows - rest;
    if (unit) {
        for (int l = 0; l < lot; ++l) {
            behind[l] = x[l] + whole;
            lanes_ld[l] = STRIP;
            ones[l] = 1;
        }
        NAME(dots_rows)(lot, whole / STRIP, STRIP, x, lanes_ld, y, STRIP, lanes);
        NAME(dots_rows)(lot, rest, 1, behind, ones, y + whole, 1, lanes);
        for (int l = 0; l < lot; ++l)
            sums[l][0] += NAME(add_lanes)(lanes[l]);
        return;
    }
    NAME(dots_rows)(lot, rows, width, x, ldx, y, ldy, lanes);
    for (int l = 0; l < lot; ++l)
        for (int64_t j = 0; j < width; ++j)
            sums[l][j] += lanes[l][j];
}

/* Of the `lot` vectors from the k-th on, from a row on. */
INLINE void NAME(dots_some)(int lot, int unit, int64_t rows, int64_t width, const ptl__block *x,
                            ptl__block y, int64_t row, int64_t first, W (*sums)[LEAN_STRIP])
{
    const V *from[NAME(LOT)];
    int64_t ldx[NAME(LOT)];
    for (int l = 0; l < lot; ++l) {
        from[l] = AT(x[l], row, first);
        ldx[l] = LD(x[l]);
    }
    NAME(dots_lot)(lot, unit, rows, width, from, ldx, AT(y, row, first), LD(y), sums);
}

INLINE void NAME(dots_tile)(int unit, int64_t rows, int64_t width, int count, const ptl__block *x,
                            ptl__block y, int64_t begin, int64_t first, W (*sums)[LEAN_STRIP])
{
    const int64_t most = CHUNK / width;
    for (int64_t done = 0; done < rows; done += most) {
        const int64_t some = rows - done < most ? rows - done : most;
        for (int rest = count; rest > 0;)
            FIXED_LOT(rest, NAME(dots_some)(lot, unit, some, width, x + count - rest, y,
                                            begin + done, first, sums + count - rest));
    }
}
#undef FIXED_LOT

static void NAME(dots)(ptl__run run, int count, const ptl__block *x, ptl__block y, void *sums)
{
    const cut c = cut_rows(run, y.rows);
    int contiguous = is_unit(y);
    for (int k = 0; k < count; ++k)
        contiguous = contiguous && is_unit(x[k]);
    EACH_LEAN_STRIP(s, y.columns)
    {
        W partial[MAX_BLOCKS][PTL__COMBINED_MAX][LEAN_STRIP];
        EACH_BLOCK(b)
        {
            const int64_t begin = block_begin(c, b), rows = block_end(c, b) - begin;
            memset(partial[b], 0, sizeof partial[b]);
            LEAN_WIDTH(s.width, contiguous,
                       NAME(dots_tile)(unit, rows, width, count, x, y, begin, s.first, partial[b]));
        }
        for (int k = 0; k < count; ++k)
            for (int64_t j = 0; j < s.width; ++j) {
                W sum = 0;
                for (int64_t b = 0; b < c.blocks; ++b)
                    sum += partial[b][k][j];
                ((W *)sums)[k * y.columns + s.first + j] = sum;
            }
    }
}
