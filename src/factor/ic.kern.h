/* The numeric phase of IC for one V and I: row after row of L by a solution with the rows before,
 * each of whose entries goes to U = L^H at once. A row lies spread out in `row`, which is zero
 * between rows. */

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
 * pattern into L's from *l on. Returns a finite number where all entries are. */
INLINE double PAIR(load)(const ptl__numeric *n, int64_t i, int has_fill, int64_t *l,
                         double *diagonal)
{
    const I *indptr = n->A.indptr, *cols = n->A.indices;
    const V *values = n->A.values;
    V *row = n->row;
    I *indices = n->indices;
    double sum = 0;
    *diagonal = 0;
    for (int64_t e = indptr[i]; e < indptr[i + 1] && cols[e] <= i; e++) {
        sum += 0 * NAME(at_most)(values[e]);
        if (cols[e] == i) {
            *diagonal = (double)creal(values[e]);
            break;
        }
        row[cols[e]] = values[e];
        if (!has_fill)
            indices[(*l)++] = cols[e];
    }
    return sum;
}

/* Solves for row i of L, the entries [l, end), and gives them to U; returns the sum of their
 * squares. */
INLINE double PAIR(solve_row)(const ptl__numeric *n, int64_t i, int64_t l, int64_t end)
{
    const I *lower = n->lower_indptr;
    const V *inverses = n->lower_inverses;
    I *upper = n->upper_indptr, *indices = n->indices;
    V *values = n->values, *row = n->row;
    double sum = 0;
    for (int64_t e = l; e < end; e++) {
        const int64_t col = indices[e];
        V entry = row[col] * inverses[col];
        for (int64_t t = lower[col]; t < lower[col + 1]; t++)
            entry -= row[indices[t]] * NAME(conjugate)(values[t]);
        const int64_t at = --upper[n->rows - 1 - col];
        row[col] = entry;
        indices[at] = (I)i;
        values[at] = NAME(conjugate)(entry) * inverses[col];
        sum += NAME(square)(entry);
    }
    return sum;
}

static ptl__trouble PAIR(trouble_of)(const ptl__numeric *n, double sum, double diagonal,
                                     double pivot)
{
    if (!isfinite(sum))
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
    const I *indices = n->indices;
    V *values = n->values, *row = n->row;
    V *inverses = n->lower_inverses, *reversed = n->upper_inverses;
    int64_t l = 0;
    lower[0] = 0;
    for (int64_t i = 0; i < n->rows; i++) {
        double diagonal;
        const int64_t begin = lower[i];
        const double sum = PAIR(load)(n, i, has_fill, &l, &diagonal);
        if (!has_fill)
            lower[i + 1] = (I)l;
        const int64_t end = lower[i + 1];
        const double pivot = diagonal * (1 + n->shift) - PAIR(solve_row)(n, i, begin, end);
        n->trouble = PAIR(trouble_of)(n, sum, diagonal, pivot);
        const V inverse = n->trouble == PTL__NO_TROUBLE ? (V)(1 / sqrt(pivot)) : 0;
        inverses[i] = reversed[n->rows - 1 - i] = inverse;
        for (int64_t e = begin; e < end; e++) {
            values[e] = row[indices[e]] * inverse;
            row[indices[e]] = 0;
        }
        if (n->trouble != PTL__NO_TROUBLE) {
            n->bad_row = i;
            return;
        }
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
