/* For the tests of sparse kernels: matrices with empty and long rows and with duplicates. */
#ifndef TEST_SPARSE_H
#define TEST_SPARSE_H

#include "numbers.h"

/* A matrix as kernels see it, with the sizes that its owner knows. */
typedef struct matrix {
    ptl_dtype dtype;
    ptl_itype itype;
    int64_t cols, nnz;
    ptl__csr csr;
} matrix;

static inline int64_t index_of(ptl_itype itype, const void *array, int64_t i)
{
    return itype == PTL_I32 ? ((const int32_t *)array)[i] : ((const int64_t *)array)[i];
}

static inline void *indices_of(ptl_itype itype, int64_t count, const int64_t *values)
{
    void *array = allocate((size_t)count * ptl_itype_size(itype));
    for (int64_t i = 0; i < count; ++i) {
        if (itype == PTL_I32)
            ((int32_t *)array)[i] = (int32_t)values[i];
        else
            ((int64_t *)array)[i] = values[i];
    }
    return array;
}

/* Rows of 0 to 20 entries, but row 3000, where there is one, of `longest`. Stored row i stands for
 * row 2 i + 1. */
static inline matrix matrix_new(ptl_dtype dtype, ptl_itype itype, int64_t rows, int64_t cols,
                                int64_t longest)
{
    int64_t *indptr = allocate((size_t)(rows + 1) * sizeof *indptr);
    int64_t *row_ids = allocate((size_t)rows * sizeof *row_ids);
    indptr[0] = 0;
    for (int64_t i = 0; i < rows; ++i) {
        row_ids[i] = 2 * i + 1;
        indptr[i + 1] = indptr[i] + (cols == 0 ? 0 : i == 3000 ? longest : i % 5 == 3 ? 20 : i % 7);
    }
    const int64_t nnz = indptr[rows];
    int64_t *indices = allocate((size_t)nnz * sizeof *indices);
    void *values = allocate((size_t)nnz * ptl_dtype_size(dtype));
    for (int64_t i = 0; i < rows; ++i)
        for (int64_t k = indptr[i]; k < indptr[i + 1]; ++k) {
            indices[k] = rand() % 3 == 0 && i < cols ? i : rand() % cols;
            put(dtype, values, k, __builtin_complex(uniform(), uniform()));
        }
    const matrix A = {dtype,
                      itype,
                      cols,
                      nnz,
                      {rows, indices_of(itype, rows + 1, indptr), indices_of(itype, nnz, indices),
                       values, indices_of(itype, rows, row_ids)}};
    free(indptr);
    free(indices);
    free(row_ids);
    return A;
}

static inline void matrix_free(matrix *A)
{
    free((void *)A->csr.indptr);
    free((void *)A->csr.indices);
    free((void *)A->csr.values);
    free((void *)A->csr.row_ids);
}

static inline int64_t row_begin(const matrix *A, int64_t i)
{
    return index_of(A->itype, A->csr.indptr, i);
}

/* products[i * columns + j] = (A x)_ij, x's elements being of `dtype` and A's conjugated where
 * conj_A is 1; to be freed. */
static inline number *products_new(const matrix *A, int conj_A, ptl_dtype dtype, ptl__block x)
{
    number *products = allocate((size_t)(A->csr.rows * x.columns) * sizeof *products);
    for (int64_t i = 0; i < A->csr.rows; ++i)
        for (int64_t j = 0; j < x.columns; ++j) {
            number sum = 0;
            for (int64_t k = row_begin(A, i); k < row_begin(A, i + 1); ++k) {
                const number a = get(A->dtype, A->csr.values, k);
                const int64_t col = index_of(A->itype, A->csr.indices, k);
                sum += (conj_A ? conj(a) : a) * get(dtype, x.data, col * x.ld + j);
            }
            products[i * x.columns + j] = sum;
        }
    return products;
}

/* Room for the rounding of a row of any of these matrices. */
static inline double row_tolerance(ptl_dtype dtype)
{
    return 100 * tolerance(dtype);
}

#endif
