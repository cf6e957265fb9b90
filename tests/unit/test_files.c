/* Files from the inside: one that changes while it is read, and what memory is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/available.h"
#include "io/file.h"
#include "io/output.h"
#include <petiole/petiole.h>

static char folder[] = "/tmp/petiole_files_XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return !mkdtemp(folder) || chdir(folder) != 0;
}

static int remove_folder(void **state)
{
    char command[64];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", folder);
    return chdir("/") != 0 || system(command) != 0;
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void a_file_that_changes_is_not_read_on(void **state)
{
    static const char *const changes[] = {"0123456789abcdef", "9876543210", "012"};
    ptl_comm *comm;
    char text[16];
    (void)state;
    assert_int_equal(ptl_comm_self(&comm), PTL_OK);
    for (int i = 0; i < 3; i++) {
        ptl__file file;
        put("changing", "0123456789");
        usleep(20000); /* the clock of the file system goes on */
        assert_int_equal(ptl__file_open(comm, "changing", 0, &file), PTL_OK);
        assert_int_equal(ptl__file_read(&file, 0, 10, text), PTL_OK);
        put("changing", changes[i]);
        assert_int_equal(ptl__file_read(&file, 0, 10, text), PTL_IO);
        assert_non_null(strstr(ptl_error_message(), "changing: the file "));
        ptl__file_close(&file);
    }
    ptl_comm_release(&comm);
}

static void what_is_replaced_is_read_on(void **state)
{
    ptl_comm *comm;
    ptl__file file;
    char text[16];
    (void)state;
    assert_int_equal(ptl_comm_self(&comm), PTL_OK);
    put("old", "0123456789");
    put("new", "9876543210");
    assert_int_equal(ptl__file_open(comm, "old", 0, &file), PTL_OK);
    assert_int_equal(rename("new", "old"), 0);
    assert_int_equal(ptl__file_read(&file, 0, 10, text), PTL_OK);
    assert_memory_equal(text, "0123456789", 10);
    ptl__file_close(&file);
    ptl_comm_release(&comm);
}

static void two_writers_of_one_target_do_not_meet(void **state)
{
    ptl_comm *comm;
    ptl__output first, second;
    struct stat info;
    (void)state;
    assert_int_equal(ptl_comm_self(&comm), PTL_OK);
    assert_int_equal(ptl__output_open(comm, "target", 1, PTL_OK, &first), PTL_OK);
    assert_int_equal(ptl__output_open(comm, "target", 1, PTL_OK, &second), PTL_OK);
    assert_int_equal(ptl__output_write(&first, 0, 3, "one"), PTL_OK);
    assert_int_equal(ptl__output_write(&second, 0, 5, "three"), PTL_OK);
    assert_int_equal(stat("target", &info), -1);
    assert_int_equal(ptl__output_finish(&second, PTL_OK), PTL_OK);
    assert_int_equal(stat("target", &info), 0);
    assert_int_equal(info.st_size, 5);
    assert_int_equal(ptl__output_finish(&first, PTL_OK), PTL_OK);
    assert_int_equal(stat("target", &info), 0);
    assert_int_equal(info.st_size, 3);
    ptl_comm_release(&comm);
}

static void the_tightest_group_counts(void **state)
{
    (void)state;
    assert_int_equal(mkdir("v2", 0700), 0);
    assert_int_equal(mkdir("v2/job", 0700), 0);
    assert_int_equal(mkdir("v2/job/step", 0700), 0);
    put("list2", "0::/job/step\n");
    assert_true(ptl__pool_of_groups("list2", "v2").bytes == INT64_MAX);
    put("v2/job/memory.max", "1000\n");
    put("v2/job/memory.current", "900\n");
    put("v2/job/memory.stat", "anon 400\nfile 500\ninactive_file 200\nactive_file 100\n");
    put("v2/job/step/memory.max", "max\n");
    assert_int_equal(ptl__pool_of_groups("list2", "v2").bytes, 400);
    put("v2/job/step/memory.max", "300\n");
    put("v2/job/step/memory.current", "100\n");
    assert_int_equal(ptl__pool_of_groups("list2", "v2").bytes, 200);
    put("v2/job/step/memory.current", "301\n");
    assert_int_equal(ptl__pool_of_groups("list2", "v2").bytes, 0);

    /* version 1, where the container's own group is mounted at the root */
    assert_int_equal(mkdir("v1", 0700), 0);
    assert_int_equal(mkdir("v1/memory", 0700), 0);
    put("list1", "5:cpu:/x\n4:cpuacct,memory:/docker/abc\n0::/\n");
    put("v1/memory/memory.limit_in_bytes", "9223372036854771712\n");
    assert_true(ptl__pool_of_groups("list1", "v1").bytes == INT64_MAX);
    put("v1/memory/memory.limit_in_bytes", "5000\n");
    put("v1/memory/memory.usage_in_bytes", "4000\n");
    put("v1/memory/memory.stat", "inactive_file 7\ntotal_inactive_file 50\n");
    assert_int_equal(ptl__pool_of_groups("list1", "v1").bytes, 1050);
    assert_true(ptl__pool_of_groups("none", "v1").bytes == INT64_MAX);
}

static void something_is_left(void **state)
{
    ptl__pool pools[PTL__POOLS];
    (void)state;
    ptl__pools_look(pools);
    for (int k = 0; k < PTL__POOLS; k++)
        assert_true(pools[k].bytes > 1 << 20);
    assert_true(pools[PTL__POOL_SYSTEM].bytes < INT64_C(1) << 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_changes_is_not_read_on),
        cmocka_unit_test(what_is_replaced_is_read_on),
        cmocka_unit_test(two_writers_of_one_target_do_not_meet),
        cmocka_unit_test(the_tightest_group_counts),
        cmocka_unit_test(something_is_left),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
