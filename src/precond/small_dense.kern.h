/* Small dense systems of one value type, on a thread of their own. They are made in W, so in double
 * for float too. A matrix of n rows has its entry (i, j) at a[i + j * n]. */

/* The size of a number, as pivots are compared. */
static inline double NAME(size_of)(W a)
{
    return fabs(creal(a)) + fabs(cimag(a));
}

static inline W NAME(adjoint)(W a)
{
#if IS_COMPLEX
    return conj(a);
#else
    return a;
#endif
}

static inline void NAME(swap)(W *a, W *b)
{
    const W kept = *a;
    *a = *b;
    *b = kept;
}

/* The row at or below k whose entry in column k is the largest. */
static inline int64_t NAME(find_pivot)(int64_t n, const W *a, int64_t k)
{
    int64_t p = k;
    for (int64_t i = k + 1; i < n; i++)
        if (NAME(size_of)(a[i + k * n]) > NAME(size_of)(a[p + k * n]))
            p = i;
    return p;
}

/* P A = L U in place, with partial pivoting; the diagonal keeps the inverses of U's (Golub and Van
 * Loan, Matrix Computations, 4th ed., algorithm 3.4.1). 0 where there is a column without a pivot
 * that is finite and not 0. */
static inline int NAME(lu_factor)(int64_t n, W *a, int64_t *pivots)
{
    for (int64_t k = 0; k < n; k++) {
        const int64_t p = pivots[k] = NAME(find_pivot)(n, a, k);
        const double size = NAME(size_of)(a[p + k * n]);
        if (!(size > 0) || isinf(size))
            return 0;
        for (int64_t j = 0; p != k && j < n; j++)
            NAME(swap)(&a[k + j * n], &a[p + j * n]);
        a[k + k * n] = NAME(reciprocal)(a[k + k * n]);
        for (int64_t i = k + 1; i < n; i++)
            a[i + k * n] *= a[k + k * n];
        for (int64_t j = k + 1; j < n; j++)
            for (int64_t i = k + 1; i < n; i++)
                a[i + j * n] -= a[i + k * n] * a[k + j * n];
    }
    return 1;
}

/* x = A^-1 x by its factors; 0 where x is not finite. */
static inline int NAME(lu_solve)(int64_t n, const W *a, const int64_t *pivots, W *x)
{
    double sum = 0;
    for (int64_t k = 0; k < n; k++)
        if (pivots[k] != k)
            NAME(swap)(&x[k], &x[pivots[k]]);
    for (int64_t k = 0; k < n; k++)
        for (int64_t i = k + 1; i < n; i++)
            x[i] -= a[i + k * n] * x[k];
    for (int64_t k = n - 1; k >= 0; k--) {
        x[k] *= a[k + k * n];
        sum += NAME(size_of)(x[k]);
        for (int64_t i = 0; i < k; i++)
            x[i] -= a[i + k * n] * x[k];
    }
    return isfinite(sum);
}

/* A = L L^H in place, of the lower triangle; the diagonal keeps the inverses of L's (the same,
 * algorithm 4.2.2). 0 where A is not positive definite. */
static inline int NAME(cholesky_factor)(int64_t n, W *a)
{
    for (int64_t k = 0; k < n; k++) {
        const double pivot = creal(a[k + k * n]);
        if (!(pivot > 0) || isinf(pivot))
            return 0;
        const double inverse = 1 / sqrt(pivot);
        a[k + k * n] = inverse;
        for (int64_t i = k + 1; i < n; i++)
            a[i + k * n] *= inverse;
        for (int64_t j = k + 1; j < n; j++)
            for (int64_t i = j; i < n; i++)
                a[i + j * n] -= a[i + k * n] * NAME(adjoint)(a[j + k * n]);
    }
    return 1;
}

/* x = L^-H e, e the last unit vector; 0 where x is not finite. */
static inline int NAME(cholesky_last)(int64_t n, const W *a, W *x)
{
    double sum = 0;
    for (int64_t k = n - 1; k >= 0; k--) {
        x[k] = k == n - 1 ? 1 : 0;
        for (int64_t i = k + 1; i < n; i++)
            x[k] -= NAME(adjoint)(a[i + k * n]) * x[i];
        x[k] *= a[k + k * n];
        sum += NAME(size_of)(x[k]);
    }
    return isfinite(sum);
}
