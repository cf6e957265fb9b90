/* The rows of an approximate inverse, for one value type V and one index type I of A's: see isai.c.
 */

/* Copies A's rows and columns `set` (ascending, n of them) into a dense matrix: transposed, or its
 * lower triangle. */
static void PAIR(copy_square)(const set_up *s, const int64_t *set, int64_t n, W *square)
{
    const I *indptr = s->A.indptr, *indices = s->A.indices;
    const V *values = s->A.values;
    for (int64_t k = 0; k < n * n; k++)
        square[k] = 0;
    for (int64_t r = 0; r < n; r++) {
        const int64_t most = s->spd ? r + 1 : n, end = indptr[set[r] + 1];
        int64_t c = 0;
        for (int64_t k = indptr[set[r]]; k < end && c < most; k++) {
            while (c < most && set[c] < indices[k])
                c++;
            if (c < most && set[c] == indices[k])
                square[s->spd ? r + c * n : c + r * n] = (W)values[k] * s->unit;
        }
    }
}

/* Row i of M, from m_J A(J, J) = e_i. 0 where that system is singular. */
static int PAIR(general_row)(const int64_t *set, int64_t n, int64_t i, W *square, int64_t *pivots,
                             W *x)
{
    for (int64_t k = 0; k < n; k++)
        x[k] = set[k] == i;
    return NAME(lu_factor)(n, square, pivots) && NAME(lu_solve)(n, square, pivots, x);
}

/* Row i of W, which is the last of J: with A(J, J) = L L^H it is e^H L^-1, the solution of A(J, J)
 * y = e over the root of its last element, conjugated. 0 where that is not definite. */
static int PAIR(spd_row)(int64_t n, W *square, W *x)
{
    if (!NAME(cholesky_factor)(n, square) || !NAME(cholesky_last)(n, square, x))
        return 0;
    for (int64_t k = 0; k < n; k++)
        x[k] = NAME(adjoint)(x[k]);
    return 1;
}

static int PAIR(row)(const set_up *s, int64_t i, workspace *work)
{
    const int64_t begin = ptl__index_at(s->pattern->indptr, s->pattern->itype, i);
    const int64_t n = ptl__index_at(s->pattern->indptr, s->pattern->itype, i + 1) - begin;
    W *x = work->x;
    for (int64_t k = 0; k < n; k++)
        work->set[k] = ptl__index_at(s->pattern->indices, s->pattern->itype, begin + k);
    PAIR(copy_square)(s, work->set, n, work->square);
    if (s->spd ? !PAIR(spd_row)(n, work->square, x)
               : !PAIR(general_row)(work->set, n, i, work->square, work->pivots, x))
        return 0;
    for (int64_t k = 0; k < n; k++)
        ((V *)s->values)[begin + k] = (V)x[k];
    return 1;
}

/* All rows; the first that has a bad system, or -1, and where the set-up is interrupted some. */
static int64_t PAIR(rows)(set_up *s)
{
    const int64_t count = s->pattern->rows;
    int64_t bad = count;
#pragma omp parallel for schedule(dynamic, 16) num_threads(s->threads) reduction(min : bad)
    for (int64_t i = 0; i < count; i++)
        if (!ptl__loop_ends(&s->watch, omp_get_thread_num(), i) && i < bad &&
            !PAIR(row)(s, i, &s->work[omp_get_thread_num()]))
            bad = i;
    return bad < count ? bad : -1;
}

/* The values of W^H, times `unit`, from those of W. */
static void PAIR(adjoint)(const ptl__transposed *T, int64_t count, double unit, const void *from,
                          void *to)
{
    for (int64_t k = 0; k < count; k++)
        ((V *)to)[k] = (R)unit * NAME(conjugate)(((const V *)from)[((const I *)T->slots)[k]]);
}

static const loops PAIR(loops) = {PAIR(rows), PAIR(adjoint)};
