/* The fast products with CSR matrices of the vectors' own dtype, the usual case: one loop for each
 * width of a strip. */
/* Rows [begin, end) of y = alpha A x + beta y, and of sums[j] += conj(x) (A x) where sums is
 * given. Which of the pointers are NULL is always known where this is inlined. */
INLINE void TRIPLE(spmv_tile)(const ptl__csr *A, int64_t begin, int64_t end, int64_t width,
                              NAME(operands) o, W *sums)
{
    W total[STRIP] = {0};
    for (int64_t i = begin; i < end; ++i) {
        V acc[STRIP];
        TRIPLE(row)(A, i, width, o.x, o.ldx, acc);
        for (int64_t j = 0; sums && j < width; ++j)
            total[j] += (W)NAME(conjugate)(o.x[i * o.ldx + j]) * (W)acc[j];
        NAME(put_row)(i, width, acc, o);
    }
    for (int64_t j = 0; sums && j < width; ++j)
        sums[j] += total[j];
}

static void TRIPLE(csr_spmv)(ptl__run run, ptl__csr A, const void *alpha, ptl__block x,
                             const void *beta, ptl__block y)
{
    if (!alpha && !beta) {
        MULTIPLY_PLAIN(cut_rows(run, A.rows), TRIPLE(spmv_tile)(&A, begin, end, width, o, NULL))
    } else {
        MULTIPLY(cut_rows(run, A.rows), TRIPLE(spmv_tile)(&A, begin, end, width, o, NULL))
    }
}

static void TRIPLE(csr_spmv_dot)(ptl__run run, ptl__csr A, ptl__block x, ptl__block y, void *sums)
{
    const cut c = cut_rows(run, A.rows);
    const int contiguous = is_unit(x) && is_unit(y);
    EACH_STRIP (s, NULL, y.columns) {
        W partial[MAX_BLOCKS][STRIP];
        EACH_BLOCK (b) {
            const int64_t begin = block_begin(c, b), end = block_end(c, b);
            memset(partial[b], 0, sizeof partial[b]);
            FIXED_WIDTH(s.width, contiguous,
                        TRIPLE(spmv_tile)(&A, begin, end, width, PLAIN_OPERANDS, partial[b]));
        }
        NAME(add_blocks)(c, s, partial, sums);
    }
}

/* Stored rows [begin, end) of y += alpha A x; w and sums as for csr_spmv_add_dot, or NULL. */
INLINE void TRIPLE(spmv_add_tile)(const ptl__csr *A, int64_t begin, int64_t end, int64_t width,
                                  NAME(operands) o, const V *w, int64_t ldw, W *sums)
{
    const I *row_ids = A->row_ids;
    W total[STRIP] = {0};
    for (int64_t k = begin; k < end; ++k) {
        const int64_t i = row_ids[k];
        V acc[STRIP];
        TRIPLE(row)(A, k, width, o.x, o.ldx, acc);
        for (int64_t j = 0; sums && j < width; ++j)
            total[j] += (W)NAME(conjugate)(w[i * ldw + j]) * (W)acc[j];
        NAME(add_row)(i, width, acc, o);
    }
    for (int64_t j = 0; sums && j < width; ++j)
        sums[j] += total[j];
}

static void TRIPLE(csr_spmv_add)(ptl__run run, ptl__csr A, const void *alpha, ptl__block x,
                                 ptl__block y)
{
    const void *beta = NULL;
    MULTIPLY(cut_rows(run, A.rows), TRIPLE(spmv_add_tile)(&A, begin, end, width, o, NULL, 0, NULL))
}

static void TRIPLE(csr_spmv_add_dot)(ptl__run run, ptl__csr A, ptl__block x, ptl__block w,
                                     ptl__block y, void *sums)
{
    const cut c = cut_rows(run, A.rows);
    const int contiguous = is_unit(x) && is_unit(w) && is_unit(y);
    EACH_LEAN_STRIP (s, y.columns) {
        W partial[MAX_BLOCKS][STRIP], added[STRIP];
        EACH_BLOCK (b) {
            const int64_t begin = block_begin(c, b), end = block_end(c, b);
            memset(partial[b], 0, sizeof partial[b]);
            LEAN_WIDTH(s.width, contiguous,
                       TRIPLE(spmv_add_tile)(&A, begin, end, width, PLAIN_OPERANDS,
                                             AT(w, 0, s.first), LD(w), partial[b]));
        }
        NAME(add_blocks)(c, (strip){0, s.width}, partial, added);
        for (int64_t j = 0; j < s.width; ++j)
            ((W *)sums)[s.first + j] += added[j];
    }
}
