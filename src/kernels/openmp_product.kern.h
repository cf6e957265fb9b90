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

/* Those of the strip s, inside UNIT_WIDTH and its kin; without and with coefficients. */
#define PLAIN_OPERANDS                                                                             \
    ((NAME(operands)){NULL, NULL, AT(x, 0, s.first), AT(y, 0, s.first), LD(x), LD(y)})
#define OPERANDS                                                                                   \
    ((NAME(operands)){alpha ? (const W *)alpha + s.first : NULL,                                   \
                      beta ? (const W *)beta + s.first : NULL, AT(x, 0, s.first),                  \
                      AT(y, 0, s.first), LD(x), LD(y)})

/* A kernel's body: TILE for each block of CUT, called by WIDTH with begin, end, width, unit and the
 * operands o in scope. A macro for the same reason as ELEMENTWISE. */
#define MULTIPLY(CUT, WIDTH, OPERANDS, TILE)                                                       \
    const cut c = CUT;                                                                             \
    const int contiguous = is_unit(x) && is_unit(y);                                               \
    EACH_STRIP(s, NULL, y.columns)                                                                 \
    {                                                                                              \
        EACH_BLOCK(b)                                                                              \
        {                                                                                          \
            const int64_t begin = block_begin(c, b), end = block_end(c, b);                        \
            WIDTH(s.width, contiguous, const NAME(operands) o = OPERANDS; TILE);                   \
        }                                                                                          \
    }

/* Row i of y from the products of its row of A. */
INLINE void NAME(put_row)(int64_t i, int64_t width, const V *products, NAME(operands) o)
{
    V *y = o.y + i * o.ldy;
    for (int64_t j = 0; j < width; ++j) {
        V v = o.alpha ? (V)o.alpha[j] * products[j] : products[j];
        if (o.beta)
            v += (V)o.beta[j] * y[j];
        y[j] = v;
    }
}

/* The same added to what is there. */
INLINE void NAME(add_row)(int64_t i, int64_t width, const V *products, NAME(operands) o)
{
    V *y = o.y + i * o.ldy;
    for (int64_t j = 0; j < width; ++j)
        y[j] += o.alpha ? (V)o.alpha[j] * products[j] : products[j];
}
