/* The fast product with a matrix in coordinates. */

/* The first entry from k on that begins a row: where blocks are cut, so that no row is in two. */
INLINE int64_t TRIPLE(coo_bound)(cut c, int64_t k, const I *rows)
{
    if (k == 0 || k == c.rows || rows[k] != rows[k - 1])
        return k;
    int64_t inside = k, beyond = c.rows; /* the row's last entry is in between */
    while (beyond - inside > 1) {
        const int64_t middle = inside + (beyond - inside) / 2;
        if (rows[middle] == rows[k])
            inside = middle;
        else
            beyond = middle;
    }
    return beyond;
}

/* Entries [begin, end) of y += alpha A x; those of one row that follow each other go in at once. */
INLINE void TRIPLE(coo_tile)(const ptl__coo *A, int64_t begin, int64_t end, int64_t width,
                             NAME(operands) o)
{
    const I *rows = A->row_indices, *cols = A->col_indices;
    const M *values = A->values;
    for (int64_t k = begin; k < end;) {
        const I row = rows[k];
        V products[STRIP];
        NAME(clear_row)(width, products);
        for (; k < end && rows[k] == row; ++k)
            for (int64_t j = 0; j < width; ++j)
                products[j] += ENTRY(0, values[k]) * o.x[cols[k] * o.ldx + j];
        NAME(add_row)(row, width, products, o);
    }
}

static void TRIPLE(coo_spmv)(ptl__run run, ptl__coo A, const void *alpha, ptl__block x,
                             const void *beta, ptl__block y)
{
    const W zero = 0;
    if (beta)
        NAME(scale)(run, beta, NULL, y);
    else
        NAME(fill)(run, &zero, y);
    const cut whole = {A.nnz, A.nnz, A.nnz > 0, 1};
    MULTIPLY(A.sorted ? cut_rows(run, A.nnz) : whole,
             TRIPLE(coo_tile)(&A, TRIPLE(coo_bound)(c, begin, A.row_indices),
                              TRIPLE(coo_bound)(c, end, A.row_indices), width, o))
}
