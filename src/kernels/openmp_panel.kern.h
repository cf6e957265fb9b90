/* The fast kernels on panels: blocks of a few columns that are multiplied with one another, and
 * with small dense matrices. Rows go PANEL_ROWS at a time, so that they stay in the first cache
 * while pairs of strips pass over them. */
enum { PANEL_ROWS = 128, PANEL_DEPTH = 64 };

/* sums[a * STRIP + b] += sum_i conj(x_ia) y_ib for a < high, b < wide, at most LEAN_STRIP each. */
INLINE void NAME(gram_tile)(int64_t rows, int64_t high, int64_t wide, const V *x, int64_t ldx,
                            const V *y, int64_t ldy, W *sums)
{
    W acc[LEAN_STRIP][LEAN_STRIP] = {{0}};
    for (int64_t i = 0; i < rows; ++i)
        for (int64_t a = 0; a < high; ++a)
            for (int64_t b = 0; b < wide; ++b)
                acc[a][b] += (W)NAME(conjugate)(x[i * ldx + a]) * (W)y[i * ldy + b];
    for (int64_t a = 0; a < high; ++a)
        for (int64_t b = 0; b < wide; ++b)
            sums[a * STRIP + b] += acc[a][b];
}

/* The same for high and wide up to STRIP, tile by tile. */
INLINE void NAME(gram_rows)(int64_t rows, int64_t high, int64_t wide, const V *x, int64_t ldx,
                            const V *y, int64_t ldy, W *sums)
{
    EACH_LEAN_STRIP (p, high) {
        EACH_LEAN_STRIP (q, wide) {
            const V *from = x + p.first, *with = y + q.first;
            W *to = sums + p.first * STRIP + q.first;
            if (p.width == LEAN_STRIP && q.width == LEAN_STRIP)
                NAME(gram_tile)(rows, LEAN_STRIP, LEAN_STRIP, from, ldx, with, ldy, to);
            else if (p.width == LEAN_STRIP)
                NAME(gram_tile)(rows, LEAN_STRIP, 1, from, ldx, with, ldy, to);
            else if (q.width == LEAN_STRIP)
                NAME(gram_tile)(rows, 1, LEAN_STRIP, from, ldx, with, ldy, to);
            else
                NAME(gram_tile)(rows, 1, 1, from, ldx, with, ldy, to);
        }
    }
}

/* The products of the columns p of x with the columns q of y, at most STRIP each. */
static void NAME(gram_strips)(ptl__run run, strip p, strip q, ptl__block x, ptl__block y, W *sums)
{
    const cut c = cut_rows(run, x.rows);
    W partial[MAX_BLOCKS][STRIP * STRIP];
    EACH_BLOCK (b) {
        const int64_t end = block_end(c, b);
        memset(partial[b], 0, sizeof partial[b]);
        for (int64_t i = block_begin(c, b); i < end; i += PANEL_ROWS)
            NAME(gram_rows)
        (end - i < PANEL_ROWS ? end - i : PANEL_ROWS, p.width, q.width, AT(x, i, p.first), x.ld,
         AT(y, i, q.first), y.ld, partial[b]);
    }
    for (int64_t a = 0; a < p.width; ++a)
        for (int64_t k = 0; k < q.width; ++k) {
            W *sum = sums + (p.first + a) * y.columns + q.first + k;
            *sum = 0;
            for (int64_t b = 0; b < c.blocks; ++b)
                *sum += partial[b][a * STRIP + k];
        }
}

static void NAME(gram)(ptl__run run, ptl__block x, ptl__block y, void *sums)
{
    for (int64_t a = 0; a < x.columns; a += STRIP)
        for (int64_t b = 0; b < y.columns; b += STRIP) {
            const strip p = {a, x.columns - a < STRIP ? x.columns - a : STRIP};
            const strip q = {b, y.columns - b < STRIP ? y.columns - b : STRIP};
            NAME(gram_strips)(run, p, q, x, y, sums);
        }
}

/* y = x c, or y += x c, of `depth` columns of x and `width` of y. */
INLINE void NAME(multiply_tile)(int add, int64_t rows, int64_t depth, int64_t width, const V *x,
                                int64_t ldx, V (*c)[STRIP], V *y, int64_t ldy)
{
    for (int64_t i = 0; i < rows; ++i) {
        V sum[STRIP];
        for (int64_t j = 0; j < width; ++j)
            sum[j] = add ? y[i * ldy + j] : 0;
        for (int64_t l = 0; l < depth; ++l)
            for (int64_t j = 0; j < width; ++j)
                sum[j] += x[i * ldx + l] * c[l][j];
        for (int64_t j = 0; j < width; ++j)
            y[i * ldy + j] = sum[j];
    }
}

/* The strip s of y = x c, or y += x c, PANEL_DEPTH columns of x at a time. */
INLINE void NAME(multiply_strip)(int add, strip s, ptl__block x, const W *c, ptl__block y)
{
    for (int64_t from = 0; from == 0 || from < x.columns; from += PANEL_DEPTH) {
        const int64_t depth = x.columns - from < PANEL_DEPTH ? x.columns - from : PANEL_DEPTH;
        V coefs[PANEL_DEPTH][STRIP];
        for (int64_t l = 0; l < depth; ++l)
            for (int64_t j = 0; j < s.width; ++j)
                coefs[l][j] = (V)c[(from + l) * y.columns + s.first + j];
        FIXED_WIDTH(s.width, 0,
                    NAME(multiply_tile)(add || from > 0, y.rows, depth, width, AT(x, 0, from), x.ld,
                                        coefs, AT(y, 0, s.first), y.ld));
    }
}

static void NAME(multiply)(ptl__run run, int add, ptl__block x, const void *c, ptl__block y)
{
    const cut blocks = cut_rows(run, y.rows);
    const int threads = blocks.threads;
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
    for (int64_t b = 0; b < blocks.blocks; ++b) {
        const int64_t end = block_end(blocks, b);
        for (int64_t i = block_begin(blocks, b); i < end; i += PANEL_ROWS) {
            const int64_t rows = end - i < PANEL_ROWS ? end - i : PANEL_ROWS;
            const ptl__block from = {AT(x, i, 0), rows, x.columns, x.ld};
            const ptl__block to = {AT(y, i, 0), rows, y.columns, y.ld};
            EACH_STRIP (s, NULL, y.columns)
                NAME(multiply_strip)(add, s, from, c, to);
        }
    }
}
