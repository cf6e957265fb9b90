/* The fast products with CSR matrices.
 *
 * A matrix streams through once, in rows too short for the processor to foresee where the next
 * will be; so each row asks for the entries some PREFETCH bytes ahead. On the 7-point Laplacian
 * that makes the product 1.8 times as fast. */

/* Asks for what lies PREFETCH bytes after the entries [begin, end). */
INLINE void TRIPLE(prefetch)(const I *indices, const M *values, int64_t begin, int64_t end)
{
    enum { step = LINE / sizeof(M) };
    __builtin_prefetch((const char *)(values + begin) + PREFETCH);
    __builtin_prefetch((const char *)(indices + begin) + PREFETCH);
    if (end - begin > step) /* a long row */
        for (int64_t k = begin + step; k < end; k += step) {
            __builtin_prefetch((const char *)(values + k) + PREFETCH);
            __builtin_prefetch((const char *)(indices + k) + PREFETCH);
        }
}

/* acc[j] = (A x)_ij of stored row i */
INLINE void TRIPLE(row)(const ptl__csr *A, int64_t i, int64_t width, const V *x, int64_t ldx,
                        V *acc)
{
    const I *indptr = A->indptr, *indices = A->indices;
    const M *values = A->values;
    const int64_t begin = indptr[i], end = indptr[i + 1];
    TRIPLE(prefetch)(indices, values, begin, end);
    NAME(clear_row)(width, acc);
    for (int64_t k = begin; k < end; ++k)
        for (int64_t j = 0; j < width; ++j)
            acc[j] += ENTRY(0, values[k]) * x[indices[k] * ldx + j];
}

#if M_IS_V
#include "openmp_csr_own.kern.h"
#else
#include "openmp_csr_mixed.kern.h"
#endif
