/* The products with dense and diagonal matrices as plain loops. */

static void MIXED(dense_apply)(ptl__run run, ptl__dense A, ptl_op op, const void *alpha,
                               ptl__block x, const void *beta, ptl__block y)
{
    (void)run;
    const M *values = A.values;
    EACH (y, i, j) {
        V sum = 0;
        EACH_ROW (x, k) {
            const M a = op == PTL_OP_NONE ? values[i * A.ld + k] : values[k * A.ld + i];
            sum += ENTRY(op == PTL_OP_HERMITIAN, a) * AT(x, k, j);
        }
        AT(y, i, j) = NAME(combined)(alpha, sum, beta, &AT(y, i, j), j);
    }
}

static void MIXED(diagonal_apply)(ptl__run run, const void *d, int conj_d, const void *alpha,
                                  ptl__block x, const void *beta, ptl__block y)
{
    (void)run;
    EACH (y, i, j) {
        const V v = ENTRY(conj_d, ((const M *)d)[i]) * AT(x, i, j);
        AT(y, i, j) = NAME(combined)(alpha, v, beta, &AT(y, i, j), j);
    }
}
