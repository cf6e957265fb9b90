/* CSR matrices on one process: checks, ownership, and the operator. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/vector.h"
#include "core/memory.h"
#include "matrix/csr.h"

/* [ 1 0 2 ]
 * [ 0 0 0 ]
 * [ 4 5 7 ], the last entry in two parts */
static const int32_t indptr[] = {0, 2, 2, 6};
static const int32_t indices[] = {0, 2, 2, 1, 0, 2};
static const double values[] = {1, 2, 3, 5, 4, 4};

static ptl_csr_arrays arrays(void)
{
    return (ptl_csr_arrays){3, 3, PTL_F64, PTL_I32, indptr, indices, values};
}

static ptl_vector *vector_of(int64_t rows, const double *data)
{
    ptl_vector *v;
    assert_int_equal(
        ptl_vector_copy_of(NULL, NULL, (ptl_vector_shape){-1, rows, 0, PTL_F64}, 1, data, &v),
        PTL_OK);
    return v;
}

static void test_copy(void **state)
{
    (void)state;
    const ptl_csr_arrays given = arrays();
    ptl_csr *A;
    assert_int_equal(ptl_csr_copy_of(NULL, &given, &A), PTL_OK);
    const ptl_csr_arrays own = ptl_csr_get_arrays(A);
    assert_int_equal(ptl_csr_nnz(A), 6);
    assert_int_equal(own.rows, 3);
    assert_int_equal(own.itype, PTL_I32);
    assert_ptr_not_equal(own.values, values);
    assert_memory_equal(own.values, values, sizeof values);
    assert_memory_equal(own.indptr, indptr, sizeof indptr);
    assert_memory_equal(own.indices, indices, sizeof indices);
    ptl_linop *op = ptl_csr_linop(A);
    assert_string_equal(ptl_linop_kind(op), "csr");
    assert_int_equal(ptl_linop_rows(op), 3);
    assert_int_equal(ptl_linop_local_cols(op), 3);
    assert_ptr_equal(ptl_linop_as_csr(op), A);
    ptl_csr_release(&A);
    assert_null(A);
}

static void test_widens(void **state)
{
    (void)state;
    ptl_csr_arrays given = arrays();
    ptl_csr *A;
    given.cols = (int64_t)INT32_MAX + 1;
    assert_int_equal(ptl_csr_copy_of(NULL, &given, &A), PTL_OK);
    const ptl_csr_arrays own = ptl_csr_get_arrays(A);
    assert_int_equal(own.itype, PTL_I64);
    for (int i = 0; i < 4; ++i)
        assert_int_equal(((const int64_t *)own.indptr)[i], indptr[i]);
    for (int i = 0; i < 6; ++i)
        assert_int_equal(((const int64_t *)own.indices)[i], indices[i]);
    ptl_csr_release(&A);
}

static int released;

static void count_release(void *ctx)
{
    released += *(int *)ctx;
}

static void test_view(void **state)
{
    (void)state;
    const ptl_csr_arrays given = arrays();
    int weight = 1;
    ptl_csr *A;
    released = 0;
    assert_int_equal(ptl_csr_view(NULL, &given, count_release, &weight, &A), PTL_OK);
    assert_ptr_equal(ptl_csr_get_arrays(A).values, values);
    ptl_csr_release(&A);
    assert_int_equal(released, 1);
    assert_int_equal(ptl_csr_view(NULL, &given, NULL, NULL, &A), PTL_OK);
    ptl_csr_release(&A);

    ptl_csr_arrays bad = given;
    bad.cols = 2;
    released = 0;
    assert_int_equal(ptl_csr_view(NULL, &bad, count_release, &weight, &A), PTL_INDEX);
    assert_null(A);
    assert_int_equal(released, 1);
}

static ptl_status copy(ptl_csr_arrays given)
{
    ptl_csr *A = (ptl_csr *)&A;
    ptl_status status = ptl_csr_copy_of(NULL, &given, &A);
    assert_null(A);
    return status;
}

static void test_bad_arrays(void **state)
{
    (void)state;
    const int64_t live = ptl__alloc_live();
    ptl_csr_arrays bad = arrays();
    bad.cols = 2;
    assert_int_equal(copy(bad), PTL_INDEX);
    assert_string_equal(ptl_error_message(), "row 0, entry 1: column 2 is outside [0, 2)");

    bad = arrays();
    bad.indices = (int32_t[]){0, 2, 2, 1, -7, 2};
    assert_int_equal(copy(bad), PTL_INDEX);
    assert_string_equal(ptl_error_message(), "row 2, entry 4: column -7 is outside [0, 3)");

    bad = arrays();
    bad.indptr = (int32_t[]){1, 2, 2, 6};
    assert_int_equal(copy(bad), PTL_INVALID);
    assert_string_equal(ptl_error_message(), "indptr[0] is 1: expected 0");

    bad = arrays();
    bad.indptr = (int32_t[]){0, 5, 2, 6};
    assert_int_equal(copy(bad), PTL_INVALID);
    assert_string_equal(ptl_error_message(),
                        "indptr[2] is 2, after 5: row 1 ends before it begins");

    bad = arrays();
    bad.rows = -1;
    assert_int_equal(copy(bad), PTL_INVALID);
    bad = arrays();
    bad.indptr = NULL;
    assert_int_equal(copy(bad), PTL_INVALID);
    bad = arrays();
    bad.values = NULL;
    assert_int_equal(copy(bad), PTL_INVALID);
    bad = arrays();
    bad.indices = (const char *)bad.indices + 2;
    assert_int_equal(copy(bad), PTL_INVALID);
    bad = arrays();
    bad.dtype = PTL_DTYPE_ALL;
    assert_int_equal(copy(bad), PTL_DTYPE);
    bad = arrays();
    bad.itype = (ptl_itype)2;
    assert_int_equal(copy(bad), PTL_DTYPE);
    assert_int_equal(ptl__alloc_live(), live);
}

static void test_apply(void **state)
{
    (void)state;
    const ptl_csr_arrays given = arrays();
    const double alpha = 2, beta = 10;
    ptl_csr *A;
    ptl_vector *x = vector_of(3, (double[]){1, 2, 3});
    ptl_vector *y = vector_of(3, (double[]){NAN, NAN, NAN});
    assert_int_equal(ptl_csr_copy_of(NULL, &given, &A), PTL_OK);
    assert_int_equal(ptl_linop_apply(ptl_csr_linop(A), NULL, x, NULL, y), PTL_OK);
    assert_memory_equal(ptl_vector_data(y), ((double[]){7, 0, 35}), 3 * sizeof(double));
    assert_int_equal(ptl_linop_apply(ptl_csr_linop(A), &alpha, x, &beta, y), PTL_OK);
    assert_memory_equal(ptl_vector_data(y), ((double[]){84, 0, 420}), 3 * sizeof(double));
    double sum;
    assert_int_equal(ptl__linop_apply_dot(ptl_csr_linop(A), x, y, &sum), PTL_OK);
    assert_int_equal(ptl__exec_wait(x->exec), PTL_OK);
    assert_memory_equal(ptl_vector_data(y), ((double[]){7, 0, 35}), 3 * sizeof(double));
    assert_true(sum == 7 + 105);
    ptl_vector_release(&y);
    ptl_vector_release(&x);
    ptl_csr_release(&A);
}

static void test_diagonal(void **state)
{
    (void)state;
    ptl_csr_arrays given = arrays();
    ptl_csr *A;
    ptl_vector *d;
    double out[3];
    assert_int_equal(ptl_csr_copy_of(NULL, &given, &A), PTL_OK);
    assert_int_equal(ptl_csr_diagonal(A, out), PTL_OK);
    assert_memory_equal(out, ((double[]){1, 0, 7}), sizeof out);
    assert_int_equal(ptl__linop_diagonal(ptl_csr_linop(A), &d), PTL_OK);
    assert_int_equal(ptl_vector_rows(d), 3);
    assert_memory_equal(ptl_vector_data(d), out, sizeof out);
    ptl_vector_release(&d);
    ptl_csr_release(&A);

    given.rows = 2; /* a wide matrix */
    assert_int_equal(ptl_csr_copy_of(NULL, &given, &A), PTL_OK);
    assert_int_equal(ptl_csr_nnz(A), 2);
    out[2] = -1;
    assert_int_equal(ptl_csr_diagonal(A, out), PTL_OK);
    assert_memory_equal(out, ((double[]){1, 0, -1}), sizeof out);
    ptl_csr_release(&A);
}

static void test_no_rows(void **state)
{
    (void)state;
    const int64_t zero = 0;
    const ptl_csr_arrays given = {0, 4, PTL_F32, PTL_I64, &zero, NULL, NULL};
    ptl_csr *A;
    assert_int_equal(ptl_csr_copy_of(NULL, &given, &A), PTL_OK);
    assert_int_equal(ptl_csr_nnz(A), 0);
    assert_int_equal(ptl_csr_get_arrays(A).itype, PTL_I64);
    ptl_csr_release(&A);
}

/* Whichever allocation fails, the call says so, nothing leaks, and a view is released. */
static void test_no_memory(void **state)
{
    (void)state;
    const ptl_csr_arrays given = arrays();
    ptl_exec *exec;
    ptl_comm *self;
    ptl_csr *A;
    int weight = 1, failures = 0;
    assert_int_equal(ptl_exec_openmp(1, &exec), PTL_OK);
    assert_int_equal(ptl_comm_self(&self), PTL_OK);
    const int64_t live = ptl__alloc_live();
    for (;; ++failures) {
        ptl__alloc_fail_after(failures + 1);
        ptl_status status = ptl_csr_copy_of(exec, &given, &A);
        ptl__alloc_fail_after(0);
        if (status == PTL_OK)
            break;
        assert_int_equal(status, PTL_NOMEM);
        assert_null(A);
        assert_int_equal(ptl__alloc_live(), live);
    }
    assert_true(failures >= 4); /* three arrays and the matrix */
    ptl_csr_release(&A);

    released = 0;
    ptl__alloc_fail_after(1);
    assert_int_equal(ptl_csr_view(exec, &given, count_release, &weight, &A), PTL_NOMEM);
    ptl__alloc_fail_after(0);
    assert_int_equal(released, 1);
    assert_int_equal(ptl__alloc_live(), live);
    ptl_comm_release(&self);
    ptl_exec_release(&exec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copy),    cmocka_unit_test(test_widens),
        cmocka_unit_test(test_view),    cmocka_unit_test(test_bad_arrays),
        cmocka_unit_test(test_apply),   cmocka_unit_test(test_diagonal),
        cmocka_unit_test(test_no_rows), cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
