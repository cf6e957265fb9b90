/* The fast kernels that need no product: diagonals, scaled matrices, rows gathered and scattered.
 */

static void PAIR(csr_diagonal)(ptl__run run, ptl__csr A, int64_t count, void *d)
{
    const I *indptr = A.indptr, *indices = A.indices;
    const V *values = A.values;
    const cut c = cut_rows(run, count);
    EACH_BLOCK (b) {
        const int64_t end = block_end(c, b);
        for (int64_t i = block_begin(c, b); i < end; ++i) {
            V sum = 0;
            for (int64_t k = indptr[i]; k < indptr[i + 1]; ++k)
                if (indices[k] == i)
                    sum += values[k];
            ((V *)d)[i] = sum;
        }
    }
}

static void PAIR(gather)(ptl__run run, int64_t count, const void *ids, ptl__block x, ptl__block y)
{
    const I *rows = ids;
    const cut c = cut_rows(run, count);
    EACH_BLOCK (b) {
        const int64_t end = block_end(c, b);
        if (x.columns == 1)
            for (int64_t i = block_begin(c, b); i < end; ++i)
                *AT(y, i, 0) = *AT(x, rows[i], 0);
        else
            for (int64_t i = block_begin(c, b); i < end; ++i)
                memcpy(AT(y, i, 0), AT(x, rows[i], 0), (size_t)x.columns * sizeof(V));
    }
}

static void PAIR(scatter_add)(ptl__run run, int64_t count, const void *ids, ptl__block x,
                              ptl__block y)
{
    const I *rows = ids;
    const cut c = cut_rows(run, count);
    EACH_BLOCK (b) {
        const int64_t end = block_end(c, b);
        for (int64_t i = block_begin(c, b); i < end; ++i)
            for (int64_t j = 0; j < x.columns; ++j)
                *AT(y, rows[i], j) += *AT(x, i, j);
    }
}

static void PAIR(csr_row_scale)(ptl__run run, ptl__csr A, const void *d)
{
    const I *indptr = A.indptr, *row_ids = A.row_ids;
    V *values = (V *)A.values;
    const cut c = cut_rows(run, A.rows);
    EACH_BLOCK (b) {
        const int64_t end = block_end(c, b);
        for (int64_t i = block_begin(c, b); i < end; ++i) {
            const V factor = ((const V *)d)[row_ids ? row_ids[i] : i];
            for (int64_t k = indptr[i]; k < indptr[i + 1]; ++k)
                values[k] *= factor;
        }
    }
}

static void PAIR(csr_col_scale)(ptl__run run, ptl__csr A, const void *d)
{
    const I *indptr = A.indptr, *indices = A.indices;
    V *values = (V *)A.values;
    const cut c = cut_rows(run, A.rows);
    EACH_BLOCK (b) {
        const int64_t end = indptr[block_end(c, b)];
        for (int64_t k = indptr[block_begin(c, b)]; k < end; ++k)
            values[k] *= ((const V *)d)[indices[k]];
    }
}
