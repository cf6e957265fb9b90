/* Incomplete factors by levels of fill against dense oracles that say which entries there are and
 * what they are; their operator; and what they refuse. */
#include "sparse.h"

#include "core/memory.h"
#include "factor/triangular.h"
#include <petiole/petiole.h>

enum { N = 24, FAR = 1000 };

/* A matrix, dense, and where it has entries. */
typedef struct dense {
    int n;
    number a[N * N];
    int level[N * N]; /* FAR: there is no entry */
} dense;

typedef ptl_status factorize(ptl_linop *A, const ptl_ilu_options *options, ptl_factorization **out);

/* A random pattern with a strong diagonal; Hermitian where asked for. */
static void random_dense(ptl_dtype dtype, int n, int hermitian, dense *A)
{
    A->n = n;
    for (int i = 0; i < n * n; i++) {
        A->a[i] = 0;
        A->level[i] = FAR;
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            if (i != j && (rand() % 6 || (hermitian && j > i)))
                continue;
            number value = uniform() + (ptl_dtype_is_complex(dtype) ? uniform() * 1i : 0);
            if (i == j)
                value = hermitian ? 6 + fabs(creal(value)) : 5 + value;
            put(dtype, &A->a[i * n + j], 0, value); /* rounded as the matrix will be */
            A->a[i * n + j] = get(dtype, &A->a[i * n + j], 0);
            A->level[i * n + j] = 0;
            if (hermitian && i != j) {
                A->a[j * n + i] = conj(A->a[i * n + j]);
                A->level[j * n + i] = 0;
            }
        }
}

/* As CSR, columns descending where `untidy`; the lower triangle alone, or all of it. */
static ptl_csr *csr_of(ptl_exec *exec, ptl_dtype dtype, ptl_itype itype, const dense *A, int untidy,
                       int lower)
{
    const int n = A->n;
    int64_t *indptr = allocate((size_t)(n + 1) * sizeof *indptr);
    int64_t *indices = allocate((size_t)(n * n) * sizeof *indices);
    void *values = allocate((size_t)(n * n) * ptl_dtype_size(dtype));
    int64_t count = 0;
    indptr[0] = 0;
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < n; k++) {
            const int j = untidy ? n - 1 - k : k;
            if (A->level[i * n + j] > 0 || (lower && j > i))
                continue;
            put(dtype, values, count, A->a[i * n + j]);
            indices[count++] = j;
        }
        indptr[i + 1] = count;
    }
    void *narrow[] = {indices_of(itype, n + 1, indptr), indices_of(itype, count, indices)};
    const ptl_csr_arrays arrays = {n, n, dtype, itype, narrow[0], narrow[1], values};
    ptl_csr *csr;
    assert_int_equal(ptl_csr_copy_of(exec, &arrays, &csr), PTL_OK);
    free(indptr);
    free(indices);
    free(values);
    free(narrow[0]);
    free(narrow[1]);
    return csr;
}

/* A triangle as a dense matrix; `level` is 0 where it has an entry. Columns ascend. */
static void read_factor(ptl_factorization *F, int upper, dense *out)
{
    ptl_csr *csr;
    assert_int_equal((upper ? ptl_factorization_upper : ptl_factorization_lower)(F, &csr), PTL_OK);
    const ptl_csr_arrays a = ptl_csr_get_arrays(csr);
    out->n = (int)a.rows;
    for (int i = 0; i < out->n * out->n; i++) {
        out->a[i] = 0;
        out->level[i] = FAR;
    }
    for (int64_t i = 0; i < a.rows; i++)
        for (int64_t e = index_of(a.itype, a.indptr, i); e < index_of(a.itype, a.indptr, i + 1);
             e++) {
            const int64_t col = index_of(a.itype, a.indices, e);
            assert_true(upper ? col >= i : col <= i);
            assert_true(e == index_of(a.itype, a.indptr, i) ||
                        col > index_of(a.itype, a.indices, e - 1));
            out->a[i * a.rows + col] = get(a.dtype, a.values, e);
            out->level[i * a.rows + col] = 0;
        }
    ptl_csr_release(&csr);
}

/* Levels of fill by their definition, elimination by elimination. */
static void fill_levels(dense *A, int most)
{
    const int n = A->n;
    int *level = A->level;
    for (int i = 0; i < n; i++)
        level[i * n + i] = 0;
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < i; k++)
            for (int j = k + 1; j < n && level[i * n + k] <= most; j++) {
                const int found = level[i * n + k] + level[k * n + j] + 1;
                if (found < level[i * n + j])
                    level[i * n + j] = found;
            }
        for (int j = 0; j < n; j++)
            if (level[i * n + j] > most)
                level[i * n + j] = FAR;
    }
}

/* L (below the diagonal) and U of what A's levels allow, in A's place. */
static void oracle_lu(dense *A)
{
    const int n = A->n;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < i; k++) {
            if (A->level[i * n + k] == FAR)
                continue;
            A->a[i * n + k] /= A->a[k * n + k];
            for (int j = k + 1; j < n; j++)
                if (A->level[i * n + j] != FAR)
                    A->a[i * n + j] -= A->a[i * n + k] * A->a[k * n + j];
        }
}

/* L of L L^H, in the lower triangle. */
static void oracle_cholesky(dense *A, double alpha)
{
    const int n = A->n;
    for (int i = 0; i < n; i++) {
        A->a[i * n + i] *= 1 + alpha;
        for (int k = 0; k <= i; k++) {
            if (A->level[i * n + k] == FAR)
                continue;
            for (int j = 0; j < k; j++)
                A->a[i * n + k] -= A->a[i * n + j] * conj(A->a[k * n + j]);
            if (k < i)
                A->a[i * n + k] /= A->a[k * n + k];
        }
        A->a[i * n + i] = csqrt(A->a[i * n + i]);
    }
}

static void check_factors(ptl_factorization *F, ptl_dtype dtype, const dense *oracle, int hermitian)
{
    const int n = oracle->n;
    static dense L, U;
    read_factor(F, 0, &L);
    read_factor(F, 1, &U);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            const int at = i * n + j, mirrored = j * n + i;
            const int lower = hermitian && j > i ? mirrored : at;
            const number expected = hermitian && j > i ? conj(oracle->a[lower]) : oracle->a[lower];
            const int there = oracle->level[lower] != FAR;
            if (j > i || (i == j)) {
                assert_int_equal(U.level[at] == 0, there);
                assert_near(U.a[at], there ? expected : 0, 100 * tolerance(dtype), "U", i, j);
            }
            if (j < i || (i == j)) {
                assert_int_equal(L.level[at] == 0, there);
                assert_near(L.a[at],
                            !there                 ? 0
                            : i == j && !hermitian ? 1
                                                   : expected,
                            100 * tolerance(dtype), "L", i, j);
            }
        }
}

/* One case: every factorization of A with `level`, plain and refreshed. */
static void check_level(ptl_exec *exec, ptl_dtype dtype, ptl_itype itype, int n, int hermitian,
                        int level)
{
    static dense A, B, oracle;
    factorize *const method = hermitian ? ptl_factorize_ic : ptl_factorize_ilu;
    ptl_factorization *F;
    random_dense(dtype, n, hermitian, &A);
    B = A;
    for (int i = 0; i < n; i++) /* other values in the same places */
        B.a[i * n + i] *= 1.5;
    ptl_csr *csr = csr_of(exec, dtype, itype, &A, level % 2, hermitian && level < 2);
    ptl_csr *other = csr_of(exec, dtype, itype, &B, level % 2, hermitian && level < 2);
    ptl_ilu_options options = PTL_ILU_OPTIONS_INIT;
    options.level = level;
    assert_int_equal(method(ptl_csr_linop(csr), level ? &options : NULL, &F), PTL_OK);
    ptl_csr_release(&csr);
    assert_string_equal(ptl_factorization_method(F), hermitian ? "ic" : "ilu");
    assert_true(ptl_factorization_shift(F) == 0);
    for (int round = 0; round < 2; round++) {
        oracle = round ? B : A;
        fill_levels(&oracle, level);
        if (hermitian)
            oracle_cholesky(&oracle, 0);
        else
            oracle_lu(&oracle);
        check_factors(F, dtype, &oracle, hermitian);
        if (round == 0)
            assert_int_equal(ptl_linop_refresh(ptl_factorization_linop(F), ptl_csr_linop(other)),
                             PTL_OK);
    }
    ptl_csr_release(&other);
    ptl_factorization_release(&F);
}

static void factors_are_the_oracles(void **state)
{
    const int sizes[] = {0, 1, 2, N}, levels[] = {0, 1, 2, 3, N};
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; dtype++)
        for (int itype = 0; itype < PTL_ITYPE_COUNT; itype++)
            for (int s = 0; s < 4; s++)
                for (int l = 0; l < 5; l++)
                    for (int hermitian = 0; hermitian < 2; hermitian++)
                        check_level(*state, (ptl_dtype)dtype, (ptl_itype)itype, sizes[s], hermitian,
                                    levels[l]);
}

/* With all fill L U is A, in every order; and solves. */
static void check_order(ptl_exec *exec, ptl_dtype dtype, int hermitian, int ordering, int columns)
{
    static dense A, L, U;
    int64_t p[N], q[N];
    ptl_factorization *F;
    random_dense(dtype, N, hermitian, &A);
    ptl_csr *csr = csr_of(exec, dtype, PTL_I32, &A, 0, 0);
    ptl_ilu_options options = PTL_ILU_OPTIONS_INIT;
    options.level = N;
    options.ordering = ordering;
    ptl_status status =
        (hermitian ? ptl_factorize_ic : ptl_factorize_ilu)(ptl_csr_linop(csr), &options, &F);
    if (status == PTL_NOT_SUPPORTED && ordering > PTL_ORDERING_RCM) { /* a build without it */
        ptl_csr_release(&csr);
        return;
    }
    assert_int_equal(status, PTL_OK);
    assert_int_equal(ptl_linop_refresh(ptl_factorization_linop(F), ptl_csr_linop(csr)), PTL_OK);
    ptl_factorization_row_permutation(F, p);
    ptl_factorization_col_permutation(F, q);
    read_factor(F, 0, &L);
    read_factor(F, 1, &U);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            number sum = 0;
            for (int k = 0; k < N; k++)
                sum += L.a[i * N + k] * U.a[k * N + j];
            assert_near(sum, A.a[p[i] * N + q[j]], 100 * tolerance(dtype), "L U", i, j);
        }
    /* y = alpha A^-1 b + beta y */
    const double alpha[] = {2, 1, 3, -1, 0.5, 2}, beta[] = {-1, 2, 0, 1, 3, 0.25};
    const ptl_vector_shape shape = {N, N, columns, dtype};
    ptl_vector *b, *x, *y;
    assert_int_equal(ptl_vector_create(NULL, exec, shape, &b), PTL_OK);
    for (int i = 0; i < N * columns; i++)
        put(dtype, ptl_vector_data(b), i, __builtin_complex(uniform(), uniform()));
    assert_int_equal(ptl_vector_zeros_like(b, &x), PTL_OK);
    assert_int_equal(ptl_vector_clone(b, &y), PTL_OK);
    ptl_linop *op = ptl_factorization_linop(F);
    assert_int_equal(ptl_linop_apply(op, NULL, b, NULL, x), PTL_OK);
    assert_int_equal(ptl_linop_apply(op, alpha, b, beta, y), PTL_OK);
    for (int j = 0; j < columns; j++)
        for (int i = 0; i < N; i++) {
            number sum = 0;
            for (int k = 0; k < N; k++)
                sum += A.a[i * N + k] * get(dtype, ptl_vector_data(x), k * columns + j);
            const number right = get(dtype, ptl_vector_data(b), i * columns + j);
            assert_near(sum, right, 100 * tolerance(dtype), "A x", i, j);
            assert_near(get(dtype, ptl_vector_data(y), i * columns + j),
                        coef(dtype, alpha, j) * get(dtype, ptl_vector_data(x), i * columns + j) +
                            coef(dtype, beta, j) * right,
                        100 * tolerance(dtype), "y", i, j);
        }
    ptl_vector_release(&b);
    ptl_vector_release(&x);
    ptl_vector_release(&y);
    ptl_csr_release(&csr);
    ptl_factorization_release(&F);
}

static void all_fill_is_exact_in_every_order(void **state)
{
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; dtype++)
        for (int ordering = 0; ordering < 4; ordering++)
            for (int columns = 1; columns < 4; columns += 2)
                for (int hermitian = 0; hermitian < 2; hermitian++)
                    check_order(*state, (ptl_dtype)dtype, hermitian, ordering, columns);
}

/* 3 x 3 by its entries, those that are SKIP left out. */
#define SKIP -77
static ptl_csr *small(const double *values)
{
    static dense A;
    A.n = 3;
    for (int i = 0; i < 9; i++) {
        A.a[i] = values[i];
        A.level[i] = values[i] == SKIP ? FAR : 0;
    }
    return csr_of(NULL, PTL_F64, PTL_I32, &A, 0, 0);
}

static ptl_status try_small(factorize *method, const double *values, int pivot, double *shift)
{
    ptl_csr *csr = small(values);
    ptl_factorization *F;
    ptl_ilu_options options = PTL_ILU_OPTIONS_INIT;
    options.pivot = pivot;
    ptl_status status = method(ptl_csr_linop(csr), &options, &F);
    assert_true((status == PTL_OK) == (F != NULL));
    if (F)
        *shift = ptl_factorization_shift(F);
    ptl_factorization_release(&F);
    ptl_csr_release(&csr);
    return status;
}

static void assert_refused(factorize *method, const double *values, int pivot, const char *words)
{
    double shift;
    assert_int_equal(try_small(method, values, pivot, &shift), PTL_INVALID);
    if (!strstr(ptl_error_message(), words))
        fail_msg("\"%s\" is not in \"%s\"", words, ptl_error_message());
}

static void bad_pivots_are_refused_or_shifted(void **state)
{
    (void)state;
    double shift;
    const double zero[] = {1, 0, 0, 0, 0, 2, 0, 3, 4}, missing[] = {1, 0, 0, 0, SKIP, 2, 0, 3, 4};
    const double cancels[] = {1, 1, 0, 1, 1, 2, 0, 3, 4}, tiny[] = {1, 0, 0, 0, 1e-15, 2, 0, 3, 4};
    const double empty[] = {1, 0, 0, 0, 0, 0, 0, 3, 4},
                 infinite[] = {1, 0, 0, 0, 5, 2, INFINITY, 3, 4};
    const double *const pivots[] = {zero, missing, cancels, tiny, empty};
    for (int i = 0; i < 5; i++) {
        assert_refused(ptl_factorize_ilu, pivots[i], PTL_PIVOT_ERROR, "pivot of row 1");
        assert_int_equal(try_small(ptl_factorize_ilu, pivots[i], PTL_PIVOT_SHIFT, &shift), PTL_OK);
        assert_true(shift == 1);
    }
    for (int pivot = 0; pivot < 2; pivot++) {
        assert_refused(ptl_factorize_ilu, infinite, pivot, "row 2");
        assert_refused(ptl_factorize_ic, infinite, pivot, "row 2");
        assert_refused(ptl_factorize_ic, missing, pivot, "row 1");
    }
    /* not definite, but for a shift of more than 1 */
    const double indefinite[] = {1, 2, 0, 2, 1, 0, 0, 0, 1},
                 negative[] = {1, 0, 0, 0, -1, 0, 0, 0, 1};
    assert_refused(ptl_factorize_ic, indefinite, PTL_PIVOT_ERROR, "pivot of row 1");
    assert_int_equal(try_small(ptl_factorize_ic, indefinite, PTL_PIVOT_SHIFT, &shift), PTL_OK);
    assert_true(shift == 1.024); /* the first of 1e-3, 2e-3, ... for which (1 + alpha)^2 > 4 */
    assert_refused(ptl_factorize_ic, negative, PTL_PIVOT_SHIFT, "row 1");
}

/* The shifted pivot is sqrt(eps) times the largest entry of its row, with its sign. */
static void a_shifted_pivot_is_what_the_header_says(void **state)
{
    (void)state;
    const double values[] = {1, 0, 0, 0, -1e-18, 2, 0, 3, 4};
    ptl_csr *csr = small(values);
    ptl_factorization *F;
    static dense U;
    ptl_ilu_options options = PTL_ILU_OPTIONS_INIT;
    options.pivot = PTL_PIVOT_SHIFT;
    assert_int_equal(ptl_factorize_ilu(ptl_csr_linop(csr), &options, &F), PTL_OK);
    read_factor(F, 1, &U);
    assert_near(U.a[4] / (-2 * 0x1p-26), 1, 1e-12, "pivot", 1, 1);
    ptl_factorization_release(&F);
    ptl_csr_release(&csr);
}

static void a_refresh_wants_the_same_pattern(void **state)
{
    (void)state;
    const double first[] = {4, 1, SKIP, 1, 4, 1, SKIP, 1, 4},
                 same[] = {5, 1, SKIP, 1, 5, 1, SKIP, 1, 5};
    const double more[] = {4, 1, 1, 1, 4, 1, SKIP, 1, 4},
                 moved[] = {4, SKIP, 1, 1, 4, 1, SKIP, 1, 4};
    const double bad[] = {5, 1, SKIP, 1, NAN, 1, SKIP, 1, 5};
    const struct {
        const double *values;
        ptl_status status;
    } cases[] = {{same, PTL_OK}, {more, PTL_INVALID}, {moved, PTL_INVALID}, {bad, PTL_INVALID}};
    for (int hermitian = 0; hermitian < 2; hermitian++) {
        ptl_csr *csr = small(first);
        ptl_factorization *F;
        assert_int_equal(
            (hermitian ? ptl_factorize_ic : ptl_factorize_ilu)(ptl_csr_linop(csr), NULL, &F),
            PTL_OK);
        const int64_t live = ptl__alloc_live();
        for (int i = 0; i < 4; i++) {
            ptl_csr *other = small(cases[i].values);
            assert_int_equal(ptl_linop_refresh(ptl_factorization_linop(F), ptl_csr_linop(other)),
                             cases[i].status);
            ptl_csr_release(&other);
            assert_int_equal(ptl__alloc_live(), live); /* no memory but what there was */
        }
        ptl_csr_release(&csr);
        ptl_factorization_release(&F);
    }
}

static void what_cannot_be_factorized_is_refused(void **state)
{
    (void)state;
    ptl_factorization *F;
    ptl_linop *identity;
    ptl_csr *csr;
    const int32_t indptr[] = {0, 1}, indices[] = {0};
    const ptl_csr_arrays wide = {1, 2, PTL_F64, PTL_I32, indptr, indices, (double[]){1}};
    assert_int_equal(ptl_csr_copy_of(NULL, &wide, &csr), PTL_OK);
    assert_int_equal(ptl_factorize_ilu(ptl_csr_linop(csr), NULL, &F), PTL_DIMENSION);
    ptl_csr_release(&csr);
    assert_int_equal(ptl_identity_create(NULL, NULL, 3, 3, PTL_F64, &identity), PTL_OK);
    assert_int_equal(ptl_factorize_ic(identity, NULL, &F), PTL_NOT_SUPPORTED);
    ptl_linop_release(&identity);
    assert_int_equal(ptl_factorize_ilu(NULL, NULL, &F), PTL_INVALID);
    csr = small((const double[]){4, 1, 0, 1, 4, 1, 0, 1, 4});
    const ptl_ilu_options initial = PTL_ILU_OPTIONS_INIT;
    ptl_ilu_options bad[] = {initial, initial, initial, initial, initial};
    bad[0].level = -1;
    bad[1].ordering = 4;
    bad[2].pivot = 2;
    bad[3].pivot_tolerance = -1;
    bad[4].size = 4;
    for (int i = 0; i < 5; i++) {
        ptl_factory *factory;
        assert_int_equal(ptl_factorize_ilu(ptl_csr_linop(csr), &bad[i], &F), PTL_INVALID);
        assert_int_equal(ptl_factorize_ic(ptl_csr_linop(csr), &bad[i], &F), PTL_INVALID);
        assert_int_equal(ptl_ilu_factory(&bad[i], &factory), PTL_INVALID);
        assert_int_equal(ptl_ic_factory(&bad[i], &factory), PTL_INVALID);
    }
    ptl_csr_release(&csr);
}

/* At every allocation that can fail. */
static void memory_that_ends_leaves_nothing(void **state)
{
    static dense A;
    random_dense(PTL_F64, N, 1, &A);
    ptl_csr *csr = csr_of(*state, PTL_F64, PTL_I32, &A, 1, 0);
    for (int form = 0; form < 8; form++) {
        ptl_ilu_options options = PTL_ILU_OPTIONS_INIT;
        options.level = form & 1;
        options.ordering = form >> 1 & 1;
        ptl_factorization *F = NULL;
        const int64_t live = ptl__alloc_live();
        int failures = 0;
        for (ptl_status status = PTL_NOMEM; status == PTL_NOMEM; failures++) {
            ptl__alloc_fail_after(failures + 1);
            status =
                (form & 4 ? ptl_factorize_ic : ptl_factorize_ilu)(ptl_csr_linop(csr), &options, &F);
            ptl__alloc_fail_after(0);
            assert_true(F || ptl__alloc_live() == live);
        }
        assert_true(failures > 10 && F);
        ptl_factorization_release(&F);
        assert_int_equal(ptl__alloc_live(), live);
    }
    ptl_csr_release(&csr);
}

/* Wide levels, so that the triangles are arranged by level: the same bits as row by row. */
static void levels_change_no_bit(void **state)
{
    enum { ROWS = 4096, BANDS = 4 };
    ptl_exec *execs[] = {NULL, *state};
    void *found[2];
    int64_t *indptr = allocate((ROWS + 1) * sizeof *indptr);
    int64_t *indices = allocate(3 * ROWS * sizeof *indices);
    double *values = allocate(3 * ROWS * sizeof *values);
    const int64_t height = ROWS / BANDS;
    int64_t count = 0;
    indptr[0] = 0;
    for (int64_t i = 0; i < ROWS; i++) {
        for (int64_t step = -1; step < 2; step++)
            if (i + step * height >= 0 && i + step * height < ROWS) {
                indices[count] = i + step * height;
                values[count++] = step ? -1 + 0.1 * uniform() : 3 + uniform();
            }
        indptr[i + 1] = count;
    }
    const ptl_csr_arrays arrays = {ROWS, ROWS, PTL_F64, PTL_I64, indptr, indices, values};
    assert_int_equal(ptl_exec_openmp(1, &execs[0]), PTL_OK);
    for (int e = 0; e < 2; e++) {
        ptl_csr *csr;
        ptl_factorization *F;
        ptl_vector *b, *x;
        const double one = 1;
        assert_int_equal(ptl_csr_copy_of(execs[e], &arrays, &csr), PTL_OK);
        assert_int_equal(ptl_factorize_ilu(ptl_csr_linop(csr), NULL, &F), PTL_OK);
        assert_int_equal(ptl_linop_refresh(ptl_factorization_linop(F), ptl_csr_linop(csr)), PTL_OK);
        assert_int_equal(
            ptl_vector_create(NULL, execs[e], (ptl_vector_shape){ROWS, ROWS, 1, PTL_F64}, &b),
            PTL_OK);
        assert_int_equal(ptl_vector_fill(b, &one), PTL_OK);
        assert_int_equal(ptl_vector_zeros_like(b, &x), PTL_OK);
        assert_int_equal(ptl_linop_apply(ptl_factorization_linop(F), NULL, b, NULL, x), PTL_OK);
        found[e] =
            memcpy(allocate(ROWS * sizeof(double)), ptl_vector_data(x), ROWS * sizeof(double));
        ptl_vector_release(&b);
        ptl_vector_release(&x);
        ptl_factorization_release(&F);
        ptl_csr_release(&csr);
    }
    assert_memory_equal(found[0], found[1], ROWS * sizeof(double));
    ptl_exec_release(&execs[0]);
    free(found[0]);
    free(found[1]);
    free(indptr);
    free(indices);
    free(values);
}

static int start(void **state)
{
    return ptl_exec_openmp(PTL__LEVEL_THREADS, (ptl_exec **)state);
}

static int end(void **state)
{
    ptl_exec_release((ptl_exec **)state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factors_are_the_oracles),
        cmocka_unit_test(all_fill_is_exact_in_every_order),
        cmocka_unit_test(bad_pivots_are_refused_or_shifted),
        cmocka_unit_test(a_shifted_pivot_is_what_the_header_says),
        cmocka_unit_test(a_refresh_wants_the_same_pattern),
        cmocka_unit_test(what_cannot_be_factorized_is_refused),
        cmocka_unit_test(memory_that_ends_leaves_nothing),
        cmocka_unit_test(levels_change_no_bit),
    };
    return cmocka_run_group_tests(tests, start, end);
}
