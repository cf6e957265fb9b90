/* Index maps against brute force. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "core/memory.h"
#include <petiole/petiole.h>

enum { MAX = 200, PARTS = 5 };

static unsigned seed = 7;

static int random_below(int n)
{
    seed = seed * 1103515245u + 12345u;
    return (int)((seed >> 8) % (unsigned)n);
}

static int64_t ask(const ptl_index_map *map, int64_t global, ptl_index_space space)
{
    int64_t out = -2;
    assert_int_equal(ptl_index_map_to_local(map, 1, &global, space, &out), PTL_OK);
    return out;
}

static int64_t back(const ptl_index_map *map, int64_t local, ptl_index_space space)
{
    int64_t out = -2;
    assert_int_equal(ptl_index_map_to_global(map, 1, &local, space, &out), PTL_OK);
    return out;
}

/* Every global index, asked in every space, both ways. */
static void assert_map(const ptl_index_map *map, int size, const int *owner, int rank,
                       const char *wanted)
{
    int64_t local = 0, ghosts = 0;
    for (int part = 0; part < PARTS; part++)
        for (int i = 0; i < size; i++)
            if (owner[i] == part && part != rank && wanted[i]) {
                assert_int_equal(ptl_index_map_ghosts(map)[ghosts], i);
                assert_int_equal(ptl_index_map_owners(map)[ghosts], part);
                assert_int_equal(ask(map, i, PTL_GHOST), ghosts);
                assert_int_equal(ask(map, i, PTL_LOCAL), -1);
                assert_int_equal(ask(map, i, PTL_COMBINED), ptl_index_map_local_size(map) + ghosts);
                assert_int_equal(back(map, ghosts, PTL_GHOST), i);
                assert_int_equal(back(map, ptl_index_map_local_size(map) + ghosts, PTL_COMBINED),
                                 i);
                ghosts++;
            }
    for (int i = 0; i < size; i++) {
        if (owner[i] == rank) {
            assert_int_equal(ask(map, i, PTL_LOCAL), local);
            assert_int_equal(ask(map, i, PTL_COMBINED), local);
            assert_int_equal(ask(map, i, PTL_GHOST), -1);
            assert_int_equal(back(map, local, PTL_LOCAL), i);
            assert_int_equal(back(map, local, PTL_COMBINED), i);
            local++;
        } else if (!wanted[i]) {
            assert_int_equal(ask(map, i, PTL_COMBINED), -1);
            assert_int_equal(ask(map, i, PTL_GHOST), -1);
        }
    }
    assert_int_equal(ptl_index_map_local_size(map), local);
    assert_int_equal(ptl_index_map_ghost_size(map), ghosts);
    assert_int_equal(ptl_index_map_rank(map), rank);
    assert_int_equal(ask(map, -1, PTL_COMBINED), -1);
    assert_int_equal(ask(map, size, PTL_COMBINED), -1);
    assert_int_equal(back(map, -1, PTL_COMBINED), -1);
    assert_int_equal(back(map, local + ghosts, PTL_COMBINED), -1);
    assert_int_equal(back(map, local, PTL_LOCAL), -1);
    assert_int_equal(back(map, ghosts, PTL_GHOST), -1);
}

static void map_matches_brute_force(void **state)
{
    (void)state;
    for (int trial = 0; trial < 200; trial++) {
        int owner[MAX], size = random_below(MAX), rank = random_below(PARTS);
        int count = size ? random_below(3 * MAX) : 0, stay = 1 + random_below(20);
        int64_t asked[3 * MAX];
        char wanted[MAX] = {0};
        for (int i = 0; i < size; i++)
            owner[i] = i > 0 && random_below(stay) ? owner[i - 1] : random_below(PARTS);
        for (int i = 0; i < count; i++) {
            asked[i] = random_below(size);
            wanted[asked[i]] = 1;
        }
        ptl_partition *p;
        ptl_index_map *map;
        assert_int_equal(ptl_partition_from_mapping(size, owner, PARTS, &p), PTL_OK);
        assert_int_equal(ptl_index_map_create(p, rank, count, asked, &map), PTL_OK);
        assert_ptr_equal(ptl_index_map_partition(map), p);
        ptl_partition_release(&p); /* the map holds its own */
        assert_map(map, size, owner, rank, wanted);
        ptl_index_map_release(&map);
    }
}

/* Indices that need every digit of the sort. */
static void huge_indices_are_sorted(void **state)
{
    (void)state;
    ptl_partition *p;
    ptl_index_map *map;
    int64_t asked[50];
    assert_int_equal(ptl_partition_uniform(2, INT64_MAX, &p), PTL_OK);
    for (int i = 0; i < 50; i++)
        asked[i] = (INT64_MAX / 53) * ((i * 19) % 50);
    assert_int_equal(ptl_index_map_create(p, 1, 50, asked, &map), PTL_OK);
    const int64_t *ghosts = ptl_index_map_ghosts(map);
    int64_t count = ptl_index_map_ghost_size(map);
    assert_int_equal(count, 27);
    for (int64_t i = 0; i < count; i++)
        assert_true(ghosts[i] == (INT64_MAX / 53) * i);
    ptl_index_map_release(&map);
    ptl_partition_release(&p);
}

static void bad_input_is_named(void **state)
{
    (void)state;
    ptl_partition *p;
    ptl_index_map *map;
    const int64_t bad[] = {0, 3, 10}, below[] = {-1};
    assert_int_equal(ptl_partition_uniform(2, 10, &p), PTL_OK);
    assert_int_equal(ptl_index_map_create(p, 0, 3, bad, &map), PTL_INDEX);
    assert_null(map);
    assert_non_null(strstr(ptl_error_message(), "ghosts[2] is 10"));
    assert_int_equal(ptl_index_map_create(p, 0, 1, below, &map), PTL_INDEX);
    assert_int_equal(ptl_index_map_create(p, 2, 0, NULL, &map), PTL_INDEX);
    assert_int_equal(ptl_index_map_create(p, -1, 0, NULL, &map), PTL_INDEX);
    assert_int_equal(ptl_index_map_create(p, 0, 0, NULL, &map), PTL_OK);
    int64_t out;
    assert_int_equal(ptl_index_map_to_local(map, 1, bad, (ptl_index_space)9, &out), PTL_INVALID);
    ptl_index_map_release(&map);
    ptl_partition_release(&p);
}

static void failing_memory_leaks_nothing(void **state)
{
    (void)state;
    const int64_t asked[] = {9, 7, 8, 0};
    ptl_partition *p;
    assert_int_equal(ptl_partition_uniform(2, 10, &p), PTL_OK);
    int64_t live = ptl__alloc_live();
    for (int n = 1;; n++) {
        ptl_index_map *map;
        ptl__alloc_fail_after(n);
        ptl_status status = ptl_index_map_create(p, 0, 4, asked, &map);
        ptl__alloc_fail_after(0);
        if (status == PTL_OK) {
            assert_true(n > 4);
            ptl_index_map_release(&map);
            break;
        }
        assert_int_equal(status, PTL_NOMEM);
        assert_null(map);
        assert_int_equal(ptl__alloc_live(), live);
    }
    assert_int_equal(ptl__alloc_live(), live);
    ptl_partition_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(map_matches_brute_force),
        cmocka_unit_test(huge_indices_are_sorted),
        cmocka_unit_test(bad_input_is_named),
        cmocka_unit_test(failing_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
