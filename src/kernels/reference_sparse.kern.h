/* The products with sparse matrices as plain loops. */

/* (A x)_ij, i being a stored row */
static V TRIPLE(row_product)(ptl__csr A, int64_t i, ptl__block x, int64_t j)
{
    const I *indptr = A.indptr, *indices = A.indices;
    const M *values = A.values;
    V sum = 0;
    for (int64_t k = indptr[i]; k < indptr[i + 1]; ++k)
        sum += ENTRY(0, values[k]) * AT(x, indices[k], j);
    return sum;
}

static void TRIPLE(csr_spmv)(ptl__run run, ptl__csr A, const void *alpha, ptl__block x,
                             const void *beta, ptl__block y)
{
    (void)run;
    EACH_ROW (A, i)
        EACH_COLUMN (y, j) {
            const V v = TRIPLE(row_product)(A, i, x, j);
            AT(y, i, j) = NAME(combined)(alpha, v, beta, &AT(y, i, j), j);
        }
}

static void TRIPLE(csr_spmv_dot)(ptl__run run, ptl__csr A, ptl__block x, ptl__block y, void *sums)
{
    W *s = sums;
    for (int64_t j = 0; j < y.columns; ++j)
        s[j] = 0;
    TRIPLE(csr_spmv)(run, A, NULL, x, NULL, y);
    EACH_ROW (A, i)
        EACH_COLUMN (y, j)
            s[j] += (W)NAME(conjugate)(AT(x, i, j)) * (W)AT(y, i, j);
}

static void TRIPLE(csr_spmv_add)(ptl__run run, ptl__csr A, const void *alpha, ptl__block x,
                                 ptl__block y)
{
    (void)run;
    const I *row_ids = A.row_ids;
    EACH_ROW (A, i)
        EACH_COLUMN (y, j) {
            V v = TRIPLE(row_product)(A, i, x, j);
            AT(y, row_ids[i], j) += alpha ? (V)COEF(alpha, j) * v : v;
        }
}

static void TRIPLE(csr_spmv_add_dot)(ptl__run run, ptl__csr A, ptl__block x, ptl__block w,
                                     ptl__block y, void *sums)
{
    (void)run;
    const I *row_ids = A.row_ids;
    W *s = sums;
    EACH_ROW (A, i)
        EACH_COLUMN (y, j) {
            V v = TRIPLE(row_product)(A, i, x, j);
            AT(y, row_ids[i], j) += v;
            s[j] += (W)NAME(conjugate)(AT(w, row_ids[i], j)) * (W)v;
        }
}

static void TRIPLE(coo_spmv)(ptl__run run, ptl__coo A, const void *alpha, ptl__block x,
                             const void *beta, ptl__block y)
{
    (void)run;
    const I *rows = A.row_indices, *cols = A.col_indices;
    const M *values = A.values;
    EACH (y, i, j)
        AT(y, i, j) = NAME(combined)(NULL, 0, beta, &AT(y, i, j), j);
    for (int64_t k = 0; k < A.nnz; ++k)
        EACH_COLUMN (y, j) {
            const V v = ENTRY(0, values[k]) * AT(x, cols[k], j);
            AT(y, rows[k], j) += alpha ? (V)COEF(alpha, j) * v : v;
        }
}

static void TRIPLE(ell_spmv)(ptl__run run, ptl__ell A, const void *alpha, ptl__block x,
                             const void *beta, ptl__block y)
{
    (void)run;
    const I *indices = A.indices;
    const M *values = A.values;
    EACH (y, i, j) {
        V sum = 0;
        for (int64_t k = i; k < A.width * A.stride; k += A.stride)
            if (indices[k] >= 0)
                sum += ENTRY(0, values[k]) * AT(x, indices[k], j);
        AT(y, i, j) = NAME(combined)(alpha, sum, beta, &AT(y, i, j), j);
    }
}

static void TRIPLE(sellp_spmv)(ptl__run run, ptl__sellp A, const void *alpha, ptl__block x,
                               const void *beta, ptl__block y)
{
    (void)run;
    const I *indices = A.indices;
    const M *values = A.values;
    EACH (y, i, j) {
        const int64_t slice = i / A.slice_size, row = i % A.slice_size;
        V sum = 0;
        for (int64_t s = A.slice_sets[slice]; s < A.slice_sets[slice + 1]; ++s) {
            const int64_t k = s * A.slice_size + row;
            if (indices[k] >= 0)
                sum += ENTRY(0, values[k]) * AT(x, indices[k], j);
        }
        AT(y, i, j) = NAME(combined)(alpha, sum, beta, &AT(y, i, j), j);
    }
}

static void TRIPLE(transposed_spmv)(ptl__run run, ptl__transposed T, int conj_T, const void *alpha,
                                    ptl__block x, const void *beta, ptl__block y)
{
    (void)run;
    const I *indptr = T.indptr, *rows = T.rows, *slots = T.slots;
    const M *values = T.values;
    EACH (y, i, j) {
        V sum = 0;
        for (int64_t k = indptr[i]; k < indptr[i + 1]; ++k)
            sum += ENTRY(conj_T, values[slots[k]]) * AT(x, rows[k], j);
        AT(y, i, j) = NAME(combined)(alpha, sum, beta, &AT(y, i, j), j);
    }
}
