/* The product with a block-diagonal matrix as plain loops. */
static void NAME(blocks_apply)(ptl__run run, ptl__blocks D, const void *alpha, ptl__block x,
                               const void *beta, ptl__block y)
{
    (void)run;
    for (int64_t b = 0; b < D.count; ++b) {
        const int64_t first = D.starts[b], n = D.starts[b + 1] - first;
        const V *values = (const V *)D.values + D.offsets[b];
        for (int64_t i = 0; i < n; ++i)
            EACH_COLUMN (y, j) {
                V sum = 0;
                for (int64_t k = 0; k < n; ++k)
                    sum += values[k * n + i] * AT(x, first + k, j);
                AT(y, first + i, j) = NAME(combined)(alpha, sum, beta, &AT(y, first + i, j), j);
            }
    }
}
