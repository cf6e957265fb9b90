/* Vectors on one process. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/vector.h"
#include "core/memory.h"

static const double one = 1, two = 2;

static ptl_vector *vector_of(int64_t rows, int64_t columns, const double *data)
{
    ptl_vector *v;
    const ptl_vector_shape shape = {-1, rows, columns, PTL_F64};
    assert_int_equal(ptl_vector_copy_of(NULL, NULL, shape, columns ? columns : 1, data, &v),
                     PTL_OK);
    return v;
}

static double at(ptl_vector *v, int64_t i)
{
    return ((double *)ptl_vector_data(v))[i];
}

static void test_create(void **state)
{
    (void)state;
    ptl_vector *v;
    assert_int_equal(ptl_vector_create(NULL, NULL, (ptl_vector_shape){-1, 5, 0, PTL_C64}, &v),
                     PTL_OK);
    assert_int_equal(ptl_vector_ndim(v), 1);
    assert_int_equal(ptl_vector_columns(v), 1);
    assert_int_equal(ptl_vector_rows(v), 5);
    assert_int_equal(ptl_vector_local_rows(v), 5);
    assert_int_equal(ptl_vector_ld(v), 1);
    assert_int_equal(ptl_vector_dtype(v), PTL_C64);
    assert_int_equal(ptl_comm_size(ptl_vector_comm(v)), 1);
    assert_non_null(ptl_vector_exec(v));
    assert_null(ptl_vector_partition(v));
    for (int i = 0; i < 10; ++i)
        assert_true(((float *)ptl_vector_data(v))[i] == 0);
    ptl_vector_release(&v);
    assert_null(v);
    assert_int_equal(ptl_vector_create(NULL, NULL, (ptl_vector_shape){0, 0, 3, PTL_F32}, &v),
                     PTL_OK);
    assert_int_equal(ptl_vector_ndim(v), 2);
    assert_int_equal(ptl_vector_columns(v), 3);
    ptl_vector_release(&v);
}

static ptl_status create(ptl_vector_shape shape)
{
    ptl_vector *v = (ptl_vector *)&v;
    ptl_status status = ptl_vector_create(NULL, NULL, shape, &v);
    assert_null(v);
    return status;
}

static void test_bad_shapes(void **state)
{
    (void)state;
    const int64_t live = ptl__alloc_live();
    assert_int_equal(create((ptl_vector_shape){-1, -3, 0, PTL_F64}), PTL_INVALID);
    assert_string_equal(ptl_error_message(), "local_rows is -3: expected 0 or more");
    assert_int_equal(create((ptl_vector_shape){-2, 3, 0, PTL_F64}), PTL_INVALID);
    assert_int_equal(create((ptl_vector_shape){-1, 3, -1, PTL_F64}), PTL_INVALID);
    assert_int_equal(create((ptl_vector_shape){-1, 3, 0, (ptl_dtype)7}), PTL_DTYPE);
    assert_int_equal(create((ptl_vector_shape){-1, 3, 0, (ptl_dtype)-1}), PTL_DTYPE);
    assert_int_equal(create((ptl_vector_shape){4, 3, 0, PTL_F64}), PTL_DIMENSION);
    assert_string_equal(ptl_error_message(),
                        "global_rows is 4, but the ranks' local_rows add up to 3");
    assert_int_equal(create((ptl_vector_shape){-1, INT64_MAX, 4, PTL_F64}), PTL_NOMEM);
    assert_int_equal(ptl__alloc_live(), live);
}

static int released;

static void count_release(void *ctx)
{
    released += *(int *)ctx;
}

static void test_view(void **state)
{
    (void)state;
    double data[8] = {1, 2, -1, 3, 4, -1, 5, 6};
    int weight = 1;
    ptl_vector *v;
    const ptl_vector_shape shape = {3, 3, 2, PTL_F64};
    released = 0;
    assert_int_equal(ptl_vector_view(NULL, NULL, shape, 3, data, count_release, &weight, &v),
                     PTL_OK);
    assert_ptr_equal(ptl_vector_data(v), data);
    assert_int_equal(ptl_vector_ld(v), 3);
    const double factors[2] = {2, 10};
    assert_int_equal(ptl_vector_scale(v, factors), PTL_OK);
    const double expected[8] = {2, 20, -1, 6, 40, -1, 10, 60};
    assert_memory_equal(data, expected, sizeof data);
    assert_int_equal(released, 0);
    ptl_vector_retain(v);
    ptl_vector *again = v;
    ptl_vector_release(&again);
    assert_int_equal(released, 0);
    ptl_vector_release(&v);
    assert_int_equal(released, 1);

    assert_int_equal(ptl_vector_view(NULL, NULL, shape, 3, data, NULL, NULL, &v), PTL_OK);
    ptl_vector_release(&v);
}

static ptl_status view(ptl_vector_shape shape, int64_t ld, void *data)
{
    int weight = 1;
    ptl_vector *v = (ptl_vector *)&v;
    released = 0;
    ptl_status status = ptl_vector_view(NULL, NULL, shape, ld, data, count_release, &weight, &v);
    assert_null(v);
    assert_int_equal(released, 1);
    return status;
}

static void test_bad_views(void **state)
{
    (void)state;
    double data[4] = {0};
    const ptl_vector_shape shape = {-1, 2, 2, PTL_F64};
    assert_int_equal(view(shape, 1, data), PTL_INVALID);
    assert_string_equal(ptl_error_message(), "ld is 1: expected at least the 2 columns");
    assert_int_equal(view(shape, 2, NULL), PTL_INVALID);
    assert_int_equal(view((ptl_vector_shape){-1, 1, 0, PTL_F64}, 1, (char *)data + 4), PTL_INVALID);
    assert_int_equal(view((ptl_vector_shape){5, 2, 2, PTL_F64}, 2, data), PTL_DIMENSION);
    ptl__alloc_fail_after(1);
    assert_int_equal(view(shape, 2, data), PTL_NOMEM);
    ptl__alloc_fail_after(0);
}

static void test_copies(void **state)
{
    (void)state;
    const double data[6] = {1, 2, 9, 3, 4, 9};
    ptl_vector *v, *w;
    assert_int_equal(
        ptl_vector_copy_of(NULL, NULL, (ptl_vector_shape){-1, 2, 2, PTL_F64}, 3, data, &v), PTL_OK);
    assert_true(at(v, 0) == 1 && at(v, 1) == 2 && at(v, 2) == 3 && at(v, 3) == 4);
    assert_int_equal(ptl_vector_clone(v, &w), PTL_OK);
    assert_int_equal(ptl_vector_ndim(w), 2);
    assert_ptr_equal(ptl_vector_comm(w), ptl_vector_comm(v));
    assert_int_equal(ptl_vector_fill(v, &two), PTL_OK);
    assert_true(at(v, 3) == 2 && at(w, 3) == 4);
    assert_int_equal(ptl_vector_copy_from(v, w), PTL_OK);
    assert_true(at(v, 3) == 4);
    ptl_vector_release(&w);
    assert_int_equal(ptl_vector_zeros_like(v, &w), PTL_OK);
    assert_true(at(w, 3) == 0);
    ptl_vector_release(&w);
    ptl_vector_release(&v);
}

static void test_astype(void **state)
{
    (void)state;
    ptl_vector *v = vector_of(2, 0, (double[]){1.5, -2}), *c, *f;
    assert_int_equal(ptl_vector_astype(v, PTL_C128, &c), PTL_OK);
    const ptl_c128 *z = ptl_vector_data(c);
    assert_true(z[1].re == -2 && z[1].im == 0);
    assert_int_equal(ptl_vector_astype(c, PTL_F32, &f), PTL_DTYPE);
    assert_null(f);
    assert_int_equal(ptl_vector_astype(v, PTL_DTYPE_ALL, &f), PTL_DTYPE);
    assert_int_equal(ptl_vector_astype(v, PTL_F32, &f), PTL_OK);
    assert_true(((float *)ptl_vector_data(f))[0] == 1.5f);
    assert_int_equal(ptl_vector_ndim(f), 1);
    ptl_vector_release(&f);
    ptl_vector_release(&c);
    ptl_vector_release(&v);
}

static void test_arithmetic(void **state)
{
    (void)state;
    ptl_vector *v = vector_of(3, 0, (double[]){1, 2, 3}), *x = vector_of(3, 0, (double[]){1, 1, 2});
    assert_int_equal(ptl_vector_add_scaled(v, &two, x), PTL_OK);
    assert_true(at(v, 0) == 3 && at(v, 2) == 7);
    assert_int_equal(ptl_vector_sub_scaled(v, &one, x), PTL_OK);
    assert_true(at(v, 0) == 2 && at(v, 2) == 5);
    assert_int_equal(ptl_vector_add_scaled(v, &one, v), PTL_OK); /* with itself */
    assert_true(at(v, 0) == 4 && at(v, 2) == 10);
    assert_int_equal(ptl_vector_inv_scale(v, &two), PTL_OK);
    assert_true(at(v, 0) == 2 && at(v, 2) == 5);
    ptl_vector_release(&x);
    ptl_vector_release(&v);
}

static void test_operands_must_fit(void **state)
{
    (void)state;
    ptl_vector *v = vector_of(3, 0, (double[]){1, 2, 3}), *x = vector_of(2, 0, (double[]){1, 1}),
               *f;
    double result;
    assert_int_equal(ptl_vector_add_scaled(v, &two, x), PTL_DIMENSION);
    assert_int_equal(ptl_vector_copy_from(v, x), PTL_DIMENSION);
    assert_int_equal(ptl_vector_dot(v, x, &result), PTL_DIMENSION);
    assert_int_equal(ptl_vector_astype(v, PTL_F32, &f), PTL_OK);
    assert_int_equal(ptl_vector_sub_scaled(v, &two, f), PTL_DTYPE);
    assert_int_equal(ptl_vector_conj_dot(v, f, &result), PTL_DTYPE);
    assert_string_equal(ptl_error_message(), "y has dtype float32: expected x's, float64");
    assert_int_equal(ptl_vector_norm(v, (ptl_norm)9, &result), PTL_INVALID);
    assert_int_equal(ptl_vector_norm(v, PTL_NORM_1, &result), PTL_OK); /* none is left in use */
    ptl_vector_release(&f);
    ptl_vector_release(&x);
    ptl_vector_release(&v);
}

static void test_reductions(void **state)
{
    (void)state;
    ptl_vector *v = vector_of(2, 2, (double[]){1, -2, 3, -4});
    double r[2];
    assert_int_equal(ptl_vector_dot(v, v, r), PTL_OK);
    assert_true(r[0] == 10 && r[1] == 20);
    assert_int_equal(ptl_vector_sum(v, r), PTL_OK);
    assert_true(r[0] == 4 && r[1] == -6);
    assert_int_equal(ptl_vector_mean(v, r), PTL_OK);
    assert_true(r[0] == 2 && r[1] == -3);
    assert_int_equal(ptl_vector_norm(v, PTL_NORM_1, r), PTL_OK);
    assert_true(r[0] == 4 && r[1] == 6);
    assert_int_equal(ptl_vector_norm(v, PTL_NORM_2, r), PTL_OK);
    assert_true(r[0] == sqrt(10) && r[1] == sqrt(20));
    assert_int_equal(ptl_vector_norm(v, PTL_NORM_INF, r), PTL_OK);
    assert_true(r[0] == 3 && r[1] == 4);
    ((double *)ptl_vector_data(v))[0] = NAN;
    assert_int_equal(ptl_vector_norm(v, PTL_NORM_INF, r), PTL_OK);
    assert_true(isnan(r[0]) && r[1] == 4);
    ptl_vector_release(&v);
}

static void test_complex_reductions(void **state)
{
    (void)state;
    const ptl_c64 data[2] = {{1, 2}, {3, -1}};
    ptl_vector *v;
    ptl_c128 r;
    double norm;
    assert_int_equal(
        ptl_vector_copy_of(NULL, NULL, (ptl_vector_shape){2, 2, 0, PTL_C64}, 1, data, &v), PTL_OK);
    assert_int_equal(ptl_vector_dot(v, v, &r), PTL_OK);
    assert_true(r.re == 5 && r.im == -2); /* (1+2i)^2 + (3-i)^2 = -3+4i + 8-6i */
    assert_int_equal(ptl_vector_conj_dot(v, v, &r), PTL_OK);
    assert_true(r.re == 15 && r.im == 0);
    assert_int_equal(ptl_vector_mean(v, &r), PTL_OK);
    assert_true(r.re == 2 && r.im == 0.5);
    assert_int_equal(ptl_vector_norm(v, PTL_NORM_2, &norm), PTL_OK);
    assert_true(norm == sqrt(15));
    ptl_vector_release(&v);
}

static void test_nothing_at_all(void **state)
{
    (void)state;
    ptl_vector *v;
    double r = 7;
    assert_int_equal(ptl_vector_create(NULL, NULL, (ptl_vector_shape){-1, 0, 0, PTL_F64}, &v),
                     PTL_OK);
    assert_int_equal(ptl_vector_rows(v), 0);
    assert_int_equal(ptl_vector_norm(v, PTL_NORM_INF, &r), PTL_OK);
    assert_true(r == 0);
    assert_int_equal(ptl_vector_dot(v, v, &r), PTL_OK);
    assert_true(r == 0);
    assert_int_equal(ptl_vector_mean(v, &r), PTL_OK);
    assert_true(isnan(r));
    assert_int_equal(ptl_vector_scale(v, &two), PTL_OK);
    ptl_vector_release(&v);
}

static void test_map(void **state)
{
    (void)state;
    const ptl_c128 data[1] = {{3, -4}};
    ptl_vector *v, *m;
    assert_int_equal(
        ptl_vector_copy_of(NULL, NULL, (ptl_vector_shape){1, 1, 0, PTL_C128}, 1, data, &v), PTL_OK);
    const double expected[] = {5, 3, -4};
    for (int map = PTL_MAP_ABS; map <= PTL_MAP_IMAG; ++map) {
        assert_int_equal(ptl_vector_map(v, (ptl_map)map, &m), PTL_OK);
        assert_int_equal(ptl_vector_dtype(m), PTL_F64);
        assert_true(at(m, 0) == expected[map]);
        ptl_vector_release(&m);
    }
    assert_int_equal(ptl_vector_map(v, PTL_MAP_CONJ, &m), PTL_OK);
    assert_true(((ptl_c128 *)ptl_vector_data(m))->im == 4);
    ptl_vector_release(&m);
    assert_int_equal(ptl_vector_map(v, (ptl_map)4, &m), PTL_INVALID);
    assert_null(m);
    ptl_vector_release(&v);
}

static void test_busy(void **state)
{
    (void)state;
    ptl_vector *v = vector_of(1, 0, &one);
    double r;
    assert_int_equal(ptl__busy_begin(v, "vector"), PTL_OK);
    assert_int_equal(ptl_vector_scale(v, &two), PTL_BUSY);
    assert_int_equal(ptl_vector_norm(v, PTL_NORM_2, &r), PTL_BUSY);
    ptl__busy_end(v);
    assert_int_equal(ptl_vector_scale(v, &two), PTL_OK);
    ptl_vector_release(&v);
}

static void test_local_shell(void **state)
{
    (void)state;
    ptl_vector *v = vector_of(2, 0, (double[]){1, 2}), *local, *alias = v;
    assert_int_equal(ptl__vector_local_shell(v, &local), PTL_OK);
    assert_ptr_equal(ptl_vector_data(local), ptl_vector_data(v));
    assert_int_equal(ptl_vector_ndim(local), 1);
    ptl_vector_release(&alias); /* the shell keeps it */
    assert_true(at(local, 1) == 2);
    ptl_vector_release(&local);
}

/* Whichever allocation fails, the call says so and nothing leaks. */
static void test_no_memory(void **state)
{
    (void)state;
    ptl_vector *v = vector_of(4, 2, (double[8]){0}), *w;
    double r[2];
    const int64_t live = ptl__alloc_live();
    for (int n = 1; n <= 2; ++n) {
        ptl__alloc_fail_after(n);
        assert_int_equal(ptl_vector_clone(v, &w), PTL_NOMEM);
        assert_null(w);
        ptl__alloc_fail_after(0);
        assert_int_equal(ptl__alloc_live(), live);
    }
    ptl__alloc_fail_after(1);
    assert_int_equal(ptl_vector_norm(v, PTL_NORM_INF, r), PTL_NOMEM);
    ptl__alloc_fail_after(0);
    assert_int_equal(ptl_vector_norm(v, PTL_NORM_INF, r), PTL_OK);
    assert_int_equal(ptl__alloc_live(), live);
    ptl_vector_release(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create),         cmocka_unit_test(test_bad_shapes),
        cmocka_unit_test(test_view),           cmocka_unit_test(test_bad_views),
        cmocka_unit_test(test_copies),         cmocka_unit_test(test_astype),
        cmocka_unit_test(test_arithmetic),     cmocka_unit_test(test_operands_must_fit),
        cmocka_unit_test(test_reductions),     cmocka_unit_test(test_complex_reductions),
        cmocka_unit_test(test_nothing_at_all), cmocka_unit_test(test_map),
        cmocka_unit_test(test_busy),           cmocka_unit_test(test_local_shell),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
