/* Communicators of one process: agreement, the reducer, routing, and what the loader says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "comm/comm.h"
#include "comm/loader.h"
#include "comm/reducer.h"
#include "core/memory.h"
#include "core/status.h"

static ptl_comm *self_comm(void)
{
    ptl_comm *comm;
    assert_int_equal(ptl_comm_self(&comm), PTL_OK);
    return comm;
}

static void self_is_one_process(void **state)
{
    (void)state;
    ptl_comm *a = self_comm(), *b = self_comm(), *c;
    size_t size = 99;
    assert_int_equal(ptl_comm_rank(a), 0);
    assert_int_equal(ptl_comm_size(a), 1);
    assert_int_equal(ptl_comm_size(NULL), 1);
    assert_string_equal(ptl_comm_library(a), "none");
    assert_null(ptl_comm_handle(a, &size));
    assert_int_equal(size, 0);
    assert_true(ptl__comm_same(a, b));
    c = ptl__comm_or_self(NULL);
    assert_true(ptl__comm_same(a, c));
    int rank = 9, ranks = 9;
    assert_int_equal(ptl_comm_node(a, &rank, &ranks), PTL_OK);
    assert_int_equal(rank, 0);
    assert_int_equal(ranks, 1);
    assert_int_equal(ptl_comm_barrier(a), PTL_OK);
    assert_int_equal(ptl_comm_expect(a, 0, 1), PTL_OK);
    assert_int_equal(ptl_comm_expect(a, 0, 2), PTL_MPI);
    ptl_comm_release(&a);
    ptl_comm_release(&b);
    ptl_comm_release(&c);
    assert_null(a);
}

static void allreduce_checks_its_arguments(void **state)
{
    (void)state;
    ptl_comm *comm = self_comm();
    double x[2] = {3, 4};
    ptl_c64 z = {1, 2};
    assert_int_equal(ptl_comm_allreduce(comm, x, 2, PTL_MTYPE_DOUBLE, PTL_REDUCE_SUM), PTL_OK);
    assert_true(x[0] == 3 && x[1] == 4);
    assert_int_equal(ptl_comm_allreduce(comm, x, -1, PTL_MTYPE_DOUBLE, PTL_REDUCE_SUM),
                     PTL_INVALID);
    assert_int_equal(ptl_comm_allreduce(comm, NULL, 1, PTL_MTYPE_DOUBLE, PTL_REDUCE_SUM),
                     PTL_INVALID);
    assert_int_equal(ptl_comm_allreduce(comm, NULL, 0, PTL_MTYPE_DOUBLE, PTL_REDUCE_SUM), PTL_OK);
    assert_int_equal(ptl_comm_allreduce(comm, &z, 1, PTL_MTYPE_CFLOAT, PTL_REDUCE_PROD), PTL_OK);
    assert_int_equal(ptl_comm_allreduce(comm, &z, 1, PTL_MTYPE_CFLOAT, PTL_REDUCE_MAX),
                     PTL_INVALID);
    assert_int_equal(ptl_comm_allreduce(comm, x, 1, (ptl_mtype)40, PTL_REDUCE_SUM), PTL_INVALID);
    assert_int_equal(ptl_comm_allreduce(comm, x, 1, PTL_MTYPE_DOUBLE, (ptl_reduce_op)4),
                     PTL_INVALID);
    ptl_comm_release(&comm);
}

static void raw_operations(void **state)
{
    (void)state;
    ptl_comm *comm = self_comm();
    int64_t mine = 5, all = 0;
    assert_int_equal(ptl__comm_bcast(comm, &mine, sizeof mine, 0), PTL_OK);
    assert_int_equal(ptl__comm_allgather(comm, &mine, sizeof mine, &all), PTL_OK);
    assert_int_equal(all, 5);
    ptl__exchange *exchange;
    assert_int_equal(ptl__exchange_create(comm, 0, NULL, &exchange), PTL_OK);
    assert_int_equal(ptl__exchange_start(exchange), PTL_OK);
    assert_int_equal(ptl__exchange_wait(exchange), PTL_OK);
    ptl__exchange_free(exchange);
    ptl__exchange_free(NULL);
    ptl_comm_release(&comm);
}

static void agreement_of_one(void **state)
{
    (void)state;
    ptl_comm *comm = self_comm();
    assert_int_equal(ptl__agree(comm, PTL_OK, 1, "shapes"), PTL_OK);
    assert_int_equal(ptl_comm_agree(NULL, PTL_OK), PTL_OK);
    assert_int_equal(ptl_comm_agree(comm, ptl_fail(PTL_CALLBACK, "user's")), PTL_CALLBACK);
    assert_string_equal(ptl_error_message(), "user's");
    assert_int_equal(ptl_error_rank(), 0);
    /* a status that nobody has explained gets its general text */
    assert_int_equal(ptl_comm_agree(comm, PTL_FORMAT), PTL_FORMAT);
    assert_string_equal(ptl_error_message(), ptl_status_text(PTL_FORMAT));
    ptl_comm_release(&comm);
}

static void signatures(void **state)
{
    (void)state;
    int64_t ab = ptl__sign(ptl__sign(0, 1), 2), ba = ptl__sign(ptl__sign(0, 2), 1);
    assert_int_not_equal(ab, ba);
    assert_int_not_equal(ptl__sign(0, 0), ptl__sign(ptl__sign(0, 0), 0));
    for (int64_t v = -1000; v < 1000; v++)
        assert_true(ptl__sign(v, INT64_MIN + v + 1000) >= 0);
}

static void reducer_sums(void **state)
{
    (void)state;
    int64_t live = ptl__alloc_live();
    ptl_comm *comm = self_comm();
    ptl__reducer *r;
    assert_int_equal(ptl__reducer_create(comm, 3, 0, &r), PTL_OK);
    for (int round = 0; round < 2; round++) {
        ptl__reducer_begin(r);
        double *a = ptl__reducer_add(r, 2), *b = ptl__reducer_add(r, 1);
        assert_true(a[0] == 0 && a[1] == 0 && b[0] == 0);
        a[0] = 1, a[1] = 2, b[0] = 3;
        ptl__reducer_note(r, PTL_OK);
        assert_int_equal(ptl__reducer_post(r), PTL_OK);
        assert_int_equal(ptl__reducer_wait(r), PTL_OK);
        assert_true(a[0] == 1 && a[1] == 2 && b[0] == 3);
    }
    ptl__reducer_free(r);
    ptl__reducer_free(NULL);
    ptl_comm_release(&comm);
    assert_int_equal(ptl__alloc_live(), live);
}

static void reducer_keeps_the_first_failure(void **state)
{
    (void)state;
    ptl_comm *comm = self_comm();
    ptl__reducer *r;
    assert_int_equal(ptl__reducer_create(comm, 1, 1, &r), PTL_OK);
    ptl__reducer_begin(r);
    *ptl__reducer_add(r, 1) = 8;
    ptl__reducer_note(r, ptl_fail(PTL_CALLBACK, "first"));
    ptl__reducer_note(r, ptl_fail(PTL_NOMEM, "second"));
    (void)ptl_fail(PTL_IO, "something else in between");
    ptl__reducer_begin(r); /* does not forget */
    assert_int_equal(ptl__reducer_post(r), PTL_OK);
    assert_int_equal(ptl__reducer_wait(r), PTL_CALLBACK);
    assert_string_equal(ptl_error_message(), "first");
    ptl__reducer_begin(r);
    assert_int_equal(ptl__reducer_post(r), PTL_OK);
    ptl__reducer_note(r, ptl_fail(PTL_NOMEM, "while it travels"));
    assert_int_equal(ptl__reducer_wait(r), PTL_OK);
    ptl__reducer_begin(r);
    assert_int_equal(ptl__reducer_post(r), PTL_OK);
    assert_int_equal(ptl__reducer_wait(r), PTL_NOMEM); /* the next reduction tells it */
    ptl__reducer_free(r);
    assert_int_equal(ptl__reducer_create(comm, INT64_MAX, 0, &r), PTL_NOT_SUPPORTED);
    assert_null(r);
    ptl_comm_release(&comm);
}

static void routing_to_oneself(void **state)
{
    (void)state;
    int64_t live = ptl__alloc_live();
    ptl_comm *comm = self_comm();
    int send[5] = {1, 2, 3, 4, 5}, *recv;
    int64_t send_offsets[2] = {1, 4}, recv_offsets[2] = {-1, -1};
    assert_int_equal(
        ptl__comm_route(comm, sizeof *send, send, send_offsets, (void **)&recv, recv_offsets),
        PTL_OK);
    assert_int_equal(recv_offsets[0], 0);
    assert_int_equal(recv_offsets[1], 3);
    assert_memory_equal(recv, send + 1, 3 * sizeof *send);
    ptl__free(recv);
    int64_t none[2] = {0, 0};
    assert_int_equal(ptl__comm_route(comm, 4, NULL, none, (void **)&recv, recv_offsets), PTL_OK);
    assert_non_null(recv);
    ptl__free(recv);
    ptl_comm_release(&comm);
    assert_int_equal(ptl__alloc_live(), live);
}

/* Every allocation on the way fails once: an error each time, and nothing is left. */
static void routing_without_memory(void **state)
{
    (void)state;
    int64_t live = ptl__alloc_live();
    ptl_comm *comm = self_comm();
    double send[2] = {1, 2}, *recv;
    int64_t offsets[2] = {0, 2}, recv_offsets[2];
    ptl_status status = PTL_NOMEM;
    int failures = 0;
    for (int n = 1; n < 20 && status != PTL_OK; n++) {
        ptl__alloc_fail_after(n);
        status = ptl__comm_route(comm, sizeof *send, send, offsets, (void **)&recv, recv_offsets);
        ptl__alloc_fail_after(0);
        if (status != PTL_OK) {
            failures++;
            assert_int_equal(status, PTL_NOMEM);
            assert_null(recv);
            assert_int_equal(ptl__alloc_live(), live);
        }
    }
    assert_int_equal(status, PTL_OK);
    assert_true(failures >= 3);
    ptl__free(recv);
    ptl_comm_release(&comm);
}

static void no_mpi_in_the_process(void **state)
{
    (void)state;
    ptl_mpi_info info;
    assert_int_equal(ptl_mpi_get_info(&info), PTL_OK);
    assert_string_equal(info.library, "");
    assert_string_equal(info.path, "");
    assert_string_equal(info.interface, "");
    assert_string_equal(info.adaptor, "");
    assert_int_equal(info.gpu_aware, 0);
    assert_int_equal(info.initialized, 0);
    ptl_comm *comm = NULL;
    int handle = 0;
    assert_int_equal(ptl_comm_from_handle(&handle, sizeof handle, &comm), PTL_MPI);
    assert_null(comm);
    assert_int_equal(ptl_comm_from_handle(NULL, 4, &comm), PTL_INVALID);
}

static void a_wish_that_cannot_be_met(void **state)
{
    (void)state;
    ptl_comm *comm;
    setenv("PETIOLE_MPI", "mymy", 1);
    assert_int_equal(ptl_comm_world(&comm), PTL_MPI);
    assert_null(comm);
    assert_non_null(strstr(ptl_error_message(), "mymy"));
    setenv("PETIOLE_MPI", "/nowhere/libmpi.so", 1);
    assert_int_equal(ptl_comm_world(&comm), PTL_MPI);
    assert_non_null(strstr(ptl_error_message(), "/nowhere/libmpi.so"));
    unsetenv("PETIOLE_MPI");
}

static void plugins_are_found_by_path(void **state)
{
    (void)state;
    char folder[] = "/tmp/petiole_XXXXXX", file[64], path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/petiole_mpi_mpich.so", folder);
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    fclose(f);
    snprintf(path, sizeof path, ":/nowhere:%s", folder);
    const char *old = getenv("PETIOLE_PLUGIN_PATH");
    char *kept = old ? strdup(old) : NULL;
    setenv("PETIOLE_PLUGIN_PATH", path, 1);
    assert_non_null(strstr(ptl__loader_installed(), "mpich"));
    if (kept)
        setenv("PETIOLE_PLUGIN_PATH", kept, 1);
    else
        unsetenv("PETIOLE_PLUGIN_PATH");
    free(kept);
    unlink(file);
    rmdir(folder);
}

static void first_lines(void **state)
{
    (void)state;
    assert_string_equal(ptl__first_line("MPICH Version: \t4.0.2\nmore").text,
                        "MPICH Version: 4.0.2");
    assert_string_equal(ptl__first_line("").text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(self_is_one_process),
        cmocka_unit_test(allreduce_checks_its_arguments),
        cmocka_unit_test(raw_operations),
        cmocka_unit_test(agreement_of_one),
        cmocka_unit_test(signatures),
        cmocka_unit_test(reducer_sums),
        cmocka_unit_test(reducer_keeps_the_first_failure),
        cmocka_unit_test(routing_to_oneself),
        cmocka_unit_test(routing_without_memory),
        cmocka_unit_test(no_mpi_in_the_process),
        cmocka_unit_test(a_wish_that_cannot_be_met),
        cmocka_unit_test(plugins_are_found_by_path),
        cmocka_unit_test(first_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
