/* The products with CSR matrices of another dtype: one loop for all four. */

/* Stored rows [begin, end) of y = alpha A x + beta y; of y += alpha A x where A has row_ids; and of
 * sums[j] += conj(w) (A x) where w is given. */
INLINE void TRIPLE(csr_tile)(const ptl__csr *A, int64_t begin, int64_t end, int64_t width,
                             NAME(operands) o, const V *w, int64_t ldw, W *sums)
{
    const I *row_ids = A->row_ids;
    W total[STRIP] = {0};
    for (int64_t k = begin; k < end; ++k) {
        const int64_t i = row_ids ? row_ids[k] : k;
        V acc[STRIP];
        TRIPLE(row)(A, k, width, o.x, o.ldx, acc);
        for (int64_t j = 0; w && j < width; ++j)
            total[j] += (W)NAME(conjugate)(w[i * ldw + j]) * (W)acc[j];
        if (row_ids)
            NAME(add_row)(i, width, acc, o);
        else
            NAME(put_row)(i, width, acc, o);
    }
    for (int64_t j = 0; j < width; ++j)
        sums[j] = total[j];
}

/* Where w has data, sums[j] += conj(w) (A x). */
static void TRIPLE(csr_product)(ptl__run run, ptl__csr A, const void *alpha, ptl__block x,
                                const void *beta, ptl__block w, ptl__block y, W *sums)
{
    const cut c = cut_rows(run, A.rows);
    const int contiguous = is_unit(x) && is_unit(w) && is_unit(y);
    EACH_LEAN_STRIP (s, y.columns) {
        W partial[MAX_BLOCKS][STRIP], added[STRIP];
        EACH_BLOCK (b) {
            const int64_t begin = block_begin(c, b), end = block_end(c, b);
            LEAN_WIDTH(s.width, contiguous,
                       TRIPLE(csr_tile)(&A, begin, end, width, OPERANDS,
                                        w.data ? AT(w, 0, s.first) : NULL, LD(w), partial[b]));
        }
        NAME(add_blocks)(c, (strip){0, s.width}, partial, added);
        for (int64_t j = 0; w.data && j < s.width; ++j)
            sums[s.first + j] += added[j];
    }
}

static const ptl__block TRIPLE(none) = {NULL, 0, 1, 1};

static void TRIPLE(csr_spmv)(ptl__run run, ptl__csr A, const void *alpha, ptl__block x,
                             const void *beta, ptl__block y)
{
    TRIPLE(csr_product)(run, A, alpha, x, beta, TRIPLE(none), y, NULL);
}

static void TRIPLE(csr_spmv_dot)(ptl__run run, ptl__csr A, ptl__block x, ptl__block y, void *sums)
{
    memset(sums, 0, (size_t)y.columns * sizeof(W));
    TRIPLE(csr_product)(run, A, NULL, x, NULL, x, y, sums);
}

static void TRIPLE(csr_spmv_add)(ptl__run run, ptl__csr A, const void *alpha, ptl__block x,
                                 ptl__block y)
{
    TRIPLE(csr_product)(run, A, alpha, x, NULL, TRIPLE(none), y, NULL);
}

static void TRIPLE(csr_spmv_add_dot)(ptl__run run, ptl__csr A, ptl__block x, ptl__block w,
                                     ptl__block y, void *sums)
{
    TRIPLE(csr_product)(run, A, NULL, x, NULL, w, y, sums);
}
