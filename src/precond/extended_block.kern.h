/* A row of an extended block for one dtype V: see extended_block.c. */

/* Row i of `from`, which is the block's row `row`, without the columns outside of [0, size), to
 * `at` and on; returns where it ends. */
static int64_t NAME(keep_row)(const ptl__rows *from, int64_t i, int64_t row, int64_t size, int l1,
                              const ptl__rows *to, int64_t at)
{
    const V *values = from->values;
    V *kept = to->values, diagonal = 0;
    double outside = 0;
    int64_t place = -1;
    for (int64_t k = from->indptr[i]; k < from->indptr[i + 1]; k++) {
        const int64_t col = from->cols[k];
        if (col < 0 || col >= size) {
            outside += fabs(values[k]);
            continue;
        }
        if (col == row) {
            place = at;
            diagonal += values[k];
        }
        to->cols[at] = col;
        kept[at++] = values[k];
    }
    if (!l1 || outside == 0)
        return at;
    if (place < 0) {
        place = at++;
        to->cols[place] = row;
        kept[place] = 0;
    }
    const double length = fabs(diagonal);
    kept[place] += (V)(length > 0 ? diagonal * (outside / length) : outside);
    return at;
}
