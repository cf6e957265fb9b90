/* The kernels: one table per backend, with entries per dtype of vectors (V), dtype of matrix
 * entries (M) and index type (I).
 *
 * M is V, or another dtype (mixed precision; halves; a real matrix on complex vectors), but not
 * complex where V is real. Products are computed in V: each entry is converted first. Conventions.
 * A block is rows x columns elements of V, row-major. W is what coefficients and sums have: double
 * for real V, double _Complex for complex V; arrays of W have one entry per column. mask has one
 * byte per column, 0 where a column no longer changes; NULL is all ones. A coefficient pointer that
 * may be NULL says what NULL means. Sums are this rank's part only; they are made in fixed blocks
 * of rows, so that they do not depend on the number of threads. Elements are otherwise computed in
 * V, coefficients being rounded to it. Of the blocks that a kernel takes, what it writes overlaps
 * nothing else, but for the kernels that go element by element (to convert), where operands may be
 * the same block. Kernels cannot fail.
 *
 * Every element and every sum of an openmp kernel is made in an order that depends on the sizes
 * alone, and products are never fused with sums: so a program gives the same bits again, on any
 * number of threads and with any instruction set. Against reference the last bits may differ.
 */
#ifndef PTL_KERNELS_KERNELS_H
#define PTL_KERNELS_KERNELS_H

#include <stdint.h>

#include <petiole/linop.h>
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

/* The local formats as kernels see them: the public headers say how entries lie. Indices are of I,
 * values of M. */
typedef struct ptl__coo {
    int64_t rows, nnz;
    int sorted; /* 1: the row indices ascend, so rows can go to threads */
    const void *row_indices, *col_indices, *values;
} ptl__coo;

typedef struct ptl__ell {
    int64_t rows, width, stride;
    const void *indices, *values;
} ptl__ell;

typedef struct ptl__sellp {
    int64_t rows, slice_size;
    const int64_t *slice_sets;
    const void *indices, *values;
} ptl__sellp;

typedef struct ptl__dense {
    int64_t rows, cols, ld;
    const void *values;
} ptl__dense;

/* The transpose of a matrix in any format: row i of it, a column of the matrix, has the entries
 * indptr[i] .. indptr[i + 1], whose columns (the matrix's rows) are `rows`, ascending, and whose
 * values are values[slots[k]], where the format keeps them. */
typedef struct ptl__transposed {
    int64_t count; /* of its rows: the matrix's columns */
    ptl_itype itype;
    const void *indptr, *rows, *slots;
    const void *values;
} ptl__transposed;

/* A CSR matrix as kernels see it. row_ids: NULL, or the ascending rows that the `rows` stored rows
 * stand for (the ghost block stores boundary rows alone). */
typedef struct ptl__csr {
    int64_t rows;
    const void *indptr, *indices, *values;
    const void *row_ids; /* of I */
} ptl__csr;

/* A triangular matrix T as csr_solve sees it: the inverses of its diagonal, and the entries beside
 * it, each multiplied by its row's inverse: x_i = inverses_i b_i - sum_j values_ij x_j, where the
 * product with b need not wait for other rows. Each stored row needs rows stored before it alone:
 * they stand in the order of rows, in the reverse order where it is upper, or level by level: then
 * stored row k is row order[k], and those of level l, level_starts[l] .. level_starts[l + 1], need
 * none of each other. */
typedef struct ptl__triangle {
    int64_t rows;
    int upper;
    const void *indptr, *indices, *values;
    const void *inverses; /* by stored row; NULL: ones */
    int64_t levels;       /* 0: not by level */
    const int64_t *level_starts;
    const void *order; /* of I; NULL: not by level */
} ptl__triangle;

/* A block-diagonal matrix: block b, of rows starts[b] .. starts[b + 1], at most PTL__BLOCK_MAX of
 * them, has its entries, of V, at values + offsets[b], column after column. */
enum { PTL__BLOCK_MAX = 64 };
typedef struct ptl__blocks {
    int64_t count;
    const int64_t *starts, *offsets; /* count + 1 of each */
    const void *values;
} ptl__blocks;

/* The most blocks that combine and dots take at once. */
enum { PTL__COMBINED_MAX = 8 };

/* The vectors of pipelined CG; m.data NULL: there is no preconditioner, and u is r, m is w, q is s.
 */
typedef struct ptl__pipecg {
    ptl__block n, m, z, q, s, p, x, r, u, w;
} ptl__pipecg;

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
    /* sums[j] = sum_i |scales_j x_ij|^2, for columns whose squares no double holds; not of halves,
     * nor needed where x is of floats */
    void (*scaled_squares)(ptl__run run, const double *scales, ptl__block x, double *sums);
    void (*norm1)(ptl__run run, ptl__block x, double *sums);
    void (*norm_inf)(ptl__run run, ptl__block x, double *maxima); /* NaN where any element is NaN */
    void (*sum)(ptl__run run, ptl__block x, void *sums);
    /* y's dtype is the real one for ABS, REAL and IMAG */
    void (*map)(ptl__run run, ptl_map map, ptl__block x, ptl__block y);
    /* y of dtype `to`, PTL_F16 among them; complex to real does not occur */
    void (*convert)(ptl__run run, ptl_dtype to, ptl__block x, ptl__block y);
    /* y = x, whose elements are halves */
    void (*widen)(ptl__run run, ptl__block x, ptl__block y);
    /* y = d x, and sums[j] = sum_i conj(x_ij) y_ij in the same pass */
    void (*diagonal_apply_dot)(ptl__run run, const void *d, ptl__block x, ptl__block y, void *sums);
    /* d_i = 1 / d_i in place; returns the first row whose entry is 0 or not finite, else -1 */
    int64_t (*diagonal_invert)(ptl__run run, int64_t rows, void *d);
    /* y = sum_i a_i x_i + beta y over `count` <= PTL__COMBINED_MAX blocks, none of which is y; `a`:
     * count x columns coefficients; beta NULL is 0 (y is then not read). norms: NULL, or sum_i
     * |y_ij|^2 of the new y in the same pass, masked columns included. */
    void (*combine)(ptl__run run, int count, const ptl__block *x, const void *a, const void *beta,
                    const uint8_t *mask, ptl__block y, double *norms);
    /* sums[i * columns + j] = sum conj(x_i) y of column j, in one pass over y */
    void (*dots)(ptl__run run, int count, const ptl__block *x, ptl__block y, void *sums);
    /* x += a p; r -= a q; sums[j] = sum_i |r_ij|^2 of the new r, in one pass: the step of CG.
     * Columns with mask 0 keep x and r, and have their sums all the same. */
    void (*cg_step)(ptl__run run, const void *a, const uint8_t *mask, ptl__block p, ptl__block q,
                    ptl__block x, ptl__block r, double *sums);
    /* The step of pipelined CG in one pass: z = n + b z; q = m + b q; s = w + b s; p = u + b p; and
     * with the new ones x += a p; r -= a s; u -= a q; w -= a z. a and b are doubles, one per
     * column. sums: 3 x columns doubles, of conj(r) u and conj(w) u, the real parts, and of |r|^2.
     * Columns with mask 0 keep everything, and their sums are not touched. All blocks but x have
     * the same ld. */
    void (*pipecg_step)(ptl__run run, const double *a, const double *b, const uint8_t *mask,
                        ptl__pipecg v, double *sums);
    /* sums[a * y.columns + b] = sum_i conj(x_ia) y_ib: x^H y of two panels, row-major. The panels
     * may be the same or overlap. */
    void (*gram)(ptl__run run, ptl__block x, ptl__block y, void *sums);
    /* y = x C, or, where add is not 0, y += x C; C: x.columns x y.columns entries, row-major */
    void (*multiply)(ptl__run run, int add, ptl__block x, const void *c, ptl__block y);
    /* y = alpha D x + beta y; alpha NULL is 1, beta NULL is 0 (y is then not read) */
    void (*blocks_apply)(ptl__run run, ptl__blocks D, const void *alpha, ptl__block x,
                         const void *beta, ptl__block y);
} ptl__vector_kernels;

/* One table per M, V and I. alpha NULL is 1, beta NULL is 0 (y is then not read). */
typedef struct ptl__sparse_kernels {
    /* y = alpha A x + beta y for a matrix without row_ids. */
    void (*csr_spmv)(ptl__run run, ptl__csr A, const void *alpha, ptl__block x, const void *beta,
                     ptl__block y);
    /* y = A x, and sums[j] = sum_i conj(x_ij) y_ij over A's rows (A square) in the same pass */
    void (*csr_spmv_dot)(ptl__run run, ptl__csr A, ptl__block x, ptl__block y, void *sums);
    /* y += alpha A x on the rows of row_ids. */
    void (*csr_spmv_add)(ptl__run run, ptl__csr A, const void *alpha, ptl__block x, ptl__block y);
    /* The same with alpha 1, and sums[j] += sum_i conj(w_ij) (A x)_ij over those rows, w having y's
     * rows */
    void (*csr_spmv_add_dot)(ptl__run run, ptl__csr A, ptl__block x, ptl__block w, ptl__block y,
                             void *sums);
    /* y = alpha A x + beta y; of the transpose, with its entries conjugated where conj is not 0. */
    void (*coo_spmv)(ptl__run run, ptl__coo A, const void *alpha, ptl__block x, const void *beta,
                     ptl__block y);
    void (*ell_spmv)(ptl__run run, ptl__ell A, const void *alpha, ptl__block x, const void *beta,
                     ptl__block y);
    void (*sellp_spmv)(ptl__run run, ptl__sellp A, const void *alpha, ptl__block x,
                       const void *beta, ptl__block y);
    void (*transposed_spmv)(ptl__run run, ptl__transposed T, int conj, const void *alpha,
                            ptl__block x, const void *beta, ptl__block y);
} ptl__sparse_kernels;

/* One table per V and I. */
typedef struct ptl__index_kernels {
    /* y_i = x_(ids_i) for `count` rows: what a halo sends */
    void (*gather)(ptl__run run, int64_t count, const void *ids, ptl__block x, ptl__block y);
    /* y_(ids_i) += x_i for `count` rows, ids ascending without repetition: what a halo brings back
     */
    void (*scatter_add)(ptl__run run, int64_t count, const void *ids, ptl__block x, ptl__block y);
    /* d[i] = sum of the entries (i, i), for i < count; A's M is V */
    void (*csr_diagonal)(ptl__run run, ptl__csr A, int64_t count, void *d);
    /* In place, A's M being V: its stored row i times d_i (d of row_ids_i where A has row_ids); its
     * entries of column c times d_c. d's elements are of V. */
    void (*csr_row_scale)(ptl__run run, ptl__csr A, const void *d);
    void (*csr_col_scale)(ptl__run run, ptl__csr A, const void *d);
    /* x = T^-1 b, T's M being V; x may be b. The same bits on any number of threads. */
    void (*csr_solve)(ptl__run run, ptl__triangle T, ptl__block b, ptl__block x);
} ptl__index_kernels;

/* One table per M and V. */
typedef struct ptl__dense_kernels {
    /* y = alpha op(A) x + beta y */
    void (*dense_apply)(ptl__run run, ptl__dense A, ptl_op op, const void *alpha, ptl__block x,
                        const void *beta, ptl__block y);
    /* y = alpha op(D) x + beta y for a diagonal D of x.rows elements of M (op: conjugated or not)
     */
    void (*diagonal_apply)(ptl__run run, const void *d, int conj, const void *alpha, ptl__block x,
                           const void *beta, ptl__block y);
} ptl__dense_kernels;

typedef struct ptl__kernels {
    const char *name;
    const char *isa; /* see ptl_exec_isa */
    /* Of PTL_F16 there are fill, copy, scale, inv_scale, add_scaled, dot, the norms, sum, map,
     * convert and widen: each widens a piece of its operands to float, and rounds what it writes.
     */
    const ptl__vector_kernels *vector[PTL_DTYPE_ALL];
    const ptl__index_kernels *index[PTL_DTYPE_COUNT][PTL_ITYPE_COUNT];
    /* By M and V; NULL where M is complex and V is not. */
    const ptl__dense_kernels *dense[PTL_DTYPE_ALL][PTL_DTYPE_COUNT];
    const ptl__sparse_kernels *sparse[PTL_DTYPE_ALL][PTL_DTYPE_COUNT][PTL_ITYPE_COUNT];
} ptl__kernels;

extern const ptl__kernels ptl__kernels_reference;
/* The same sources compiled for each instruction set that the build has; isa.c chooses. */
extern const ptl__kernels ptl__kernels_openmp_baseline;
extern const ptl__kernels ptl__kernels_openmp_avx2;
extern const ptl__kernels ptl__kernels_openmp_avx512;

/* (L) The openmp table for this process: see ptl_exec_isa. */
ptl_status ptl__kernels_openmp(const ptl__kernels **out) PTL_MUST_USE;
/* (L) Every openmp table that this processor can run, the narrowest instruction set first; returns
 * how many there are, at least one. */
enum { PTL__ISAS_MAX = 3 };
int ptl__kernels_openmp_all(const ptl__kernels *all[PTL__ISAS_MAX]);

#endif
