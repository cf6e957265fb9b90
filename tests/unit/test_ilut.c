/* ILUT: exact where nothing is dropped, what it drops where it does, its pivots, and refreshes. */
#include "factors.h"

#include "core/memory.h"

static const ptl_ordering orderings[] = {PTL_ORDERING_NATURAL, PTL_ORDERING_RCM};

static ptl_factorization *make(ptl_csr *A, const ptl_ilut_options *options)
{
    ptl_factorization *F;
    assert_int_equal(ptl_factorize_ilut(ptl_csr_linop(A), options, &F), PTL_OK);
    assert_string_equal(ptl_factorization_method(F), "ilut");
    return F;
}

static ptl_status fails(ptl_csr *A, const ptl_ilut_options *options)
{
    ptl_factorization *F;
    ptl_status status = ptl_factorize_ilut(ptl_csr_linop(A), options, &F);
    assert_null(F);
    return status;
}

static void nothing_dropped_is_lu(void **state)
{
    (void)state;
    static const int sizes[] = {0, 1, 2, 7, 20};
    for (int trial = 0; trial < 5 * 4 * 2 * 2; trial++) {
        const int n = sizes[trial % 5], match = trial / 40;
        const ptl_dtype dtype = (ptl_dtype)(trial / 5 % 4);
        ptl_ilut_options options = PTL_ILUT_OPTIONS_INIT;
        options.drop_tolerance = 1e-300;
        options.fill = 1e6;
        options.match = match;
        options.ordering = (int)orderings[trial / 20 % 2];
        number *dense = allocate((size_t)(n * n) * sizeof *dense);
        random_entries(n, 0.3, dense);
        for (int i = 0; i < n;
             i++) /* large entries on the diagonal, or where only a matching goes */
            dense[i * n + (match ? (i + 1) % n : i)] = 5 + uniform();
        ptl_csr *A = csr_of(dtype, (ptl_itype)(trial % 2), n, dense);
        number *exact = dense_of(A);
        ptl_factorization *F = make(A, &options);
        dense_factors f = dense_factors_of(F, 1);
        assert_exact(&f, exact, 100 * tolerance(dtype));
        assert_solves(F, &f, 3, 100);
        assert_true(ptl_factorization_shift(F) == 0);
        free(exact);
        dense_factors_free(&f);
        ptl_factorization_release(&F);
        ptl_csr_release(&A);
        free(dense);
    }
}

/* ILUT as its definition says it, densely and without a matching; A is overwritten by both
 * factors. */
static void reference(int n, number *A, double drop, int64_t most)
{
    double norms[64];
    for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int j = 0; j < n; j++)
            sum += creal(A[i * n + j] * conj(A[i * n + j]));
        norms[i] = sqrt(sum);
    }
    for (int i = 0; i < n; i++) {
        number *row = A + i * n;
        for (int k = 0; k < i; k++) {
            row[k] /= A[k * n + k];
            if (cabs(row[k]) * norms[k] < drop * norms[i])
                row[k] = 0;
            for (int j = k + 1; j < n; j++)
                row[j] -= row[k] * A[k * n + j];
        }
        for (int j = i + 1; j < n; j++)
            if (cabs(row[j]) < drop * norms[i])
                row[j] = 0;
        for (int side = 0; side < 2; side++)
            for (;;) { /* drops the smallest until no more are left than may be */
                int64_t count = 0;
                int least = -1;
                for (int j = side ? i + 1 : 0; j < (side ? n : i); j++) {
                    const double size = cabs(row[j]) * (side ? 1 : norms[j]);
                    if (row[j] == 0)
                        continue;
                    count++;
                    if (least < 0 || size <= cabs(row[least]) * (side ? 1 : norms[least]))
                        least = j;
                }
                if (count <= most)
                    break;
                row[least] = 0;
            }
    }
}

static void drops_are_those_of_the_definition(void **state)
{
    (void)state;
    enum { SIZE = 40 };
    static number dense[SIZE * SIZE], expected[SIZE * SIZE];
    for (int trial = 0; trial < 24; trial++) {
        const ptl_dtype dtype = trial % 2 ? PTL_C128 : PTL_F64;
        const double drop = trial % 3 == 0 ? 1e-2 : 1e-1, fill = trial % 4 == 0 ? 1 : 3;
        int64_t nnz = 0;
        random_entries(SIZE, 0.15, dense);
        for (int i = 0; i < SIZE; i++)
            dense[i * SIZE + i] = 2 + uniform();
        for (int k = 0; k < SIZE * SIZE; k++) {
            dense[k] = dtype == PTL_F64 ? creal(dense[k]) : dense[k];
            nnz += dense[k] != 0;
            expected[k] = dense[k];
        }
        reference(SIZE, expected, drop, (int64_t)ceil(fill * (double)nnz / SIZE / 2));
        ptl_csr *A = csr_of(dtype, PTL_I32, SIZE, dense);
        ptl_ilut_options options = PTL_ILUT_OPTIONS_INIT;
        options.drop_tolerance = drop;
        options.fill = fill;
        ptl_factorization *F = make(A, &options);
        dense_factors f = dense_factors_of(F, 1);
        for (int i = 0; i < SIZE; i++)
            for (int j = 0; j < SIZE; j++)
                assert_near(j < i ? f.L[i * SIZE + j] : f.U[i * SIZE + j], expected[i * SIZE + j],
                            1e-11, "factors", i, j);
        dense_factors_free(&f);
        ptl_factorization_release(&F);
        ptl_csr_release(&A);
    }
}

/* What is dropped does not depend on the scale of rows. */
static void scales_do_not_matter(void **state)
{
    (void)state;
    enum { SIZE = 30 };
    static number dense[SIZE * SIZE];
    ptl_ilut_options options = PTL_ILUT_OPTIONS_INIT;
    options.drop_tolerance = 0.05;
    options.fill = 2;
    random_entries(SIZE, 0.2, dense);
    for (int i = 0; i < SIZE; i++)
        dense[i * SIZE + i] = 3;
    dense_factors f[2];
    for (int scaled = 0; scaled < 2; scaled++) {
        for (int k = 0; scaled && k < SIZE * SIZE; k++) /* by powers of 2: exactly */
            dense[k] *= ldexp(1, k / SIZE * 7 % 40 - 20);
        ptl_csr *A = csr_of(PTL_F64, PTL_I64, SIZE, dense);
        ptl_factorization *F = make(A, &options);
        f[scaled] = dense_factors_of(F, 1);
        ptl_factorization_release(&F);
        ptl_csr_release(&A);
    }
    for (int k = 0; k < SIZE * SIZE; k++) {
        assert_true(f[1].U[k] == f[0].U[k] * ldexp(1, k / SIZE * 7 % 40 - 20));
        assert_true((f[0].L[k] == 0) == (f[1].L[k] == 0));
    }
    dense_factors_free(&f[0]);
    dense_factors_free(&f[1]);
}

static void bad_pivots_are_told_or_shifted(void **state)
{
    (void)state;
    const number zero[] = {1, 2, 0, 2, 4, 3, 0, 0, 5}, empty[] = {1, 0, 2, 0, 0, 0, 3, 0, 4};
    const number infinite[] = {1, 0, 0, 0, 1, INFINITY, 0, 0, 1};
    const number tiny[] = {1, 2, 0, 2, 4 + 1e-15, 3, 0, 0, 5};
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; dtype++)
        for (int trial = 0; trial < 3; trial++) {
            const number *dense = trial == 0 ? zero : trial == 1 ? empty : tiny;
            ptl_ilut_options shift = PTL_ILUT_OPTIONS_INIT;
            shift.pivot = PTL_PIVOT_SHIFT;
            ptl_ilut_options both = shift;
            both.match = 1;
            ptl_csr *A = csr_of((ptl_dtype)dtype, PTL_I32, 3, dense);
            assert_int_equal(fails(A, NULL), PTL_INVALID);
            assert_non_null(strstr(ptl_error_message(), "row 1"));
            ptl_factorization *F = make(A, &shift);
            assert_true(ptl_factorization_shift(F) == 1);
            dense_factors f = dense_factors_of(F, 1);
            const double eps =
                ptl_dtype_real((ptl_dtype)dtype) == PTL_F32 ? 1.1920929e-7 : 2.220446049250313e-16;
            assert_near(f.U[4], trial == 1 ? 1 : 4 * sqrt(eps), 1e-9, "pivot", 1, 1);
            dense_factors_free(&f);
            ptl_factorization_release(&F);
            F = make(A, &both);
            assert_true(ptl_factorization_shift(F) <= 1);
            ptl_factorization_release(&F);
            ptl_csr_release(&A);
        }
    ptl_csr *A = csr_of(PTL_C128, PTL_I32, 3, infinite);
    ptl_ilut_options shift = PTL_ILUT_OPTIONS_INIT;
    shift.pivot = PTL_PIVOT_SHIFT;
    assert_int_equal(fails(A, &shift), PTL_INVALID);
    assert_non_null(strstr(ptl_error_message(), "row 1"));
    ptl_csr_release(&A);
}

static void bad_options_are_refused(void **state)
{
    (void)state;
    const number one[] = {1};
    const ptl_ilut_options initial = PTL_ILUT_OPTIONS_INIT;
    enum { BAD = 8 };
    ptl_ilut_options options[BAD];
    for (int i = 0; i < BAD; i++)
        options[i] = initial;
    options[0].drop_tolerance = -1;
    options[1].drop_tolerance = NAN;
    options[2].fill = -1;
    options[3].fill = INFINITY;
    options[4].ordering = 9;
    options[5].pivot = -1;
    options[6].pivot_tolerance = -1;
    options[7].size = 0;
    ptl_csr *A = csr_of(PTL_F64, PTL_I32, 1, one);
    for (int i = 0; i < BAD; i++)
        assert_int_equal(fails(A, &options[i]), PTL_INVALID);
    ptl_csr_release(&A);
}

/* The same permutations and dropping rule on other values; another pattern is refused. */
static void refreshes_take_new_values(void **state)
{
    (void)state;
    enum { SIZE = 12 };
    number dense[SIZE * SIZE], other[SIZE * SIZE];
    ptl_ilut_options options = PTL_ILUT_OPTIONS_INIT;
    options.drop_tolerance = 1e-300;
    options.fill = 100;
    options.match = 1;
    options.ordering = PTL_ORDERING_RCM;
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; dtype++) {
        random_entries(SIZE, 0.3, dense);
        for (int i = 0; i < SIZE; i++)
            dense[i * SIZE + (i + 1) % SIZE] = 9;
        for (int k = 0; k < SIZE * SIZE; k++)
            other[k] = dense[k] * (1 + 0.5 * uniform());
        ptl_csr *A = csr_of((ptl_dtype)dtype, PTL_I32, SIZE, dense);
        ptl_csr *B = csr_of((ptl_dtype)dtype, PTL_I32, SIZE, other);
        ptl_factorization *F = make(A, &options);
        dense_factors before = dense_factors_of(F, 1);
        assert_int_equal(ptl_linop_refresh(ptl_factorization_linop(F), ptl_csr_linop(B)), PTL_OK);
        dense_factors f = dense_factors_of(F, 1);
        number *exact = dense_of(B);
        assert_exact(&f, exact, 100 * tolerance((ptl_dtype)dtype));
        free(exact);
        assert_solves(F, &f, 2, 100);
        assert_memory_equal(before.p, f.p, sizeof(int64_t[SIZE]));
        assert_memory_equal(before.q, f.q, sizeof(int64_t[SIZE]));
        ptl_csr_release(&B);
        other[0] = dense[0] == 0;
        B = csr_of((ptl_dtype)dtype, PTL_I32, SIZE, other);
        assert_int_equal(ptl_linop_refresh(ptl_factorization_linop(F), ptl_csr_linop(B)),
                         PTL_INVALID);
        dense_factors_free(&before);
        dense_factors_free(&f);
        ptl_factorization_release(&F);
        ptl_csr_release(&A);
        ptl_csr_release(&B);
    }
}

/* At every allocation that can fail. */
static void memory_that_ends_leaves_nothing(void **state)
{
    (void)state;
    enum { SIZE = 10 };
    number dense[SIZE * SIZE];
    ptl_ilut_options options = PTL_ILUT_OPTIONS_INIT;
    options.match = 1;
    options.ordering = PTL_ORDERING_RCM;
    random_entries(SIZE, 0.4, dense);
    for (int i = 0; i < SIZE; i++)
        dense[i * SIZE + i] = 4;
    ptl_csr *A = csr_of(PTL_F32, PTL_I32, SIZE, dense);
    const int64_t live = ptl__alloc_live();
    int failures = 0;
    ptl_factorization *F = NULL;
    for (ptl_status status = PTL_NOMEM; status == PTL_NOMEM; failures++) {
        ptl__alloc_fail_after(failures + 1);
        status = ptl_factorize_ilut(ptl_csr_linop(A), &options, &F);
        ptl__alloc_fail_after(0);
        assert_true(status == PTL_NOMEM || status == PTL_OK);
        assert_true((F == NULL) == (status != PTL_OK));
        ptl_factorization_release(&F);
        assert_true(ptl__alloc_live() == live);
    }
    assert_true(failures > 20);
    ptl_csr_release(&A);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_dropped_is_lu),
        cmocka_unit_test(drops_are_those_of_the_definition),
        cmocka_unit_test(scales_do_not_matter),
        cmocka_unit_test(bad_pivots_are_told_or_shifted),
        cmocka_unit_test(bad_options_are_refused),
        cmocka_unit_test(refreshes_take_new_values),
        cmocka_unit_test(memory_that_ends_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
