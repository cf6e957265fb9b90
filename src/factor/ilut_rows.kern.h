/* ILUT, row by row, for one value type V and index type I: see ilut_rows.c. */

/* Takes row i of A into the sums: columns before i into the heap, those after it into e->after. The
 * row's norm, and its largest entry; columns count with their weights. -1 where an entry is not
 * finite. */
static double PAIR(load)(elimination *e, int64_t i, double *largest)
{
    const I *indptr = e->A.indptr, *indices = e->A.indices;
    const V *values = e->A.values;
    V *sums = e->sums;
    double squares = 0;
    *largest = 0;
    for (I k = indptr[i]; k < indptr[i + 1]; k++) {
        const double size = NAME(modulus)(values[k]) * e->col_weights[indices[k]];
        sums[indices[k]] = values[k];
        add_column(e, i, indices[k]);
        if (!isfinite(size))
            return -1;
        *largest = size > *largest ? size : *largest;
    }
    for (I k = indptr[i]; k < indptr[i + 1] && *largest > 0; k++) {
        const double part = NAME(modulus)(values[k]) * e->col_weights[indices[k]] / *largest;
        squares += part * part;
    }
    return *largest * sqrt(squares);
}

/* Row i less `factor` times row k of U. */
static void PAIR(subtract)(elimination *e, int64_t i, int64_t k, V factor)
{
    const I *indptr = e->U.indptr, *indices = e->U.indices;
    const V *values = e->U.values;
    V *sums = e->sums;
    for (I n = indptr[k] + 1; n < indptr[k + 1]; n++) { /* the first is the diagonal */
        add_column(e, i, indices[n]);
        sums[indices[n]] -= factor * values[n];
    }
}

/* Columns before i, the factors of L, ascending; entries below `limit` are dropped as they come. */
static void PAIR(eliminate)(elimination *e, int64_t i, double limit)
{
    V *sums = e->sums;
    const V *inverses = e->inverses;
    while (e->heaped > 0) {
        const int64_t k = heap_pop(e);
        const V factor = sums[k] * inverses[k];
        const double size = NAME(modulus)(factor) * e->lower_weights[k];
        sums[k] = factor;
        if (size < limit) {
            forget_column(e, k);
            sums[k] = 0;
            continue;
        }
        e->kept[e->num_kept++] = (candidate){size, k};
        PAIR(subtract)(e, i, k, factor);
    }
}

/* Columns after i, those of U, that are not below `limit`. */
static void PAIR(choose_upper)(elimination *e, double limit)
{
    V *sums = e->sums;
    for (int64_t n = 0; n < e->num_after; n++) {
        const int64_t j = e->after[n];
        const double size = NAME(modulus)(sums[j]) * e->col_weights[j];
        if (size < limit) {
            forget_column(e, j);
            sums[j] = 0;
        } else {
            e->kept[e->num_kept++] = (candidate){size, j};
        }
    }
}

/* Writes what is kept of the row to the end of T, columns ascending; the sums are 0 again. */
static void PAIR(put)(elimination *e, triangle *T)
{
    V *sums = e->sums;
    const int64_t count = keep_largest(e);
    for (int64_t n = 0; n < e->num_kept; n++) {
        const int64_t j = e->kept[n].column;
        forget_column(e, j);
        if (n < count)
            heap_push(e, j);
        else
            sums[j] = 0;
    }
    while (e->heaped > 0) {
        const int64_t j = heap_pop(e);
        ((I *)T->indices)[T->count] = (I)j;
        ((V *)T->values)[T->count++] = sums[j];
        sums[j] = 0;
    }
}

/* The pivot of row i, shifted where it is tiny and that is asked for. */
static ptl_status PAIR(take_pivot)(elimination *e, int64_t i, double largest)
{
    V *sums = e->sums, pivot = sums[i];
    const double size = NAME(modulus)(pivot) * e->col_weights[i];
    PTL_TRY(check_pivot(e, i, size, largest));
    if (size <= e->rules.pivot_tolerance * largest) {
        const double wanted =
            largest > 0 ? sqrt(sizeof(R) == sizeof(float) ? FLT_EPSILON : DBL_EPSILON) * largest
                        : e->unit * e->col_weights[i];
        pivot = (V)(size > 0 ? pivot * (wanted / size) : wanted / e->col_weights[i]);
        e->shifts++;
    }
    ((I *)e->U.indices)[e->U.count] = (I)i;
    ((V *)e->U.values)[e->U.count++] = pivot;
    ((V *)e->inverses)[i] = (V)NAME(reciprocal)(pivot);
    forget_column(e, i);
    sums[i] = 0;
    return PTL_OK;
}

static ptl_status PAIR(make_row)(elimination *e, int64_t i)
{
    double largest;
    const double norm = PAIR(load)(e, i, &largest), limit = e->rules.drop_tolerance * norm;
    PTL_TRY(check_norm(e, i, norm));
    e->num_kept = 0;
    PAIR(eliminate)(e, i, limit);
    PTL_TRY(check_kept(e, i));
    PAIR(put)(e, &e->L);
    ((I *)e->L.indptr)[i + 1] = (I)e->L.count;
    PTL_TRY(PAIR(take_pivot)(e, i, largest));
    e->num_kept = 0;
    PAIR(choose_upper)(e, limit);
    PTL_TRY(check_kept(e, i));
    PAIR(put)(e, &e->U);
    ((I *)e->U.indptr)[i + 1] = (I)e->U.count;
    e->num_after = 0;
    return PTL_OK;
}
