/* The fast product with a block-diagonal matrix: a block's columns one after the other, its rows
 * side by side. */

/* products += column k of a block of n rows, times x's row that goes with it. */
INLINE void NAME(add_block_column)(int64_t n, const V *column, int64_t width, const V *x,
                                   V *products)
{
    if (width == 1) {
        const V factor = x[0];
        _Pragma("omp simd") for (int64_t i = 0; i < n; ++i) products[i] += column[i] * factor;
        return;
    }
    for (int64_t i = 0; i < n; ++i)
        for (int64_t j = 0; j < width; ++j)
            products[i * width + j] += column[i] * x[j];
}

/* Blocks [begin, end) on one strip of columns. */
INLINE void NAME(blocks_tile)(const ptl__blocks *D, int64_t begin, int64_t end, int64_t width,
                              NAME(operands) o)
{
    for (int64_t b = begin; b < end; ++b) {
        const int64_t first = D->starts[b], n = D->starts[b + 1] - first;
        const V *values = (const V *)D->values + D->offsets[b];
        V products[PTL__BLOCK_MAX * LEAN_STRIP];
        NAME(clear_row)(n * width, products);
        for (int64_t k = 0; k < n; ++k)
            NAME(add_block_column)(n, values + k * n, width, o.x + (first + k) * o.ldx, products);
        for (int64_t i = 0; i < n; ++i)
            NAME(put_row)(first + i, width, products + i * width, o);
    }
}

static void NAME(blocks_apply)(ptl__run run, ptl__blocks D, const void *alpha, ptl__block x,
                               const void *beta, ptl__block y)
{
    const int64_t entries = D.count > 0 ? D.offsets[D.count] / D.count : 0;
    MULTIPLY(cut_dense(run, D.count, entries), NAME(blocks_tile)(&D, begin, end, width, o))
}
