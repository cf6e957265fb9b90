/* Orderings: permutations of every graph, that they do what they are for, and the matching against
 * every choice of rows. */
#include "factors.h"

#include "core/memory.h"
#include "factor/best_matching.h"

static const ptl_ordering orderings[] = {PTL_ORDERING_NATURAL, PTL_ORDERING_RCM,
                                         PTL_ORDERING_MIN_DEGREE, PTL_ORDERING_NESTED_DISSECTION};
enum { ORDERINGS = 4 };

/* 1 where the build has it. */
static int has(ptl_ordering ordering)
{
    int64_t p[2];
    const number two[4] = {1, 1, 1, 1};
    ptl_csr *A = csr_of(PTL_F64, PTL_I32, 2, two);
    ptl_status status = ptl_ordering_find(ptl_csr_linop(A), ordering, p);
    assert_true(status == PTL_OK || status == PTL_NOT_SUPPORTED);
    ptl_csr_release(&A);
    return status == PTL_OK;
}

/* Random entries of a density between 0 and 1, some rows and columns being empty. */
static void entries_with_gaps(int n, double density, number *dense)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            dense[i * n + j] = i % 7 != 3 && j % 7 != 3 && rand() < density * RAND_MAX
                                   ? __builtin_complex(uniform(), uniform())
                                   : 0;
}

static void permutations_are_permutations(void **state)
{
    (void)state;
    static const int sizes[] = {0, 1, 2, 5, 30, 60};
    for (int trial = 0; trial < 6 * 5 * ORDERINGS; trial++) {
        const int n = sizes[trial % 6], o = trial / 30;
        number *dense = allocate((size_t)(n * n) * sizeof *dense);
        int64_t *p = allocate((size_t)n * sizeof *p);
        entries_with_gaps(n, (trial / 6 % 5) / 8.0, dense); /* the first of them: none at all */
        ptl_csr *A = csr_of((ptl_dtype)(trial % 4), (ptl_itype)(trial % 2), n, dense);
        if (has(orderings[o])) {
            assert_int_equal(ptl_ordering_find(ptl_csr_linop(A), orderings[o], p), PTL_OK);
            assert_permutation(n, p);
        }
        ptl_csr_release(&A);
        free(dense), free(p);
    }
}

/* The 5-point Laplacian of a grid, rows in an order that is none; dense. */
static number *shuffled_grid(int side)
{
    const int n = side * side;
    int *place = allocate((size_t)n * sizeof *place);
    number *dense = calloc((size_t)(n * n), sizeof *dense);
    for (int i = 0; i < n; i++)
        place[i] = i;
    for (int i = n - 1; i > 0; i--) {
        const int j = rand() % (i + 1), old = place[i];
        place[i] = place[j];
        place[j] = old;
    }
    for (int i = 0; i < n; i++) {
        dense[place[i] * n + place[i]] = 4;
        if (i % side > 0)
            dense[place[i] * n + place[i - 1]] = dense[place[i - 1] * n + place[i]] = -1;
        if (i >= side)
            dense[place[i] * n + place[i - side]] = -1; /* its mirror image is left out */
    }
    free(place);
    return dense;
}

/* Entries of the Cholesky factor of the symmetric pattern in an order, and its bandwidth. */
static int64_t count_fill(int n, const number *dense, const int64_t *p, int *bandwidth)
{
    char *there = calloc((size_t)(n * n), 1);
    int64_t count = 0;
    *bandwidth = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++)
            if (dense[p[i] * n + p[j]] != 0 || dense[p[j] * n + p[i]] != 0) {
                there[i * n + j] = 1;
                *bandwidth = i - j > *bandwidth ? i - j : *bandwidth;
            }
    for (int k = 0; k < n; k++)
        for (int i = k + 1; i < n; i++)
            for (int j = k + 1; there[i * n + k] && j < i; j++)
                there[i * n + j] |= there[j * n + k];
    for (int i = 0; i < n * n; i++)
        count += there[i];
    free(there);
    return count;
}

static void orderings_serve_the_factors(void **state)
{
    (void)state;
    enum { SIDE = 12, SIZE = SIDE * SIDE };
    int64_t p[SIZE], fill[ORDERINGS];
    int bandwidth[ORDERINGS];
    number *dense = shuffled_grid(SIDE);
    ptl_csr *A = csr_of(PTL_F64, PTL_I32, SIZE, dense);
    for (int o = 0; o < ORDERINGS; o++)
        if (has(orderings[o])) {
            assert_int_equal(ptl_ordering_find(ptl_csr_linop(A), orderings[o], p), PTL_OK);
            fill[o] = count_fill(SIZE, dense, p, &bandwidth[o]);
        } else {
            fill[o] = 0;
        }
    assert_in_range(bandwidth[1], SIDE - 1, 2 * SIDE); /* SIDE is the least */
    assert_true(bandwidth[0] > 6 * SIDE);
    assert_true(fill[2] < fill[1] && fill[3] < fill[1] && fill[1] < fill[0]);
    ptl_csr_release(&A);
    free(dense);
}

/* Each component's rows stay together. */
static void components_stay_together(void **state)
{
    (void)state;
    enum { SIZE = 30 };
    number dense[SIZE * SIZE] = {0};
    int64_t p[SIZE];
    for (int i = 3; i < SIZE; i++) /* three paths */
        dense[i * SIZE + i - 3] = 1;
    ptl_csr *A = csr_of(PTL_C64, PTL_I64, SIZE, dense);
    assert_int_equal(ptl_ordering_find(ptl_csr_linop(A), PTL_ORDERING_RCM, p), PTL_OK);
    assert_permutation(SIZE, p);
    for (int i = 1; i < SIZE; i++)
        if (i % (SIZE / 3) != 0)
            assert_int_equal(llabs(p[i] - p[i - 1]), 3);
    ptl_csr_release(&A);
}

/* The largest product of log-sums over all choices, -inf where there is none. */
static double best_choice(int n, const number *dense, int j, unsigned taken)
{
    double best = j == n ? 0 : -INFINITY;
    for (int i = 0; j < n && i < n; i++)
        if (!(taken >> i & 1) && dense[i * n + j] != 0) {
            const double rest = best_choice(n, dense, j + 1, taken | 1u << i);
            best = fmax(best, log(cabs(dense[i * n + j])) + rest);
        }
    return best;
}

/* How many columns from j on can have rows, each its own. */
static int most_matched(int n, const number *dense, int j, unsigned taken)
{
    int most = j < n ? most_matched(n, dense, j + 1, taken) : 0;
    for (int i = 0; j < n && i < n; i++)
        if (!(taken >> i & 1) && dense[i * n + j] != 0) {
            const int found = 1 + most_matched(n, dense, j + 1, taken | 1u << i);
            most = found > most ? found : most;
        }
    return most;
}

static void check_matching(int n, const number *dense, const int64_t *rows, const double *scales,
                           double best, ptl_dtype dtype)
{
    double sum = 0;
    assert_permutation(n, rows);
    for (int j = 0; j < n; j++) {
        assert_true(dense[rows[j] * n + j] != 0);
        sum += log(cabs(dense[rows[j] * n + j]));
        for (int i = 0; i < n; i++) {
            const double scaled = scales[i] * cabs(dense[i * n + j]) * scales[n + j];
            assert_true(scaled < 1 + 10 * tolerance(dtype));
            if (i == rows[j])
                assert_near(scaled, 1, 10 * tolerance(dtype), "scaled", i, j);
        }
    }
    assert_near(sum, best, 10 * tolerance(dtype), "product", n, 0);
}

/* As many columns as can be have an entry, and scaled ones are at most 1. */
static void check_partial(int n, const number *dense, const int64_t *rows, const double *scales,
                          ptl_dtype dtype)
{
    int matched = 0;
    assert_permutation(n, rows);
    for (int j = 0; j < n; j++) {
        matched += dense[rows[j] * n + j] != 0;
        for (int i = 0; i < n; i++)
            assert_true(scales[i] * cabs(dense[i * n + j]) * scales[n + j] <
                        1 + 10 * tolerance(dtype));
    }
    assert_int_equal(matched, most_matched(n, dense, 0, 0));
}

static void matchings_are_the_best(void **state)
{
    (void)state;
    int found[2] = {0};
    for (int trial = 0; trial < 1200; trial++) {
        enum { LARGEST = 7 };
        const int n = trial % (LARGEST + 1);
        const ptl_dtype dtype = (ptl_dtype)(trial % PTL_DTYPE_COUNT);
        number dense[LARGEST * LARGEST];
        int64_t rows[LARGEST], again[LARGEST];
        double scales[2 * LARGEST];
        for (int k = 0; k < n * n; k++)
            dense[k] = rand() % 10 < 4               ? 0
                       : ptl_dtype_is_complex(dtype) ? exp(3 * uniform()) * cexp(uniform() * I)
                                                     : exp(5 * uniform());
        ptl_csr *A = csr_of(dtype, (ptl_itype)(trial % 2), n, dense);
        const double best = best_choice(n, dense, 0, 0);
        const ptl_status status = ptl__best_matching(
            &(ptl__local_block){.whole = ptl_csr_linop(A), .A = A}, 0, rows, scales);
        assert_int_equal(status, isfinite(best) ? PTL_OK : PTL_INVALID);
        assert_int_equal(ptl_ordering_match(ptl_csr_linop(A), again), status);
        if (status == PTL_OK) {
            check_matching(n, dense, rows, scales, best, dtype);
            assert_memory_equal(rows, again, (size_t)n * sizeof *rows);
        } else {
            assert_non_null(strstr(ptl_error_message(), "singular"));
            assert_int_equal(
                ptl__best_matching(&(ptl__local_block){.whole = ptl_csr_linop(A), .A = A}, 1, rows,
                                   scales),
                PTL_OK);
            check_partial(n, dense, rows, scales, dtype);
        }
        found[status == PTL_OK]++;
        ptl_csr_release(&A);
    }
    assert_true(found[0] > 100 && found[1] > 100);
}

/* On larger matrices: against the dual problem, whose value bounds every choice's. */
static void large_matchings_are_the_best(void **state)
{
    (void)state;
    enum { SIZE = 80 };
    static number dense[SIZE * SIZE];
    static double scales[2 * SIZE];
    int64_t rows[SIZE];
    for (int trial = 0; trial < 20; trial++) {
        for (int i = 0; i < SIZE; i++)
            for (int j = 0; j < SIZE; j++)
                dense[i * SIZE + j] =
                    j == (i + 31) % SIZE || rand() % 20 == 0 ? exp(10 * uniform()) : 0;
        ptl_csr *A = csr_of(PTL_F64, PTL_I32, SIZE, dense);
        assert_int_equal(ptl__best_matching(&(ptl__local_block){.whole = ptl_csr_linop(A), .A = A},
                                            0, rows, scales),
                         PTL_OK);
        double dual = 0; /* scaled entries being at most 1, no product is larger */
        for (int i = 0; i < 2 * SIZE; i++)
            dual -= log(scales[i]);
        check_matching(SIZE, dense, rows, scales, dual, PTL_F64);
        ptl_csr_release(&A);
    }
}

static void bad_matrices_are_refused(void **state)
{
    (void)state;
    const number empty_column[] = {1, 0, 3, 4, 0, 6, 7, 0, 10};
    const number infinite[] = {1, 2, 3, 4, 5, INFINITY, 7, 8, 10};
    int64_t p[3];
    ptl_csr *A = csr_of(PTL_F64, PTL_I32, 3, empty_column);
    assert_int_equal(ptl_ordering_match(ptl_csr_linop(A), p), PTL_INVALID);
    assert_non_null(strstr(ptl_error_message(), "column 1"));
    assert_int_equal(ptl_ordering_find(ptl_csr_linop(A), (ptl_ordering)4, p), PTL_INVALID);
    ptl_csr_release(&A);
    A = csr_of(PTL_C128, PTL_I32, 3, infinite);
    assert_int_equal(ptl_ordering_match(ptl_csr_linop(A), p), PTL_INVALID);
    assert_non_null(strstr(ptl_error_message(), "row 1, column 2"));
    ptl_csr_release(&A);
    const int32_t indptr[3] = {0};
    const ptl_csr_arrays arrays = {2, 3, PTL_F64, PTL_I32, indptr, NULL, NULL};
    assert_int_equal(ptl_csr_copy_of(NULL, &arrays, &A), PTL_OK);
    assert_int_equal(ptl_ordering_match(ptl_csr_linop(A), p), PTL_DIMENSION);
    assert_int_equal(ptl_ordering_find(ptl_csr_linop(A), PTL_ORDERING_RCM, p), PTL_DIMENSION);
    ptl_csr_release(&A);
}

/* At every allocation that can fail. */
static void memory_that_ends_leaves_nothing(void **state)
{
    (void)state;
    enum { SIDE = 5, SIZE = SIDE * SIDE };
    number *dense = shuffled_grid(SIDE);
    int64_t p[SIZE];
    ptl_csr *A = csr_of(PTL_F64, PTL_I32, SIZE, dense);
    const int64_t live = ptl__alloc_live();
    for (int o = 1; o <= ORDERINGS; o++) {
        if (o < ORDERINGS && !has(orderings[o]))
            continue;
        int failures = 0;
        for (ptl_status status = PTL_NOMEM; status == PTL_NOMEM; failures++) {
            ptl__alloc_fail_after(failures + 1);
            status = o < ORDERINGS ? ptl_ordering_find(ptl_csr_linop(A), orderings[o], p)
                                   : ptl_ordering_match(ptl_csr_linop(A), p);
            ptl__alloc_fail_after(0);
            assert_true(status == PTL_NOMEM || status == PTL_OK);
            assert_true(ptl__alloc_live() == live);
        }
        assert_true(failures > 3);
    }
    ptl_csr_release(&A);
    free(dense);
}

static void missing_libraries_are_named(void **state)
{
    (void)state;
    static const char *const names[ORDERINGS] = {"", "", "libsuperlu-dev", "libmetis-dev"};
    for (int o = 2; o < ORDERINGS; o++)
        if (!has(orderings[o]))
            assert_non_null(strstr(ptl_error_message(), names[o]));
}

int main(void)
{
    use_host();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(permutations_are_permutations),
        cmocka_unit_test(orderings_serve_the_factors),
        cmocka_unit_test(components_stay_together),
        cmocka_unit_test(matchings_are_the_best),
        cmocka_unit_test(large_matchings_are_the_best),
        cmocka_unit_test(bad_matrices_are_refused),
        cmocka_unit_test(memory_that_ends_leaves_nothing),
        cmocka_unit_test(missing_libraries_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
