/* The loops for one V and I. */

/* Where entry (row, col) goes: *reflected where rows and columns change places. */
static int64_t PAIR(row_of)(const move *m, int64_t row, int64_t col, int64_t *new_col,
                            int *reflected)
{
    const int64_t r = m->inverse[row], c = m->inverse[col];
    *reflected = c > r;
    *new_col = *reflected ? r : c;
    return *reflected ? c : r;
}

static void PAIR(permute)(const move *m)
{
    const I *indptr = m->A.indptr, *indices = m->A.indices;
    const V *values = m->A.values;
    I *starts = (I *)m->to.indptr, *cols = (I *)m->to.indices;
    V *to = (V *)m->to.values;
    int64_t col, rows = m->A.rows;
    int reflected;
    memset(starts, 0, (size_t)(rows + 1) * sizeof *starts);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t e = indptr[i]; e < indptr[i + 1] && indices[e] <= i; e++)
            starts[PAIR(row_of)(m, i, indices[e], &col, &reflected)]++;
    for (int64_t i = 0; i < rows; i++) /* the ends of rows, which become their beginnings */
        starts[i + 1] += starts[i];
    for (int64_t i = 0; i < rows; i++)
        for (int64_t e = indptr[i]; e < indptr[i + 1] && indices[e] <= i; e++) {
            const int64_t at = --starts[PAIR(row_of)(m, i, indices[e], &col, &reflected)];
            cols[at] = (I)col;
            to[at] = reflected ? NAME(conjugate)(values[e]) : values[e];
        }
}
