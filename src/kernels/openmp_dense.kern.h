/* The fast products with dense and diagonal matrices. */

/* op(A): its entry (i, k), k < depth, is at values[i * ld + k], or at values[k * ld + i] of a
 * transpose. */
typedef struct MIXED(view) {
    const M *values;
    int64_t ld, depth;
    int conj;
} MIXED(view);

/* (A x)_i, x being one contiguous column: in STRIP sums, so that additions need not wait for one
 * another. */
INLINE V MIXED(dense_dot)(const MIXED(view) * A, int64_t i, const V *x)
{
    const M *values = A->values + i * A->ld;
    const int64_t whole = A->depth / STRIP * STRIP;
    V lanes[STRIP] = {0}, sum = 0;
    for (int64_t k = 0; k < whole; k += STRIP)
        for (int64_t l = 0; l < STRIP; ++l)
            lanes[l] += ENTRY(0, values[k + l]) * x[k + l];
    for (int64_t k = whole; k < A->depth; ++k)
        lanes[0] += ENTRY(0, values[k]) * x[k];
    for (int64_t l = 0; l < STRIP; ++l)
        sum += lanes[l];
    return sum;
}

/* Rows [begin, end) of y from the entries whose k is in [from, to). */
INLINE void MIXED(dense_layer)(const MIXED(view) * A, int64_t begin, int64_t end, int64_t from,
                               int64_t to, int64_t width, NAME(operands) o)
{
    for (int64_t i = begin; i < end; ++i) {
        const M *values = A->values + i * A->ld;
        V products[STRIP];
        NAME(clear_row)(width, products);
        for (int64_t k = from; k < to; ++k)
            for (int64_t j = 0; j < width; ++j)
                products[j] += ENTRY(0, values[k]) * o.x[k * o.ldx + j];
        if (from == 0)
            NAME(put_row)(i, width, products, o);
        else
            NAME(add_row)(i, width, products, o);
    }
}

/* Rows [begin, end) of y = alpha A x + beta y. Of several columns, DENSE_DEPTH rows of x at a time
 * stay in the first cache. */
INLINE void MIXED(dense_tile)(const MIXED(view) * A, int unit, int64_t begin, int64_t end,
                              int64_t width, NAME(operands) o)
{
    for (int64_t i = begin; unit && i < end; ++i) {
        V product = MIXED(dense_dot)(A, i, o.x);
        NAME(put_row)(i, 1, &product, o);
    }
    int64_t from = 0;
    do {
        const int64_t to = A->depth - from < DENSE_DEPTH ? A->depth : from + DENSE_DEPTH;
        if (!unit)
            MIXED(dense_layer)(A, begin, end, from, to, width, o);
        from = to;
    } while (from < A->depth);
}

/* Rows [begin, end), at most DENSE_TILE of them, of one column of y = alpha A^T x + beta y: side by
 * side, as their entries lie. */
INLINE void MIXED(dense_transposed_tile)(const MIXED(view) * A, int64_t begin, int64_t rows,
                                         NAME(operands) o)
{
    V products[DENSE_TILE] = {0};
    for (int64_t k = 0; k < A->depth; ++k) {
        const M *values = A->values + k * A->ld + begin;
        const V x = o.x[k * o.ldx];
        for (int64_t r = 0; r < rows; ++r)
            products[r] += ENTRY(A->conj, values[r]) * x;
    }
    for (int64_t r = 0; r < rows; ++r)
        NAME(put_row)(begin + r, 1, products + r, o);
}

static void MIXED(dense_apply_transposed)(ptl__run run, MIXED(view) A, const void *alpha,
                                          ptl__block x, const void *beta, ptl__block y)
{
    const cut c = cut_dense(run, y.rows, x.rows);
    EACH_BLOCK (b) {
        const int64_t end = block_end(c, b);
        for (int64_t i = block_begin(c, b); i < end; i += DENSE_TILE)
            for (int64_t j = 0; j < y.columns; ++j) {
                const NAME(operands) o = {alpha ? (const W *)alpha + j : NULL,
                                          beta ? (const W *)beta + j : NULL,
                                          AT(x, 0, j),
                                          AT(y, 0, j),
                                          x.ld,
                                          y.ld};
                if (end - i >= DENSE_TILE) /* a constant for the compiler */
                    MIXED(dense_transposed_tile)(&A, i, DENSE_TILE, o);
                else
                    MIXED(dense_transposed_tile)(&A, i, end - i, o);
            }
    }
}

static void MIXED(dense_apply)(ptl__run run, ptl__dense A, ptl_op op, const void *alpha,
                               ptl__block x, const void *beta, ptl__block y)
{
    const MIXED(view) view = {A.values, A.ld, x.rows, op == PTL_OP_HERMITIAN};
    if (op == PTL_OP_NONE) {
        MULTIPLY(cut_dense(run, y.rows, x.rows),
                 MIXED(dense_tile)(&view, unit, begin, end, width, o))
    } else {
        MIXED(dense_apply_transposed)(run, view, alpha, x, beta, y);
    }
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
    MULTIPLY(cut_rows(run, y.rows), MIXED(diagonal_tile)(d, conj_d, begin, end, width, o))
}
#undef DENSE_WIDTH
