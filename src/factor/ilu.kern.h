/* The numeric phase of ILU for one V and I: row by row, in the order i, k, j. A row lies spread out
 * in `row`; what is written there beside its pattern is never read, since each row writes all of
 * its own pattern first. */

/* Row i of A into `row`, and without fill its pattern into the factors', from *l on and down to
 * *u. Returns a bound of its entries, NaN or infinity where one is not finite. */
INLINE double PAIR(load)(const ptl__numeric *n, int64_t i, int has_fill, int64_t *l, int64_t *u)
{
    const I *indptr = n->A.indptr, *cols = n->A.indices;
    const V *values = n->A.values;
    V *row = n->row;
    I *indices = n->indices;
    const int64_t end = indptr[i + 1];
    int64_t e = indptr[i];
    double sum = 0;
    row[i] = 0;
    for (; e < end && cols[e] < i; e++) {
        sum += NAME(at_most)(values[e]);
        row[cols[e]] = values[e];
        if (!has_fill)
            indices[(*l)++] = cols[e];
    }
    if (e < end && cols[e] == i) {
        sum += NAME(at_most)(values[e]);
        row[i] = values[e++];
    }
    for (; e < end; e++) {
        sum += NAME(at_most)(values[e]);
        row[cols[e]] = values[e];
        if (!has_fill)
            indices[--*u] = cols[e];
    }
    return sum;
}

/* Zeros where row i of the factors has entries. */
INLINE void PAIR(clear)(const ptl__numeric *n, int64_t l, int64_t l_end, int64_t u, int64_t u_end)
{
    const I *indices = n->indices;
    V *row = n->row;
    for (int64_t e = l; e < l_end; e++)
        row[indices[e]] = 0;
    for (int64_t e = u; e < u_end; e++)
        row[indices[e]] = 0;
}

/* Subtracts the rows of U that row i of L, the entries [l, end), has to do with. */
INLINE void PAIR(eliminate)(const ptl__numeric *n, int64_t l, int64_t end)
{
    const I *starts = n->upper_indptr, *indices = n->indices;
    const V *inverses = n->inverses;
    V *values = n->values, *row = n->row;
    const int64_t last = n->rows - 1;
    for (int64_t e = l; e < end; e++) {
        const int64_t k = last - indices[e];
        const V entry = row[indices[e]];
        values[e] = entry * inverses[k];
        for (int64_t t = starts[k]; t < starts[k + 1]; t++)
            row[indices[t]] -= entry * values[t];
    }
}

/* What stands for 1 in a row of zeros: the power of two below A's first entry that is not 0. */
static double PAIR(unit)(const ptl__numeric *n)
{
    const int64_t nnz = ((const I *)n->A.indptr)[n->rows];
    for (int64_t e = 0; e < nnz; e++) {
        const double size = NAME(at_least)(((const V *)n->A.values)[e]);
        if (size > 0 && isfinite(size))
            return ldexp(1, ilogb(size));
    }
    return 1;
}

/* What becomes of a pivot that may be tiny, or of a row that may have an entry that is not finite:
 * a pivot that can be divided by, or 0 and n->trouble. */
static V PAIR(mend)(ptl__numeric *n, int64_t i, V pivot)
{
    const I *indptr = n->A.indptr;
    const V *values = n->A.values;
    const double size = NAME(modulus)(pivot);
    double largest = 0;
    for (int64_t e = indptr[i]; e < indptr[i + 1]; e++)
        largest = NAME(larger)(NAME(modulus)(values[e]), largest);
    const int tiny = size <= n->tolerance * largest;
    n->trouble = !isfinite(largest)      ? PTL__NOT_FINITE
                 : !isfinite(size)       ? PTL__OVERFLOW
                 : tiny && n->shift == 0 ? PTL__TINY_PIVOT
                                         : PTL__NO_TROUBLE;
    if (n->trouble != PTL__NO_TROUBLE)
        return 0;
    if (!tiny)
        return pivot;
    n->shifted++;
    const V shifted = (V)(largest > 0 ? n->shift * largest : PAIR(unit)(n));
    return size > 0 ? (V)(pivot / (V)size) * shifted : shifted;
}

INLINE void PAIR(factorize_rows)(ptl__numeric *n, int has_fill)
{
    I *lower = n->lower_indptr, *upper = n->upper_indptr;
    const I *indices = n->indices;
    V *values = n->values, *row = n->row, *inverses = n->inverses;
    int64_t l = 0, u = n->room;
    if (!has_fill) {
        lower[0] = 0;
        upper[n->rows] = (I)u;
    }
    for (int64_t i = 0; i < n->rows; i++) {
        if (ptl__numeric_ends(n, i))
            return;
        const int64_t k = n->rows - 1 - i, l_begin = lower[i], u_end = upper[k + 1];
        if (has_fill)
            PAIR(clear)(n, l_begin, lower[i + 1], upper[k], u_end);
        const double bound = PAIR(load)(n, i, has_fill, &l, &u);
        if (!has_fill) {
            lower[i + 1] = (I)l;
            upper[k] = (I)u;
        }
        PAIR(eliminate)(n, l_begin, lower[i + 1]);
        V pivot = row[i];
        if (!(NAME(at_least)(pivot) > n->tolerance * bound && NAME(at_most)(pivot) <= DBL_MAX))
            pivot = PAIR(mend)(n, i, pivot);
        if (n->trouble != PTL__NO_TROUBLE) {
            n->bad_row = i;
            return;
        }
        const V inverse = (V)NAME(reciprocal)(pivot);
        inverses[k] = inverse;
        for (int64_t t = upper[k]; t < u_end; t++)
            values[t] = row[indices[t]] * inverse;
    }
}

static void PAIR(factorize)(ptl__numeric *n)
{
    if (n->has_fill)
        PAIR(factorize_rows)(n, 1);
    else
        PAIR(factorize_rows)(n, 0);
}
