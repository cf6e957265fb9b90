/* Products and sums of operators on one process. */
#include <petiole/composition.h>

#include "base/linop.h"
#include "base/vector.h"
#include "core/memory.h"
#include "numbers.h"
#include <petiole/dense.h>
#include <petiole/diagonal.h>
#include <petiole/ell.h>
#include <petiole/format.h>

static const double scales[] = {0.5, -2, 3, 0.25, -1, 1.5, 0.75};

/* A small dense matrix as numbers. */
typedef struct dense {
    int rows, cols;
    number at[6][6];
} dense;

static dense random_dense(ptl_dtype dtype, int rows, int cols)
{
    dense D = {rows, cols, {{0}}};
    double room[2];
    for (int i = 0; i < rows; ++i)
        for (int j = 0; j < cols; ++j) {
            put(dtype, room, 0, __builtin_complex(uniform(), uniform()));
            D.at[i][j] = get(dtype, room, 0);
        }
    return D;
}

static dense product(dense A, dense B)
{
    dense C = {A.rows, B.cols, {{0}}};
    for (int i = 0; i < A.rows; ++i)
        for (int j = 0; j < B.cols; ++j)
            for (int k = 0; k < A.cols; ++k)
                C.at[i][j] += A.at[i][k] * B.at[k][j];
    return C;
}

static dense sum(number a, dense A, number b, dense B)
{
    for (int i = 0; i < A.rows; ++i)
        for (int j = 0; j < A.cols; ++j)
            A.at[i][j] = a * A.at[i][j] + b * B.at[i][j];
    return A;
}

static dense form(ptl_op op, dense A)
{
    dense T = {A.cols, A.rows, {{0}}};
    if (op == PTL_OP_NONE)
        return A;
    for (int i = 0; i < A.rows; ++i)
        for (int j = 0; j < A.cols; ++j)
            T.at[j][i] = op == PTL_OP_HERMITIAN ? conj(A.at[i][j]) : A.at[i][j];
    return T;
}

/* The same matrix as an operator. */
static ptl_linop *linop_of(ptl_dtype dtype, const dense *D, ptl_storage storage)
{
    double values[2 * 36];
    const ptl_dense_arrays arrays = {D->rows, D->cols, D->cols, dtype, values};
    ptl_dense *A;
    ptl_linop *B;
    for (int k = 0; k < D->rows * D->cols; ++k)
        put(dtype, values, k, D->at[k / D->cols][k % D->cols]);
    assert_int_equal(ptl_dense_copy_of(NULL, &arrays, &A), PTL_OK);
    assert_int_equal(ptl_format_convert(ptl_dense_linop(A), storage, -1, &B), PTL_OK);
    ptl_dense_release(&A);
    return B;
}

static ptl_vector *vector_new(ptl_dtype dtype, int64_t rows, int64_t columns)
{
    ptl__block b = block_new(dtype, rows, columns, columns);
    ptl_vector *v;
    const ptl_vector_shape shape = {rows, rows, columns, dtype};
    assert_int_equal(ptl_vector_copy_of(NULL, NULL, shape, columns, b.data, &v), PTL_OK);
    free(b.data);
    return v;
}

static void check_product(ptl_linop *A, const dense *whole, ptl_op op, ptl_dtype dtype,
                          int64_t columns, int scaled)
{
    const double *alpha = scaled & 1 ? scales : NULL, *beta = scaled & 2 ? scales + 1 : NULL;
    const dense D = form(op, *whole);
    ptl_vector *x = vector_new(dtype, D.cols, columns), *y = vector_new(dtype, D.rows, columns);
    ptl_vector *old;
    assert_int_equal(ptl_vector_clone(y, &old), PTL_OK);
    for (int64_t k = 0; !beta && k < D.rows * columns; ++k)
        put(dtype, y->data, k, NAN);
    assert_int_equal(ptl_linop_apply_op(A, op, alpha, x, beta, y), PTL_OK);
    const double bound =
        tolerance(dtype) > tolerance(A->dtype) ? tolerance(dtype) : tolerance(A->dtype);
    for (int i = 0; i < D.rows; ++i)
        for (int64_t j = 0; j < columns; ++j) {
            number value = 0;
            for (int k = 0; k < D.cols; ++k)
                value += D.at[i][k] * get(dtype, x->data, k * columns + j);
            value *= alpha ? coef(dtype, alpha, j) : 1;
            value += beta ? coef(dtype, beta, j) * get(dtype, old->data, i * columns + j) : 0;
            assert_near(get(dtype, y->data, i * columns + j), value, 10 * bound, ptl_linop_kind(A),
                        i, j);
        }
    ptl_vector_release(&old);
    ptl_vector_release(&y);
    ptl_vector_release(&x);
}

/* All forms, scalings, dtypes of vectors; few columns and many by turns. */
static void check_products(ptl_linop *A, const dense *whole)
{
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; ++dtype)
        for (int op = 0; op < PTL_OP_COUNT; ++op)
            for (int scaled = 0; scaled < 4; ++scaled)
                if (!ptl_dtype_is_complex(A->dtype) || ptl_dtype_is_complex(dtype))
                    check_product(A, whole, op, dtype, scaled % 2 ? 1 : 3, scaled);
}

static ptl_linop *compose(int count, ptl_linop *const *ops)
{
    ptl_linop *C;
    assert_int_equal(ptl_composition_create(count, ops, &C), PTL_OK);
    return C;
}

static void release_all(int count, ptl_linop **ops)
{
    for (int i = 0; i < count; ++i)
        ptl_linop_release(&ops[i]);
}

static void test_composition(void **state)
{
    (void)state;
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; ++dtype) {
        const dense D[] = {random_dense(dtype, 4, 2), random_dense(dtype, 2, 6),
                           random_dense(dtype, 6, 5)};
        const dense whole = product(D[0], product(D[1], D[2]));
        ptl_linop *ops[] = {linop_of(dtype, &D[0], PTL_CSR), linop_of(dtype, &D[1], PTL_SELLP),
                            linop_of(dtype, &D[2], PTL_DENSE)};
        ptl_linop *C = compose(3, ops), *T;
        assert_string_equal(ptl_linop_kind(C), "composition");
        assert_int_equal(ptl_linop_rows(C), 4);
        assert_int_equal(ptl_linop_local_cols(C), 5);
        assert_int_equal(ptl_composition_count(C), 3);
        assert_ptr_equal(ptl_composition_operator(C, 1), ops[1]);
        assert_null(ptl_composition_operator(C, 3));
        assert_null(ptl_composition_operator(C, -1));
        assert_int_equal(ptl_composition_count(ops[0]), 0);
        release_all(3, ops); /* they are retained */
        check_products(C, &whole);
        assert_int_equal(ptl_linop_transposed(C, PTL_OP_HERMITIAN, &T), PTL_OK);
        const dense hermitian = form(PTL_OP_HERMITIAN, whole);
        check_product(T, &hermitian, PTL_OP_NONE, PTL_C128, 2, 3);
        ptl_linop_release(&T);
        ptl_linop_release(&C);
    }
}

/* One member alone; the same member twice; a composition in a composition. */
static void test_nested(void **state)
{
    (void)state;
    const dense D = random_dense(PTL_F64, 3, 3), two = product(D, D), four = product(two, two);
    ptl_linop *A = linop_of(PTL_F64, &D, PTL_CSR), *C1 = compose(1, &A);
    ptl_linop *C2 = compose(2, (ptl_linop *[]){C1, A}), *C4 = compose(2, (ptl_linop *[]){C2, C2});
    check_products(C1, &D);
    check_products(C2, &two);
    check_products(C4, &four);
    ptl_vector *d;
    assert_int_equal(ptl__linop_diagonal(C4, &d), PTL_NOT_SUPPORTED);
    release_all(4, (ptl_linop *[]){A, C1, C2, C4});
}

static void test_combination(void **state)
{
    (void)state;
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; ++dtype) {
        const int is_complex = ptl_dtype_is_complex(dtype);
        const dense D[] = {random_dense(dtype, 5, 4), random_dense(dtype, 5, 4)};
        const ptl_c128 complex_coefs[] = {{2, -0.5}, {-1, 3}};
        const double coefs[] = {2, -1};
        const dense whole =
            is_complex ? sum(__builtin_complex(2., -0.5), D[0], __builtin_complex(-1., 3.), D[1])
                       : sum(2, D[0], -1, D[1]);
        ptl_linop *ops[] = {linop_of(dtype, &D[0], PTL_COO), linop_of(dtype, &D[1], PTL_ELL)}, *C;
        assert_int_equal(
            ptl_combination_create(2, is_complex ? (const void *)complex_coefs : coefs, ops, &C),
            PTL_OK);
        assert_string_equal(ptl_linop_kind(C), "combination");
        assert_int_equal(ptl_composition_count(C), 2);
        assert_ptr_equal(ptl_composition_operator(C, 0), ops[0]);
        check_products(C, &whole);
        ptl_vector *d;
        assert_int_equal(ptl__linop_diagonal(C, &d), PTL_OK);
        assert_int_equal(ptl_vector_rows(d), 4);
        for (int i = 0; i < 4; ++i)
            assert_near(get(dtype, d->data, i), whole.at[i][i], 10 * tolerance(dtype), "diagonal",
                        i, i);
        ptl_vector_release(&d);
        ptl_linop_release(&C);
        release_all(2, ops);
    }
}

/* A - 3 I, and its square: sums and products of each other. */
static void test_shifted(void **state)
{
    (void)state;
    const dense D = random_dense(PTL_C64, 4, 4);
    dense one = {4, 4, {{0}}};
    for (int i = 0; i < 4; ++i)
        one.at[i][i] = 1;
    const dense shifted = sum(1, D, -3, one), square = product(shifted, shifted);
    const ptl_c128 coefs[] = {{1, 0}, {-3, 0}};
    ptl_linop *ops[] = {linop_of(PTL_C64, &D, PTL_CSR), NULL}, *S;
    assert_int_equal(ptl_identity_create(NULL, NULL, -1, 4, PTL_C64, &ops[1]), PTL_OK);
    assert_int_equal(ptl_combination_create(2, coefs, ops, &S), PTL_OK);
    check_products(S, &shifted);
    ptl_linop *P = compose(2, (ptl_linop *[]){S, S});
    check_products(P, &square);
    ptl_linop_release(&P);
    ptl_linop_release(&S);
    release_all(2, ops);
}

/* Once prepared, a product allocates nothing. */
static void test_allocates_nothing(void **state)
{
    (void)state;
    const dense D = random_dense(PTL_F64, 4, 4);
    const double coefs[] = {1, 2};
    ptl_linop *A = linop_of(PTL_F64, &D, PTL_CSR), *C = compose(2, (ptl_linop *[]){A, A}), *S;
    assert_int_equal(ptl_combination_create(2, coefs, (ptl_linop *[]){C, A}, &S), PTL_OK);
    ptl_vector *x = vector_new(PTL_F32, 4, 3), *y = vector_new(PTL_F32, 4, 3);
    for (int op = 0; op < PTL_OP_COUNT; ++op) {
        assert_int_equal(ptl__linop_prepare(S, op, x), PTL_OK);
        ptl__alloc_fail_after(1);
        assert_int_equal(ptl__linop_apply_op(S, op, scales, x, scales, y), PTL_OK);
        assert_int_equal(ptl__linop_prepare(S, op, x), PTL_OK); /* nor does the next preparation */
        ptl__alloc_fail_after(0);
    }
    ptl_vector_release(&y);
    ptl_vector_release(&x);
    release_all(3, (ptl_linop *[]){S, C, A});
}

/* ---- user code ------------------------------------------------------------------------------- */

/* y = 2 x, or a failure; counts its calls. */
typedef struct doubling {
    const char *failure;
    int calls, ndim, forms;
} doubling;

static ptl_status apply_doubling(void *ctx, ptl_vector *x, ptl_vector *y)
{
    doubling *d = ctx;
    const double two[] = {2, 2};
    d->calls++;
    d->ndim = ptl_vector_ndim(x);
    if (d->failure)
        return ptl_fail(PTL_CALLBACK, "%s", d->failure);
    const ptl_status status = ptl_vector_copy_from(y, x);
    return status == PTL_OK ? ptl_vector_scale(y, two) : status;
}

static ptl_status apply_doubling_op(void *ctx, ptl_op op, ptl_vector *x, ptl_vector *y)
{
    (void)op;
    return apply_doubling(ctx, x, y);
}

static ptl_linop *doubling_new(doubling *d, int64_t rows, int64_t cols)
{
    const ptl_linop_callbacks callbacks = {.apply = apply_doubling,
                                           .apply_op = d->forms ? apply_doubling_op : NULL};
    ptl_linop *A;
    assert_int_equal(ptl_linop_create(NULL, NULL, rows, cols, PTL_F64, &callbacks, d, &A), PTL_OK);
    return A;
}

static void test_user_code(void **state)
{
    (void)state;
    const dense D = random_dense(PTL_F64, 4, 4), eight = sum(8, D, 0, D), five = sum(1, D, 4, D);
    doubling d = {.forms = 1};
    ptl_linop *A = linop_of(PTL_F64, &D, PTL_CSR), *T = doubling_new(&d, 4, 4), *S;
    ptl_linop *C = compose(4, (ptl_linop *[]){T, T, A, T});
    const double coefs[] = {1, 0.5};
    assert_int_equal(ptl_linop_local_rows(C), -1);
    for (int op = 0; op < PTL_OP_COUNT; ++op)
        for (int scaled = 0; scaled < 4; ++scaled)
            check_product(C, &eight, op, PTL_F64, 2, scaled);
    assert_int_equal(d.calls, 3 * 4 * 3);
    assert_int_equal(d.ndim, 2);
    assert_int_equal(ptl_combination_create(2, coefs, (ptl_linop *[]){A, C}, &S), PTL_OK);
    assert_int_equal(ptl_linop_local_rows(S), 4);
    check_product(S, &five, PTL_OP_NONE, PTL_F64, 2, 3);
    check_product(S, &five, PTL_OP_HERMITIAN, PTL_F64, 1, 0);
    /* Vectors of one dimension are one-dimensional in between too. */
    ptl_vector *x, *y;
    const ptl_vector_shape flat = {4, 4, 0, PTL_F64};
    assert_int_equal(ptl_vector_create(NULL, NULL, flat, &x), PTL_OK);
    assert_int_equal(ptl_vector_create(NULL, NULL, flat, &y), PTL_OK);
    assert_int_equal(ptl_linop_apply(C, NULL, x, NULL, y), PTL_OK);
    assert_int_equal(d.ndim, 1);
    /* User code takes its own dtype alone, and so does a product with it. */
    ptl_vector *narrow;
    assert_int_equal(ptl_vector_astype(x, PTL_F32, &narrow), PTL_OK);
    assert_int_equal(ptl_linop_apply(C, NULL, narrow, NULL, y), PTL_DTYPE);
    ptl_vector_release(&narrow);
    ptl_vector_release(&y);
    ptl_vector_release(&x);
    release_all(4, (ptl_linop *[]){S, C, T, A});
}

/* Without a transposed product of each there is none of the whole. */
static void test_no_transpose(void **state)
{
    (void)state;
    const dense D = random_dense(PTL_F64, 4, 4);
    doubling d = {0};
    ptl_linop *A = linop_of(PTL_F64, &D, PTL_CSR), *T = doubling_new(&d, 4, 4), *transposed;
    ptl_linop *C = compose(2, (ptl_linop *[]){A, T});
    ptl_vector *x = vector_new(PTL_F64, 4, 1), *y = vector_new(PTL_F64, 4, 1);
    assert_int_equal(ptl_linop_apply_op(C, PTL_OP_TRANSPOSE, NULL, x, NULL, y), PTL_NOT_SUPPORTED);
    assert_int_equal(ptl_linop_transposed(C, PTL_OP_TRANSPOSE, &transposed), PTL_NOT_SUPPORTED);
    ptl_vector_release(&y);
    ptl_vector_release(&x);
    release_all(3, (ptl_linop *[]){C, T, A});
}

/* A failure does not keep the other members from being applied, and is the one that is told. */
static void test_failure(void **state)
{
    (void)state;
    doubling first = {.failure = "the first"}, good = {0}, second = {.failure = "the second"};
    ptl_linop *ops[] = {doubling_new(&second, 4, 4), doubling_new(&good, 4, 4),
                        doubling_new(&first, 4, 4)};
    const double coefs[] = {1, 1, 1};
    ptl_linop *C = compose(3, ops), *S;
    assert_int_equal(ptl_combination_create(3, coefs, (ptl_linop *[]){ops[2], ops[1], ops[0]}, &S),
                     PTL_OK);
    ptl_vector *x = vector_new(PTL_F64, 4, 1), *y = vector_new(PTL_F64, 4, 1);
    assert_int_equal(ptl_linop_apply(C, NULL, x, NULL, y), PTL_CALLBACK);
    assert_string_equal(ptl_error_message(), "the first");
    assert_int_equal(first.calls + good.calls + second.calls, 3);
    assert_int_equal(ptl_linop_apply(S, NULL, x, NULL, y), PTL_CALLBACK);
    assert_string_equal(ptl_error_message(), "the first");
    assert_int_equal(first.calls + good.calls + second.calls, 6);
    ptl_vector_release(&y);
    ptl_vector_release(&x);
    release_all(2, (ptl_linop *[]){C, S});
    release_all(3, ops);
}

/* Between user code of other sizes than x's, nobody knows the local size. */
static void test_unknown_sizes(void **state)
{
    (void)state;
    doubling d = {0};
    ptl_linop *ops[] = {doubling_new(&d, 4, 6), doubling_new(&d, 6, 4)}, *C = compose(2, ops);
    ptl_vector *x = vector_new(PTL_F64, 4, 1), *y = vector_new(PTL_F64, 4, 1);
    assert_int_equal(ptl_linop_apply(C, NULL, x, NULL, y), PTL_DIMENSION);
    assert_int_equal(d.calls, 0);
    ptl_vector_release(&y);
    ptl_vector_release(&x);
    ptl_linop_release(&C);
    release_all(2, ops);
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void test_refused(void **state)
{
    (void)state;
    const dense wide = random_dense(PTL_F64, 3, 4), square = random_dense(PTL_F64, 3, 3);
    const double coefs[] = {1, 1};
    ptl_linop *W = linop_of(PTL_F64, &wide, PTL_CSR), *Q = linop_of(PTL_F64, &square, PTL_CSR);
    ptl_linop *F = linop_of(PTL_F32, &square, PTL_CSR), *C = W;
    assert_int_equal(ptl_composition_create(0, &W, &C), PTL_INVALID);
    assert_null(C);
    assert_int_equal(ptl_composition_create(1, NULL, &C), PTL_INVALID);
    assert_int_equal(ptl_composition_create(2, (ptl_linop *[]){Q, NULL}, &C), PTL_INVALID);
    assert_string_equal(ptl_error_message(), "ops[1] is NULL: expected an operator");
    assert_int_equal(ptl_composition_create(2, (ptl_linop *[]){Q, F}, &C), PTL_DTYPE);
    assert_string_equal(ptl_error_message(), "ops[1] is float32, ops[0] is float64");
    assert_int_equal(ptl_composition_create(2, (ptl_linop *[]){W, Q}, &C), PTL_DIMENSION);
    assert_string_equal(ptl_error_message(), "ops[0] is 3 x 4, ops[1] is 3 x 3: expected the first "
                                             "to have as many columns as the second has rows");
    assert_int_equal(ptl_combination_create(2, coefs, (ptl_linop *[]){Q, W}, &C), PTL_DIMENSION);
    assert_string_equal(ptl_error_message(),
                        "ops[1] is 3 x 4, ops[0] is 3 x 3: expected one shape");
    assert_int_equal(ptl_combination_create(2, coefs, (ptl_linop *[]){F, Q}, &C), PTL_DTYPE);
    assert_int_equal(ptl_combination_create(1, NULL, &Q, &C), PTL_INVALID);
    assert_int_equal(ptl_combination_create(0, coefs, &Q, &C), PTL_INVALID);
    assert_null(C);
    assert_null(ptl_composition_operator(NULL, 0));
    release_all(3, (ptl_linop *[]){W, Q, F});
}

/* Whichever allocation fails, in creation or in the first product, nothing leaks. */
static void test_no_memory(void **state)
{
    (void)state;
    const dense D = random_dense(PTL_F64, 3, 3);
    const double coefs[] = {1, 1};
    ptl_linop *A = linop_of(PTL_F64, &D, PTL_CSR), *C = NULL, *S = NULL;
    ptl_vector *x = vector_new(PTL_F64, 3, 2), *y = vector_new(PTL_F64, 3, 2);
    assert_int_equal(ptl_linop_apply_op(A, PTL_OP_TRANSPOSE, NULL, x, NULL, y), PTL_OK);
    const int64_t live = ptl__alloc_live();
    int failures = 0;
    for (ptl_status status = PTL_NOMEM; status != PTL_OK; ++failures) {
        ptl__alloc_fail_after(failures + 1);
        status = ptl_composition_create(3, (ptl_linop *[]){A, A, A}, &C);
        if (status == PTL_OK)
            status = ptl_combination_create(2, coefs, (ptl_linop *[]){A, C}, &S);
        if (status == PTL_OK)
            status = ptl_linop_apply(S, NULL, x, NULL, y);
        if (status == PTL_OK)
            status = ptl_linop_apply_op(S, PTL_OP_TRANSPOSE, NULL, x, NULL, y);
        ptl__alloc_fail_after(0);
        assert_true(status == PTL_OK || status == PTL_NOMEM);
        release_all(2, (ptl_linop *[]){C, S});
        C = S = NULL;
        assert_int_equal(ptl__alloc_live(), live);
    }
    assert_true(failures > 15);
    ptl_vector_release(&y);
    ptl_vector_release(&x);
    ptl_linop_release(&A);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_composition),       cmocka_unit_test(test_nested),
        cmocka_unit_test(test_combination),       cmocka_unit_test(test_shifted),
        cmocka_unit_test(test_allocates_nothing), cmocka_unit_test(test_user_code),
        cmocka_unit_test(test_no_transpose),      cmocka_unit_test(test_failure),
        cmocka_unit_test(test_unknown_sizes),     cmocka_unit_test(test_refused),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
