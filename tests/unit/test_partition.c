/* Partitions against brute force over every index. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include <petiole/petiole.h>

static unsigned seed = 1;

static int random_below(int n)
{
    seed = seed * 1103515245u + 12345u;
    return (int)((seed >> 8) % (unsigned)n);
}

/* p gives index i to owner[i], and numbers each part's indices in order. */
static void assert_owners(const ptl_partition *p, int64_t size, const int *owner, int num_parts)
{
    assert_int_equal(ptl_partition_size(p), size);
    assert_int_equal(ptl_partition_num_parts(p), num_parts);
    int64_t next[64] = {0}, runs = 0;
    for (int64_t i = 0; i < size; i++) {
        int part = -1;
        int64_t local = -1, global = -1;
        assert_int_equal(ptl_partition_owner(p, i, &part), PTL_OK);
        assert_int_equal(part, owner[i]);
        assert_int_equal(ptl_partition_to_local(p, i, &part, &local), PTL_OK);
        assert_int_equal(part, owner[i]);
        assert_int_equal(local, next[part]++);
        assert_int_equal(ptl_partition_to_global(p, part, local, &global), PTL_OK);
        assert_int_equal(global, i);
        runs += i == 0 || owner[i] != owner[i - 1];
    }
    assert_int_equal(ptl_partition_num_ranges(p), runs);
    int empty = 0;
    for (int part = 0; part < num_parts; part++) {
        int64_t part_size, global;
        assert_int_equal(ptl_partition_part_size(p, part, &part_size), PTL_OK);
        assert_int_equal(part_size, next[part]);
        assert_int_equal(ptl_partition_to_global(p, part, part_size, &global), PTL_INDEX);
        empty += part_size == 0;
    }
    assert_int_equal(ptl_partition_num_empty_parts(p), empty);
    assert_int_equal(ptl_partition_bounds(p)[runs], size);
}

static void mapping_matches_brute_force(void **state)
{
    (void)state;
    for (int trial = 0; trial < 200; trial++) {
        int owner[100], size = random_below(100), parts = 1 + random_below(6);
        int stay = 1 + random_below(10); /* long and short runs */
        for (int i = 0; i < size; i++)
            owner[i] = i > 0 && random_below(stay) ? owner[i - 1] : random_below(parts);
        ptl_partition *p;
        assert_int_equal(ptl_partition_from_mapping(size, owner, parts, &p), PTL_OK);
        assert_owners(p, size, owner, parts);
        /* the same from its own ranges */
        ptl_partition *q;
        assert_int_equal(ptl_partition_from_ranges(ptl_partition_num_ranges(p),
                                                   ptl_partition_bounds(p),
                                                   ptl_partition_part_ids(p), parts, &q),
                         PTL_OK);
        assert_true(ptl_partition_equal(p, q));
        ptl_partition_release(&p);
        ptl_partition_release(&q);
        assert_null(p);
    }
}

static void uniform_gives_the_first_parts_one_more(void **state)
{
    (void)state;
    for (int size = 0; size < 40; size++)
        for (int parts = 1; parts < 9; parts++) {
            int owner[40], i = 0;
            for (int part = 0; part < parts; part++)
                for (int k = 0; k < size / parts + (part < size % parts); k++)
                    owner[i++] = part;
            ptl_partition *p;
            assert_int_equal(ptl_partition_uniform(parts, size, &p), PTL_OK);
            assert_owners(p, size, owner, parts);
            assert_true(ptl_partition_has_connected_parts(p));
            assert_true(ptl_partition_has_ordered_parts(p));
            ptl_partition_release(&p);
        }
}

static void huge_sizes_do_not_overflow(void **state)
{
    (void)state;
    ptl_partition *p;
    assert_int_equal(ptl_partition_uniform(3, INT64_MAX, &p), PTL_OK);
    int part;
    int64_t local;
    assert_int_equal(ptl_partition_to_local(p, INT64_MAX - 1, &part, &local), PTL_OK);
    assert_int_equal(part, 2);
    assert_int_equal(local, INT64_MAX / 3 - 1);
    ptl_partition_release(&p);
}

static void ranges_are_joined_and_empty_ones_left_out(void **state)
{
    (void)state;
    const int64_t bounds[] = {0, 3, 3, 5, 9, 9, 10};
    const int ids[] = {1, 0, 1, 0, 2, 0};
    ptl_partition *p;
    assert_int_equal(ptl_partition_from_ranges(6, bounds, ids, 0, &p), PTL_OK);
    assert_int_equal(ptl_partition_num_parts(p), 3);
    assert_int_equal(ptl_partition_num_empty_parts(p), 1);
    assert_int_equal(ptl_partition_num_ranges(p), 2);
    assert_int_equal(ptl_partition_bounds(p)[1], 5);
    assert_int_equal(ptl_partition_part_ids(p)[0], 1);
    assert_true(ptl_partition_has_connected_parts(p));
    assert_false(ptl_partition_has_ordered_parts(p));
    ptl_partition_release(&p);

    const int split[] = {0, 0, 1, 0, 0, 0};
    assert_int_equal(ptl_partition_from_ranges(6, bounds, split, 4, &p), PTL_OK);
    assert_int_equal(ptl_partition_num_parts(p), 4);
    assert_false(ptl_partition_has_connected_parts(p));
    ptl_partition_release(&p);
}

static void nothing_at_all_works(void **state)
{
    (void)state;
    const int64_t zero = 0;
    ptl_partition *p, *q;
    assert_int_equal(ptl_partition_uniform(4, 0, &p), PTL_OK);
    assert_owners(p, 0, NULL, 4);
    assert_int_equal(ptl_partition_from_ranges(0, &zero, NULL, 4, &q), PTL_OK);
    assert_true(ptl_partition_equal(p, q));
    ptl_partition_release(&q);
    assert_int_equal(ptl_partition_from_ranges(0, &zero, NULL, 0, &q), PTL_INVALID);
    assert_null(q);
    assert_int_equal(ptl_partition_from_mapping(0, NULL, 4, &q), PTL_OK);
    assert_true(ptl_partition_equal(p, q));
    ptl_partition_release(&q);
    ptl_partition_release(&p);
    assert_int_equal(ptl_partition_from_local_size(NULL, 0, &p), PTL_OK);
    assert_owners(p, 0, NULL, 1);
    ptl_partition_release(&p);
    assert_int_equal(ptl_partition_from_local_range(NULL, 7, 7, &p), PTL_OK);
    assert_owners(p, 0, NULL, 1);
    ptl_partition_release(&p);
}

static void assert_refused(ptl_status got, ptl_status code, const char *text, ptl_partition *p)
{
    assert_int_equal(got, code);
    assert_null(p);
    if (!strstr(ptl_error_message(), text))
        fail_msg("\"%s\" is not in \"%s\"", text, ptl_error_message());
}

static void bad_input_is_named(void **state)
{
    (void)state;
    ptl_partition *p;
    int out;
    int64_t wide;
    const int64_t late[] = {1, 2}, back[] = {0, 4, 2}, good[] = {0, 2, 4};
    const int negative[] = {0, -1}, large[] = {0, 3}, owners[] = {0, 1, 7, 0}, below[] = {0, -2};
    ptl_status s = ptl_partition_uniform(0, 4, &p);
    assert_refused(s, PTL_INVALID, "num_parts is 0", p);
    s = ptl_partition_uniform(2, -4, &p);
    assert_refused(s, PTL_INVALID, "size is -4", p);
    s = ptl_partition_from_ranges(1, late, NULL, 0, &p);
    assert_refused(s, PTL_INVALID, "bounds[0] is 1", p);
    s = ptl_partition_from_ranges(2, back, NULL, 0, &p);
    assert_refused(s, PTL_INVALID, "bounds[2] is 2", p);
    s = ptl_partition_from_ranges(2, good, negative, 0, &p);
    assert_refused(s, PTL_INDEX, "part_ids[1] is -1", p);
    s = ptl_partition_from_ranges(2, good, large, 3, &p);
    assert_refused(s, PTL_INDEX, "part_ids[1] is 3", p);
    s = ptl_partition_from_mapping(4, NULL, 3, &p);
    assert_int_equal(s, PTL_INVALID);
    assert_null(p);
    s = ptl_partition_from_mapping(4, owners, 3, &p);
    assert_refused(s, PTL_INDEX, "owner[2] is 7", p);
    s = ptl_partition_from_mapping(2, below, 3, &p);
    assert_refused(s, PTL_INDEX, "owner[1] is -2", p);
    s = ptl_partition_from_local_size(NULL, -1, &p);
    assert_refused(s, PTL_INVALID, "local_size is -1", p);
    s = ptl_partition_from_local_range(NULL, 4, 2, &p);
    assert_refused(s, PTL_INVALID, "[4, 2)", p);
    s = ptl_partition_from_local_range(NULL, 4, 6, &p);
    assert_refused(s, PTL_INVALID, "no rank owns [0, 4)", p);

    assert_int_equal(ptl_partition_uniform(2, 4, &p), PTL_OK);
    assert_int_equal(ptl_partition_owner(p, 4, &out), PTL_INDEX);
    assert_int_equal(ptl_partition_owner(p, -1, &out), PTL_INDEX);
    assert_int_equal(ptl_partition_part_size(p, 2, &wide), PTL_INDEX);
    assert_int_equal(ptl_partition_to_global(p, -1, 0, &wide), PTL_INDEX);
    ptl_partition_release(&p);
}

static void failing_memory_leaks_nothing(void **state)
{
    (void)state;
    const int owner[] = {0, 1, 1, 0, 2};
    int64_t live = ptl__alloc_live();
    for (int n = 1;; n++) {
        ptl_partition *p;
        ptl__alloc_fail_after(n);
        ptl_status status = ptl_partition_from_mapping(5, owner, 3, &p);
        ptl__alloc_fail_after(0);
        if (status == PTL_OK) {
            assert_true(n > 5);
            ptl_partition_release(&p);
            break;
        }
        assert_int_equal(status, PTL_NOMEM);
        assert_null(p);
        assert_int_equal(ptl__alloc_live(), live);
    }
    assert_int_equal(ptl__alloc_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mapping_matches_brute_force),
        cmocka_unit_test(uniform_gives_the_first_parts_one_more),
        cmocka_unit_test(huge_sizes_do_not_overflow),
        cmocka_unit_test(ranges_are_joined_and_empty_ones_left_out),
        cmocka_unit_test(nothing_at_all_works),
        cmocka_unit_test(bad_input_is_named),
        cmocka_unit_test(failing_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
