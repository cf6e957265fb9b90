/* Executors: instruction sets, threads, the default, memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/memory.h"
#include "kernels/exec.h"
#include "kernels/kernels.h"

static int environment_gives(const char *text)
{
    ptl_exec *exec;
    if (text)
        setenv("OMP_NUM_THREADS", text, 1);
    else
        unsetenv("OMP_NUM_THREADS");
    assert_int_equal(ptl_exec_openmp(0, &exec), PTL_OK);
    const int threads = ptl_exec_threads(exec);
    ptl_exec_release(&exec);
    return threads;
}

static void test_threads(void **state)
{
    (void)state;
    ptl_exec *exec;
    assert_int_equal(ptl_exec_openmp(3, &exec), PTL_OK);
    assert_int_equal(ptl_exec_threads(exec), 3);
    assert_int_equal(ptl_exec_get_kind(exec), PTL_EXEC_OPENMP);
    assert_string_equal(ptl_exec_name(exec), "openmp");
    assert_int_equal(ptl_exec_synchronize(exec), PTL_OK);
    ptl_exec_release(&exec);
    assert_null(exec);

    assert_int_equal(environment_gives(NULL), 1);
    assert_int_equal(environment_gives("4"), 4);
    assert_int_equal(environment_gives("2,3"), 2);
    assert_int_equal(environment_gives("0"), 1);
    assert_int_equal(environment_gives("-2"), 1);
    assert_int_equal(environment_gives("many"), 1);
    assert_int_equal(environment_gives("2x"), 1);
    assert_int_equal(environment_gives(""), 1);
    assert_int_equal(environment_gives("99999999999999999999"), 1024);
}

static void test_bad_threads(void **state)
{
    (void)state;
    ptl_exec *exec = (ptl_exec *)&exec;
    assert_int_equal(ptl_exec_openmp(-1, &exec), PTL_INVALID);
    assert_null(exec);
    assert_int_equal(ptl_exec_openmp(1025, &exec), PTL_INVALID);
    assert_string_equal(ptl_error_message(),
                        "threads is 1025: expected 0 (OMP_NUM_THREADS, else one) to 1024");
}

static void test_reference(void **state)
{
    (void)state;
    ptl_exec *exec;
    assert_int_equal(ptl_exec_reference(&exec), PTL_OK);
    assert_int_equal(ptl_exec_get_kind(exec), PTL_EXEC_REFERENCE);
    assert_string_equal(ptl_exec_name(exec), "reference");
    assert_int_equal(ptl_exec_threads(exec), 1);
    ptl_exec_release(&exec);
}

static void test_default(void **state)
{
    (void)state;
    ptl_exec *first, *reference, *now;
    unsetenv("OMP_NUM_THREADS");
    assert_int_equal(ptl_exec_default(&first), PTL_OK);
    assert_int_equal(ptl_exec_get_kind(first), PTL_EXEC_OPENMP);
    assert_int_equal(ptl_exec_default(&now), PTL_OK);
    assert_ptr_equal(now, first);
    ptl_exec_release(&now);

    assert_int_equal(ptl_exec_reference(&reference), PTL_OK);
    assert_int_equal(ptl_exec_set_default(reference), PTL_OK);
    ptl_exec_release(&reference);
    assert_int_equal(ptl__exec_or_default(NULL, &now), PTL_OK);
    assert_int_equal(ptl_exec_get_kind(now), PTL_EXEC_REFERENCE);
    ptl_exec_release(&now);
    assert_int_equal(ptl__exec_or_default(first, &now), PTL_OK);
    assert_ptr_equal(now, first);
    ptl_exec_release(&now);

    assert_int_equal(ptl_exec_set_default(first), PTL_OK);
    ptl_exec_release(&first);
    assert_int_equal(ptl_exec_set_default(NULL), PTL_INVALID);
}

static void test_no_memory(void **state)
{
    (void)state;
    ptl_exec *exec = (ptl_exec *)&exec;
    ptl__alloc_fail_after(1);
    assert_int_equal(ptl_exec_reference(&exec), PTL_NOMEM);
    ptl__alloc_fail_after(0);
    assert_null(exec);
}

static void test_memory(void **state)
{
    (void)state;
    const int64_t live = ptl__alloc_live();
    ptl_exec *exec;
    void *block;
    assert_int_equal(ptl_exec_openmp(1, &exec), PTL_OK);
    assert_int_equal(ptl__exec_alloc(exec, 10, sizeof(double), &block), PTL_OK);
    assert_non_null(block);
    ptl__exec_free(exec, block);
    assert_int_equal(ptl__exec_alloc(exec, INT64_MAX, sizeof(double), &block), PTL_NOMEM);
    assert_null(block);
    ptl_exec_release(&exec);
    assert_int_equal(ptl__alloc_live(), live);
}

static void assert_full(const void *table, size_t size)
{
    const void *const *slots = table;
    assert_non_null(table);
    for (size_t i = 0; i < size / sizeof *slots; ++i)
        assert_non_null(slots[i]);
}

/* All slots for entries of m and vectors of v; none where only the former are complex. */
static void check_pair(const ptl__kernels *k, int m, int v)
{
    const int mixes = !ptl_dtype_is_complex((ptl_dtype)m) || ptl_dtype_is_complex((ptl_dtype)v);
    if (mixes)
        assert_full(k->dense[m][v], sizeof(ptl__dense_kernels));
    else
        assert_null(k->dense[m][v]);
    for (int itype = 0; itype < PTL_ITYPE_COUNT; ++itype) {
        if (mixes)
            assert_full(k->sparse[m][v][itype], sizeof(ptl__sparse_kernels));
        else
            assert_null(k->sparse[m][v][itype]);
    }
}

static void test_tables_are_full(void **state)
{
    (void)state;
    const ptl__kernels *all[1 + PTL__ISAS_MAX] = {&ptl__kernels_reference};
    const int count = 1 + ptl__kernels_openmp_all(all + 1);
    for (int i = 0; i < count; ++i)
        for (int v = 0; v < PTL_DTYPE_COUNT; ++v) {
            assert_full(all[i]->vector[v], sizeof(ptl__vector_kernels));
            for (int itype = 0; itype < PTL_ITYPE_COUNT; ++itype)
                assert_full(all[i]->index[v][itype], sizeof(ptl__index_kernels));
            for (int m = 0; m < PTL_DTYPE_COUNT; ++m)
                check_pair(all[i], m, v);
        }
}

/* The choice is made once, when an executor is made, so this runs first. */
static void test_isa(void **state)
{
    (void)state;
    const ptl__kernels *all[PTL__ISAS_MAX], *chosen;
    const int count = ptl__kernels_openmp_all(all);
    ptl_exec *exec = (ptl_exec *)&exec;
    assert_string_equal(all[0]->isa, "baseline");

    setenv("PETIOLE_ISA", "sse9", 1);
    assert_int_equal(ptl_exec_openmp(1, &exec), PTL_INVALID);
    assert_null(exec);
    assert_int_equal(ptl_exec_default(&exec), PTL_INVALID);
    assert_string_equal(ptl_error_message(),
                        "PETIOLE_ISA is \"sse9\": expected baseline, avx2 or avx512");
    if (count < PTL__ISAS_MAX) {
        setenv("PETIOLE_ISA", "avx512", 1);
        assert_int_equal(ptl_exec_openmp(1, &exec), PTL_NOT_SUPPORTED);
    }
    setenv("PETIOLE_ISA", "baseline", 1);
    assert_int_equal(ptl_exec_openmp(1, &exec), PTL_OK);
    assert_string_equal(ptl_exec_isa(exec), "baseline");
    ptl_exec_release(&exec);

    unsetenv("PETIOLE_ISA");
    assert_int_equal(ptl__kernels_openmp(&chosen), PTL_OK);
    assert_ptr_equal(chosen, &ptl__kernels_openmp_baseline);
    assert_int_equal(ptl_exec_reference(&exec), PTL_OK);
    assert_string_equal(ptl_exec_isa(exec), "");
    ptl_exec_release(&exec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_isa),         cmocka_unit_test(test_threads),
        cmocka_unit_test(test_bad_threads), cmocka_unit_test(test_reference),
        cmocka_unit_test(test_default),     cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_memory),      cmocka_unit_test(test_tables_are_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
