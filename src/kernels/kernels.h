/* The kernels: one table per backend, one entry per dtype (V) and index type (I).
 *
 * Conventions. A block is rows x columns elements of V, row-major. W is what coefficients and sums
 * have: double for real V, double _Complex for complex V; arrays of W have one entry per column.
 * mask has one byte per column, 0 where a column no longer changes; NULL is all ones. A coefficient
 * pointer that may be NULL says what NULL means. Sums are this rank's part only; they are made in
 * fixed blocks of rows, so that they do not depend on the number of threads. Elements are
 * otherwise computed in V, coefficients being rounded to it. Of the blocks that a kernel takes,
 * what it writes overlaps nothing else, but for the kernels that go element by element (to
 * convert), where operands may be the same block. Kernels cannot fail.
 */
#ifndef PTL_KERNELS_KERNELS_H
#define PTL_KERNELS_KERNELS_H

#include <stdint.h>

#include <petiole/types.h>
#include <petiole/vector.h>

/* How to run: the executor's number of threads. */
typedef struct ptl__run {
    int threads;
} ptl__run;

typedef struct ptl__block {
    void *data;
    int64_t rows, columns, ld;
} ptl__block;

/* A CSR matrix as kernels see it. row_ids: NULL, or the ascending rows that the `rows` stored rows
 * stand for (the ghost block stores boundary rows alone). */
typedef struct ptl__csr {
    int64_t rows;
    const void *indptr, *indices, *values;
    const void *row_ids; /* of I */
} ptl__csr;

typedef struct ptl__vector_kernels {
    void (*fill)(ptl__run run, const void *value /* one W */, ptl__block y);
    void (*copy)(ptl__run run, ptl__block x, ptl__block y);
    void (*scale)(ptl__run run, const void *a, const uint8_t *mask, ptl__block y);
    void (*inv_scale)(ptl__run run, const void *a, const uint8_t *mask, ptl__block y);
    /* y += a x; where subtract is not 0, y -= a x */
    void (*add_scaled)(ptl__run run, const void *a, int subtract, ptl__block x, const uint8_t *mask,
                       ptl__block y);
    /* y = x + a y: the search direction's update */
    void (*scale_add)(ptl__run run, const void *a, ptl__block x, const uint8_t *mask, ptl__block y);
    /* sums[j] = sum_i x_ij y_ij, with x conjugated where conj is not 0 */
    void (*dot)(ptl__run run, int conj, ptl__block x, ptl__block y, void *sums);
    /* sums[j] = sum_i |x_ij|^2, and its kin; one double per column for every V */
    void (*norm2_squared)(ptl__run run, ptl__block x, double *sums);
    void (*norm1)(ptl__run run, ptl__block x, double *sums);
    void (*norm_inf)(ptl__run run, ptl__block x, double *maxima); /* NaN where any element is NaN */
    void (*sum)(ptl__run run, ptl__block x, void *sums);
    /* y's dtype is the real one for ABS, REAL and IMAG */
    void (*map)(ptl__run run, ptl_map map, ptl__block x, ptl__block y);
    /* y of dtype `to`; complex to real does not occur */
    void (*convert)(ptl__run run, ptl_dtype to, ptl__block x, ptl__block y);
    /* y_ij = d_i x_ij: a diagonal operator. d has x.rows elements. alpha NULL is 1, beta NULL is 0
     * (y is then not read). */
    void (*diagonal_apply)(ptl__run run, const void *d, const void *alpha, ptl__block x,
                           const void *beta, ptl__block y);
    /* y = d x, and sums[j] = sum_i conj(x_ij) y_ij in the same pass */
    void (*diagonal_apply_dot)(ptl__run run, const void *d, ptl__block x, ptl__block y, void *sums);
    /* d_i = 1 / d_i in place; returns the first row whose entry is 0 or not finite, else -1 */
    int64_t (*diagonal_invert)(ptl__run run, int64_t rows, void *d);
    /* x += a p; r -= a q; sums[j] = sum_i |r_ij|^2 of the new r, in one pass: the step of CG.
     * Columns with mask 0 keep x and r, and have their sums all the same. */
    void (*cg_step)(ptl__run run, const void *a, const uint8_t *mask, ptl__block p, ptl__block q,
                    ptl__block x, ptl__block r, double *sums);
} ptl__vector_kernels;

typedef struct ptl__sparse_kernels {
    /* y = alpha A x + beta y for a matrix without row_ids; alpha NULL is 1, beta NULL is 0. */
    void (*csr_spmv)(ptl__run run, ptl__csr A, const void *alpha, ptl__block x, const void *beta,
                     ptl__block y);
    /* y = A x, and sums[j] = sum_i conj(x_ij) y_ij over A's rows (A square) in the same pass */
    void (*csr_spmv_dot)(ptl__run run, ptl__csr A, ptl__block x, ptl__block y, void *sums);
    /* y += alpha A x on the rows of row_ids; alpha NULL is 1. */
    void (*csr_spmv_add)(ptl__run run, ptl__csr A, const void *alpha, ptl__block x, ptl__block y);
    /* The same with alpha 1, and sums[j] += sum_i conj(w_ij) (A x)_ij over those rows, w having y's
     * rows */
    void (*csr_spmv_add_dot)(ptl__run run, ptl__csr A, ptl__block x, ptl__block w, ptl__block y,
                             void *sums);
    /* d[i] = sum of the entries (i, i), for i < count */
    void (*csr_diagonal)(ptl__run run, ptl__csr A, int64_t count, void *d);
    /* y_i = x_(ids_i) for `count` rows: what a halo sends */
    void (*gather)(ptl__run run, int64_t count, const void *ids, ptl__block x, ptl__block y);
} ptl__sparse_kernels;

typedef struct ptl__kernels {
    const char *name;
    const ptl__vector_kernels *vector[PTL_DTYPE_COUNT];
    const ptl__sparse_kernels *sparse[PTL_DTYPE_COUNT][PTL_ITYPE_COUNT];
} ptl__kernels;

extern const ptl__kernels ptl__kernels_reference;
extern const ptl__kernels ptl__kernels_openmp;

#endif
