/* Status, objects, memory and types. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/memory.h"
#include "core/object.h"
#include "core/status.h"
#include <petiole/types.h>
#include <petiole/version.h>

static void names_and_texts(void **state)
{
    (void)state;
    assert_string_equal(ptl_status_name(PTL_DIMENSION), "DIMENSION");
    assert_string_equal(ptl_status_text(PTL_OK), "success");
    assert_string_equal(ptl_status_name((ptl_status)99), "UNKNOWN");
    assert_string_equal(ptl_status_text((ptl_status)-1), "unknown status");
}

static void failure_is_kept(void **state)
{
    (void)state;
    assert_int_equal(ptl_fail(PTL_INDEX, "row %d", 7), PTL_INDEX);
    assert_string_equal(ptl_error_message(), "row 7");
    assert_int_equal(ptl_error_rank(), -1);
    /* the last message may be an argument of the next */
    assert_int_equal(ptl_fail(PTL_IO, "in f: %s", ptl_error_message()), PTL_IO);
    assert_string_equal(ptl_error_message(), "in f: row 7");
    assert_int_equal(ptl__last_error()->code, PTL_IO);
}

static void long_message_is_cut(void **state)
{
    (void)state;
    ptl_status status = ptl_fail(PTL_INVALID, "%5000d", 1);
    assert_int_equal(status, PTL_INVALID);
    assert_int_equal(strlen(ptl_error_message()), PTL__MESSAGE_SIZE - 1);
}

static ptl_status positive(int x)
{
    PTL_CHECK(x > 0, PTL_INVALID, "x is %d: expected more than 0", x);
    return PTL_OK;
}

static ptl_status passes_on(int x)
{
    PTL_TRY(positive(x));
    return PTL_OK;
}

static void check_and_try(void **state)
{
    (void)state;
    assert_int_equal(passes_on(1), PTL_OK);
    assert_int_equal(passes_on(-2), PTL_INVALID);
    assert_string_equal(ptl_error_message(), "x is -2: expected more than 0");
}

static void *fail_elsewhere(void *seen)
{
    *(int *)seen = (int)strlen(ptl_error_message());
    (void)ptl_fail(PTL_NOMEM, "another thread's");
    return NULL;
}

static void message_belongs_to_thread(void **state)
{
    (void)state;
    (void)ptl_fail(PTL_IO, "mine");
    int seen = -1;
    pthread_t thread;
    pthread_create(&thread, NULL, fail_elsewhere, &seen);
    pthread_join(thread, NULL);
    assert_int_equal(seen, 0);
    assert_string_equal(ptl_error_message(), "mine");
}

static void memory_is_aligned_and_counted(void **state)
{
    (void)state;
    int64_t before = ptl__alloc_live();
    double *a;
    char *empty;
    assert_int_equal(PTL_NEW_ZERO(1000, double, &a), PTL_OK);
    assert_int_equal(PTL_NEW(0, char, &empty), PTL_OK);
    assert_non_null(empty);
    assert_int_equal((uintptr_t)a % 64, 0);
    for (int i = 0; i < 1000; i++)
        assert_true(a[i] == 0);
    assert_int_equal(ptl__alloc_live(), before + 2);
    ptl__free(a);
    ptl__free(empty);
    ptl__free(NULL);
    assert_int_equal(ptl__alloc_live(), before);
}

static void impossible_sizes(void **state)
{
    (void)state;
    void *block = &block;
    assert_int_equal(ptl__alloc(INT64_MAX, 16, &block), PTL_NOMEM);
    assert_null(block);
    assert_int_equal(ptl__alloc(-1, 8, &block), PTL_NOMEM);
    assert_int_equal(ptl__alloc(INT64_MAX, 1, &block), PTL_NOMEM);
    assert_non_null(strstr(ptl_error_message(), "9223372036854775807"));
}

static void growing_keeps(void **state)
{
    (void)state;
    int64_t before = ptl__alloc_live();
    int *a = NULL;
    assert_int_equal(ptl__grow(0, 2, sizeof *a, (void **)&a), PTL_OK);
    a[0] = 3, a[1] = 4;
    assert_int_equal(ptl__grow(2, 1000, sizeof *a, (void **)&a), PTL_OK);
    assert_int_equal(a[0], 3);
    assert_int_equal(a[1], 4);
    int *same = a;
    ptl__alloc_fail_after(1);
    assert_int_equal(ptl__grow(1000, 2000, sizeof *a, (void **)&a), PTL_NOMEM);
    ptl__alloc_fail_after(0);
    assert_ptr_equal(a, same);
    ptl__free(a);
    assert_int_equal(ptl__alloc_live(), before);
}

static void injected_failure_lasts(void **state)
{
    (void)state;
    char *a, *b;
    ptl__alloc_fail_after(2);
    assert_int_equal(PTL_NEW(1, char, &a), PTL_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(PTL_NEW(1, char, &b), PTL_NOMEM);
        assert_null(b);
    }
    ptl__alloc_fail_after(0);
    assert_int_equal(PTL_NEW(1, char, &b), PTL_OK);
    ptl__free(a);
    ptl__free(b);
}

typedef struct thing {
    ptl__object object;
    int *destroyed;
} thing;

static void destroy_thing(void *self)
{
    ++*((thing *)self)->destroyed;
    ptl__free(self);
}

thing *thing_retain(thing *self);
void thing_release(thing **self);
PTL__OBJECT_FUNCTIONS(thing)

static void references(void **state)
{
    (void)state;
    int destroyed = 0;
    thing *a;
    assert_int_equal(PTL_NEW_ZERO(1, thing, &a), PTL_OK);
    ptl__object_init(a, destroy_thing);
    a->destroyed = &destroyed;
    thing *b = thing_retain(a);
    assert_ptr_equal(a, b);
    thing_release(&a);
    assert_null(a);
    assert_int_equal(destroyed, 0);
    thing_release(&a);
    thing_release(NULL);
    thing_release(&b);
    assert_int_equal(destroyed, 1);
    assert_null(thing_retain(NULL));
}

static void busy_once(void **state)
{
    (void)state;
    thing a;
    ptl__object_init(&a, NULL);
    assert_int_equal(ptl__busy_begin(&a, "the vector"), PTL_OK);
    assert_int_equal(ptl__busy_begin(&a, "the vector"), PTL_BUSY);
    assert_string_equal(ptl_error_message(), "the vector is in use by another call");
    ptl__busy_end(&a);
    assert_int_equal(ptl__busy_begin(&a, "the vector"), PTL_OK);
}

static void types(void **state)
{
    (void)state;
    assert_int_equal(ptl_dtype_size(PTL_F32), 4);
    assert_int_equal(ptl_dtype_size(PTL_C128), 16);
    assert_int_equal(ptl_dtype_size((ptl_dtype)17), 0);
    assert_string_equal(ptl_dtype_name(PTL_C64), "complex64");
    assert_string_equal(ptl_dtype_name((ptl_dtype)-1), "unknown");
    assert_false(ptl_dtype_is_complex(PTL_F64));
    assert_true(ptl_dtype_is_complex(PTL_C64));
    assert_int_equal(ptl_dtype_real(PTL_C64), PTL_F32);
    assert_int_equal(ptl_dtype_real(PTL_F64), PTL_F64);
    assert_int_equal(ptl_itype_size(PTL_I32), 4);
    assert_int_equal(ptl_itype_size(PTL_I64), 8);
    assert_string_equal(ptl_version(), PTL_VERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_texts),
        cmocka_unit_test(failure_is_kept),
        cmocka_unit_test(long_message_is_cut),
        cmocka_unit_test(check_and_try),
        cmocka_unit_test(message_belongs_to_thread),
        cmocka_unit_test(memory_is_aligned_and_counted),
        cmocka_unit_test(impossible_sizes),
        cmocka_unit_test(growing_keeps),
        cmocka_unit_test(injected_failure_lasts),
        cmocka_unit_test(references),
        cmocka_unit_test(busy_once),
        cmocka_unit_test(types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
