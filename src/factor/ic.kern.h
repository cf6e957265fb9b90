/* The numeric phase of IC for one V and I, without roots: A = L D L^H. Row after row r = l D solves
 * a system with the rows of L before, and each entry goes to L^H at once. A row lies spread out in
 * `row`, which is zero between rows. */

/* Counts the columns of the lower triangle and makes them, in U's order, the ends of U's rows. */
static void PAIR(end_upper_rows)(const ptl__numeric *n, int64_t start, const I *indptr,
                                 const I *cols)
{
    I *ends = n->upper_indptr;
    const int64_t last = n->rows - 1;
    memset(ends, 0, (size_t)(n->rows + 1) * sizeof *ends);
    for (int64_t i = 0; i < n->rows; i++)
        for (int64_t e = indptr[i]; e < indptr[i + 1] && cols[e] < i; e++)
            ends[last - cols[e]]++;
    for (int64_t k = 0; k < n->rows; k++) {
        start += ends[k];
        ends[k] = (I)start;
    }
    ends[n->rows] = (I)start;
}

/* Row i of A's lower triangle into `row`, its diagonal entry into *diagonal, and without fill its
 * pattern into L's from *l on. Returns a bound of its entries, NaN or infinity where one is not
 * finite. */
INLINE double PAIR(load)(const ptl__numeric *n, int64_t i, int has_fill, int64_t *l,
                         double *diagonal)
{
    const I *indptr = n->A.indptr, *cols = n->A.indices;
    const V *values = n->A.values;
    V *row = n->row;
    I *indices = n->indices;
    const int64_t end = indptr[i + 1];
    int64_t e = indptr[i];
    double sum = 0;
    for (; e < end && cols[e] < i; e++) {
        sum += NAME(at_most)(values[e]);
        row[cols[e]] = values[e];
        if (!has_fill)
            indices[(*l)++] = cols[e];
    }
    const int there = e < end && cols[e] == i;
    *diagonal = there ? (double)creal(values[e]) : 0;
    return there ? sum + NAME(at_most)(values[e]) : sum;
}

/* Solves for row i of L, the entries [l, end), and gives them to L^H; returns the sum of l_ij d_j
 * conj(l_ij). */
INLINE double PAIR(solve_row)(const ptl__numeric *n, int64_t i, int64_t l, int64_t end)
{
    const I *lower = n->lower_indptr;
    const V *inverses = n->inverses;
    I *upper = n->upper_indptr, *indices = n->indices;
    V *values = n->values, *row = n->row;
    const int64_t last = n->rows - 1;
    double sum = 0;
    for (int64_t e = l; e < end; e++) {
        const int64_t col = indices[e], at = --upper[last - col];
        V product = row[col];
        for (int64_t t = lower[col]; t < lower[col + 1]; t++)
            product -= row[indices[t]] * NAME(conjugate)(values[t]);
        const V entry = product * inverses[last - col];
        row[col] = product;
        values[e] = entry;
        indices[at] = (I)i;
        values[at] = NAME(conjugate)(entry);
        sum += NAME(real_dot)(entry, product);
    }
    for (int64_t e = l; e < end; e++)
        row[indices[e]] = 0;
    return sum;
}

/* 1 where row i has an entry that is not finite in the lower triangle. */
static int PAIR(has_infinity)(const ptl__numeric *n, int64_t i)
{
    const I *indptr = n->A.indptr, *cols = n->A.indices;
    for (int64_t e = indptr[i]; e < indptr[i + 1] && cols[e] <= i; e++)
        if (!isfinite(NAME(at_least)(((const V *)n->A.values)[e])))
            return 1;
    return 0;
}

static ptl__trouble PAIR(trouble_of)(const ptl__numeric *n, int64_t i, double bound,
                                     double diagonal, double pivot)
{
    if (!isfinite(bound) && PAIR(has_infinity)(n, i))
        return PTL__NOT_FINITE;
    if (!(diagonal > 0))
        return PTL__NOT_POSITIVE;
    if (pivot > n->tolerance * diagonal)
        return isfinite(pivot) ? PTL__NO_TROUBLE : PTL__OVERFLOW;
    return PTL__TINY_PIVOT;
}

INLINE void PAIR(factorize_rows)(ptl__numeric *n, int has_fill)
{
    I *lower = n->lower_indptr;
    V *inverses = n->inverses;
    int64_t l = 0;
    lower[0] = 0;
    for (int64_t i = 0; i < n->rows; i++) {
        double diagonal;
        if (ptl__numeric_ends(n, i))
            return;
        const int64_t begin = lower[i];
        const double bound = PAIR(load)(n, i, has_fill, &l, &diagonal);
        if (!has_fill)
            lower[i + 1] = (I)l;
        const double sum = PAIR(solve_row)(n, i, begin, lower[i + 1]);
        const double pivot = diagonal * (1 + n->shift) - sum;
        n->trouble = PAIR(trouble_of)(n, i, bound, diagonal, pivot);
        if (n->trouble != PTL__NO_TROUBLE) {
            n->bad_row = i;
            return;
        }
        inverses[n->rows - 1 - i] = (V)(1 / pivot);
    }
}

static void PAIR(factorize)(ptl__numeric *n)
{
    if (n->has_fill) {
        PAIR(end_upper_rows)(n, ((const I *)n->lower_indptr)[n->rows], n->lower_indptr, n->indices);
        PAIR(factorize_rows)(n, 1);
    } else {
        PAIR(end_upper_rows)(n, n->room / 2, n->A.indptr, n->A.indices);
        PAIR(factorize_rows)(n, 0);
    }
}
