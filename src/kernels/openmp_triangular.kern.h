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

/* The stored rows [begin, end) of an order by levels, on one strip of columns. */
INLINE void PAIR(solve_scattered)(const ptl__triangle *T, int64_t begin, int64_t end, int64_t width,
                                  const V *b, int64_t ldb, V *x, int64_t ldx)
{
    const I *indptr = T->indptr, *indices = T->indices, *order = T->order;
    const V *values = T->values, *inverses = T->inverses;
    for (int64_t k = begin; k < end; ++k) {
        const int64_t i = order[k], first = indptr[k], last = indptr[k + 1];
        __builtin_prefetch((const char *)(values + first) + PREFETCH);
        __builtin_prefetch((const char *)(indices + first) + PREFETCH);
        if (k + AHEAD < end)
            PAIR(prefetch_row)(T, k + AHEAD, b, ldb, x, ldx);
        V acc[STRIP];
        for (int64_t j = 0; j < width; ++j)
            acc[j] = inverses ? b[i * ldb + j] * inverses[k] : b[i * ldb + j];
        for (int64_t e = first; e < last; ++e)
            for (int64_t j = 0; j < width; ++j)
                acc[j] -= values[e] * x[indices[e] * ldx + j];
        for (int64_t j = 0; j < width; ++j)
            x[i * ldx + j] = acc[j];
    }
}

/* All rows in their own order, on one strip of columns. In sorted rows the entry of the row that
 * was made last comes last: what it needs is still in registers, and only one product and one sum
 * of a row wait for the row before. */
INLINE void PAIR(solve_in_turn)(const ptl__triangle *T, int64_t width, const V *b, int64_t ldb,
                                V *x, int64_t ldx)
{
    const I *indptr = T->indptr, *indices = T->indices;
    const V *values = T->values, *inverses = T->inverses;
    const int64_t step = T->upper ? -1 : 1, start = T->upper ? T->rows - 1 : 0;
    V made[STRIP] = {0};
    for (int64_t k = 0; k < T->rows; ++k) {
        const int64_t i = start + step * k, first = indptr[k], end = indptr[k + 1];
        __builtin_prefetch((const char *)(values + first) + PREFETCH);
        __builtin_prefetch((const char *)(indices + first) + PREFETCH);
        const int chained = end > first && indices[end - 1] == i - step;
        V acc[STRIP];
        for (int64_t j = 0; j < width; ++j)
            acc[j] = inverses ? b[i * ldb + j] * inverses[k] : b[i * ldb + j];
        for (int64_t e = first; e < end - chained; ++e)
            for (int64_t j = 0; j < width; ++j)
                acc[j] -= values[e] * x[indices[e] * ldx + j];
        if (chained)
            for (int64_t j = 0; j < width; ++j)
                acc[j] -= values[end - 1] * made[j];
        for (int64_t j = 0; j < width; ++j)
            x[i * ldx + j] = made[j] = acc[j];
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
                        PAIR(solve_scattered)(T, begin, end, width, AT(b, 0, s.first), LD(b),
                                              AT(x, 0, s.first), LD(x)));
        }
    }
}

static void PAIR(csr_solve)(ptl__run run, ptl__triangle T, ptl__block b, ptl__block x)
{
    const int contiguous = is_unit(b) && is_unit(x);
    EACH_STRIP (s, NULL, x.columns) {
        if (T.levels > 0)
            PAIR(solve_levels)(run.threads, &T, b, x, s, contiguous);
        else
            FIXED_WIDTH(
                s.width, contiguous,
                PAIR(solve_in_turn)(&T, width, AT(b, 0, s.first), LD(b), AT(x, 0, s.first), LD(x)));
    }
}
