/* Small dense matrices, by LAPACK and BLAS and their Fortran interface. */
#include <stddef.h>

#include "dense.h"

/* Fortran's lengths of character arguments come last. */
void dsyev_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w,
            double *work, const int *lwork, int *info, size_t, size_t);
void zheev_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w,
            double *work, const int *lwork, double *rwork, int *info, size_t, size_t);
void dgemm_(const char *ta, const char *tb, const int *m, const int *n, const int *k,
            const double *alpha, const double *a, const int *lda, const double *b, const int *ldb,
            const double *beta, double *c, const int *ldc, size_t, size_t);
void zgemm_(const char *ta, const char *tb, const int *m, const int *n, const int *k,
            const double *alpha, const double *a, const int *lda, const double *b, const int *ldb,
            const double *beta, double *c, const int *ldc, size_t, size_t);

/* LAPACK's own block size is at most that much. */
enum { BLOCK = 64 };

ptl_status ptl__dense_available(void)
{
    return PTL_OK;
}

int64_t ptl__dense_work(int width, int64_t n)
{
    return width * (BLOCK + 2) * (n + 1) + 3 * (n + 1);
}

int ptl__dense_eigh(int width, int64_t n, double *a, double *values, double *work)
{
    const int rows = (int)n, ld = rows > 0 ? rows : 1, lwork = (BLOCK + 2) * (rows + 1);
    int info = 0;
    if (width == 1)
        dsyev_("V", "L", &rows, a, &ld, values, work, &lwork, &info, 1, 1);
    else
        zheev_("V", "L", &rows, a, &ld, values, work, &lwork, work + 2 * lwork, &info, 1, 1);
    return info;
}

void ptl__dense_multiply(int width, int64_t rows, int64_t cols, int64_t depth, double scale,
                         ptl__dense_operand a, ptl__dense_operand b, double beta, double *c,
                         int64_t ldc)
{
    const int m = (int)rows, n = (int)cols, k = (int)depth;
    const int lda = (int)a.ld, ldb = (int)b.ld, ld = (int)ldc;
    const double alpha[2] = {scale, 0}, old[2] = {beta, 0};
    const char *ta = a.hermitian ? "C" : "N", *tb = b.hermitian ? "C" : "N";
    if (width == 1)
        dgemm_(ta, tb, &m, &n, &k, alpha, a.a, &lda, b.a, &ldb, old, c, &ld, 1, 1);
    else
        zgemm_(ta, tb, &m, &n, &k, alpha, a.a, &lda, b.a, &ldb, old, c, &ld, 1, 1);
}
