/* What needs no product: diagonals, scaled matrices, rows gathered and scattered, triangular
 * systems; as plain loops. */

static void PAIR(csr_diagonal)(ptl__run run, ptl__csr A, int64_t count, void *d)
{
    (void)run;
    const I *indptr = A.indptr, *indices = A.indices;
    for (int64_t i = 0; i < count; ++i) {
        V sum = 0;
        for (int64_t k = indptr[i]; k < indptr[i + 1]; ++k)
            if (indices[k] == i)
                sum += ((const V *)A.values)[k];
        ((V *)d)[i] = sum;
    }
}

static void PAIR(gather)(ptl__run run, int64_t count, const void *ids, ptl__block x, ptl__block y)
{
    (void)run;
    for (int64_t i = 0; i < count; ++i)
        for (int64_t j = 0; j < x.columns; ++j)
            AT(y, i, j) = AT(x, ((const I *)ids)[i], j);
}

static void PAIR(scatter_add)(ptl__run run, int64_t count, const void *ids, ptl__block x,
                              ptl__block y)
{
    (void)run;
    for (int64_t i = 0; i < count; ++i)
        EACH_COLUMN (x, j)
            AT(y, ((const I *)ids)[i], j) += AT(x, i, j);
}

static void PAIR(csr_row_scale)(ptl__run run, ptl__csr A, const void *d)
{
    (void)run;
    const I *indptr = A.indptr, *row_ids = A.row_ids;
    for (int64_t i = 0; i < A.rows; ++i)
        for (int64_t k = indptr[i]; k < indptr[i + 1]; ++k)
            ((V *)A.values)[k] *= ((const V *)d)[row_ids ? row_ids[i] : i];
}

static void PAIR(csr_col_scale)(ptl__run run, ptl__csr A, const void *d)
{
    (void)run;
    const I *indptr = A.indptr, *indices = A.indices;
    for (int64_t k = indptr[0]; k < indptr[A.rows]; ++k)
        ((V *)A.values)[k] *= ((const V *)d)[indices[k]];
}

static void PAIR(csr_solve)(ptl__run run, ptl__triangle T, ptl__block b, ptl__block x)
{
    (void)run;
    const I *indptr = T.indptr, *indices = T.indices, *order = T.order;
    for (int64_t k = 0; k < T.rows; ++k) {
        const int64_t i = order ? order[k] : T.upper ? T.rows - 1 - k : k;
        EACH_COLUMN (x, j) {
            V sum = T.inverses ? AT(b, i, j) * ((const V *)T.inverses)[k] : AT(b, i, j);
            for (int64_t e = indptr[k]; e < indptr[k + 1]; ++e)
                sum -= ((const V *)T.values)[e] * AT(x, indices[e], j);
            AT(x, i, j) = sum;
        }
    }
}
