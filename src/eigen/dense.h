/* Small dense matrices by LAPACK, in double or double complex: column-major, entries of W, which
 * are `width` doubles. */
#ifndef PTL_EIGEN_DENSE_H
#define PTL_EIGEN_DENSE_H

#include <stdint.h>

#include <petiole/status.h>

/* (L) PTL_NOT_SUPPORTED where Petiole was built without LAPACK. */
ptl_status ptl__dense_available(void) PTL_MUST_USE;

/* How many doubles of work ptl__dense_eigh needs for matrices of n rows. */
int64_t ptl__dense_work(int width, int64_t n);
/* The eigenvalues of a Hermitian a (n x n, its lower triangle), ascending, and in a's columns
 * orthonormal eigenvectors. Returns 0, or what LAPACK's (sy|he)ev returns where it fails. */
int ptl__dense_eigh(int width, int64_t n, double *a, double *values, double *work);

/* A matrix as an operand: its first entry, rows to the next column, and 1 where its conjugate
 * transpose is meant. */
typedef struct ptl__dense_operand {
    const double *a;
    int64_t ld;
    int hermitian;
} ptl__dense_operand;

/* c = scale a b + beta c, c being rows x cols, with `depth` terms an entry. */
void ptl__dense_multiply(int width, int64_t rows, int64_t cols, int64_t depth, double scale,
                         ptl__dense_operand a, ptl__dense_operand b, double beta, double *c,
                         int64_t ldc);

#endif
