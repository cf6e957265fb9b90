/* LU and Cholesky, sparse and dense: that their product is A, what they refuse, and refreshes. */
#include "factors.h"

#include "core/memory.h"

enum { LARGEST = 25 };

/* How a matrix is stored. */
enum storage { SPARSE, DENSE, STORAGES };

static ptl_linop *matrix_of(enum storage storage, ptl_dtype dtype, int n, const number *dense)
{
    ptl_csr *A = csr_of(dtype, PTL_I32, n, dense);
    ptl_linop *out;
    if (storage == SPARSE)
        return ptl_csr_linop(A);
    assert_int_equal(ptl_format_convert(ptl_csr_linop(A), PTL_DENSE, -1, &out), PTL_OK);
    ptl_csr_release(&A);
    return out;
}

/* The entries as a dtype holds them. */
static void round_to(ptl_dtype dtype, int n, number *dense)
{
    for (int k = 0; k < n * n; k++) {
        double one[2];
        put(dtype, one, 0, dense[k]);
        dense[k] = get(dtype, one, 0);
    }
}

/* Random, and not singular: large entries where a permutation has them. */
static void regular(ptl_dtype dtype, int n, number *dense)
{
    random_entries(n, 0.2, dense);
    for (int i = 0; i < n; i++)
        dense[i * n + (i + 2) % n] = 4 + uniform();
    round_to(dtype, n, dense);
}

static void definite(ptl_dtype dtype, int n, number *dense)
{
    random_entries(n, 0.15, dense);
    round_to(dtype, n, dense);
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < i; j++)
            dense[j * n + i] = conj(dense[i * n + j]);
        dense[i * n + i] = 1 + n * 0.3;
    }
    round_to(dtype, n, dense);
}

/* 1 where the build has the factorization; else that its message names the library. */
static int has(enum storage storage, int cholesky)
{
    const number one[] = {1};
    ptl_factorization *F;
    ptl_linop *A = matrix_of(storage, PTL_F64, 1, one);
    ptl_status status =
        cholesky ? ptl_factorize_cholesky(A, PTL_ORDERING_NATURAL, &F) : ptl_factorize_lu(A, &F);
    if (status != PTL_OK) {
        assert_int_equal(status, PTL_NOT_SUPPORTED);
        assert_non_null(
            strstr(ptl_error_message(), storage == DENSE ? "liblapack-dev" : "libsuperlu-dev"));
    }
    ptl_factorization_release(&F);
    ptl_linop_release(&A);
    return status == PTL_OK;
}

static void lu_is_exact(void **state)
{
    (void)state;
    static const int sizes[] = {0, 1, 2, 7, LARGEST};
    static number dense[LARGEST * LARGEST];
    for (int trial = 0; trial < 5 * PTL_DTYPE_COUNT * STORAGES; trial++) {
        const int n = sizes[trial % 5];
        const ptl_dtype dtype = (ptl_dtype)(trial / 5 % PTL_DTYPE_COUNT);
        const enum storage storage = (enum storage)(trial / 5 / PTL_DTYPE_COUNT);
        ptl_factorization *F;
        if (!has(storage, 0))
            continue;
        regular(dtype, n, dense);
        ptl_linop *A = matrix_of(storage, dtype, n, dense);
        assert_int_equal(ptl_factorize_lu(A, &F), PTL_OK);
        assert_string_equal(ptl_factorization_method(F), "lu");
        dense_factors f = dense_factors_of(F, 1);
        assert_exact(&f, dense, 200 * tolerance(dtype));
        assert_solves(F, &f, 3, 200);
        for (int k = 0; k < n * n; k++) /* pivots are the largest of their columns */
            assert_true(cabs(f.L[k]) < 1 + 10 * tolerance(dtype));
        dense_factors_free(&f);
        ptl_factorization_release(&F);
        ptl_linop_release(&A);
    }
}

static void check_cholesky(ptl_factorization *F, ptl_dtype dtype, const number *dense)
{
    dense_factors f = dense_factors_of(F, 0);
    assert_string_equal(ptl_factorization_method(F), "cholesky");
    assert_exact(&f, dense, 200 * tolerance(dtype));
    assert_solves(F, &f, 2, 200);
    for (int i = 0; i < f.n; i++) {
        assert_int_equal(f.p[i], f.q[i]);
        for (int j = 0; j <= i; j++)
            assert_near(f.L[i * f.n + j], conj(f.U[j * f.n + i]), 10 * tolerance(dtype), "L - U^H",
                        i, j);
    }
    dense_factors_free(&f);
}

static void cholesky_is_exact_of_the_lower_triangle(void **state)
{
    (void)state;
    static const int sizes[] = {0, 1, 2, 7, LARGEST};
    static number dense[LARGEST * LARGEST], lower[LARGEST * LARGEST];
    for (int trial = 0; trial < 5 * PTL_DTYPE_COUNT * STORAGES * 3; trial++) {
        const int n = sizes[trial % 5];
        const ptl_dtype dtype = (ptl_dtype)(trial / 5 % PTL_DTYPE_COUNT);
        const enum storage storage = (enum storage)(trial / 5 / PTL_DTYPE_COUNT % STORAGES);
        const ptl_ordering ordering = (ptl_ordering)(trial / 5 / PTL_DTYPE_COUNT / STORAGES);
        ptl_factorization *F;
        if (!has(storage, 1))
            continue;
        definite(dtype, n, dense);
        for (int k = 0; k < n * n; k++) /* what is above the diagonal does not matter */
            lower[k] = k % (n ? n : 1) <= k / (n ? n : 1) ? dense[k] : storage == DENSE ? NAN : 0;
        ptl_linop *A = matrix_of(storage, dtype, n, lower);
        const ptl_status status = ptl_factorize_cholesky(A, ordering, &F);
        if (status == PTL_OK)
            check_cholesky(F, dtype, dense);
        else
            assert_true(status == PTL_NOT_SUPPORTED && ordering == PTL_ORDERING_MIN_DEGREE);
        ptl_factorization_release(&F);
        ptl_linop_release(&A);
    }
}

/* What one of the two says of a 3 x 3 matrix. */
static ptl_status factor(enum storage storage, int cholesky, const number *dense)
{
    ptl_factorization *F;
    ptl_linop *A = matrix_of(storage, PTL_C128, 3, dense);
    ptl_status status =
        cholesky ? ptl_factorize_cholesky(A, PTL_ORDERING_NATURAL, &F) : ptl_factorize_lu(A, &F);
    assert_true((F == NULL) == (status != PTL_OK));
    ptl_factorization_release(&F);
    ptl_linop_release(&A);
    return status;
}

static void what_has_no_factors_is_refused(void **state)
{
    (void)state;
    const number zero_column[] = {1, 0, 3, 4, 0, 6, 7, 0, 10},
                 dependent[] = {1, 2, 0, 2, 4, 0, 0, 0, 1};
    const number infinite[] = {1, 2, 3, 4, 5, 6, 7, INFINITY, 10};
    const number indefinite[] = {1, 2, 0, 2, 1, 0, 0, 0, 1},
                 negative[] = {1, 0, 0, 0, 2, 0, 0, 0, -1};
    const number below[] = {1, 0, 0, 0, 1, 0, 0, INFINITY, 1};
    for (int s = 0; s < STORAGES; s++) {
        const enum storage storage = (enum storage)s;
        if (has(storage, 0)) {
            assert_int_equal(factor(storage, 0, zero_column), PTL_INVALID);
            assert_non_null(strstr(ptl_error_message(), "column 1"));
            assert_int_equal(factor(storage, 0, dependent), PTL_INVALID);
            assert_non_null(strstr(ptl_error_message(), "singular"));
            assert_int_equal(factor(storage, 0, infinite), PTL_INVALID);
            assert_non_null(strstr(ptl_error_message(), "row 2, column 1"));
        }
        if (has(storage, 1)) {
            assert_int_equal(factor(storage, 1, indefinite), PTL_INVALID);
            assert_non_null(strstr(ptl_error_message(), "row 1"));
            assert_non_null(strstr(ptl_error_message(), "not positive definite"));
            assert_int_equal(factor(storage, 1, negative), PTL_INVALID);
            assert_non_null(strstr(ptl_error_message(), "row 2"));
            assert_int_equal(factor(storage, 1, below), PTL_INVALID);
            assert_non_null(strstr(ptl_error_message(), "row 2"));
        }
    }
    ptl_factorization *F;
    ptl_linop *A = matrix_of(SPARSE, PTL_F64, 3, negative);
    assert_int_equal(ptl_factorize_cholesky(A, (ptl_ordering)7, &F), PTL_INVALID);
    ptl_linop_release(&A);
}

static void refreshes_take_new_values(void **state)
{
    (void)state;
    enum { SIZE = 15 };
    static number dense[SIZE * SIZE], other[SIZE * SIZE];
    for (int trial = 0; trial < PTL_DTYPE_COUNT * STORAGES * 2; trial++) {
        const ptl_dtype dtype = (ptl_dtype)(trial % PTL_DTYPE_COUNT);
        const enum storage storage = (enum storage)(trial / PTL_DTYPE_COUNT % STORAGES);
        const int cholesky = trial / PTL_DTYPE_COUNT / STORAGES;
        ptl_factorization *F;
        if (!has(storage, cholesky))
            continue;
        (cholesky ? definite : regular)(dtype, SIZE, dense);
        for (int k = 0; k < SIZE * SIZE; k++) /* other pivots, but still definite */
            other[k] = dense[k] * (cholesky ? 2 : k % 3 ? 2 : 0.25);
        ptl_linop *A = matrix_of(storage, dtype, SIZE, dense);
        ptl_linop *B = matrix_of(storage, dtype, SIZE, other);
        assert_int_equal(cholesky ? ptl_factorize_cholesky(A, PTL_ORDERING_RCM, &F)
                                  : ptl_factorize_lu(A, &F),
                         PTL_OK);
        assert_int_equal(ptl_linop_refresh(ptl_factorization_linop(F), B), PTL_OK);
        dense_factors f = dense_factors_of(F, !cholesky);
        assert_exact(&f, other, 200 * tolerance(dtype));
        assert_solves(F, &f, 2, 200);
        dense_factors_free(&f);
        ptl_factorization_release(&F);
        ptl_linop_release(&A);
        ptl_linop_release(&B);
    }
}

/* At every allocation that can fail. */
static void memory_that_ends_leaves_nothing(void **state)
{
    (void)state;
    static number dense[LARGEST * LARGEST];
    definite(PTL_C64, LARGEST, dense);
    for (int trial = 0; trial < STORAGES * 2; trial++) {
        const enum storage storage = (enum storage)(trial % STORAGES);
        const int cholesky = trial / STORAGES;
        if (!has(storage, cholesky))
            continue;
        ptl_linop *A = matrix_of(storage, PTL_C64, LARGEST, dense);
        const int64_t live = ptl__alloc_live();
        ptl_factorization *F = NULL;
        int failures = 0;
        for (ptl_status status = PTL_NOMEM; status == PTL_NOMEM; failures++) {
            ptl__alloc_fail_after(failures + 1);
            status = cholesky ? ptl_factorize_cholesky(A, PTL_ORDERING_RCM, &F)
                              : ptl_factorize_lu(A, &F);
            ptl__alloc_fail_after(0);
            assert_true(status == PTL_NOMEM || status == PTL_OK);
            assert_true((F == NULL) == (status != PTL_OK));
            ptl_factorization_release(&F);
            assert_true(ptl__alloc_live() == live);
        }
        assert_true(failures > 10);
        ptl_linop_release(&A);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lu_is_exact),
        cmocka_unit_test(cholesky_is_exact_of_the_lower_triangle),
        cmocka_unit_test(what_has_no_factors_is_refused),
        cmocka_unit_test(refreshes_take_new_values),
        cmocka_unit_test(memory_that_ends_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
