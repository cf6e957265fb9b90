/* The ways between an executor's memory and the host's; in the guarded build also that every other
 * way is caught. */
#include "numbers.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/vector.h"
#include "core/memory.h"
#include "kernels/exec.h"
#include <petiole/petiole.h>

enum { N = 5 };

static ptl_exec *exec_of(void)
{
    ptl_exec *exec;
    assert_int_equal(ptl_exec_reference(&exec), PTL_OK);
    return exec;
}

static double *numbers(void)
{
    double *array;
    assert_int_equal(PTL_NEW(N, double, &array), PTL_OK);
    for (int i = 0; i < N; i++)
        array[i] = i + 1;
    return array;
}

static void assert_numbers(const double *array)
{
    for (int i = 0; i < N; i++)
        assert_true(array[i] == i + 1);
}

static void arrays_are_handed_over_and_read(void **state)
{
    (void)state;
    ptl_exec *exec = exec_of();
    const int64_t live = ptl__alloc_live();
    double *array = numbers(), *before = array;
    void *host, *nothing = NULL;
    const ptl__array arrays[] = {{(void **)&array, N, sizeof *array}, {&nothing, 3, 8}};
    assert_int_equal(ptl__from_host(exec, 2, arrays), PTL_OK);
    assert_true((array == before) == !exec->space);
    assert_null(nothing);
    assert_int_equal(ptl__to_host(exec, N, sizeof *array, array, &host), PTL_OK);
    assert_numbers(host);
    assert_true((host == array) == !exec->space);
    ptl__host_free(exec, host);
    ptl__exec_free(exec, array);
    assert_true(ptl__alloc_live() == live);
    ptl_exec_release(&exec);
}

static void a_failure_leaves_the_host_s_arrays(void **state)
{
    (void)state;
    ptl_exec *exec = exec_of();
    const int64_t live = ptl__alloc_live();
    double *a = numbers(), *b = numbers();
    const ptl__array arrays[] = {{(void **)&a, N, sizeof *a}, {(void **)&b, N, sizeof *b}};
    for (int n = 1; n <= 2 && exec->space; n++) {
        ptl__alloc_fail_after(n);
        assert_int_equal(ptl__from_host(exec, 2, arrays), PTL_NOMEM);
        ptl__alloc_fail_after(0);
        assert_numbers(a);
        assert_numbers(b);
    }
    ptl__free(a);
    ptl__free(b);
    assert_true(ptl__alloc_live() == live);
    ptl_exec_release(&exec);
}

static void rows_are_copied_both_ways(void **state)
{
    (void)state;
    ptl_exec *exec = exec_of();
    double given[2][3] = {{1, 2, 0}, {3, 4, 0}}, found[2][2];
    void *data;
    assert_int_equal(ptl__exec_alloc(exec, 10, sizeof(double), &data), PTL_OK);
    const ptl__block block = {data, 2, 2, 5};
    assert_int_equal(ptl__exec_write_rows(exec, sizeof(double), block, 3, given), PTL_OK);
    assert_int_equal(ptl__exec_read_rows(exec, sizeof(double), block, 2, found), PTL_OK);
    assert_true(found[0][0] == 1 && found[0][1] == 2 && found[1][0] == 3 && found[1][1] == 4);
    assert_int_equal(ptl__exec_clear(exec, 10, sizeof(double), data), PTL_OK);
    assert_int_equal(ptl__exec_read_rows(exec, sizeof(double), block, 2, found), PTL_OK);
    assert_true(found[0][0] == 0 && found[1][1] == 0);
    ptl__exec_free(exec, data);
    ptl_exec_release(&exec);
}

static void a_mirror_follows(void **state)
{
    (void)state;
    ptl_exec *exec = exec_of();
    double *array = numbers(), found[N];
    void *mirror = NULL;
    for (int again = 0; again < 2; again++) {
        array[2] = 7 + again;
        assert_int_equal(ptl__mirror(exec, N, sizeof *array, array, &mirror), PTL_OK);
        assert_int_equal(ptl__exec_read(exec, N, sizeof *array, mirror, found), PTL_OK);
        assert_true(found[2] == 7 + again && found[4] == 5);
    }
    ptl__mirror_free(exec, mirror);
    ptl__free(array);
    ptl_exec_release(&exec);
}

/* Another memory: the same calls over the host's. */
static ptl_status no_wait(void *queue)
{
    (void)queue;
    return PTL_OK;
}

static void operands_share_a_memory(void **state)
{
    (void)state;
    static const ptl__space elsewhere = {.name = "elsewhere", .wait = no_wait};
    ptl_exec *exec = exec_of(), *other = exec_of();
    const ptl__space *own = other->space;
    ptl_vector *x, *y;
    ptl_linop *identity;
    double result;
    const ptl_vector_shape shape = {N, N, 0, PTL_F64};
    assert_int_equal(ptl_vector_create(NULL, exec, shape, &x), PTL_OK);
    assert_int_equal(ptl_vector_create(NULL, other, shape, &y), PTL_OK);
    assert_int_equal(ptl_identity_create(NULL, exec, N, N, PTL_F64, &identity), PTL_OK);
    assert_int_equal(ptl_vector_copy_from(x, y), PTL_OK);
    other->space = &elsewhere;
    assert_int_equal(ptl_vector_copy_from(x, y), PTL_INVALID);
    assert_non_null(strstr(ptl_error_message(), "the same executor"));
    assert_int_equal(ptl_vector_dot(x, y, &result), PTL_INVALID);
    assert_int_equal(ptl_linop_apply(identity, NULL, x, NULL, y), PTL_INVALID);
    assert_non_null(strstr(ptl_error_message(), "y on"));
    other->space = own;
    assert_int_equal(ptl_linop_apply(identity, NULL, x, NULL, y), PTL_OK);
    ptl_linop_release(&identity);
    ptl_vector_release(&x);
    ptl_vector_release(&y);
    ptl_exec_release(&exec);
    ptl_exec_release(&other);
}

#ifdef PTL__GUARDED
#include "core/guarded.h"

/* The signal that ends a process which does this to a vector of ones; 0 where it ends by itself. */
static int signal_of(void (*mistake)(ptl_vector *v))
{
    int status;
    const pid_t child = fork();
    if (child == 0) {
        ptl_vector *v;
        const double one = 1;
        signal(SIGSEGV, SIG_DFL); /* cmocka's are not */
        signal(SIGABRT, SIG_DFL);
        if (ptl_vector_create(NULL, NULL, (ptl_vector_shape){N, N, 0, PTL_F64}, &v) != PTL_OK ||
            ptl_vector_fill(v, &one) != PTL_OK)
            _exit(1);
        mistake(v);
        _exit(0);
    }
    assert_true(child > 0 && waitpid(child, &status, 0) == child);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void read_by_the_library(ptl_vector *v)
{
    _exit(ptl__guarded_mistake(ptl_vector_data(v)) == 1 ? 0 : 1);
}

static void read_by_others(ptl_vector *v)
{
    _exit(*(double *)ptl_vector_data(v) == 1 ? 0 : 1);
}

static void give_host_memory_to_a_kernel(ptl_vector *v)
{
    double *host = numbers();
    ptl__vector_kernels_of(v)->copy(ptl__vector_run(v), (ptl__block){host, N, 1, 1},
                                    ptl__vector_block(v));
}

static void free_as_host_memory(ptl_vector *v)
{
    ptl__free(ptl_vector_data(v));
}

static void mistakes_are_caught(void **state)
{
    (void)state;
    assert_int_equal(signal_of(read_by_others), 0);
    assert_int_equal(signal_of(read_by_the_library), SIGSEGV);
    assert_int_equal(signal_of(give_host_memory_to_a_kernel), SIGABRT);
    assert_int_equal(signal_of(free_as_host_memory), SIGABRT);
}

static void sums_are_late_and_memory_is_nan(void **state)
{
    (void)state;
    ptl_vector *v;
    ptl_exec *exec = exec_of();
    double sum = 0;
    void *data;
    assert_int_equal(ptl_vector_create(NULL, exec, (ptl_vector_shape){N, N, 0, PTL_F64}, &v),
                     PTL_OK);
    ptl__vector_kernels_of(v)->sum(ptl__vector_run(v), ptl__vector_block(v), &sum);
    assert_true(isnan(sum));
    assert_int_equal(ptl__exec_wait(exec), PTL_OK);
    assert_true(sum == 0);
    assert_int_equal(ptl__exec_alloc(exec, N, sizeof(double), &data), PTL_OK);
    assert_true(isnan(((double *)data)[0]) && isnan(((double *)data)[N - 1]));
    ptl__exec_free(exec, data);
    ptl_vector_release(&v);
    ptl_exec_release(&exec);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_are_handed_over_and_read),
        cmocka_unit_test(a_failure_leaves_the_host_s_arrays),
        cmocka_unit_test(rows_are_copied_both_ways),
        cmocka_unit_test(a_mirror_follows),
        cmocka_unit_test(operands_share_a_memory),
#ifdef PTL__GUARDED
        cmocka_unit_test(mistakes_are_caught),
        cmocka_unit_test(sums_are_late_and_memory_is_nan),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
