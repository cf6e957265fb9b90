/* The fast vector kernels that go element by element. kernels.h says what each does, blocks.h how
 * they are cut. */
/* What an element of y becomes. The operation is always a constant. */
INLINE V NAME(element)(enum operation operation, W c, V x, V y)
{
    switch (operation) {
    case FILL:
        return (V)c;
    case SCALE:
        return (V)c * y;
    case DIVIDE: /* by a complex number: multiply by its reciprocal, which c is then */
        return IS_COMPLEX ? (V)(y * c) : (V)(y / c);
    case ADD:
        return y + (V)c * x;
    case SUBTRACT:
        return y - (V)c * x;
    case SCALE_ADD:
        return x + (V)c * y;
    }
    return y;
}

INLINE void NAME(element_tile)(enum operation operation, int64_t rows, int64_t width, const W *c,
                               const V *x, int64_t ldx, V *y, int64_t ldy)
{
    if (width == 1) {
        const W a = c[0];
#pragma omp simd
        for (int64_t i = 0; i < rows; ++i)
            y[i * ldy] = NAME(element)(operation, a, x[i * ldx], y[i * ldy]);
    } else {
        for (int64_t i = 0; i < rows; ++i)
#pragma omp simd
            for (int64_t j = 0; j < width; ++j)
                y[i * ldy + j] = NAME(element)(operation, c[j], x[i * ldx + j], y[i * ldy + j]);
    }
}

/* The coefficients of a strip's columns, as element wants them. */
INLINE void NAME(coefficients)(enum operation operation, const W *a, strip s, W *coefs)
{
    for (int64_t j = 0; j < s.width; ++j) {
        const W c = a[operation == FILL ? 0 : s.first + j];
        coefs[j] = operation == DIVIDE && IS_COMPLEX ? NAME(reciprocal)(c) : c;
    }
}

/* A kernel's body; x is y where the operation reads no x. It is no function because a parallel loop
 * does not see the constants that are passed to the function around it. */
#define ELEMENTWISE(OPERATION, a, mask, x, y)                                                      \
    const cut c = cut_rows(run, y.rows);                                                           \
    const int contiguous = is_unit(x) && is_unit(y);                                               \
    EACH_STRIP (s, mask, y.columns) {                                                              \
        W coefs[STRIP];                                                                            \
        NAME(coefficients)(OPERATION, a, s, coefs);                                                \
        EACH_BLOCK (b) {                                                                           \
            const int64_t begin = block_begin(c, b), rows = block_end(c, b) - begin;               \
            FIXED_WIDTH(s.width, contiguous,                                                       \
                        NAME(element_tile)(OPERATION, rows, width, coefs, AT(x, begin, s.first),   \
                                           LD(x), AT(y, begin, s.first), LD(y)));                  \
        }                                                                                          \
    }

static void NAME(fill)(ptl__run run, const void *value, ptl__block y)
{
    ELEMENTWISE(FILL, value, NULL, y, y)
}

static void NAME(scale)(ptl__run run, const void *a, const uint8_t *mask, ptl__block y)
{
    ELEMENTWISE(SCALE, a, mask, y, y)
}

static void NAME(inv_scale)(ptl__run run, const void *a, const uint8_t *mask, ptl__block y)
{
    ELEMENTWISE(DIVIDE, a, mask, y, y)
}

static void NAME(add_scaled)(ptl__run run, const void *a, int subtract, ptl__block x,
                             const uint8_t *mask, ptl__block y)
{
    if (subtract) {
        ELEMENTWISE(SUBTRACT, a, mask, x, y)
    } else {
        ELEMENTWISE(ADD, a, mask, x, y)
    }
}

static void NAME(scale_add)(ptl__run run, const void *a, ptl__block x, const uint8_t *mask,
                            ptl__block y)
{
    ELEMENTWISE(SCALE_ADD, a, mask, x, y)
}
#undef ELEMENTWISE

static void NAME(copy)(ptl__run run, ptl__block x, ptl__block y)
{
    const cut c = cut_rows(run, y.rows);
    const int packed = x.ld == x.columns && y.ld == y.columns;
    EACH_BLOCK (b) {
        const int64_t begin = block_begin(c, b), rows = block_end(c, b) - begin;
        const size_t row = (size_t)y.columns * sizeof(V);
        if (packed)
            memmove(AT(y, begin, 0), AT(x, begin, 0), (size_t)rows * row);
        else
            for (int64_t i = begin; i < begin + rows; ++i)
                memmove(AT(y, i, 0), AT(x, i, 0), row);
    }
}

/* y_ij = EXPRESSION of v = x_ij, y being of `type` */
#define CONVERT(type, EXPRESSION)                                                                  \
    EACH_BLOCK (b) {                                                                               \
        const int64_t end = block_end(c, b);                                                       \
        for (int64_t i = block_begin(c, b); i < end; ++i)                                          \
            for (int64_t j = 0; j < x.columns; ++j) {                                              \
                const V v = *AT(x, i, j);                                                          \
                ((type *)y.data)[i * y.ld + j] = (type)(EXPRESSION);                               \
            }                                                                                      \
    }

static void NAME(map)(ptl__run run, ptl_map map, ptl__block x, ptl__block y)
{
    const cut c = cut_rows(run, x.rows);
    switch (map) {
    case PTL_MAP_ABS:
        CONVERT(R, NAME(modulus)(v))
        break;
    case PTL_MAP_REAL:
        CONVERT(R, creal(v))
        break;
    case PTL_MAP_IMAG:
        CONVERT(R, cimag(v))
        break;
    case PTL_MAP_CONJ:
        CONVERT(V, NAME(conjugate)(v))
        break;
    }
}

static void NAME(convert)(ptl__run run, ptl_dtype to, ptl__block x, ptl__block y)
{
    const cut c = cut_rows(run, x.rows);
    switch (to) {
    case PTL_F32:
        CONVERT(float, creal(v))
        break;
    case PTL_F64:
        CONVERT(double, creal(v))
        break;
    case PTL_C64:
        CONVERT(float _Complex, v)
        break;
    case PTL_C128:
        CONVERT(double _Complex, v)
        break;
    case PTL_F16:
        NAME(round)(run, x, y);
        break;
    default:
        assert(!"a dtype");
    }
}
#undef CONVERT

static int64_t NAME(diagonal_invert)(ptl__run run, int64_t rows, void *d)
{
    const cut c = cut_rows(run, rows);
    V *v = d;
    int64_t bad = rows;
#pragma omp parallel for schedule(static) num_threads(c.threads) reduction(min : bad)
    for (int64_t i = 0; i < rows; ++i) {
        if (i < bad && (v[i] == 0 || !isfinite(creal(v[i])) || !isfinite(cimag(v[i]))))
            bad = i;
        v[i] = (V)NAME(reciprocal)(v[i]);
    }
    return bad < rows ? bad : -1;
}
