/* The product's numbers for one dtype V: see multiply.c. */

/* Row `row` of the product in its blocks, whose indptr is known. */
static void NAME(compute_row)(const product *p, int64_t row, workspace *work)
{
    V *sums = work->sums;
    const V *left = p->left.values;
    for (int64_t k = p->left.indptr[row]; k < p->left.indptr[row + 1]; k++) {
        const row_of r = right_row(p, p->left.cols[k]);
        const V *right = r.rows->values;
        for (int64_t j = r.begin; j < r.end; j++) {
            ptl__row_bitmap_add(&work->bitmap, r.rows->cols[j]);
            sums[r.rows->cols[j]] += left[k] * right[j];
        }
    }
    const int64_t count = ptl__row_bitmap_take(&work->bitmap, work->order);
    int64_t at = p->local.indptr[row], ghost_at = p->ghost.indptr[row];
    for (int64_t i = 0; i < count; i++) {
        const int64_t column = work->order[i];
        if (column < p->local.cols) {
            put(&p->local, at, column);
            ((V *)p->local.values)[at++] = sums[column];
        } else {
            put(&p->ghost, ghost_at, column - p->local.cols);
            ((V *)p->ghost.values)[ghost_at++] = sums[column];
        }
        sums[column] = 0;
    }
}
