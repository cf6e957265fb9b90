/* Factors of dense blocks by LAPACK's getrf and potrf and their Fortran interface. The factors are
 * then held as sparse triangles, like all others, whose entries that are 0 are left out. */
#include <limits.h>
#include <string.h>

#include "../core/interrupt.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../kernels/exec.h"
#include "../matrix/csr.h"
#include "../matrix/values.h"
#include "equilibrated.h"
#include "lu.h"

/* Numbers of whatever dtype are void here; Fortran's lengths of character arguments come last. */
typedef void getrf_function(const int *m, const int *n, void *a, const int *lda, int *pivots,
                            int *info);
typedef void potrf_function(const char *uplo, const int *n, void *a, const int *lda, int *info,
                            size_t length);
getrf_function sgetrf_, dgetrf_, cgetrf_, zgetrf_;
potrf_function spotrf_, dpotrf_, cpotrf_, zpotrf_;

static getrf_function *const getrf[PTL_DTYPE_COUNT] = {sgetrf_, dgetrf_, cgetrf_, zgetrf_};
static potrf_function *const potrf[PTL_DTYPE_COUNT] = {spotrf_, dpotrf_, cpotrf_, zpotrf_};

/* n x n numbers, column after column, as LAPACK has them. */
typedef struct square {
    const ptl_linop *whole; /* for messages */
    ptl_exec *exec;
    ptl_dtype dtype;
    int n;
    char *values;
} square;

static void *at(const square *s, int64_t i, int64_t j)
{
    return s->values + (size_t)(j * s->n + i) * ptl_dtype_size(s->dtype);
}

/* The entries, in host memory, into the square. */
static ptl_status copy_values(const ptl__local_block *block, const ptl_dense_arrays *a,
                              const void *values, int lower, const square *s)
{
    const size_t size = ptl_dtype_size(a->dtype);
    for (int64_t i = 0; i < a->rows; i++) {
        PTL_TRY(ptl__interrupt_at(i));
        for (int64_t j = 0; j < (lower ? i + 1 : a->rows); j++) {
            const void *value = (const char *)values + (size_t)(i * a->ld + j) * size;
            PTL_CHECK(ptl__value_is_finite(a->dtype, value), PTL_INVALID,
                      "the entry in row %lld, column %lld is not finite",
                      (long long)ptl__global_row(block->whole, i),
                      (long long)ptl__global_row(block->whole, j));
            memcpy(at(s, i, j), value, size);
        }
    }
    return PTL_OK;
}

/* A copy; where `lower` is not 0, of the lower triangle alone. */
static ptl_status square_init(const ptl__local_block *block, ptl_dense *A, int lower, square *s)
{
    const ptl_dense_arrays a = ptl_dense_get_arrays(A);
    const size_t size = ptl_dtype_size(a.dtype);
    PTL_CHECK(a.rows <= INT_MAX, PTL_NOT_SUPPORTED,
              "the matrix has %lld rows: LAPACK takes at most %d, since it counts in 32 bits",
              (long long)a.rows, INT_MAX);
    *s = (square){block->whole, ptl_csr_linop(block->A)->exec, a.dtype, (int)a.rows, NULL};
    PTL_TRY(ptl__alloc(a.rows * a.rows, size, (void **)&s->values));
    const int64_t slots = ((const ptl__format *)ptl_dense_linop(A))->slots;
    ptl_exec *exec = ptl_dense_linop(A)->exec;
    void *values;
    PTL_TRY(ptl__to_host(exec, slots, size, a.values, &values));
    ptl_status status = copy_values(block, &a, values, lower, s);
    ptl__host_free(exec, values);
    return status;
}

/* *to = *value, conjugated. */
static void conjugate(ptl_dtype dtype, void *to, const void *value)
{
    memcpy(to, value, ptl_dtype_size(dtype));
    if (dtype == PTL_C64)
        ((float *)to)[1] = -((float *)to)[1];
    if (dtype == PTL_C128)
        ((double *)to)[1] = -((double *)to)[1];
}

/* What a triangle's entry (i, j) is made of: the square's own, or of U = L^H its mirror image. */
enum part { LOWER, UPPER, MIRRORED };

static ptl_status copy_triangle(const square *s, enum part part, ptl_csr **out)
{
    const size_t size = ptl_dtype_size(s->dtype);
    const int64_t n = s->n, room = n * (n + 1) / 2;
    ptl_csr_arrays T = {n, n, s->dtype, ptl__itype_for(PTL_I32, n, n, room), NULL, NULL, NULL};
    int64_t count = 0;
    void *indptr, *indices = NULL, *values = NULL;
    PTL_TRY(ptl__exec_alloc(s->exec, n + 1, ptl_itype_size(T.itype), &indptr));
    ptl_status status = ptl__exec_alloc(s->exec, room, ptl_itype_size(T.itype), &indices);
    if (status == PTL_OK)
        status = ptl__exec_alloc(s->exec, room, size, &values);
    T.indptr = indptr, T.indices = indices, T.values = values;
    if (status != PTL_OK) {
        ptl__csr_arrays_free(&T);
        return status;
    }
    ptl__index_put(indptr, T.itype, 0, 0);
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = part == LOWER ? 0 : i; j < (part == LOWER ? i + 1 : n); j++) {
            const void *value = part == MIRRORED ? at(s, j, i) : at(s, i, j);
            if (i != j && ptl__value_is_zero(s->dtype, value))
                continue;
            if (part == MIRRORED)
                conjugate(s->dtype, (char *)values + (size_t)count * size, value);
            else
                memcpy((char *)values + (size_t)count * size, value, size);
            ptl__index_put(indices, T.itype, count++, j);
        }
        ptl__index_put(indptr, T.itype, i + 1, count);
    }
    return ptl__csr_take(s->exec, &T, out);
}

static ptl_status put_triangles(const square *s, int unit_lower, ptl__factors *out)
{
    ptl_csr *L = NULL, *U = NULL;
    ptl_status status = copy_triangle(s, LOWER, &L);
    if (status == PTL_OK)
        status = copy_triangle(s, unit_lower ? UPPER : MIRRORED, &U);
    if (status == PTL_OK)
        status = ptl__factors_of(L, unit_lower, U, out);
    ptl_csr_release(&L);
    ptl_csr_release(&U);
    return status;
}

/* LAPACK's interchanges, one after the other, as a permutation. */
static ptl_status put_rows(int n, const int *pivots, ptl__factors *out)
{
    PTL_TRY(PTL_NEW(n, int64_t, &out->row_permutation));
    for (int i = 0; i < n; i++)
        out->row_permutation[i] = i;
    for (int i = 0; i < n; i++) {
        const int64_t row = out->row_permutation[i];
        out->row_permutation[i] = out->row_permutation[pivots[i] - 1];
        out->row_permutation[pivots[i] - 1] = row;
    }
    return PTL_OK;
}

static ptl_status check_pivots(const square *s, const ptl__equilibrated *scaled)
{
    for (int j = 0; j < s->n; j++)
        PTL_TRY(ptl__check_pivot(s->whole, scaled, ptl__value_modulus(s->dtype, at(s, j, j)), j));
    return PTL_OK;
}

/* The factors of A as it was, from those of A as it was scaled. */
static ptl_status scale_back(const square *s, const ptl__equilibrated *scaled,
                             const int64_t *permutation)
{
    int overflow = 0;
    for (int j = 0; j < s->n; j++)
        for (int i = 0; i < s->n; i++) {
            const int from = i <= j ? -scaled->cols[j] : scaled->rows[permutation[j]];
            ptl__value_scale(s->dtype, at(s, i, j), from - scaled->rows[permutation[i]]);
            overflow = overflow || !ptl__value_is_finite(s->dtype, at(s, i, j));
        }
    return ptl__check_factors(overflow);
}

/* A pivot that is 0 is found with those that are tiny. */
static ptl_status factor(const square *s, const ptl__equilibrated *scaled, ptl__factors *out)
{
    const int ld = s->n > 0 ? s->n : 1;
    int *pivots, info = 0;
    PTL_TRY(PTL_NEW(s->n, int, &pivots));
    getrf[s->dtype](&s->n, &s->n, s->values, &ld, pivots, &info);
    ptl_status status = check_pivots(s, scaled);
    if (status == PTL_OK)
        status = put_rows(s->n, pivots, out);
    ptl__free(pivots);
    PTL_TRY(status);
    return scale_back(s, scaled, out->row_permutation);
}

static ptl_status make_lu(const square *s, ptl__factors *out)
{
    const ptl__by_columns entries = {s->n, s->dtype, NULL, NULL, s->values};
    ptl__equilibrated scaled;
    ptl_status status = ptl__equilibrate(entries, &scaled);
    if (status == PTL_OK)
        status = factor(s, &scaled, out);
    ptl__equilibrated_clear(&scaled);
    PTL_TRY(status);
    return put_triangles(s, 1, out);
}

ptl_status ptl__dense_lu(const ptl__local_block *block, ptl_dense *A, ptl__factors *out)
{
    square s = {0};
    ptl_status status = square_init(block, A, 0, &s);
    if (status == PTL_OK)
        status = make_lu(&s, out);
    ptl__free(s.values);
    return status;
}

static ptl_status make_cholesky(const square *s, ptl__factors *out)
{
    const int ld = s->n > 0 ? s->n : 1;
    int info = 0;
    potrf[s->dtype]("L", &s->n, s->values, &ld, &info, 1);
    PTL_CHECK(info == 0, PTL_INVALID,
              "cholesky: the pivot of row %lld is not positive: the matrix is not positive "
              "definite",
              (long long)ptl__global_row(s->whole, info - 1));
    return put_triangles(s, 0, out);
}

ptl_status ptl__dense_cholesky(const ptl__local_block *block, ptl_dense *A, ptl__factors *out)
{
    square s = {0};
    ptl_status status = square_init(block, A, 1, &s);
    if (status == PTL_OK)
        status = make_cholesky(&s, out);
    ptl__free(s.values);
    return status;
}
