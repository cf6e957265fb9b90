/* Profiles of one process: own and total time, what begins or ends out of turn, what is kept, and
 * memory that runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/memory.h"
#include "core/trace.h"
#include <petiole/petiole.h>

static void begin(ptl_trace_kind kind, const char *name)
{
    ptl__trace_begin(kind, name, 0);
    usleep(1000);
}

static void end(ptl_trace_kind kind, const char *name)
{
    usleep(1000);
    ptl__trace_end(kind, name, 0);
}

/* The row of a kind and name; all zeros where there is none. */
static ptl_profile_row row_of(const ptl_profile *p, ptl_trace_kind kind, const char *name)
{
    int64_t count;
    const ptl_profile_row *rows;
    assert_int_equal(ptl_profile_table(p, &count, &rows), PTL_OK);
    for (int64_t i = 0; i < count; i++)
        if (rows[i].kind == kind && strcmp(rows[i].name, name) == 0)
            return rows[i];
    return (ptl_profile_row){.kind = kind};
}

static int close_to(double a, double b)
{
    return a - b < 1e-9 && b - a < 1e-9;
}

static void what_is_inside_is_taken_off(void **state)
{
    (void)state;
    ptl_profile *p;
    assert_int_equal(ptl_profile_start(NULL, 0, &p), PTL_OK);
    begin(PTL_TRACE_SOLVE, "a");
    begin(PTL_TRACE_APPLY, "b");
    ptl__trace_begin(PTL_TRACE_HALO, "c", 80); /* goes on beside */
    begin(PTL_TRACE_APPLY, "b");               /* one in the other: once in the total */
    end(PTL_TRACE_APPLY, "b");
    begin(PTL_TRACE_WAIT, "d");
    end(PTL_TRACE_WAIT, "d");
    ptl__trace_end(PTL_TRACE_HALO, "c", 80);
    end(PTL_TRACE_APPLY, "b");
    end(PTL_TRACE_SOLVE, "a");
    ptl__trace_point(PTL_TRACE_VECTOR, "e", 3);
    ptl__trace_point(PTL_TRACE_VECTOR, "e", 4);
    assert_int_equal(ptl_profile_stop(p), PTL_OK);

    const ptl_profile_row a = row_of(p, PTL_TRACE_SOLVE, "a"), b = row_of(p, PTL_TRACE_APPLY, "b"),
                          c = row_of(p, PTL_TRACE_HALO, "c"), d = row_of(p, PTL_TRACE_WAIT, "d"),
                          e = row_of(p, PTL_TRACE_VECTOR, "e");
    assert_int_equal(a.calls, 1);
    assert_int_equal(b.calls, 2);
    assert_int_equal(c.amount, 80);
    assert_int_equal(e.calls, 2);
    assert_int_equal(e.amount, 7);
    assert_true(close_to(a.self.mean, a.total.mean - b.total.mean));
    assert_true(close_to(b.self.mean, b.total.mean - d.total.mean));
    assert_true(close_to(d.self.mean, d.total.mean));
    assert_true(d.self.mean >= 0.002 && c.total.mean >= 0.004 && c.self.mean == 0);
    assert_true(a.total.mean <= ptl_profile_seconds(p));
    assert_true(a.share + b.share + d.share <= 1);
    assert_true(close_to(a.share * ptl_profile_seconds(p), a.self.mean));
    assert_true(e.total.max == 0 && e.share == 0);
    assert_int_equal(ptl_profile_lost(p), 12);
    assert_non_null(strstr(ptl_profile_text(p), "1 rank,"));
    assert_non_null(strstr(ptl_profile_text(p), "12 events"));
    ptl_profile_release(&p);
}

static void what_begins_or_ends_out_of_turn(void **state)
{
    (void)state;
    ptl_profile *p;
    assert_int_equal(ptl_profile_start(NULL, 0, &p), PTL_OK);
    end(PTL_TRACE_SOLVE, "from before");
    ptl__trace_end(PTL_TRACE_HALO, "from before", 8);
    begin(PTL_TRACE_SOLVE, "a");
    begin(PTL_TRACE_APPLY, "never ended");
    end(PTL_TRACE_SOLVE, "a");
    for (int i = 0; i < 300; i++)
        ptl__trace_begin(PTL_TRACE_APPLY, "deep", 0);
    for (int i = 0; i < 300; i++)
        ptl__trace_end(PTL_TRACE_APPLY, "deep", 0);
    ptl__trace_begin(PTL_TRACE_HALO, "open", 8);
    begin(PTL_TRACE_PRODUCT, "open");
    assert_int_equal(ptl_profile_stop(p), PTL_OK);
    assert_true(row_of(p, PTL_TRACE_SOLVE, "from before").total.max == 0);
    assert_true(row_of(p, PTL_TRACE_HALO, "from before").total.max == 0);
    assert_true(row_of(p, PTL_TRACE_SOLVE, "a").total.min >= 0.002);
    assert_true(row_of(p, PTL_TRACE_APPLY, "never ended").total.min >= 0.001);
    assert_int_equal(row_of(p, PTL_TRACE_APPLY, "deep").calls, 300);
    assert_true(row_of(p, PTL_TRACE_APPLY, "deep").total.min > 0);
    assert_true(row_of(p, PTL_TRACE_PRODUCT, "open").self.min >= 0.001);
    assert_true(row_of(p, PTL_TRACE_HALO, "open").total.min >= 0.001);
    ptl_profile_release(&p);
}

static void *happen_there(void *unused)
{
    ptl__trace_point(PTL_TRACE_VECTOR, "there", 1);
    return unused;
}

static void other_threads_are_not_heard(void **state)
{
    (void)state;
    ptl_profile *p;
    pthread_t thread;
    assert_int_equal(ptl_profile_start(NULL, 10, &p), PTL_OK);
    assert_int_equal(pthread_create(&thread, NULL, happen_there, NULL), 0);
    pthread_join(thread, NULL);
    assert_int_equal(ptl_profile_stop(p), PTL_OK);
    assert_int_equal(row_of(p, PTL_TRACE_VECTOR, "there").calls, 0);
    ptl_profile_release(&p);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    int64_t count, live = ptl__alloc_live();
    const ptl_profile_row *rows;
    ptl_profile *p = (ptl_profile *)&count;
    assert_int_equal(ptl_profile_start(NULL, -1, &p), PTL_INVALID);
    assert_null(p);
    assert_int_equal(ptl_profile_start(NULL, 4, &p), PTL_OK);
    assert_int_equal(ptl_profile_table(p, &count, &rows), PTL_INVALID);
    assert_int_equal(ptl_profile_write_trace(p, "out.json"), PTL_INVALID);
    assert_string_equal(ptl_profile_text(p), "");
    assert_int_equal(ptl_profile_stop(p), PTL_OK);
    assert_int_equal(ptl_profile_stop(p), PTL_INVALID);
    assert_int_equal(ptl_profile_table(p, &count, &rows), PTL_OK);
    assert_int_equal(ptl_profile_write_trace(p, "no/such/folder/out.json"), PTL_IO);
    assert_int_equal(ptl_profile_write_trace(p, NULL), PTL_INVALID);
    ptl_profile_release(&p);
    assert_int_equal(ptl_profile_start(NULL, 4, &p), PTL_OK);
    ptl_profile_release(&p); /* still hearing */
    assert_int_equal(ptl_profile_start(NULL, 4, &p), PTL_OK);
    assert_int_equal(ptl_profile_abandon(p, ptl_fail(PTL_DTYPE, "the block's own")), PTL_DTYPE);
    assert_string_equal(ptl_error_message(), "the block's own");
    assert_int_equal(ptl_profile_table(p, &count, &rows), PTL_INVALID);
    assert_int_equal(ptl__traced, 0);
    ptl_profile_release(&p);
    ptl_profile_release(&p);
    assert_int_equal(ptl__traced, 0);
    assert_int_equal(ptl__alloc_live(), live);
}

/* A few events, with every allocation failing in turn. */
static ptl_status use(int64_t fail_at)
{
    ptl_profile *p;
    ptl__alloc_fail_after(fail_at);
    ptl_status status = ptl_profile_start(NULL, 100, &p);
    for (int i = 0; i < 3; i++)
        ptl__trace_point(PTL_TRACE_VECTOR, "e", 1);
    if (status == PTL_OK)
        status = ptl_profile_stop(p);
    ptl__alloc_fail_after(0);
    ptl_profile_release(&p);
    return status;
}

static void memory_that_runs_out(void **state)
{
    (void)state;
    const int64_t live = ptl__alloc_live();
    int failures = 0;
    for (int64_t at = 1; at < 30; at++) {
        const ptl_status status = use(at);
        assert_true(status == PTL_OK || status == PTL_NOMEM);
        failures += status == PTL_NOMEM;
        assert_int_equal(ptl__alloc_live(), live);
    }
    assert_true(failures >= 4);
    assert_int_equal(use(0), PTL_OK);
}

static void the_trace_file_has_what_was_kept(void **state)
{
    (void)state;
    char path[] = "/tmp/test_profile_XXXXXX", text[4096];
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    ptl_profile *p;
    assert_int_equal(ptl_profile_start(NULL, 5, &p), PTL_OK);
    ptl__trace_begin(PTL_TRACE_HALO, "to ghosts", 24);
    ptl__trace_begin(PTL_TRACE_APPLY, "csr", 0);
    ptl__trace_end(PTL_TRACE_APPLY, "csr", 0);
    ptl__trace_end(PTL_TRACE_HALO, "to ghosts", 24);
    ptl__trace_point(PTL_TRACE_ITERATION, "cg", 7);
    ptl__trace_point(PTL_TRACE_ITERATION, "lost", 8);
    assert_int_equal(ptl_profile_stop(p), PTL_OK);
    assert_int_equal(ptl_profile_lost(p), 1);
    assert_int_equal(ptl_profile_write_trace(p, path), PTL_OK);
    ptl_profile_release(&p);

    FILE *file = fopen(path, "r");
    const size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    unlink(path);
    text[length] = 0;
    assert_non_null(strstr(text, "\"name\":\"rank 0\""));
    assert_non_null(strstr(text, "\"ph\":\"B\",\"pid\":0,\"tid\":1"));
    assert_non_null(strstr(text, "\"name\":\"halo to ghosts\",\"args\":{\"amount\":24}"));
    assert_non_null(strstr(text, "\"ph\":\"E\",\"pid\":0,\"tid\":0"));
    assert_non_null(strstr(text, "\"name\":\"iteration cg\",\"s\":\"t\",\"args\":{\"amount\":7}"));
    assert_null(strstr(text, "lost"));
    assert_true(length > 3 && strcmp(text + length - 3, "\n]\n") == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_inside_is_taken_off),
        cmocka_unit_test(what_begins_or_ends_out_of_turn),
        cmocka_unit_test(other_threads_are_not_heard),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(memory_that_runs_out),
        cmocka_unit_test(the_trace_file_has_what_was_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
