/* Eigenvalues on one process, through the C interface: options, logs, callbacks, what is refused,
 * and memory that fails anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include <petiole/petiole.h>

enum { N = 60, K = 3 };

/* Second differences: eigenvalues 4 sin^2(j pi / (2 (N + 1))). */
static ptl_status differences(void *ctx, ptl_vector *x, ptl_vector *y)
{
    (void)ctx;
    const int64_t k = ptl_vector_columns(x), ldx = ptl_vector_ld(x), ldy = ptl_vector_ld(y);
    const double *from = ptl_vector_data(x);
    double *to = ptl_vector_data(y);
    for (int i = 0; i < N; i++)
        for (int64_t j = 0; j < k; j++)
            to[i * ldy + j] = 2 * from[i * ldx + j] - (i > 0 ? from[(i - 1) * ldx + j] : 0) -
                              (i < N - 1 ? from[(i + 1) * ldx + j] : 0);
    return PTL_OK;
}

static double eigenvalue(int j)
{
    const double s = sin(j * acos(-1) / (2 * (N + 1)));
    return 4 * s * s;
}

static ptl_linop *problem(void)
{
    const ptl_linop_callbacks callbacks = {.apply = differences};
    ptl_linop *A;
    assert_int_equal(ptl_linop_create(NULL, NULL, N, N, PTL_F64, &callbacks, NULL, &A), PTL_OK);
    return A;
}

static ptl_vector *guess(void)
{
    double data[N * K];
    ptl_vector *X;
    for (int i = 0; i < N * K; i++)
        data[i] = sin(1.0 + 7 * i + 0.1 * i * i);
    const ptl_vector_shape shape = {N, N, K, PTL_F64};
    assert_int_equal(ptl_vector_copy_of(NULL, NULL, shape, K, data, &X), PTL_OK);
    return X;
}

static ptl_status count(void *ctx, const ptl_eigen_event *event)
{
    int64_t *calls = ctx;
    assert_int_equal(event->iteration, *calls);
    assert_int_equal(ptl_vector_columns(event->vectors), K);
    ++*calls;
    return PTL_OK;
}

static void ends_of_the_spectrum(void **state)
{
    (void)state;
    ptl_linop *A = problem();
    ptl_vector *X = guess();
    double values[K];
    int64_t calls = 0;
    ptl_lobpcg_options options = PTL_LOBPCG_OPTIONS_INIT;
    options.tol = 1e-8;
    options.absolute = 1;
    options.maxiter = 300;
    options.smallest = 1;
    options.callback = count;
    options.callback_ctx = &calls;
    ptl_eigen_log *log;
    assert_int_equal(ptl_lobpcg(A, X, &options, values, &log), PTL_OK);
    assert_int_equal(ptl_eigen_log_converged(log), 1);
    assert_int_equal(ptl_eigen_log_columns(log), K);
    assert_int_equal(ptl_eigen_log_iterations(log), calls - 1);
    assert_non_null(strstr(ptl_eigen_log_text(log), "converged after"));
    for (int j = 0; j < K; j++) {
        assert_true(fabs(values[j] - eigenvalue(j + 1)) < 1e-12);
        assert_true(values[j] == ptl_eigen_log_values(log)[j]);
        assert_true(ptl_eigen_log_residual_norms(log)[j] <= 1e-8);
        assert_int_equal(ptl_eigen_log_reasons(log)[j], PTL_REASON_ATOL);
        assert_true(ptl_eigen_log_history(log)[(calls - 1) * K + j] <= 1e-8);
    }
    ptl_eigen_log_release(&log);
    options.smallest = 0;
    options.callback = NULL;
    ptl_vector_release(&X);
    X = guess();
    assert_int_equal(ptl_lobpcg(A, X, &options, values, NULL), PTL_OK);
    for (int j = 0; j < K; j++)
        assert_true(fabs(values[j] - eigenvalue(N - j)) < 1e-12);
    assert_int_equal(ptl_rayleigh_ritz(A, NULL, X, values), PTL_OK);
    assert_true(fabs(values[0] - eigenvalue(N - K + 1)) < 1e-12 && values[0] < values[1]);
    ptl_vector_release(&X);
    ptl_linop_release(&A);
}

static void what_is_refused(void **state)
{
    (void)state;
    ptl_linop *A = problem();
    ptl_vector *X = guess();
    ptl_factory *jacobi;
    double values[K];
    assert_int_equal(ptl_jacobi_factory(NULL, &jacobi), PTL_OK);
    ptl_eigen_log *log;
    ptl_lobpcg_options negative = PTL_LOBPCG_OPTIONS_INIT, both = negative, less = negative;
    negative.tol = -1;
    both.precond = A;
    both.precond_factory = jacobi;
    less.maxiter = -1;
    assert_int_equal(ptl_lobpcg(NULL, X, NULL, values, &log), PTL_INVALID);
    assert_int_equal(ptl_lobpcg(A, NULL, NULL, values, &log), PTL_INVALID);
    assert_null(log);
    assert_int_equal(ptl_lobpcg(A, X, &negative, values, &log), PTL_INVALID);
    assert_int_equal(ptl_lobpcg(A, X, &both, values, &log), PTL_INVALID);
    assert_int_equal(ptl_lobpcg(A, X, &less, values, &log), PTL_INVALID);
    less = (ptl_lobpcg_options){.maxiter = 1};
    assert_int_equal(ptl_lobpcg(A, X, &less, values, &log), PTL_INVALID);
    assert_non_null(strstr(ptl_error_message(), "PTL_LOBPCG_OPTIONS_INIT"));
    assert_int_equal(ptl_rayleigh_ritz(A, NULL, NULL, values), PTL_INVALID);
    ptl_factory_release(&jacobi);
    ptl_vector_release(&X);
    ptl_linop_release(&A);
}

/* Every allocation fails once; the calls fail, leave X as it was and lose no memory. */
static void memory_that_fails(void **state)
{
    (void)state;
    ptl_linop *A = problem(), *B;
    ptl_vector *X = guess(), *before, *Y;
    const ptl_vector_shape one = {N, N, 1, PTL_F64};
    double ones[N];
    for (int i = 0; i < N; i++)
        ones[i] = 1;
    assert_int_equal(ptl_identity_create(NULL, NULL, N, N, PTL_F64, &B), PTL_OK);
    assert_int_equal(ptl_vector_clone(X, &before), PTL_OK);
    assert_int_equal(ptl_vector_copy_of(NULL, NULL, one, 1, ones, &Y), PTL_OK);
    ptl_lobpcg_options options = PTL_LOBPCG_OPTIONS_INIT;
    options.B = B;
    options.constraints = Y;
    options.maxiter = 4;
    const size_t bytes = sizeof(double) * N * K;
    double values[K];
    ptl_status status = PTL_NOMEM;
    for (int n = 1; status != PTL_OK; n++) {
        const int64_t live = ptl__alloc_live();
        assert_memory_equal(ptl_vector_data(X), ptl_vector_data(before), bytes);
        ptl__alloc_fail_after(n);
        status =
            n % 2 ? ptl_lobpcg(A, X, &options, values, NULL) : ptl_rayleigh_ritz(A, B, X, values);
        ptl__alloc_fail_after(0);
        assert_int_equal(ptl__alloc_live(), live);
        assert_true(status == PTL_NOMEM || status == PTL_OK);
    }
    assert_int_equal(ptl_vector_copy_from(X, before), PTL_OK);
    status = PTL_NOMEM;
    for (int n = 1; status != PTL_OK; n++) {
        const int64_t live = ptl__alloc_live();
        ptl__alloc_fail_after(n);
        status = ptl_lobpcg(A, X, &options, values, NULL);
        ptl__alloc_fail_after(0);
        assert_int_equal(ptl__alloc_live(), live);
        assert_true(status == PTL_NOMEM || status == PTL_OK);
    }
    ptl_vector_release(&X);
    ptl_vector_release(&Y);
    ptl_vector_release(&before);
    ptl_linop_release(&B);
    ptl_linop_release(&A);
}

int main(void)
{
    ptl_vector *X = guess();
    ptl_linop *A = problem();
    double values[K];
    const int there = ptl_rayleigh_ritz(A, NULL, X, values) != PTL_NOT_SUPPORTED;
    ptl_vector_release(&X);
    ptl_linop_release(&A);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_of_the_spectrum),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(memory_that_fails),
    };
    return there ? cmocka_run_group_tests(tests, NULL, NULL) : 77; /* skipped: no LAPACK */
}
