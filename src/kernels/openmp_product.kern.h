/* What the products with matrices share. */

/* How many rows of a column-major matrix go side by side. */
enum { LANES = IS_COMPLEX ? STRIP / 2 : STRIP };

/* y = alpha A x + beta y on one strip of columns. */
typedef struct NAME(operands) {
    const W *alpha, *beta; /* NULL: 1 and 0 */
    const V *x;
    V *y;
    int64_t ldx, ldy;
} NAME(operands);

/* Those of the strip s, inside FIXED_WIDTH or LEAN_WIDTH; without and with coefficients. */
#define PLAIN_OPERANDS                                                                             \
    ((NAME(operands)){NULL, NULL, AT(x, 0, s.first), AT(y, 0, s.first), LD(x), LD(y)})
#define OPERANDS                                                                                   \
    ((NAME(operands)){alpha ? (const W *)alpha + s.first : NULL,                                   \
                      beta ? (const W *)beta + s.first : NULL, AT(x, 0, s.first),                  \
                      AT(y, 0, s.first), LD(x), LD(y)})

/* A kernel's body: TILE for each block of CUT and each strip, with begin, end, width, unit and the
 * operands o in scope; MULTIPLY_PLAIN is for the usual case without coefficients. Macros for the
 * same reason as ELEMENTWISE. */
#define MULTIPLY(CUT, TILE)                                                                        \
    const cut c = CUT;                                                                             \
    const int contiguous = is_unit(x) && is_unit(y);                                               \
    EACH_LEAN_STRIP (s, y.columns) {                                                               \
        EACH_BLOCK (b) {                                                                           \
            const int64_t begin = block_begin(c, b), end = block_end(c, b);                        \
            LEAN_WIDTH(s.width, contiguous, const NAME(operands) o = OPERANDS; TILE);              \
        }                                                                                          \
    }
#define MULTIPLY_PLAIN(CUT, TILE)                                                                  \
    const cut c = CUT;                                                                             \
    const int contiguous = is_unit(x) && is_unit(y);                                               \
    EACH_STRIP (s, NULL, y.columns) {                                                              \
        EACH_BLOCK (b) {                                                                           \
            const int64_t begin = block_begin(c, b), end = block_end(c, b);                        \
            FIXED_WIDTH(s.width, contiguous, const NAME(operands) o = PLAIN_OPERANDS; TILE);       \
        }                                                                                          \
    }

INLINE void NAME(clear_row)(int64_t width, V *products)
{
    for (int64_t j = 0; j < width; ++j)
        products[j] = 0;
}

/* products[j] *= alpha[j] */
INLINE void NAME(scale_row)(int64_t width, V *products, NAME(operands) o)
{
    if (o.alpha)
        for (int64_t j = 0; j < width; ++j)
            products[j] *= (V)o.alpha[j];
}

/* Row i of y from the products of its row of A, which are lost. */
INLINE void NAME(put_row)(int64_t i, int64_t width, V *products, NAME(operands) o)
{
    V *y = o.y + i * o.ldy;
    NAME(scale_row)(width, products, o);
    if (o.beta)
        for (int64_t j = 0; j < width; ++j)
            products[j] += (V)o.beta[j] * y[j];
    for (int64_t j = 0; j < width; ++j)
        y[j] = products[j];
}

/* The same added to what is there. */
INLINE void NAME(add_row)(int64_t i, int64_t width, V *products, NAME(operands) o)
{
    V *y = o.y + i * o.ldy;
    NAME(scale_row)(width, products, o);
    for (int64_t j = 0; j < width; ++j)
        y[j] += products[j];
}
