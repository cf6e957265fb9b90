/* The fast solution with a triangular matrix: row after row, or level after level on several
 * threads with a barrier after each (Saad, Iterative Methods for Sparse Linear Systems, 2nd ed.,
 * section 11.6.3). A row is made in the same way wherever it is stored, so all orders give the same
 * bits. */

/* Asks for what stored row k needs of b and x, where rows are scattered. */
INLINE void PAIR(prefetch_row)(const ptl__triangle *T, int64_t k, const V *b, int64_t ldb,
                               const V *x, int64_t ldx)
{
    const I *indptr = T->indptr, *indices = T->indices;
    __builtin_prefetch(b + ((const I *)T->order)[k] * ldb);
    for (int64_t e = indptr[k]; e < indptr[k + 1]; ++e)
        __builtin_prefetch(x + indices[e] * ldx);
}

/* The stored rows [begin, end) on one strip of columns. */
INLINE void PAIR(solve_rows)(const ptl__triangle *T, int64_t begin, int64_t end, int64_t width,
                             const V *b, int64_t ldb, V *x, int64_t ldx)
{
    const I *indptr = T->indptr, *indices = T->indices, *order = T->order;
    const V *values = T->values, *inverses = T->inverses;
    for (int64_t k = begin; k < end; ++k) {
        const int64_t i = order ? order[k] : T->upper ? T->rows - 1 - k : k;
        const int64_t first = indptr[k], last = indptr[k + 1];
        __builtin_prefetch((const char *)(values + first) + PREFETCH);
        __builtin_prefetch((const char *)(indices + first) + PREFETCH);
        if (order && k + AHEAD < end)
            PAIR(prefetch_row)(T, k + AHEAD, b, ldb, x, ldx);
        V acc[STRIP];
        for (int64_t j = 0; j < width; ++j)
            acc[j] = b[i * ldb + j];
        for (int64_t e = first; e < last; ++e)
            for (int64_t j = 0; j < width; ++j)
                acc[j] -= values[e] * x[indices[e] * ldx + j];
        for (int64_t j = 0; j < width; ++j)
            x[i * ldx + j] = inverses ? acc[j] * inverses[k] : acc[j];
    }
}

/* On several threads; the levels go to them in pieces. */
static void PAIR(solve_levels)(int threads, const ptl__triangle *T, ptl__block b, ptl__block x,
                               strip s, int contiguous)
{
    _Pragma("omp parallel num_threads(threads)") for (int64_t l = 0; l < T->levels; ++l)
    {
        const int64_t from = T->level_starts[l], rows = T->level_starts[l + 1] - from;
        const int64_t pieces = level_pieces(rows, threads);
        _Pragma("omp for schedule(static)") for (int64_t p = 0; p < pieces; ++p)
        {
            const int64_t begin = from + rows * p / pieces, end = from + rows * (p + 1) / pieces;
            FIXED_WIDTH(s.width, contiguous,
                        PAIR(solve_rows)(T, begin, end, width, AT(b, 0, s.first), LD(b),
                                         AT(x, 0, s.first), LD(x)));
        }
    }
}

static void PAIR(csr_solve)(ptl__run run, ptl__triangle T, ptl__block b, ptl__block x)
{
    const int contiguous = is_unit(b) && is_unit(x);
    EACH_STRIP(s, NULL, x.columns)
    {
        if (run.threads > 1 && T.levels > 0)
            PAIR(solve_levels)(run.threads, &T, b, x, s, contiguous);
        else
            FIXED_WIDTH(s.width, contiguous,
                        PAIR(solve_rows)(&T, 0, T.rows, width, AT(b, 0, s.first), LD(b),
                                         AT(x, 0, s.first), LD(x)));
    }
}
