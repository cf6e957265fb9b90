/* SuperLU as an operator: right on every dtype and number of columns, and what it refuses. Where
 * the build has no SuperLU, that it says so. */
#include "sparse.h"

#include "core/memory.h"
#include "factor/matching.h"
#include "factor/superlu.h"
#include <petiole/petiole.h>

enum { N = 40, COLUMNS = 9 };

/* n rows of a few entries each, some of them in one place twice, with or without a strong diagonal;
 * dense: the same, n x n, to be freed. */
static ptl_csr *matrix_of(ptl_dtype dtype, int n, number **dense)
{
    enum { PER_ROW = 5 };
    int32_t *indptr = allocate((size_t)(n + 1) * sizeof *indptr);
    int32_t *indices = allocate((size_t)(n * PER_ROW) * sizeof *indices);
    void *values = allocate((size_t)(n * PER_ROW) * ptl_dtype_size(dtype));
    *dense = calloc((size_t)(n * n + 1), sizeof **dense);
    indptr[0] = 0;
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < PER_ROW; k++) {
            const int at = i * PER_ROW + k, col = k == 0 ? (i + 3) % n : rand() % n;
            indices[at] = col;
            put(dtype, values, at, (k == 0 ? 4 : 0) + __builtin_complex(uniform(), uniform()));
            (*dense)[i * n + col] += get(dtype, values, at);
        }
        indptr[i + 1] = (i + 1) * PER_ROW;
    }
    const ptl_csr_arrays arrays = {n, n, dtype, PTL_I32, indptr, indices, values};
    ptl_csr *A;
    assert_int_equal(ptl_csr_copy_of(NULL, &arrays, &A), PTL_OK);
    free(indptr);
    free(indices);
    free(values);
    return A;
}

static ptl_vector *vector_of(ptl_dtype dtype, int64_t n, int64_t columns)
{
    ptl_vector *v;
    const ptl_vector_shape shape = {n, n, columns, dtype};
    assert_int_equal(ptl_vector_create(NULL, NULL, shape, &v), PTL_OK);
    for (int64_t i = 0; i < n * columns; i++)
        put(dtype, ptl_vector_data(v), i, __builtin_complex(uniform(), uniform()));
    return v;
}

/* ||alpha b - A (x - beta x_old)|| is small, column by column. */
static void check_solution(ptl_dtype dtype, const number *dense, int n, ptl_vector *b,
                           ptl_vector *old, ptl_vector *x, const double *alpha, const double *beta)
{
    const int64_t columns = ptl_vector_columns(x);
    for (int64_t j = 0; j < columns; j++)
        for (int i = 0; i < n; i++) {
            number sum = 0;
            for (int k = 0; k < n; k++) {
                number value = get(dtype, ptl_vector_data(x), k * columns + j);
                if (beta)
                    value -=
                        coef(dtype, beta, j) * get(dtype, ptl_vector_data(old), k * columns + j);
                sum += dense[i * n + k] * value;
            }
            number expected = get(dtype, ptl_vector_data(b), i * columns + j);
            if (alpha)
                expected *= coef(dtype, alpha, j);
            assert_near(sum, expected, 1000 * tolerance(dtype), "A x", i, j);
        }
}

static void solve(ptl_dtype dtype, int n, int64_t columns)
{
    number *dense;
    ptl_csr *A = matrix_of(dtype, n, &dense);
    ptl_linop *lu;
    assert_int_equal(ptl__lu_create(A, &lu), PTL_OK);
    ptl_csr_release(&A); /* not needed any more */
    double alpha[2 * COLUMNS], beta[2 * COLUMNS];
    for (int i = 0; i < 2 * COLUMNS; i++) {
        alpha[i] = uniform();
        beta[i] = uniform();
    }
    ptl_vector *b = vector_of(dtype, n, columns);
    for (int form = 0; form < 4; form++) {
        ptl_vector *x = vector_of(dtype, n, columns), *old;
        assert_int_equal(ptl_vector_clone(x, &old), PTL_OK);
        const double *a = form & 1 ? alpha : NULL, *c = form & 2 ? beta : NULL;
        assert_int_equal(ptl_linop_apply(lu, a, b, c, x), PTL_OK);
        check_solution(dtype, dense, n, b, old, x, a, c);
        ptl_vector_release(&x);
        ptl_vector_release(&old);
    }
    ptl_vector_release(&b);
    ptl_linop_release(&lu);
    free(dense);
}

static void solves(void **state)
{
    (void)state;
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; dtype++)
        for (int64_t columns = 1; columns <= COLUMNS; columns += 4)
            for (int n = 0; n <= N; n += N / 2)
                solve((ptl_dtype)dtype, n, columns);
}

/* A 3 x 3 matrix by its entries, row by row, `skip` of them being left out. */
static ptl_status factor(const double *values, double skip)
{
    int32_t indptr[4] = {0}, indices[9];
    double kept[9];
    int count = 0;
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++)
            if (values[3 * i + j] != skip) {
                indices[count] = j;
                kept[count++] = values[3 * i + j];
            }
        indptr[i + 1] = count;
    }
    const ptl_csr_arrays arrays = {3, 3, PTL_F64, PTL_I32, indptr, indices, kept};
    ptl_csr *A;
    ptl_linop *lu;
    assert_int_equal(ptl_csr_copy_of(NULL, &arrays, &A), PTL_OK);
    ptl_status status = ptl__lu_create(A, &lu);
    assert_true((status == PTL_OK) == (lu != NULL));
    ptl_linop_release(&lu);
    ptl_csr_release(&A);
    return status;
}

static void singular_matrices_are_refused(void **state)
{
    (void)state;
    const double full[] = {1, 2, 3, 4, 5, 6, 7, 8, 10}, dependent[] = {1, 2, 0, 2, 4, 0, 0, 0, 1};
    const double no_column[] = {1, 0, 3, 4, 0, 6, 7, 0, 10}, zeros[9] = {0};
    const double infinite[] = {1, 2, 3, 4, 5, INFINITY, 7, 8, 10};
    assert_int_equal(factor(full, 0), PTL_OK);
    assert_int_equal(factor(dependent, 0), PTL_INVALID);
    assert_non_null(strstr(ptl_error_message(), "singular"));
    assert_int_equal(factor(no_column, 0), PTL_INVALID);
    assert_non_null(strstr(ptl_error_message(), "column 1"));
    assert_int_equal(factor(no_column, -1), PTL_INVALID); /* the same with zeros that are stored */
    assert_non_null(strstr(ptl_error_message(), "column 1"));
    assert_int_equal(factor(zeros, 0), PTL_INVALID);
    assert_int_equal(factor(infinite, 0), PTL_INVALID);
    assert_non_null(strstr(ptl_error_message(), "row 1, column 2"));
}

static void a_missing_superlu_is_named(void **state)
{
    (void)state;
    const double full[] = {1, 2, 3, 4, 5, 6, 7, 8, 10};
    assert_int_equal(factor(full, 0), PTL_NOT_SUPPORTED);
    assert_non_null(strstr(ptl_error_message(), "SuperLU"));
}

/* Against every choice of rows for the columns. */
static int can_match(int n, const unsigned *masks, int j, unsigned taken)
{
    for (int i = 0; j < n && i < n; i++)
        if (masks[j] >> i & 1 && !(taken >> i & 1) && can_match(n, masks, j + 1, taken | 1u << i))
            return 1;
    return j == n;
}

static void columns_are_matched(void **state)
{
    (void)state;
    int found[2] = {0};
    for (int trial = 0; trial < 2000; trial++) {
        enum { SIZE = 6 };
        unsigned masks[SIZE];
        int starts[SIZE + 1] = {0}, rows[SIZE * SIZE], column;
        for (int j = 0; j < SIZE; j++) {
            masks[j] = (unsigned)(rand() & rand()) % (1u << SIZE);
            starts[j + 1] = starts[j];
            for (int i = 0; i < SIZE; i++)
                if (masks[j] >> i & 1)
                    rows[starts[j + 1]++] = i;
        }
        assert_int_equal(ptl__unmatched_column(SIZE, starts, rows, &column), PTL_OK);
        const int matches = can_match(SIZE, masks, 0, 0);
        assert_int_equal(column < 0, matches);
        found[matches]++;
    }
    assert_true(found[0] > 100 && found[1] > 100);
}

/* At every allocation that can fail. */
static void memory_that_ends_leaves_nothing(void **state)
{
    (void)state;
    const double full[] = {1, 2, 3, 4, 5, 6, 7, 8, 10};
    int64_t live = ptl__alloc_live();
    number *dense;
    ptl_csr *A = matrix_of(PTL_F64, N, &dense);
    ptl_linop *lu = NULL;
    int failures = 0;
    for (ptl_status status = PTL_NOMEM; status == PTL_NOMEM; failures++) {
        ptl__alloc_fail_after(failures + 1);
        status = ptl__lu_create(A, &lu);
        ptl__alloc_fail_after(0);
        assert_true(status == PTL_NOMEM || status == PTL_OK);
    }
    assert_true(failures > 5);
    ptl_linop_release(&lu);
    ptl_csr_release(&A);
    free(dense);
    assert_int_equal(factor(full, 0), PTL_OK);
    assert_true(ptl__alloc_live() == live);
}

int main(void)
{
    use_host();
    ptl_exec *exec; /* the default stays alive, so that leaks can be counted */
    if (ptl_exec_default(&exec) != PTL_OK)
        return 1;
    int64_t live = ptl__alloc_live();
    const double one[] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_matched),
        cmocka_unit_test(solves),
        cmocka_unit_test(singular_matrices_are_refused),
        cmocka_unit_test(memory_that_ends_leaves_nothing),
    };
    const struct CMUnitTest without[] = {
        cmocka_unit_test(columns_are_matched),
        cmocka_unit_test(a_missing_superlu_is_named),
    };
    int failed = factor(one, 0) == PTL_NOT_SUPPORTED ? cmocka_run_group_tests(without, NULL, NULL)
                                                     : cmocka_run_group_tests(tests, NULL, NULL);
    failed += ptl__alloc_live() != live;
    ptl_exec_release(&exec);
    return failed;
}
