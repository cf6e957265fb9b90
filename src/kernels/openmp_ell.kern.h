/* The fast products with ELLPACK matrices, whole or in slices. LANES neighbouring rows go side by
 * side, as their entries lie; with several columns, row by row. */

/* products[r] = (A x)_r for `lanes` rows whose first entries are at indices[r] and values[r] and
 * whose next ones follow `stride` behind. */
INLINE void TRIPLE(ell_lanes)(int64_t lanes, const I *indices, const M *values, int64_t width,
                              int64_t stride, const V *x, V *products)
{
    NAME(clear_row)(lanes, products);
    for (int64_t k = 0; k < width; ++k, indices += stride, values += stride)
        for (int64_t r = 0; r < lanes; ++r) {
            const int padding = indices[r] < 0;
            const V product = ENTRY(0, values[r]) * x[padding ? 0 : indices[r]];
            products[r] += padding ? 0 : product;
        }
}

/* The same for one row and several columns. */
INLINE void TRIPLE(ell_columns)(int64_t columns, const I *indices, const M *values, int64_t width,
                                int64_t stride, const V *x, int64_t ldx, V *products)
{
    NAME(clear_row)(columns, products);
    for (int64_t k = 0; k < width; ++k, indices += stride, values += stride)
        for (int64_t j = 0; *indices >= 0 && j < columns; ++j)
            products[j] += ENTRY(0, *values) * x[*indices * ldx + j];
}

/* Rows [begin, end) of y = alpha A x + beta y; row `begin` starts at indices and values, and its
 * neighbours follow. */
INLINE void TRIPLE(ell_tile)(int unit, int64_t begin, int64_t end, int64_t columns,
                             const I *indices, const M *values, int64_t width, int64_t stride,
                             NAME(operands) o)
{
    V products[STRIP];
    int64_t i = begin;
    for (; unit && i + LANES <= end; i += LANES, indices += LANES, values += LANES) {
        TRIPLE(ell_lanes)(LANES, indices, values, width, stride, o.x, products);
#pragma GCC unroll 1
        for (int64_t r = 0; r < LANES; ++r)
            NAME(put_row)(i + r, 1, products + r, o);
    }
    for (; i < end; ++i, ++indices, ++values) {
        TRIPLE(ell_columns)(columns, indices, values, width, stride, o.x, o.ldx, products);
        NAME(put_row)(i, columns, products, o);
    }
}

/* Rows [begin, end), slice by slice. */
INLINE void TRIPLE(sellp_tile)(int unit, const ptl__sellp *A, int empty, int64_t begin, int64_t end,
                               int64_t columns, NAME(operands) o)
{
    const int64_t size = A->slice_size, *sets = A->slice_sets;
    for (int64_t i = begin, last; i < end; i = last) {
        const int64_t slice = i / size, at = sets[slice] * size + i % size;
        last = (slice + 1) * size < end ? (slice + 1) * size : end;
        TRIPLE(ell_tile)
        (unit, i, last, columns, (const I *)A->indices + at, (const M *)A->values + at,
         empty ? 0 : sets[slice + 1] - sets[slice], size, o);
    }
}

static void TRIPLE(sellp_spmv)(ptl__run run, ptl__sellp A, const void *alpha, ptl__block x,
                               const void *beta, ptl__block y)
{
    MULTIPLY(cut_rows(run, A.rows), TRIPLE(sellp_tile)(unit, &A, x.rows == 0, begin, end, width, o))
}

static void TRIPLE(ell_spmv)(ptl__run run, ptl__ell A, const void *alpha, ptl__block x,
                             const void *beta, ptl__block y)
{
    const int64_t sets[2] = {0, A.width}; /* one slice */
    TRIPLE(sellp_spmv)
    (run, (ptl__sellp){A.rows, A.stride, sets, A.indices, A.values}, alpha, x, beta, y);
}
