/* Diagonal operators and the identity. */
#include <petiole/diagonal.h>

#include "base/linop.h"
#include "base/vector.h"
#include "core/memory.h"
#include "numbers.h"

enum { N = 37, COLUMNS = 2 };
static const double coefs[] = {0.5, -2, 3, 0.25, -1, 1.5};

static ptl_vector *random_vector(ptl_dtype dtype, int64_t columns)
{
    ptl__block b = block_new(dtype, N, columns, columns);
    ptl_vector *v;
    const ptl_vector_shape shape = {N, N, columns, dtype};
    assert_int_equal(ptl_vector_copy_of(NULL, NULL, shape, columns, b.data, &v), PTL_OK);
    free(b.data);
    return v;
}

/* y = alpha op(D) x + beta y for D of the elements d, or for the identity where d is NULL. */
static void check_product(ptl_linop *A, const ptl_vector *d, ptl_op op, ptl_dtype dtype, int scaled)
{
    const double *alpha = scaled & 1 ? coefs : NULL, *beta = scaled & 2 ? coefs + 1 : NULL;
    ptl_vector *x = random_vector(dtype, COLUMNS), *y = random_vector(dtype, COLUMNS), *old;
    assert_int_equal(ptl_vector_clone(y, &old), PTL_OK);
    for (int k = 0; !beta && k < N * COLUMNS; ++k)
        put(dtype, y->data, k, NAN);
    assert_int_equal(ptl_linop_apply_op(A, op, alpha, x, beta, y), PTL_OK);
    const double bound =
        tolerance(dtype) > tolerance(A->dtype) ? tolerance(dtype) : tolerance(A->dtype);
    for (int i = 0; i < N; ++i)
        for (int j = 0; j < COLUMNS; ++j) {
            const int64_t k = i * COLUMNS + j;
            number value = d ? get(d->dtype, d->data, i * d->ld) : 1;
            value = op == PTL_OP_HERMITIAN ? conj(value) : value;
            value *= get(dtype, x->data, k);
            value *= alpha ? coef(dtype, alpha, j) : 1;
            value += beta ? coef(dtype, beta, j) * get(dtype, old->data, k) : 0;
            assert_near(get(dtype, y->data, k), value, bound, ptl_linop_kind(A), i, j);
        }
    ptl_vector_release(&old);
    ptl_vector_release(&y);
    ptl_vector_release(&x);
}

static void check_products(ptl_linop *A, const ptl_vector *d)
{
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; ++dtype)
        for (int op = 0; op < PTL_OP_COUNT; ++op)
            for (int scaled = 0; scaled < 4; ++scaled)
                if (!ptl_dtype_is_complex(A->dtype) || ptl_dtype_is_complex(dtype))
                    check_product(A, d, op, dtype, scaled);
}

static void check_dot(ptl_linop *A, ptl_dtype dtype)
{
    ptl_vector *x = random_vector(dtype, COLUMNS), *y = random_vector(dtype, COLUMNS);
    double sums[2 * COLUMNS];
    assert_int_equal(ptl__linop_apply_dot(A, x, y, sums), PTL_OK);
    assert_int_equal(ptl__exec_wait(x->exec), PTL_OK);
    for (int j = 0; j < COLUMNS; ++j) {
        number sum = 0;
        for (int i = 0; i < N; ++i)
            sum +=
                conj(get(dtype, x->data, i * COLUMNS + j)) * get(dtype, y->data, i * COLUMNS + j);
        assert_near(coef(dtype, sums, j), sum, tolerance(dtype), "dot", 0, j);
    }
    ptl_vector_release(&y);
    ptl_vector_release(&x);
}

static void test_diagonal(void **state)
{
    (void)state;
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; ++dtype) {
        ptl_vector *d = random_vector(dtype, 1), *copy;
        ptl_linop *D;
        assert_int_equal(ptl_diagonal_create(d, &D), PTL_OK);
        assert_string_equal(ptl_linop_kind(D), "diagonal");
        assert_ptr_equal(ptl_diagonal_vector(D), d);
        assert_int_equal(ptl_linop_local_rows(D), N);
        check_products(D, d);
        put(dtype, d->data, 3, 17); /* new values in d are new values of D */
        check_products(D, d);
        check_dot(D, dtype);
        check_dot(D, PTL_C128);
        assert_int_equal(ptl__linop_diagonal(D, &copy), PTL_OK);
        assert_ptr_not_equal(copy->data, d->data);
        assert_memory_equal(copy->data, d->data, N * ptl_dtype_size(dtype));
        ptl_vector_release(&copy);
        ptl_vector_release(&d);
        check_product(D, ptl_diagonal_vector(D), PTL_OP_NONE, PTL_C64, 0);
        ptl_linop_release(&D);
    }
}

/* A column of an array of three. */
static void test_strided(void **state)
{
    (void)state;
    ptl__block b = block_new(PTL_C64, N, 3, 3);
    const ptl_vector_shape shape = {N, N, 1, PTL_C64};
    ptl_vector *d, *copy;
    ptl_linop *D;
    assert_int_equal(ptl_vector_view(NULL, NULL, shape, 3, b.data, NULL, NULL, &d), PTL_OK);
    assert_int_equal(ptl_diagonal_create(d, &D), PTL_OK);
    check_products(D, d);
    put(PTL_C64, b.data, 6, 17);
    check_products(D, d);
    check_dot(D, PTL_C64);
    assert_int_equal(ptl__linop_diagonal(D, &copy), PTL_OK);
    assert_true(get(PTL_C64, copy->data, 2 * copy->ld) == 17);
    ptl_vector_release(&copy);
    ptl_linop_release(&D);
    ptl_vector_release(&d);
    free(b.data);
}

static void test_identity(void **state)
{
    (void)state;
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; ++dtype) {
        ptl_linop *A;
        ptl_vector *d;
        assert_int_equal(ptl_identity_create(NULL, NULL, dtype % 2 ? N : -1, N, dtype, &A), PTL_OK);
        assert_string_equal(ptl_linop_kind(A), "identity");
        assert_int_equal(ptl_linop_rows(A), N);
        assert_int_equal(ptl_linop_cols(A), N);
        assert_null(ptl_diagonal_vector(A));
        check_products(A, NULL);
        check_dot(A, dtype);
        assert_int_equal(ptl__linop_diagonal(A, &d), PTL_OK);
        for (int i = 0; i < N; ++i)
            assert_true(get(dtype, d->data, i) == 1);
        ptl_vector_release(&d);
        ptl_linop_release(&A);
    }
}

static void test_refused(void **state)
{
    (void)state;
    ptl_linop *A = (ptl_linop *)&A;
    ptl_vector *d = random_vector(PTL_F64, 2);
    assert_int_equal(ptl_diagonal_create(d, &A), PTL_DIMENSION);
    assert_null(A);
    assert_string_equal(ptl_error_message(), "d has 2 columns: a diagonal has one");
    ptl_vector_release(&d);
    assert_int_equal(ptl_diagonal_create(NULL, &A), PTL_INVALID);
    assert_int_equal(ptl_identity_create(NULL, NULL, 4, 3, PTL_F64, &A), PTL_DIMENSION);
    assert_string_equal(ptl_error_message(), "rows is 4, but the ranks' local_rows add up to 3");
    assert_int_equal(ptl_identity_create(NULL, NULL, -2, 3, PTL_F64, &A), PTL_INVALID);
    assert_int_equal(ptl_identity_create(NULL, NULL, -1, -3, PTL_F64, &A), PTL_INVALID);
    assert_int_equal(ptl_identity_create(NULL, NULL, -1, 3, (ptl_dtype)7, &A), PTL_DTYPE);
    assert_null(A);
    assert_null(ptl_diagonal_vector(NULL));
}

static void test_no_memory(void **state)
{
    (void)state;
    ptl_exec *exec;
    ptl_linop *A;
    ptl_vector *d = random_vector(PTL_F64, 3);
    const ptl_vector_shape shape = {N, N, 1, PTL_F64};
    ptl_vector *strided;
    assert_int_equal(ptl_exec_default(&exec), PTL_OK);
    assert_int_equal(ptl_vector_view(NULL, exec, shape, 3, d->data, NULL, NULL, &strided), PTL_OK);
    const int64_t live = ptl__alloc_live();
    for (int n = 1; n <= 2; ++n) { /* the packed elements, the operator */
        ptl__alloc_fail_after(n);
        assert_int_equal(ptl_diagonal_create(strided, &A), PTL_NOMEM);
        ptl__alloc_fail_after(0);
        assert_null(A);
        assert_int_equal(ptl__alloc_live(), live);
    }
    ptl__alloc_fail_after(1);
    assert_int_equal(ptl_identity_create(NULL, exec, N, N, PTL_F64, &A), PTL_NOMEM);
    ptl__alloc_fail_after(0);
    assert_null(A);
    assert_int_equal(ptl__alloc_live(), live);
    ptl_vector_release(&strided);
    ptl_vector_release(&d);
    ptl_exec_release(&exec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_diagonal),  cmocka_unit_test(test_strided),
        cmocka_unit_test(test_identity),  cmocka_unit_test(test_refused),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
