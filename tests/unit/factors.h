/* For the tests of factorizations: matrices by their dense form, and what factors must be. */
#ifndef TEST_FACTORS_H
#define TEST_FACTORS_H

#include "sparse.h"

#include <petiole/petiole.h>

/* The entries of a dense n x n matrix that are not 0. */
static inline ptl_csr *csr_of(ptl_dtype dtype, ptl_itype itype, int n, const number *dense)
{
    int64_t *indptr = allocate((size_t)(n + 1) * sizeof *indptr), count = 0;
    int64_t *indices = allocate((size_t)(n * n) * sizeof *indices);
    void *values = allocate((size_t)(n * n) * ptl_dtype_size(dtype));
    indptr[0] = 0;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++)
            if (dense[i * n + j] != 0) {
                indices[count] = j;
                put(dtype, values, count++, dense[i * n + j]);
            }
        indptr[i + 1] = count;
    }
    void *starts = indices_of(itype, n + 1, indptr), *cols = indices_of(itype, count, indices);
    const ptl_csr_arrays arrays = {n, n, dtype, itype, starts, cols, values};
    ptl_csr *A;
    assert_int_equal(ptl_csr_copy_of(NULL, &arrays, &A), PTL_OK);
    free(indptr);
    free(indices);
    free(values);
    free(starts);
    free(cols);
    return A;
}

/* The dense form of a square CSR, to be freed; entries of one place are summed. */
static inline number *dense_of(const ptl_csr *A)
{
    const ptl_csr_arrays a = ptl_csr_get_arrays(A);
    number *dense = calloc((size_t)(a.rows * a.rows) + 1, sizeof *dense);
    for (int64_t i = 0; i < a.rows; i++)
        for (int64_t k = index_of(a.itype, a.indptr, i); k < index_of(a.itype, a.indptr, i + 1);
             k++)
            dense[i * a.rows + index_of(a.itype, a.indices, k)] += get(a.dtype, a.values, k);
    return dense;
}

static inline void assert_permutation(int n, const int64_t *p)
{
    char *seen = calloc((size_t)n + 1, 1);
    for (int i = 0; i < n; i++) {
        assert_in_range(p[i], 0, n - 1);
        assert_false(seen[p[i]]);
        seen[p[i]] = 1;
    }
    free(seen);
}

/* Random entries of a density between 0 and 1. */
static inline void random_entries(int n, double density, number *dense)
{
    for (int k = 0; k < n * n; k++)
        dense[k] = rand() < density * RAND_MAX ? __builtin_complex(uniform(), uniform()) : 0;
}

/* A factorization as dense matrices. */
typedef struct dense_factors {
    int n;
    number *L, *U;
    int64_t *p, *q;
} dense_factors;

static inline void dense_factors_free(dense_factors *f)
{
    free(f->L);
    free(f->U);
    free(f->p);
    free(f->q);
}

/* Also checks that the triangles are such, that permutations are, and L's diagonal where it is to
 * be ones. */
static inline dense_factors dense_factors_of(ptl_factorization *F, int unit_lower)
{
    ptl_csr *L, *U;
    assert_int_equal(ptl_factorization_lower(F, &L), PTL_OK);
    assert_int_equal(ptl_factorization_upper(F, &U), PTL_OK);
    const int n = (int)ptl_linop_rows(ptl_factorization_linop(F));
    dense_factors f = {n, dense_of(L), dense_of(U), allocate((size_t)n * 8),
                       allocate((size_t)n * 8)};
    ptl_factorization_row_permutation(F, f.p);
    ptl_factorization_col_permutation(F, f.q);
    assert_permutation(n, f.p);
    assert_permutation(n, f.q);
    for (int i = 0; i < n; i++) {
        assert_true(!unit_lower || f.L[i * n + i] == 1);
        assert_true(f.U[i * n + i] != 0 && f.L[i * n + i] != 0);
        for (int j = 0; j < n; j++)
            assert_true(j == i || (j < i ? f.U : f.L)[i * n + j] == 0);
    }
    ptl_csr_release(&L);
    ptl_csr_release(&U);
    return f;
}

/* (A[p][:, q] - L U) in (i, j) */
static inline number residual_at(const dense_factors *f, const number *A, int i, int j)
{
    number sum = A[f->p[i] * f->n + f->q[j]];
    for (int k = 0; k < f->n; k++)
        sum -= f->L[i * f->n + k] * f->U[k * f->n + j];
    return sum;
}

/* A[p][:, q] = L U within a bound. */
static inline void assert_exact(const dense_factors *f, const number *A, double bound)
{
    for (int i = 0; i < f->n; i++)
        for (int j = 0; j < f->n; j++)
            assert_near(residual_at(f, A, i, j), 0, bound, "A - L U", i, j);
}

/* The operator solves (L U) x = b as the dense factors do, for `columns` right-hand sides: that L U
 * (Q^T x) = P b, in a dtype's precision times `bound`. */
static inline void assert_solves(ptl_factorization *F, const dense_factors *f, int columns,
                                 double bound)
{
    ptl_linop *op = ptl_factorization_linop(F);
    const ptl_dtype dtype = ptl_linop_dtype(op);
    const ptl_vector_shape shape = {f->n, f->n, columns, dtype};
    const int n = f->n;
    ptl_vector *b, *x;
    assert_int_equal(ptl_vector_create(NULL, NULL, shape, &b), PTL_OK);
    assert_int_equal(ptl_vector_create(NULL, NULL, shape, &x), PTL_OK);
    for (int64_t i = 0; i < (int64_t)n * columns; i++)
        put(dtype, ptl_vector_data(b), i, __builtin_complex(uniform(), uniform()));
    assert_int_equal(ptl_linop_apply(op, NULL, b, NULL, x), PTL_OK);
    for (int c = 0; c < columns; c++)
        for (int i = 0; i < n; i++) {
            number sum = 0;
            double size = 1;
            for (int k = 0; k < n; k++)
                for (int j = 0; f->L[i * n + k] != 0 && j < n; j++) {
                    const number term = f->L[i * n + k] * f->U[k * n + j] *
                                        get(dtype, ptl_vector_data(x), f->q[j] * columns + c);
                    sum += term;
                    size += cabs(term);
                }
            assert_near(sum, get(dtype, ptl_vector_data(b), f->p[i] * columns + c),
                        bound * size * tolerance(dtype), "L U x", i, c);
        }
    ptl_vector_release(&b);
    ptl_vector_release(&x);
}

#endif
