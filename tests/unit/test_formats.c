/* The local formats against a dense matrix: conversions and products of all forms. Their making is
 * in test_format_arrays.c. */
#include "base/vector.h"
#include "core/memory.h"
#include "matrix/csr.h"
#include "matrix/format.h"
#include "numbers.h"
#include <petiole/coo.h>
#include <petiole/dense.h>
#include <petiole/ell.h>
#include <petiole/sellp.h>

enum { ROWS = 131, COLS = 70, NNZ = 500, STORAGES = PTL_STORAGE_COUNT };
static const char *const names[] = {"csr", "coo", "ell", "sellp", "dense"};

/* Entries in no order, two of them twice, none in column 0 nor in every tenth row. */
static int64_t entry_rows[NNZ], entry_cols[NNZ];
static number entry_values[NNZ];

static void make_entries(void)
{
    srand(7);
    for (int k = 0; k < NNZ; ++k) {
        const int repeats = k == 20 || k == 400;
        entry_rows[k] = repeats ? entry_rows[k - 1] : rand() % (ROWS / 10) * 10 + 1 + rand() % 9;
        entry_cols[k] = repeats ? entry_cols[k - 1] : 1 + rand() % (COLS - 1);
        entry_values[k] = __builtin_complex(uniform(), uniform());
    }
}

static number rounded(ptl_dtype dtype, number value)
{
    double room[2];
    put(dtype, room, 0, value);
    return get(dtype, room, 0);
}

/* op(A)_ij of the matrix of these entries in `dtype` */
static number (*dense_of(ptl_dtype dtype))[COLS]
{
    static number D[ROWS][COLS];
    memset(D, 0, sizeof D);
    for (int k = 0; k < NNZ; ++k)
        D[entry_rows[k]][entry_cols[k]] += rounded(dtype, entry_values[k]);
    return D;
}

static number element(number (*D)[COLS], ptl_op op, int64_t i, int64_t j)
{
    const number value = op == PTL_OP_NONE ? D[i][j] : D[j][i];
    return op == PTL_OP_HERMITIAN ? conj(value) : value;
}

static ptl_linop *coo_new(ptl_exec *exec, ptl_dtype dtype, ptl_itype itype)
{
    static int64_t rows[NNZ], cols[NNZ];
    static double values[2 * NNZ];
    ptl_coo *A;
    for (int k = 0; k < NNZ; ++k) {
        ptl__index_put(rows, itype, k, entry_rows[k]);
        ptl__index_put(cols, itype, k, entry_cols[k]);
        put(dtype, values, k, entry_values[k]);
    }
    const ptl_coo_arrays arrays = {ROWS, COLS, NNZ, dtype, itype, rows, cols, values};
    assert_int_equal(ptl_coo_copy_of(exec, &arrays, &A), PTL_OK);
    return ptl_coo_linop(A);
}

static ptl_linop *convert(ptl_linop *A, ptl_storage storage, int dtype)
{
    ptl_linop *B;
    assert_int_equal(ptl_format_convert(A, storage, dtype, &B), PTL_OK);
    assert_int_equal(ptl_format_storage(B), storage);
    assert_string_equal(ptl_linop_kind(B), names[storage]);
    return B;
}

/* The CSR of the entries, whose rows are not sorted, with indices of `itype`. */
static ptl_csr *csr_new(ptl_exec *exec, ptl_dtype dtype, ptl_itype itype)
{
    ptl_linop *coo = coo_new(exec, dtype, itype), *csr = convert(coo, PTL_CSR, -1);
    ptl_csr_arrays arrays = ptl_csr_get_arrays(ptl_linop_as_csr(csr));
    int64_t indptr[ROWS + 1], indices[NNZ];
    ptl_csr *A;
    for (int i = 0; i <= ROWS; ++i)
        ptl__index_put(indptr, itype, i, ptl__index_at(arrays.indptr, arrays.itype, i));
    for (int k = 0; k < NNZ; ++k)
        ptl__index_put(indices, itype, k, ptl__index_at(arrays.indices, arrays.itype, k));
    arrays.indptr = indptr;
    arrays.indices = indices;
    arrays.itype = itype;
    assert_int_equal(ptl_csr_copy_of(exec, &arrays, &A), PTL_OK);
    ptl_linop_release(&csr);
    ptl_linop_release(&coo);
    return A;
}

/* The entries in a storage, made by its own from_csr. */
static ptl_linop *format_new(ptl_exec *given, ptl_storage storage, ptl_dtype dtype, ptl_itype itype)
{
    ptl_exec *exec;
    assert_int_equal(ptl__exec_or_default(given, &exec), PTL_OK);
    static const ptl__format_class *const formats[] = {NULL, &ptl__coo_format, &ptl__ell_format,
                                                       &ptl__sellp_format, &ptl__dense_format};
    ptl_csr *csr = csr_new(exec->host, dtype, itype);
    ptl_linop *made = ptl_csr_linop(csr), *A;
    if (storage != PTL_CSR) {
        assert_int_equal(formats[storage]->from_csr(csr, &made), PTL_OK);
        ptl_csr_release(&csr);
    }
    if (storage != PTL_DENSE)
        assert_int_equal(ptl__format_of(made)->itype, itype);
    assert_int_equal(ptl__format_on(made, exec, &A), PTL_OK);
    ptl_linop_release(&made);
    ptl_exec_release(&exec);
    return A;
}

static void assert_dense(ptl_linop *A, number (*D)[COLS], ptl_op op, double bound)
{
    ptl_linop *dense = convert(A, PTL_DENSE, -1);
    const ptl_dense_arrays found = ptl_dense_get_arrays(ptl_linop_as_dense(dense));
    assert_int_equal(found.rows, op == PTL_OP_NONE ? ROWS : COLS);
    assert_int_equal(found.cols, op == PTL_OP_NONE ? COLS : ROWS);
    for (int64_t i = 0; i < found.rows; ++i)
        for (int64_t j = 0; j < found.cols; ++j)
            assert_near(get(found.dtype, found.values, i * found.ld + j), element(D, op, i, j),
                        bound, "entry", i, j);
    ptl_linop_release(&dense);
}

static int64_t distinct_entries(number (*D)[COLS])
{
    int64_t count = 0;
    for (int i = 0; i < ROWS; ++i)
        for (int j = 0; j < COLS; ++j)
            count += D[i][j] != 0;
    return count;
}

static void test_conversions(void **state)
{
    (void)state;
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; ++dtype)
        for (int itype = 0; itype < PTL_ITYPE_COUNT; ++itype)
            for (int from = 0; from < STORAGES; ++from) {
                number(*D)[COLS] = dense_of(dtype);
                ptl_linop *A = format_new(NULL, from, dtype, itype);
                assert_int_equal(ptl_format_nnz(A), from == PTL_DENSE ? ROWS * COLS : NNZ);
                for (int to = 0; to < STORAGES; ++to) {
                    ptl_linop *B = convert(A, to, -1);
                    if (to == PTL_DENSE)
                        assert_int_equal(ptl_format_nnz(B), ROWS * COLS);
                    else
                        assert_int_equal(ptl_format_nnz(B),
                                         from == PTL_DENSE ? distinct_entries(D) : NNZ);
                    assert_dense(B, D, PTL_OP_NONE, tolerance(dtype));
                    ptl_linop_release(&B);
                }
                ptl_linop_release(&A);
            }
}

/* The rows of a CSR come back from every other format in the order that they had. */
static void test_order_is_kept(void **state)
{
    (void)state;
    ptl_csr *csr = csr_new(NULL, PTL_C128, PTL_I32);
    const ptl_csr_arrays given = ptl_csr_get_arrays(csr);
    for (int to = PTL_COO; to < PTL_DENSE; ++to) {
        ptl_linop *B = convert(ptl_csr_linop(csr), to, -1), *back = convert(B, PTL_CSR, -1);
        const ptl_csr_arrays found = ptl_csr_get_arrays(ptl_linop_as_csr(back));
        assert_memory_equal(found.indptr, given.indptr, (ROWS + 1) * sizeof(int32_t));
        assert_memory_equal(found.indices, given.indices, NNZ * sizeof(int32_t));
        assert_memory_equal(found.values, given.values, NNZ * sizeof(ptl_c128));
        ptl_linop_release(&back);
        ptl_linop_release(&B);
    }
    ptl_csr_release(&csr);
}

static void test_dtypes(void **state)
{
    (void)state;
    for (int storage = 0; storage < STORAGES; ++storage) {
        ptl_linop *A = format_new(NULL, storage, PTL_F32, PTL_I32), *B;
        for (int dtype = 0; dtype < PTL_DTYPE_COUNT; ++dtype) {
            B = convert(A, storage, dtype);
            assert_int_equal(ptl_linop_dtype(B), dtype);
            assert_dense(B, dense_of(PTL_F32), PTL_OP_NONE, tolerance(PTL_F32));
            ptl_linop_release(&B);
        }
        ptl_linop_release(&A);
        A = format_new(NULL, storage, PTL_C64, PTL_I32);
        assert_int_equal(ptl_format_convert(A, storage, PTL_F64, &B), PTL_DTYPE);
        assert_null(B);
        ptl_linop_release(&A);
    }
}

static void test_transpose(void **state)
{
    (void)state;
    for (int storage = 0; storage < STORAGES; ++storage)
        for (int op = 0; op < PTL_OP_COUNT; ++op) {
            ptl_linop *A = format_new(NULL, storage, PTL_C128, PTL_I64), *T;
            assert_int_equal(ptl_format_transpose(A, op, &T), PTL_OK);
            assert_int_equal(ptl_format_storage(T), storage);
            assert_dense(T, dense_of(PTL_C128), op, tolerance(PTL_C128));
            ptl_linop_release(&T);
            ptl_linop_release(&A);
        }
}

static ptl_vector *vector_new(ptl_exec *exec, ptl_dtype dtype, int64_t rows, int64_t columns)
{
    ptl__block b = block_new(dtype, rows, columns, columns);
    ptl_vector *v;
    const ptl_vector_shape shape = {rows, rows, columns, dtype};
    assert_int_equal(ptl_vector_copy_of(NULL, exec, shape, columns, b.data, &v), PTL_OK);
    free(b.data);
    return v;
}

/* NaN wherever the formats that store entries alone must not look. */
static void spoil(ptl_op op, ptl_vector *x)
{
    for (int64_t i = 0; i < x->local_rows; i += op == PTL_OP_NONE ? x->local_rows : 10)
        for (int64_t j = 0; j < x->columns; ++j)
            put(x->dtype, x->data, i * x->columns + j, NAN);
}

/* (alpha op(D) x + beta y)_ij */
static number expected(number (*D)[COLS], ptl_op op, const double *alpha, const ptl_vector *x,
                       const double *beta, const ptl_vector *y, int64_t i, int64_t j)
{
    number sum = 0;
    for (int64_t k = 0; k < x->local_rows; ++k)
        if (element(D, op, i, k) != 0)
            sum += element(D, op, i, k) * get(x->dtype, x->data, k * x->columns + j);
    if (alpha)
        sum *= coef(x->dtype, alpha, j);
    if (beta)
        sum += coef(x->dtype, beta, j) * get(y->dtype, y->data, i * y->columns + j);
    return sum;
}

static void check_product(ptl_linop *A, ptl_op op, ptl_dtype dtype, int64_t columns, int scaled)
{
    const double coefs[] = {0.5, -2, 3, 0.25, -1, 1.5, 0.75};
    const double *alpha = scaled & 1 ? coefs : NULL, *beta = scaled & 2 ? coefs + 1 : NULL;
    const int plain = op == PTL_OP_NONE;
    number(*D)[COLS] = dense_of(A->dtype);
    ptl_vector *x = vector_new(A->exec, dtype, plain ? COLS : ROWS, columns), *old;
    ptl_vector *y = vector_new(A->exec, dtype, plain ? ROWS : COLS, columns);
    if (ptl_format_storage(A) != PTL_DENSE)
        spoil(op, x);
    assert_int_equal(ptl_vector_clone(y, &old), PTL_OK);
    for (int64_t k = 0; !beta && k < y->local_rows * columns; ++k)
        put(dtype, y->data, k, NAN);
    assert_int_equal(ptl_linop_apply_op(A, op, alpha, x, beta, y), PTL_OK);
    const double bound =
        tolerance(dtype) > tolerance(A->dtype) ? tolerance(dtype) : tolerance(A->dtype);
    for (int64_t i = 0; i < y->local_rows; ++i)
        for (int64_t j = 0; j < columns; ++j)
            assert_near(get(dtype, y->data, i * columns + j),
                        expected(D, op, alpha, x, beta, old, i, j), bound, ptl_linop_kind(A), i, j);
    ptl_vector_release(&old);
    ptl_vector_release(&y);
    ptl_vector_release(&x);
}

static void check_products(ptl_exec *exec)
{
    for (int storage = 0; storage < STORAGES; ++storage)
        for (int dtype = 0; dtype < PTL_DTYPE_COUNT; ++dtype)
            for (int itype = 0; itype < PTL_ITYPE_COUNT; ++itype) {
                ptl_linop *A = format_new(exec, storage, dtype, itype);
                for (int of = 0; of < PTL_DTYPE_COUNT; ++of)
                    for (int op = 0; op < PTL_OP_COUNT; ++op)
                        for (int scaled = 0; scaled < 4; ++scaled)
                            if (!ptl_dtype_is_complex(dtype) || ptl_dtype_is_complex(of))
                                check_product(A, op, of, scaled % 2 ? 3 : 1, scaled);
                ptl_linop_release(&A);
            }
}

static void test_products(void **state)
{
    (void)state;
    ptl_exec *exec;
    assert_int_equal(ptl_exec_reference(&exec), PTL_OK);
    check_products(exec);
    ptl_exec_release(&exec);
    assert_int_equal(ptl_exec_openmp(3, &exec), PTL_OK);
    check_products(exec);
    ptl_exec_release(&exec);
}

/* Coordinates in no order, which cannot go to threads by rows. */
static void test_unsorted_coo(void **state)
{
    (void)state;
    ptl_exec *exec;
    assert_int_equal(ptl_exec_openmp(3, &exec), PTL_OK);
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; ++dtype) {
        ptl_linop *A = coo_new(exec, dtype, PTL_I32);
        for (int op = 0; op < PTL_OP_COUNT; ++op)
            check_product(A, op, dtype, 2, 3);
        ptl_linop_release(&A);
    }
    ptl_exec_release(&exec);
}

/* sums = conj(x) A x, for a square part; and the diagonal. */
static void test_square(void **state)
{
    (void)state;
    enum { N = 3 };
    const int32_t indptr[] = {0, 2, 2, 6}, indices[] = {0, 2, 2, 1, 0, 2};
    const ptl_c128 values[] = {{1, 1}, {2, 0}, {3, 0}, {5, 0}, {4, 0}, {4, -1}};
    const ptl_c128 xs[] = {{1, 0}, {0, 2}, {3, 1}};
    const ptl_csr_arrays arrays = {N, N, PTL_C128, PTL_I32, indptr, indices, values};
    ptl_csr *csr;
    ptl_vector *x, *y, *d;
    const ptl_vector_shape shape = {N, N, 0, PTL_C128};
    assert_int_equal(ptl_csr_copy_of(NULL, &arrays, &csr), PTL_OK);
    assert_int_equal(ptl_vector_copy_of(NULL, NULL, shape, 1, xs, &x), PTL_OK);
    assert_int_equal(ptl_vector_zeros_like(x, &y), PTL_OK);
    for (int storage = 0; storage < STORAGES; ++storage) {
        ptl_linop *A = convert(ptl_csr_linop(csr), storage, -1);
        double sums[2];
        number dot = 0;
        assert_int_equal(ptl__linop_apply_dot(A, x, y, sums), PTL_OK);
        assert_int_equal(ptl__exec_wait(x->exec), PTL_OK);
        for (int i = 0; i < N; ++i)
            dot += conj(get(PTL_C128, x->data, i)) * get(PTL_C128, y->data, i);
        assert_near(coef(PTL_C128, sums, 0), dot, 1e-14, names[storage], 0, 0);
        assert_near(get(PTL_C128, y->data, 0), 7 + 3 * I, 1e-14, names[storage], 0, 0);
        assert_int_equal(ptl__linop_diagonal(A, &d), PTL_OK);
        assert_memory_equal(d->data, ((ptl_c128[]){{1, 1}, {0, 0}, {7, -1}}), N * sizeof *values);
        ptl_vector_release(&d);
        ptl_linop_release(&A);
    }
    ptl_vector_release(&y);
    ptl_vector_release(&x);
    ptl_csr_release(&csr);
}

/* 0 rows, 0 columns, or neither; and rows without entries. */
static void test_empty(void **state)
{
    (void)state;
    const int64_t sizes[][2] = {{0, 0}, {0, 4}, {4, 0}, {4, 3}};
    const int32_t indptr[5] = {0};
    for (int s = 0; s < 4; ++s)
        for (int storage = 0; storage < STORAGES; ++storage) {
            const int64_t rows = sizes[s][0], cols = sizes[s][1];
            const ptl_csr_arrays arrays = {rows, cols, PTL_F64, PTL_I32, indptr, NULL, NULL};
            ptl_csr *csr;
            assert_int_equal(ptl_csr_copy_of(NULL, &arrays, &csr), PTL_OK);
            ptl_linop *A = convert(ptl_csr_linop(csr), storage, -1);
            assert_int_equal(ptl_linop_rows(A), rows);
            assert_int_equal(ptl_linop_cols(A), cols);
            assert_int_equal(ptl_format_nnz(A), storage == PTL_DENSE ? rows * cols : 0);
            for (int op = 0; op < PTL_OP_COUNT; ++op) {
                ptl_vector *x = vector_new(NULL, PTL_F64, op ? rows : cols, 2);
                ptl_vector *y = vector_new(NULL, PTL_F64, op ? cols : rows, 2);
                for (int64_t k = 0; k < 2 * y->local_rows; ++k)
                    put(PTL_F64, y->data, k, NAN);
                assert_int_equal(ptl_linop_apply_op(A, op, NULL, x, NULL, y), PTL_OK);
                for (int64_t k = 0; k < 2 * y->local_rows; ++k)
                    assert_true(get(PTL_F64, y->data, k) == 0);
                ptl_vector_release(&y);
                ptl_vector_release(&x);
            }
            ptl_linop *T;
            assert_int_equal(ptl_format_transpose(A, PTL_OP_TRANSPOSE, &T), PTL_OK);
            assert_int_equal(ptl_linop_rows(T), cols);
            ptl_linop_release(&T);
            ptl_linop_release(&A);
            ptl_csr_release(&csr);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conversions), cmocka_unit_test(test_order_is_kept),
        cmocka_unit_test(test_dtypes),      cmocka_unit_test(test_transpose),
        cmocka_unit_test(test_products),    cmocka_unit_test(test_unsorted_coo),
        cmocka_unit_test(test_square),      cmocka_unit_test(test_empty),
    };
    make_entries();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
