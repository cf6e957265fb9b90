/* Blocks and their inverses, for one value type V and one index type I: see block_jacobi.c. */

/* 1 where rows i and j have entries in the same columns. */
static int PAIR(same_pattern)(const ptl_csr_arrays *A, int64_t i, int64_t j)
{
    const I *indptr = A->indptr, *indices = A->indices;
    const int64_t length = indptr[i + 1] - indptr[i];
    return indptr[j + 1] - indptr[j] == length &&
           memcmp(indices + indptr[i], indices + indptr[j], (size_t)length * sizeof(I)) == 0;
}

/* Rows begin .. end of A's columns begin .. end. */
static void PAIR(copy_block)(const ptl_csr_arrays *A, int64_t begin, int64_t end, W *block)
{
    const I *indptr = A->indptr, *indices = A->indices;
    const V *values = A->values;
    const int64_t n = end - begin;
    for (int64_t k = 0; k < n * n; k++)
        block[k] = 0;
    for (int64_t i = begin; i < end; i++)
        for (int64_t k = indptr[i]; k < indptr[i + 1]; k++)
            if (indices[k] >= begin && indices[k] < end)
                block[(i - begin) + (indices[k] - begin) * n] = values[k];
}

/* The inverse of block b; 0 where it has none that is finite. */
static int PAIR(invert_block)(const ptl_csr_arrays *A, const ptl__blocks *D, const double *sums,
                              int64_t b)
{
    const int64_t begin = D->starts[b], end = D->starts[b + 1], n = end - begin;
    V *values = (V *)D->values + D->offsets[b];
    W block[PTL__BLOCK_MAX * PTL__BLOCK_MAX], x[PTL__BLOCK_MAX];
    int64_t pivots[PTL__BLOCK_MAX];
    PAIR(copy_block)(A, begin, end, block);
    for (int64_t i = 0; sums && i < n; i++)
        block[i + i * n] = NAME(enlarged)(block[i + i * n], sums[begin + i]);
    if (!NAME(lu_factor)(n, block, pivots))
        return 0;
    for (int64_t j = 0; j < n; j++) {
        for (int64_t i = 0; i < n; i++)
            x[i] = i == j;
        if (!NAME(lu_solve)(n, block, pivots, x))
            return 0;
        for (int64_t i = 0; i < n; i++)
            values[i + j * n] = (V)x[i];
    }
    return 1;
}

/* Of all blocks; the first that has none, or -1. */
static int64_t PAIR(invert_blocks)(const ptl_csr_arrays *A, const ptl__blocks *D,
                                   const double *sums, int threads, ptl__loop_watch *watch)
{
    int64_t bad = D->count;
#pragma omp parallel for schedule(dynamic, 16) num_threads(threads) reduction(min : bad)
    for (int64_t b = 0; b < D->count; b++)
        if (!ptl__loop_ends(watch, omp_get_thread_num(), b) && b < bad &&
            !PAIR(invert_block)(A, D, sums, b))
            bad = b;
    return bad < D->count ? bad : -1;
}

static const loops PAIR(loops) = {PAIR(same_pattern), PAIR(invert_blocks)};
