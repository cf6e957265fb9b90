/* Distributed vectors. Each rank holds a dense row-major block of local rows, with one or more
 * columns. */
#ifndef PETIOLE_VECTOR_H
#define PETIOLE_VECTOR_H

#include <petiole/comm.h>
#include <petiole/exec.h>
#include <petiole/export.h>
#include <petiole/partition.h>
#include <petiole/status.h>
#include <petiole/types.h>

PTL_BEGIN_DECLS

/* PTL_F16 is a storage type: each call below converts its operands to float, a piece at a time, and
 * rounds each result once. Sums are accumulated and returned in double, as for float. */
typedef struct ptl_vector ptl_vector;

/* The shape that a constructor takes. columns 0 makes a one-dimensional vector, of one column and
 * shape (N,); columns >= 1 makes a two-dimensional one, of shape (N, columns). */
typedef struct ptl_vector_shape {
    int64_t global_rows; /* -1: the sum of local_rows */
    int64_t local_rows;
    int64_t columns;
    ptl_dtype dtype;
} ptl_vector_shape;

/* (C) A vector of zeros. PTL_DIMENSION if global_rows is not the sum of local_rows, or ranks differ
 * in columns or dtype; PTL_INVALID if a size is negative. The rows of rank 0 come first in the
 * global order, then those of rank 1, and so on. */
PTL_API ptl_status ptl_vector_create(ptl_comm *comm, ptl_exec *exec, ptl_vector_shape shape,
                                     ptl_vector **out) PTL_MUST_USE;

/* (C) A copy of local_rows x columns elements at `data` (host memory, row-major, `ld` elements from
 * row to row, ld >= columns). PTL_INVALID if data is NULL or not aligned for its real numbers. */
PTL_API ptl_status ptl_vector_copy_of(ptl_comm *comm, ptl_exec *exec, ptl_vector_shape shape,
                                      int64_t ld, const void *data, ptl_vector **out) PTL_MUST_USE;

/* (C) A vector that uses the memory at `data` (which is executor memory): changes to one are
 * changes to the other. `release(ctx)`, unless release is NULL, is called once when the vector is
 * destroyed, or at once on failure; `data` must stay valid until then. */
PTL_API ptl_status ptl_vector_view(ptl_comm *comm, ptl_exec *exec, ptl_vector_shape shape,
                                   int64_t ld, void *data, void (*release)(void *ctx), void *ctx,
                                   ptl_vector **out) PTL_MUST_USE;

/* (C) A vector from values given on any rank, which are sent to the owners of their global rows:
 * `values` holds `count` rows of max(columns, 1) elements, row-major, for the global rows in
 * `indices`. Values for the same row are summed; rows without values are 0. The row counts in
 * `shape` are ignored. The partition is retained. PTL_INDEX if an index is out of range;
 * PTL_DIMENSION if the partition has another number of parts than comm. */
PTL_API ptl_status ptl_vector_from_global(ptl_comm *comm, ptl_exec *exec, ptl_partition *partition,
                                          ptl_vector_shape shape, int64_t count,
                                          const int64_t *indices, const void *values,
                                          ptl_vector **out) PTL_MUST_USE;

/* (C) The same values on another partition of the same size, which is retained; PTL_DIMENSION. */
PTL_API ptl_status ptl_vector_redistribute(ptl_vector *v, ptl_partition *partition,
                                           ptl_vector **out) PTL_MUST_USE;

/* (L) A new vector of the same shape, communicator, executor and partition. clone: a copy.
 * zeros_like: zeros. astype: a copy converted to `dtype` (PTL_DTYPE for complex to real: take the
 * real part first). */
PTL_API ptl_status ptl_vector_clone(const ptl_vector *v, ptl_vector **out) PTL_MUST_USE;
PTL_API ptl_status ptl_vector_zeros_like(const ptl_vector *v, ptl_vector **out) PTL_MUST_USE;
PTL_API ptl_status ptl_vector_astype(const ptl_vector *v, ptl_dtype dtype,
                                     ptl_vector **out) PTL_MUST_USE;

/* (L) Borrowed: they live as long as v. The partition is NULL if the rows are in rank order. */
PTL_API ptl_comm *ptl_vector_comm(const ptl_vector *v);
PTL_API ptl_exec *ptl_vector_exec(const ptl_vector *v);
PTL_API ptl_partition *ptl_vector_partition(const ptl_vector *v);
/* (L) */
PTL_API ptl_dtype ptl_vector_dtype(const ptl_vector *v);
PTL_API int ptl_vector_ndim(const ptl_vector *v); /* 1 or 2 */
PTL_API int64_t ptl_vector_rows(const ptl_vector *v);
PTL_API int64_t ptl_vector_local_rows(const ptl_vector *v);
PTL_API int64_t ptl_vector_columns(const ptl_vector *v); /* 1 for a one-dimensional vector */
PTL_API int64_t ptl_vector_ld(const ptl_vector *v);
/* (L) The local block, row-major, in the executor's memory; lives as long as v. */
PTL_API void *ptl_vector_data(ptl_vector *v);

/* (L) v = value for every element; `value` points to one double, or to one ptl_c128 for a complex
 * dtype. */
PTL_API ptl_status ptl_vector_fill(ptl_vector *v, const void *value) PTL_MUST_USE;
/* (L) v = x, of the same shape and dtype; else PTL_DIMENSION or PTL_DTYPE. */
PTL_API ptl_status ptl_vector_copy_from(ptl_vector *v, const ptl_vector *x) PTL_MUST_USE;
/* (L) v = a v; v = v / a; v = v + a x; v = v - a x. `a`: one coefficient per column. */
PTL_API ptl_status ptl_vector_scale(ptl_vector *v, const void *a) PTL_MUST_USE;
PTL_API ptl_status ptl_vector_inv_scale(ptl_vector *v, const void *a) PTL_MUST_USE;
PTL_API ptl_status ptl_vector_add_scaled(ptl_vector *v, const void *a,
                                         const ptl_vector *x) PTL_MUST_USE;
PTL_API ptl_status ptl_vector_sub_scaled(ptl_vector *v, const void *a,
                                         const ptl_vector *x) PTL_MUST_USE;

/* (L) A new vector like x, with a x + b y. `a` and `b`: one coefficient per column; NULL is 1. y
 * has x's shape and dtype (else PTL_DIMENSION or PTL_DTYPE), or is NULL: then the result is a x. */
PTL_API ptl_status ptl_vector_combine(const void *a, const ptl_vector *x, const void *b,
                                      const ptl_vector *y, ptl_vector **out) PTL_MUST_USE;

/* (L) A new vector, element by element: the modulus, the real and the imaginary part (of real
 * dtype), the conjugate (of v's dtype). */
typedef enum ptl_map { PTL_MAP_ABS, PTL_MAP_REAL, PTL_MAP_IMAG, PTL_MAP_CONJ } ptl_map;
PTL_API ptl_status ptl_vector_map(const ptl_vector *v, ptl_map map, ptl_vector **out) PTL_MUST_USE;

/* (C) One result per column into host memory at `result`: one double per column, or one ptl_c128
 * for a complex dtype. dot is sum x_i y_i, conj_dot is sum conj(x_i) y_i; sum; mean (NaN where N =
 * 0). One reduction each, after one agreement. Sums of floats accumulate in double. */
PTL_API ptl_status ptl_vector_dot(ptl_vector *x, ptl_vector *y, void *result) PTL_MUST_USE;
PTL_API ptl_status ptl_vector_conj_dot(ptl_vector *x, ptl_vector *y, void *result) PTL_MUST_USE;
PTL_API ptl_status ptl_vector_sum(ptl_vector *v, void *result) PTL_MUST_USE;
PTL_API ptl_status ptl_vector_mean(ptl_vector *v, void *result) PTL_MUST_USE;
/* (C) Norms of the columns into host memory: one double each, for every dtype. One reduction. If
 * the sum of squares is 0, underflows or is not finite, the 2-norm makes one more reduction, of
 * scaled numbers, so that its result is right in these cases too. */
typedef enum ptl_norm { PTL_NORM_1, PTL_NORM_2, PTL_NORM_INF } ptl_norm;
PTL_API ptl_status ptl_vector_norm(ptl_vector *v, ptl_norm kind, double *result) PTL_MUST_USE;

/* (C) The whole vector in global order, rows x columns elements packed row-major, into host memory
 * of that size at `out`: on `root` alone (the others pass NULL), or on every rank if root is -1.
 * PTL_INDEX if root is not a rank. */
PTL_API ptl_status ptl_vector_gather(ptl_vector *v, int root, void *out) PTL_MUST_USE;

PTL_API ptl_vector *ptl_vector_retain(ptl_vector *v);
PTL_API void ptl_vector_release(ptl_vector **v);

PTL_END_DECLS

#endif
