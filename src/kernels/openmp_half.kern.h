/* The fast conversions from halves and to them. */

/* n elements that follow each other. */
INLINE void NAME(widen_run)(int64_t n, const uint16_t *x, V *y)
{
    if (!IS_COMPLEX && sizeof(V) == sizeof(float))
        halves_to_floats(n, x, (float *)y);
    else
        for (int64_t i = 0; i < n; ++i)
            y[i] = (V)half_to_float(x[i]);
}

INLINE void NAME(round_run)(int64_t n, const V *x, uint16_t *y)
{
    if (!IS_COMPLEX && sizeof(V) == sizeof(float))
        halves_from_floats(n, (const float *)x, y);
    else
        for (int64_t i = 0; i < n; ++i)
            y[i] = half_from_double((double)creal(x[i]));
}

/* RUN(n, x, y) over the rows of a block, or over all of it at once where both are packed. */
#define CONVERT_RUNS(RUN, X, Y)                                                                    \
    const cut c = cut_rows(run, y.rows);                                                           \
    const int packed = x.ld == x.columns && y.ld == y.columns;                                     \
    EACH_BLOCK (b) {                                                                               \
        const int64_t begin = block_begin(c, b), end = packed ? begin + 1 : block_end(c, b);       \
        const int64_t n = packed ? (block_end(c, b) - begin) * y.columns : y.columns;              \
        for (int64_t i = begin; i < end; ++i)                                                      \
            RUN(n, (X *)x.data + i * x.ld, (Y *)y.data + i * y.ld);                                \
    }

static void NAME(widen)(ptl__run run, ptl__block x, ptl__block y)
{
    CONVERT_RUNS(NAME(widen_run), const uint16_t, V)
}

static void NAME(round)(ptl__run run, ptl__block x, ptl__block y)
{
    CONVERT_RUNS(NAME(round_run), const V, uint16_t)
}
#undef CONVERT_RUNS
