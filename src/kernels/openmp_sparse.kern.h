/* The fast sparse kernels. kernels.h says what each does, blocks.h how they are cut.
 *
 * A matrix streams through once, in rows too short for the processor to foresee where the next
 * will be; so each row asks for the entries some PREFETCH bytes ahead. On the 7-point Laplacian
 * that makes the product 1.8 times as fast. */

/* Asks for what lies PREFETCH bytes after the entries [begin, end). */
INLINE void PAIR(prefetch)(const I *indices, const V *values, int64_t begin, int64_t end)
{
    enum { step = LINE / sizeof(V) };
    __builtin_prefetch((const char *)(values + begin) + PREFETCH);
    __builtin_prefetch((const char *)(indices + begin) + PREFETCH);
    if (end - begin > step) /* a long row */
        for (int64_t k = begin + step; k < end; k += step) {
            __builtin_prefetch((const char *)(values + k) + PREFETCH);
            __builtin_prefetch((const char *)(indices + k) + PREFETCH);
        }
}

/* acc[j] = (A x)_ij of stored row i */
INLINE void PAIR(row)(const ptl__csr *A, int64_t i, int64_t width, const V *x, int64_t ldx, V *acc)
{
    const I *indptr = A->indptr, *indices = A->indices;
    const V *values = A->values;
    const int64_t begin = indptr[i], end = indptr[i + 1];
    PAIR(prefetch)(indices, values, begin, end);
    for (int64_t j = 0; j < width; ++j)
        acc[j] = 0;
    for (int64_t k = begin; k < end; ++k)
        for (int64_t j = 0; j < width; ++j)
            acc[j] += values[k] * x[indices[k] * ldx + j];
}

/* Rows [begin, end) of y = alpha A x + beta y, and of sums[j] += conj(x) y where sums is given.
 * Which of the pointers are NULL is always known where this is inlined. */
INLINE void PAIR(spmv_tile)(const ptl__csr *A, int64_t begin, int64_t end, int64_t width,
                            const W *alpha, const V *x, int64_t ldx, const W *beta, V *y,
                            int64_t ldy, W *sums)
{
    W total[STRIP] = {0};
    for (int64_t i = begin; i < end; ++i) {
        V acc[STRIP];
        PAIR(row)(A, i, width, x, ldx, acc);
        for (int64_t j = 0; j < width; ++j) {
            V v = alpha ? (V)alpha[j] * acc[j] : acc[j];
            if (beta)
                v += (V)beta[j] * y[i * ldy + j];
            y[i * ldy + j] = v;
            if (sums)
                total[j] += (W)NAME(conjugate)(x[i * ldx + j]) * (W)v;
        }
    }
    for (int64_t j = 0; sums && j < width; ++j)
        sums[j] += total[j];
}

static void PAIR(csr_spmv)(ptl__run run, ptl__csr A, const void *alpha, ptl__block x,
                           const void *beta, ptl__block y)
{
    const cut c = cut_rows(run, A.rows);
    const int contiguous = is_unit(x) && is_unit(y);
    EACH_STRIP(s, NULL, y.columns)
    {
        const W *a = alpha ? (const W *)alpha + s.first : NULL;
        const W *e = beta ? (const W *)beta + s.first : NULL;
        EACH_BLOCK(b)
        {
            const int64_t begin = block_begin(c, b), end = block_end(c, b);
            if (!a && !e)
                FIXED_WIDTH(s.width, contiguous,
                            PAIR(spmv_tile)(&A, begin, end, width, NULL, AT(x, 0, s.first), LD(x),
                                            NULL, AT(y, 0, s.first), LD(y), NULL));
            else
                UNIT_WIDTH(s.width, contiguous,
                           PAIR(spmv_tile)(&A, begin, end, width, a, AT(x, 0, s.first), LD(x), e,
                                           AT(y, 0, s.first), LD(y), NULL));
        }
    }
}

static void PAIR(csr_spmv_dot)(ptl__run run, ptl__csr A, ptl__block x, ptl__block y, void *sums)
{
    const cut c = cut_rows(run, A.rows);
    const int contiguous = is_unit(x) && is_unit(y);
    EACH_STRIP(s, NULL, y.columns)
    {
        W partial[MAX_BLOCKS][STRIP];
        EACH_BLOCK(b)
        {
            const int64_t begin = block_begin(c, b), end = block_end(c, b);
            memset(partial[b], 0, sizeof partial[b]);
            FIXED_WIDTH(s.width, contiguous,
                        PAIR(spmv_tile)(&A, begin, end, width, NULL, AT(x, 0, s.first), LD(x), NULL,
                                        AT(y, 0, s.first), LD(y), partial[b]));
        }
        NAME(add_blocks)(c, s, partial, sums);
    }
}

/* The same for stored rows [begin, end) of y += alpha A x, with sums[j] += conj(w) (A x). */
INLINE void PAIR(spmv_add_tile)(const ptl__csr *A, int64_t begin, int64_t end, int64_t width,
                                const W *alpha, const V *x, int64_t ldx, const V *w, int64_t ldw,
                                V *y, int64_t ldy, W *sums)
{
    const I *row_ids = A->row_ids;
    W total[STRIP] = {0};
    for (int64_t k = begin; k < end; ++k) {
        const int64_t i = row_ids[k];
        V acc[STRIP];
        PAIR(row)(A, k, width, x, ldx, acc);
        for (int64_t j = 0; j < width; ++j) {
            y[i * ldy + j] += alpha ? (V)alpha[j] * acc[j] : acc[j];
            if (sums)
                total[j] += (W)NAME(conjugate)(w[i * ldw + j]) * (W)acc[j];
        }
    }
    for (int64_t j = 0; sums && j < width; ++j)
        sums[j] += total[j];
}

static void PAIR(csr_spmv_add)(ptl__run run, ptl__csr A, const void *alpha, ptl__block x,
                               ptl__block y)
{
    const cut c = cut_rows(run, A.rows);
    const int contiguous = is_unit(x) && is_unit(y);
    EACH_STRIP(s, NULL, y.columns)
    {
        const W *a = alpha ? (const W *)alpha + s.first : NULL;
        EACH_BLOCK(b)
        {
            const int64_t begin = block_begin(c, b), end = block_end(c, b);
            UNIT_WIDTH(s.width, contiguous,
                       PAIR(spmv_add_tile)(&A, begin, end, width, a, AT(x, 0, s.first), LD(x), NULL,
                                           0, AT(y, 0, s.first), LD(y), NULL));
        }
    }
}

static void PAIR(csr_spmv_add_dot)(ptl__run run, ptl__csr A, ptl__block x, ptl__block w,
                                   ptl__block y, void *sums)
{
    const cut c = cut_rows(run, A.rows);
    const int contiguous = is_unit(x) && is_unit(w) && is_unit(y);
    EACH_STRIP(s, NULL, y.columns)
    {
        W partial[MAX_BLOCKS][STRIP], added[STRIP];
        EACH_BLOCK(b)
        {
            const int64_t begin = block_begin(c, b), end = block_end(c, b);
            memset(partial[b], 0, sizeof partial[b]);
            UNIT_WIDTH(s.width, contiguous,
                       PAIR(spmv_add_tile)(&A, begin, end, width, NULL, AT(x, 0, s.first), LD(x),
                                           AT(w, 0, s.first), LD(w), AT(y, 0, s.first), LD(y),
                                           partial[b]));
        }
        NAME(add_blocks)(c, (strip){0, s.width}, partial, added);
        for (int64_t j = 0; j < s.width; ++j)
            ((W *)sums)[s.first + j] += added[j];
    }
}

static void PAIR(csr_diagonal)(ptl__run run, ptl__csr A, int64_t count, void *d)
{
    const I *indptr = A.indptr, *indices = A.indices;
    const V *values = A.values;
    const cut c = cut_rows(run, count);
    EACH_BLOCK(b)
    {
        const int64_t end = block_end(c, b);
        for (int64_t i = block_begin(c, b); i < end; ++i) {
            V sum = 0;
            for (int64_t k = indptr[i]; k < indptr[i + 1]; ++k)
                if (indices[k] == i)
                    sum += values[k];
            ((V *)d)[i] = sum;
        }
    }
}

static void PAIR(gather)(ptl__run run, int64_t count, const void *ids, ptl__block x, ptl__block y)
{
    const I *rows = ids;
    const cut c = cut_rows(run, count);
    EACH_BLOCK(b)
    {
        const int64_t end = block_end(c, b);
        if (x.columns == 1)
            for (int64_t i = block_begin(c, b); i < end; ++i)
                *AT(y, i, 0) = *AT(x, rows[i], 0);
        else
            for (int64_t i = block_begin(c, b); i < end; ++i)
                memcpy(AT(y, i, 0), AT(x, rows[i], 0), (size_t)x.columns * sizeof(V));
    }
}
