/* The sparse kernels as plain loops: what the fast ones are compared with. kernels.h says what each
 * does. */

#define AT(b, i, j) (((V *)(b).data)[(i) * (b).ld + (j)])
#define COEF(a, j) (((const W *)(a))[j])
#define EACH(A, b, i, j)                                                                           \
    for (int64_t i = 0; i < (A).rows; ++i)                                                         \
        for (int64_t j = 0; j < (b).columns; ++j)

/* (A x)_ij, i being a stored row */
static V PAIR(row_product)(ptl__csr A, int64_t i, ptl__block x, int64_t j)
{
    const I *indptr = A.indptr, *indices = A.indices;
    const V *values = A.values;
    V sum = 0;
    for (int64_t k = indptr[i]; k < indptr[i + 1]; ++k)
        sum += values[k] * AT(x, indices[k], j);
    return sum;
}

static void PAIR(csr_spmv)(ptl__run run, ptl__csr A, const void *alpha, ptl__block x,
                           const void *beta, ptl__block y)
{
    (void)run;
    EACH(A, y, i, j)
    {
        V v = PAIR(row_product)(A, i, x, j);
        if (alpha)
            v *= (V)COEF(alpha, j);
        if (beta)
            v += (V)COEF(beta, j) * AT(y, i, j);
        AT(y, i, j) = v;
    }
}

static void PAIR(csr_spmv_dot)(ptl__run run, ptl__csr A, ptl__block x, ptl__block y, void *sums)
{
    W *s = sums;
    for (int64_t j = 0; j < y.columns; ++j)
        s[j] = 0;
    PAIR(csr_spmv)(run, A, NULL, x, NULL, y);
    EACH(A, y, i, j)
    s[j] += (W)NAME(conjugate)(AT(x, i, j)) * (W)AT(y, i, j);
}

static void PAIR(csr_spmv_add)(ptl__run run, ptl__csr A, const void *alpha, ptl__block x,
                               ptl__block y)
{
    (void)run;
    const I *row_ids = A.row_ids;
    EACH(A, y, i, j)
    {
        V v = PAIR(row_product)(A, i, x, j);
        AT(y, row_ids[i], j) += alpha ? (V)COEF(alpha, j) * v : v;
    }
}

static void PAIR(csr_spmv_add_dot)(ptl__run run, ptl__csr A, ptl__block x, ptl__block w,
                                   ptl__block y, void *sums)
{
    (void)run;
    const I *row_ids = A.row_ids;
    W *s = sums;
    EACH(A, y, i, j)
    {
        V v = PAIR(row_product)(A, i, x, j);
        AT(y, row_ids[i], j) += v;
        s[j] += (W)NAME(conjugate)(AT(w, row_ids[i], j)) * (W)v;
    }
}

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

#undef AT
#undef COEF
#undef EACH
