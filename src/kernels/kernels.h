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
 * Blocks, matrices and their arrays are in the executor's memory. Coefficients, masks and what else
 * is passed by pointer are host memory, read at the call, which may return before the kernel has
 * run; sums are host memory too, and are there after ptl__exec_wait. Before it they may not be
 * read, written or freed.
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

/* How to run: see ptl__exec_run. */
typedef struct ptl__run {
    int threads;
    void *queue; /* of the executor's space; NULL on the host */
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

/* ---- the tables (tables.h) ---- */

#define SLOT(need, type, name, parameters, arguments) type(*name) parameters;
typedef struct ptl__vector_kernels {
#include "vector_slots.h"
} ptl__vector_kernels;

/* One table per M, V and I. alpha NULL is 1, beta NULL is 0 (y is then not read). */
typedef struct ptl__sparse_kernels {
#include "sparse_slots.h"
} ptl__sparse_kernels;

/* One table per V and I. */
typedef struct ptl__index_kernels {
#include "index_slots.h"
} ptl__index_kernels;

/* One table per M and V. */
typedef struct ptl__dense_kernels {
#include "dense_slots.h"
} ptl__dense_kernels;

#undef SLOT

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
