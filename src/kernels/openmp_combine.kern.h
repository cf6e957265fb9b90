/* The fast kernels over several vectors. They go through y in chunks that stay in the first cache
 * while the x_k pass by, some at a time: so memory sees y once however many there are. Every sum is
 * made in the order of openmp_reduce.kern.h, and so has the bits of dot and norm2_squared, whatever
 * the mask is. */

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

/* sums[j] += the squares of more rows, one by one: chunks leave no trace in the sums. */
INLINE void NAME(more_squares)(int64_t rows, int64_t width, const V *y, int64_t ldy, W *sums)
{
    W acc[STRIP] = {0};
    memcpy(acc, sums, (size_t)width * sizeof(W));
    for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < width; ++j)
            acc[j] += NAME(term)(SQUARE, y[i * ldy + j], 0);
    memcpy(sums, acc, (size_t)width * sizeof(W));
}

/* sums: of a column each, or of a lane where the column is contiguous. */
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
    if (unit) {
        const int64_t rest = rows % STRIP, whole = rows - rest;
        NAME(more_squares)(whole / STRIP, STRIP, y, STRIP, sums);
        NAME(sum_rows)(SQUARE, rest, 1, y + whole, 1, y + whole, 1, sums);
    } else {
        NAME(more_squares)(rows, width, y, ldy, sums);
    }
}

INLINE void NAME(combine_tile)(int unit, int64_t rows, int64_t width, const NAME(combination) * t,
                               int64_t begin, W *sums)
{
    const int64_t most = CHUNK / width;
    for (int64_t done = 0; done < rows; done += most)
        NAME(combine_chunk)
    (unit, rows - done < most ? rows - done : most, width, t, begin + done, sums);
    if (unit)
        sums[0] = NAME(add_lanes)(sums);
}

static void NAME(combine)(ptl__run run, int count, const ptl__block *x, const void *a,
                          const void *beta, const uint8_t *mask, ptl__block y, double *norms)
{
    const cut c = cut_rows(run, y.rows);
    NAME(combination) t = {count, beta != NULL, norms != NULL, x, y, 0, {{0}}, {0}};
    int contiguous = is_unit(y);
    for (int k = 0; k < count; ++k)
        contiguous = contiguous && is_unit(x[k]);
    EACH_STRIP (s, mask, y.columns) {
        W partial[MAX_BLOCKS][STRIP];
        t.first = s.first;
        for (int64_t j = 0; j < s.width; ++j) {
            t.beta[j] = beta ? ((const W *)beta)[s.first + j] : 0;
            for (int k = 0; k < count; ++k)
                t.a[k][j] = (V)((const W *)a)[k * y.columns + s.first + j];
        }
        EACH_BLOCK (b) {
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

/* sums[l][j] += conj(x_l) y of more rows x width elements, one by one. */
INLINE void NAME(more_dots)(int lot, int64_t rows, int64_t width, const V *const *x,
                            const int64_t *ldx, const V *y, int64_t ldy, W (*sums)[STRIP])
{
    W acc[NAME(LOT)][STRIP];
    memcpy(acc, sums, (size_t)lot * sizeof *acc);
    for (int64_t i = 0; i < rows; ++i)
        for (int l = 0; l < lot; ++l)
            for (int64_t j = 0; j < width; ++j)
                acc[l][j] += NAME(term)(CONJ_DOT, x[l][i * ldx[l] + j], y[i * ldy + j]);
    memcpy(sums, acc, (size_t)lot * sizeof *acc);
}

/* Of the `lot` vectors from x on, on some rows from `row` on; sums: of a column each, or of a lane.
 */
INLINE void NAME(dots_lot)(int lot, int unit, int64_t rows, int64_t width, const ptl__block *x,
                           ptl__block y, int64_t row, int64_t first, W (*sums)[STRIP])
{
    const int64_t rest = unit ? rows % STRIP : 0, whole = rows - rest;
    const V *from[NAME(LOT)];
    int64_t ldx[NAME(LOT)];
    for (int l = 0; l < lot; ++l) {
        from[l] = AT(x[l], row, first);
        ldx[l] = unit ? STRIP : x[l].ld;
    }
    if (unit)
        NAME(more_dots)(lot, whole / STRIP, STRIP, from, ldx, AT(y, row, 0), STRIP, sums);
    else
        NAME(more_dots)(lot, rows, width, from, ldx, AT(y, row, first), y.ld, sums);
    for (int l = 0; l < lot && rest > 0; ++l)
        NAME(sum_rows)(CONJ_DOT, rest, 1, from[l] + whole, 1, AT(y, row + whole, 0), 1, sums[l]);
}

INLINE void NAME(dots_tile)(int unit, int64_t rows, int64_t width, int count, const ptl__block *x,
                            ptl__block y, int64_t begin, int64_t first, W (*sums)[LEAN_STRIP])
{
    const int64_t most = CHUNK / width;
    W lanes[PTL__COMBINED_MAX][STRIP] = {{0}};
    for (int64_t done = 0; done < rows; done += most) {
        const int64_t some = rows - done < most ? rows - done : most;
        for (int rest = count; rest > 0;)
            FIXED_LOT(rest, NAME(dots_lot)(lot, unit, some, width, x + count - rest, y,
                                           begin + done, first, lanes + count - rest));
    }
    for (int k = 0; k < PTL__COMBINED_MAX; ++k) {
        if (unit)
            lanes[k][0] = NAME(add_lanes)(lanes[k]);
        memcpy(sums[k], lanes[k], (size_t)width * sizeof(W));
    }
}
#undef FIXED_LOT

static void NAME(dots)(ptl__run run, int count, const ptl__block *x, ptl__block y, void *sums)
{
    const cut c = cut_rows(run, y.rows);
    int contiguous = is_unit(y);
    for (int k = 0; k < count; ++k)
        contiguous = contiguous && is_unit(x[k]);
    EACH_LEAN_STRIP (s, y.columns) {
        W partial[MAX_BLOCKS][PTL__COMBINED_MAX][LEAN_STRIP];
        EACH_BLOCK (b) {
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
