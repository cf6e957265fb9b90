/* The fast product with the transpose of a matrix in any format. Its values lie scattered, where
 * nothing foresees them, so each is asked for AHEAD entries before its turn. */

/* Rows [begin, end) of y = alpha T x + beta y. */
INLINE void TRIPLE(transposed_tile)(const ptl__transposed *T, int conj_T, int64_t begin,
                                    int64_t end, int64_t width, NAME(operands) o)
{
    const I *indptr = T->indptr, *rows = T->rows, *slots = T->slots;
    const M *values = T->values;
    const int64_t total = indptr[T->count];
    for (int64_t i = begin; i < end; ++i) {
        V products[STRIP];
        NAME(clear_row)(width, products);
        for (int64_t k = indptr[i]; k < indptr[i + 1]; ++k) {
            const E value = ENTRY(conj_T, values[slots[k]]);
            __builtin_prefetch(values + slots[k + AHEAD < total ? k + AHEAD : k]);
            for (int64_t j = 0; j < width; ++j)
                products[j] += value * o.x[rows[k] * o.ldx + j];
        }
        NAME(put_row)(i, width, products, o);
    }
}

static void TRIPLE(transposed_spmv)(ptl__run run, ptl__transposed T, int conj_T, const void *alpha,
                                    ptl__block x, const void *beta, ptl__block y)
{
    MULTIPLY(cut_rows(run, T.count), TRIPLE(transposed_tile)(&T, conj_T, begin, end, width, o))
}
