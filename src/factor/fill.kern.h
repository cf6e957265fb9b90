/* The symbolic phase for one index type I. */

/* A row of the factors while it is made: a list of ascending columns, linked by next, which begins
 * at next[rows] and ends with `rows`; and their levels. */
typedef struct NAME(chain) {
    I *next;
    int32_t *level;
} NAME(chain);

/* Appends an entry of A, or the diagonal's. */
static int64_t NAME(append)(NAME(chain) * c, int64_t at, int64_t col)
{
    c->level[col] = 0;
    c->next[at] = (I)col;
    return col;
}

/* Row i of A, whether it has its diagonal entry or not. */
static void NAME(begin_row)(NAME(chain) * c, int64_t rows, int64_t i, const I *cols, int64_t count)
{
    int64_t at = rows, k = 0;
    for (; k < count && cols[k] < i; k++)
        at = NAME(append)(c, at, cols[k]);
    at = NAME(append)(c, at, i);
    for (k += k < count && cols[k] == i; k < count; k++)
        at = NAME(append)(c, at, cols[k]);
    c->next[at] = (I)rows;
}

/* What row k of U, with the levels of its entries, brings to a row that has an entry in column k.
 */
static void NAME(merge_row)(NAME(chain) * c, int64_t k, int64_t level, const I *cols,
                            const int32_t *levels, int64_t count)
{
    int64_t at = k;
    for (int64_t n = 0; n < count; n++) {
        const int64_t col = cols[n], found = (int64_t)c->level[k] + levels[n] + 1;
        if (found > level)
            continue;
        while (c->next[at] < col)
            at = c->next[at];
        if (c->next[at] != col) {
            c->next[col] = c->next[at];
            c->next[at] = (I)col;
            c->level[col] = (int32_t)found;
        } else if (found < c->level[col]) {
            c->level[col] = (int32_t)found;
        }
        at = col;
    }
}

/* The finished row goes to the factors. */
static ptl_status NAME(end_row)(const NAME(chain) * c, int64_t i, growing *g, ptl__fill *f)
{
    int64_t count = 0;
    for (int64_t col = c->next[f->rows]; col < f->rows; col = c->next[col])
        count++;
    PTL_TRY(reserve(g, f, count));
    for (int64_t col = c->next[f->rows]; col < f->rows; col = c->next[col]) {
        if (col < i) {
            ((I *)f->lower)[f->lower_nnz++] = (I)col;
        } else if (col > i) {
            g->levels[f->upper_nnz] = c->level[col];
            ((I *)f->upper)[f->upper_nnz++] = (I)col;
        }
    }
    f->lower_indptr[i + 1] = f->lower_nnz;
    f->upper_indptr[i + 1] = f->upper_nnz;
    return PTL_OK;
}

static ptl_status NAME(make_rows)(const void *A_indptr, const void *A_indices, int64_t level,
                                  void *next, int32_t *levels, growing *g, ptl__fill *f)
{
    const I *indptr = A_indptr, *indices = A_indices;
    NAME(chain) c = {next, levels};
    for (int64_t i = 0; i < f->rows; i++) {
        PTL_TRY(ptl__interrupt_at(i));
        NAME(begin_row)(&c, f->rows, i, indices + indptr[i], indptr[i + 1] - indptr[i]);
        for (int64_t k = c.next[f->rows]; k < i; k = c.next[k]) {
            const int64_t begin = f->upper_indptr[k];
            if (c.level[k] < level)
                NAME(merge_row)
            (&c, k, level, (const I *)f->upper + begin, g->levels + begin,
             f->upper_indptr[k + 1] - begin);
        }
        PTL_TRY(NAME(end_row)(&c, i, g, f));
    }
    return PTL_OK;
}
