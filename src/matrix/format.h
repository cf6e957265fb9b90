/* What the local formats share. A format is a class of linop on one process whose struct begins
 * with ptl__format; it gives the functions of ptl__format_class, and takes its linop functions from
 * here. The local block of a distributed matrix is any of them. To add one, copy ell.c. */
#ifndef PTL_MATRIX_FORMAT_H
#define PTL_MATRIX_FORMAT_H

#include "../base/linop.h"
#include "../kernels/exec.h"
#include <petiole/csr.h>
#include <petiole/format.h>

typedef struct ptl__format {
    ptl_linop base;
    ptl_itype itype;
    int64_t nnz;   /* stored entries, without padding */
    int64_t slots; /* length of values */
    void *values;
    void (*release)(void *ctx); /* of a view; NULL: the arrays are freed */
    void *ctx;
    ptl__transposed transposed; /* made by the first transposed product; indptr NULL until then */
} ptl__format;

/* An entry's place, in local indices. */
typedef struct ptl__place {
    int64_t row, col;
    int64_t slot; /* its value is values[slot] */
} ptl__place;

enum { PTL__ARRAYS_MAX = 2 };

struct ptl__format_class {
    ptl_storage storage;
    /* y = alpha A x + beta y; y's and x's elements are of `dtype`. Cannot fail. */
    void (*multiply)(const ptl_linop *A, ptl_dtype dtype, const void *alpha, ptl__block x,
                     const void *beta, ptl__block y);
    size_t size; /* of its struct */
    /* (L) A new matrix with the entries of a CSR of the host, there; CSR itself needs none. */
    ptl_status (*from_csr)(const ptl_csr *A, ptl_linop **out);
    /* Calls visit(ctx, place) for every stored entry, in the order in which they are stored. A is
     * on the host (ptl__format_on). */
    void (*visit)(const ptl_linop *A, void (*visit)(void *ctx, ptl__place place), void *ctx);
    /* The arrays beside values; returns how many there are, at most PTL__ARRAYS_MAX. */
    int (*arrays)(ptl_linop *A, ptl__array *out);
    /* Optional. */
    /* out[i], in the executor's memory, = sum of the entries (i, i), for i < length; A is not of
     * halves */
    void (*diagonal)(const ptl_linop *A, int64_t length, void *out);
    /* y = A x, and sums[j] = sum_i conj(x_ij) y_ij, in one pass */
    void (*multiply_dot)(const ptl_linop *A, ptl_dtype dtype, ptl__block x, ptl__block y,
                         void *sums);
    /* y = alpha op(A) x + beta y, where that needs no pattern of the transpose. */
    void (*multiply_op)(const ptl_linop *A, ptl_op op, ptl_dtype dtype, const void *alpha,
                        ptl__block x, const void *beta, ptl__block y);
};

/* The linop functions of every format. */
ptl_status ptl__format_apply(ptl_linop *A, const void *alpha, ptl_vector *x, const void *beta,
                             ptl_vector *y) PTL_MUST_USE;
ptl_status ptl__format_apply_op(ptl_linop *A, ptl_op op, const void *alpha, ptl_vector *x,
                                const void *beta, ptl_vector *y) PTL_MUST_USE;
ptl_status ptl__format_apply_dot(ptl_linop *A, ptl_vector *x, ptl_vector *y,
                                 double *sums) PTL_MUST_USE;
ptl_status ptl__format_prepare(ptl_linop *A, ptl_op op, const ptl_vector *x) PTL_MUST_USE;
ptl_status ptl__format_diagonal(ptl_linop *A, ptl_vector **out) PTL_MUST_USE;
ptl_status ptl__format_widen(ptl_linop *A, ptl_linop **out) PTL_MUST_USE;
void ptl__format_destroy(ptl_linop *A);

/* The fields of a class's linop table that all formats have alike. */
#define PTL__FORMAT_LINOP(name, itself)                                                            \
    .kind = name, .mixes = 1, .format = itself, .apply = ptl__format_apply,                        \
    .destroy = ptl__format_destroy, .apply_op = ptl__format_apply_op,                              \
    .apply_dot = ptl__format_apply_dot, .prepare = ptl__format_prepare,                            \
    .diagonal = ptl__format_diagonal, .widen = ptl__format_widen

/* What a format tells when it is made. */
typedef struct ptl__format_spec {
    ptl_exec *exec;
    int64_t rows, cols, nnz, slots;
    ptl_dtype dtype;
    ptl_itype itype;
    void *values;
} ptl__format_spec;
/* (L) Zeroed memory of `size` bytes that begins with a ptl__format of this class, on the self
 * communicator; it owns spec->values when it succeeds. */
ptl_status ptl__format_new(const ptl__linop_class *cls, const ptl__format_spec *spec, size_t size,
                           void *out) PTL_MUST_USE;

/* Makes A a view: `release(ctx)`, or nothing where it is NULL, is what ends its arrays. */
void ptl__format_set_release(ptl_linop *A, void (*release)(void *ctx), void *ctx);
/* (L) A on another executor: A itself, retained, where their memory is the same, else a copy. */
ptl_status ptl__format_on(ptl_linop *A, ptl_exec *exec, ptl_linop **out) PTL_MUST_USE;
/* (L) The diagonal into min(rows, cols) elements of A's dtype, in its executor's memory; PTL_NOMEM.
 */
ptl_status ptl__format_diagonal_into(const ptl_linop *A, void *out) PTL_MUST_USE;

/* The storages. */
extern const ptl__format_class ptl__csr_format, ptl__coo_format, ptl__ell_format, ptl__sellp_format,
    ptl__dense_format;

/* The operator as a format; A->cls->format is not NULL. */
static inline ptl__format *ptl__format_of(const ptl_linop *A)
{
    return (ptl__format *)A;
}

/* On bare blocks of `dtype`, for A with a format: y = alpha op(A) x + beta y. Cannot fail; a
 * transposed product must have been prepared. */
void ptl__format_multiply(const ptl_linop *A, ptl_op op, ptl_dtype dtype, const void *alpha,
                          ptl__block x, const void *beta, ptl__block y);
void ptl__format_multiply_dot(const ptl_linop *A, ptl_dtype dtype, ptl__block x, ptl__block y,
                              void *sums);
/* (L) Makes the pattern of A's transpose, once; it is A's. */
ptl_status ptl__format_prepare_op(ptl_linop *A, ptl_op op) PTL_MUST_USE;

/* Checks that makers of formats share; arrays are called by these names in the message. */
ptl_status ptl__check_sizes(int64_t rows, int64_t cols, ptl_dtype dtype,
                            ptl_itype itype) PTL_MUST_USE;
ptl_status ptl__check_array(const void *array, int64_t count, size_t alignment,
                            const char *name) PTL_MUST_USE;
/* (L) A copy in host memory (ptl__alloc) of `count` elements, which are the executor's or the
 * user's; of indices in the wider type where `to` says so. */
ptl_status ptl__copy_values(ptl_exec *exec, ptl_dtype dtype, int64_t count, const void *values,
                            void **out) PTL_MUST_USE;
ptl_status ptl__copy_indices(ptl_exec *exec, ptl_itype from, ptl_itype to, int64_t count,
                             const void *indices, void **out) PTL_MUST_USE;
/* I32 where all of the counts fit, else I64. */
ptl_itype ptl__itype_for(ptl_itype given, int64_t rows, int64_t cols, int64_t nnz);

/* Entry i of an array of either index type, read and written. */
static inline int64_t ptl__index_at(const void *array, ptl_itype itype, int64_t i)
{
    return itype == PTL_I32 ? ((const int32_t *)array)[i] : ((const int64_t *)array)[i];
}
static inline void ptl__index_put(void *array, ptl_itype itype, int64_t i, int64_t value)
{
    if (itype == PTL_I32)
        ((int32_t *)array)[i] = (int32_t)value;
    else
        ((int64_t *)array)[i] = value;
}

#endif
