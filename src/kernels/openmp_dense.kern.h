/* The fast products with dense and diagonal matrices. */

/* A loop of its own for STRIP columns where entries are V, the usual case. */
#if M_IS_V
#define DENSE_WIDTH(strip_width, is_unit, CALL)                                                    \
    do {                                                                                           \
        if ((strip_width) == STRIP) {                                                              \
            enum { width = STRIP, unit = 0 };                                                      \
            CALL;                                                                                  \
        } else                                                                                     \
            UNIT_WIDTH(strip_width, is_unit, CALL);                                                \
    } while (0)
#else
#define DENSE_WIDTH UNIT_WIDTH
#endif

/* op(A): its entry (i, k) is at values[i * row + k * step]; one of the two is 1. */
typedef struct MIXED(view) {
    const M *values;
    int64_t row, step, depth; /* depth: how many k there are */
    int conj;
} MIXED(view);

/* (A x)_i where the entries of a row follow each other: in STRIP sums, so that additions need not
 * wait for one another. */
INLINE V MIXED(dense_row)(const MIXED(view) * A, int64_t i, const V *x)
{
    const M *values = A->values + i * A->row;
    const int64_t whole = A->depth / STRIP * STRIP;
    V lanes[STRIP] = {0}, sum = 0;
    for (int64_t k = 0; k < whole; k += STRIP)
        for (int64_t l = 0; l < STRIP; ++l)
            lanes[l] += ENTRY(A->conj, values[k + l]) * x[k + l];
    for (int64_t k = whole; k < A->depth; ++k)
        lanes[0] += ENTRY(A->conj, values[k]) * x[k];
    for (int64_t l = 0; l < STRIP; ++l)
        sum += lanes[l];
    return sum;
}

/* products[r][j] = the part of (A x)_(i + r) j that k in [begin, end) makes, for rows * width
 * elements, which fit registers. */
INLINE void MIXED(dense_part)(const MIXED(view) * A, int64_t i, int64_t rows, int64_t begin,
                              int64_t end, int64_t width, const V *x, int64_t ldx, V *products)
{
    for (int64_t e = 0; e < rows * width; ++e)
        products[e] = 0;
    for (int64_t k = begin; k < end; ++k)
        for (int64_t r = 0; r < rows; ++r) {
            const E value = ENTRY(A->conj, A->values[(i + r) * A->row + k * A->step]);
            for (int64_t j = 0; j < width; ++j)
                products[r * width + j] += value * x[k * ldx + j];
        }
}

/* Rows [begin, end) of y from those k. */
INLINE void MIXED(dense_layer)(const MIXED(view) * A, int64_t begin, int64_t end, int64_t from,
                               int64_t to, int64_t width, NAME(operands) o)
{
    V products[DENSE_TILE];
    const int64_t most = DENSE_TILE / width;
    for (int64_t i = begin, rows; i < end; i += rows) {
        rows = end - i < most ? 1 : most;
        if (rows == most) /* a constant for the compiler */
            MIXED(dense_part)(A, i, most, from, to, width, o.x, o.ldx, products);
        else
            MIXED(dense_part)(A, i, 1, from, to, width, o.x, o.ldx, products);
        for (int64_t r = 0; r < rows; ++r)
            if (from == 0)
                NAME(put_row)(i + r, width, products + r * width, o);
            else
                NAME(add_row)(i + r, width, products + r * width, o);
    }
}

/* Rows [begin, end) of y = alpha A x + beta y. Of several columns, DENSE_DEPTH rows of x at a time
 * stay in the first cache. */
INLINE void MIXED(dense_tile)(const MIXED(view) * A, int unit, int64_t begin, int64_t end,
                              int64_t width, NAME(operands) o)
{
    if (unit && A->step == 1) {
        for (int64_t i = begin; i < end; ++i) {
            const V product = MIXED(dense_row)(A, i, o.x);
            NAME(put_row)(i, 1, &product, o);
        }
        return;
    }
    const int64_t most = unit ? A->depth : DENSE_DEPTH;
    int64_t k = 0;
    do {
        const int64_t to = A->depth - k < most ? A->depth : k + most;
        MIXED(dense_layer)(A, begin, end, k, to, width, o);
        k = to;
    } while (k < A->depth);
}

static void MIXED(dense_apply)(ptl__run run, ptl__dense A, ptl_op op, const void *alpha,
                               ptl__block x, const void *beta, ptl__block y)
{
    const MIXED(view) view = op == PTL_OP_NONE
                                 ? (MIXED(view)){A.values, A.ld, 1, x.rows, 0}
                                 : (MIXED(view)){A.values, 1, A.ld, x.rows, op == PTL_OP_HERMITIAN};
    MULTIPLY(cut_dense(run, y.rows, x.rows), DENSE_WIDTH, OPERANDS,
             MIXED(dense_tile)(&view, unit, begin, end, width, o))
}

/* Rows [begin, end) of y = alpha D x + beta y. */
INLINE void MIXED(diagonal_tile)(const M *d, int conj_d, int64_t begin, int64_t end, int64_t width,
                                 NAME(operands) o)
{
    for (int64_t i = begin; i < end; ++i) {
        const E entry = ENTRY(conj_d, d[i]);
        V products[STRIP];
        for (int64_t j = 0; j < width; ++j)
            products[j] = entry * o.x[i * o.ldx + j];
        NAME(put_row)(i, width, products, o);
    }
}

static void MIXED(diagonal_apply)(ptl__run run, const void *d, int conj_d, const void *alpha,
                                  ptl__block x, const void *beta, ptl__block y)
{
    MULTIPLY(cut_rows(run, y.rows), UNIT_WIDTH, OPERANDS,
             MIXED(diagonal_tile)(d, conj_d, begin, end, width, o))
}
#undef DENSE_WIDTH
