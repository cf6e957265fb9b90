/* Preconditioners of the local block that are no factorizations: memory that ends, the number of
 * threads, 64-bit indices, and what refreshing them refuses. Their numbers are compared with
 * NumPy's in the conformance suite. */
#include "sparse.h"

#include "core/memory.h"
#include <petiole/petiole.h>

/* Each of them, and what it is called in messages. */
enum { KINDS = 8 };
static ptl_factory *factory_of(int k)
{
    const ptl_jacobi_options jacobi[] = {
        {sizeof *jacobi, 1, 0, 1}, {sizeof *jacobi, 3, 0, 0}, {sizeof *jacobi, 7, 1, 1}};
    const ptl_isai_options isai[] = {{sizeof *isai, PTL_ISAI_GENERAL, 2},
                                     {sizeof *isai, PTL_ISAI_SPD, 2}};
    const ptl_sor_options sor[] = {{sizeof *sor, PTL_SWEEP_SYMMETRIC, 1.4},
                                   {sizeof *sor, PTL_SWEEP_BACKWARD, 0.5}};
    ptl_factory *factory;
    ptl_status status = k < 3   ? ptl_jacobi_factory(&jacobi[k], &factory)
                        : k < 5 ? ptl_isai_factory(&isai[k - 3], &factory)
                        : k < 7 ? ptl_sor_factory(&sor[k - 5], &factory)
                                : ptl_gauss_seidel_factory(NULL, &factory);
    assert_int_equal(status, PTL_OK);
    return factory;
}

static void release(void *ctx)
{
    for (int i = 0; i < 3; i++)
        free(((void **)ctx)[i]);
    free(ctx);
}

/* A Hermitian matrix with a large diagonal, whose rows are coupled in pairs and to those 700 rows
 * away, so that its triangles have few levels. */
static ptl_linop *matrix_of(ptl_exec *exec, ptl_dtype dtype, ptl_itype itype, int64_t rows,
                            double scale)
{
    int64_t *indptr = allocate((size_t)(rows + 1) * sizeof *indptr);
    int64_t *indices = allocate((size_t)(rows * 4) * sizeof *indices), count = 0;
    void *values = allocate((size_t)(rows * 4) * ptl_dtype_size(dtype));
    indptr[0] = 0;
    for (int64_t i = 0; i < rows; i++) {
        const int64_t cols[] = {i - 700, i & ~1, i | 1, i + 700};
        for (int c = 0; c < 4; c++) {
            const int64_t j = cols[c], least = i < j ? i : j;
            if (j < 0 || j >= rows)
                continue;
            const double off = 0.5 + 0.25 * (double)(least % 3), turn = i < j ? 0.3 : -0.3;
            indices[count] = j;
            put(dtype, values, count++,
                scale * (i == j ? 5 + (double)(i % 4) : __builtin_complex(-off, turn)));
        }
        indptr[i + 1] = count;
    }
    void **arrays = allocate(3 * sizeof *arrays);
    arrays[0] = indices_of(itype, rows + 1, indptr);
    arrays[1] = indices_of(itype, count, indices);
    arrays[2] = values;
    const ptl_csr_arrays view = {rows, rows, dtype, itype, arrays[0], arrays[1], arrays[2]};
    ptl_csr *A;
    assert_int_equal(ptl_csr_view(exec, &view, release, arrays, &A), PTL_OK);
    free(indptr);
    free(indices);
    return ptl_csr_linop(A); /* a copy would have narrow indices again */
}

/* A new vector, M x. */
static ptl_vector *product(ptl_linop *M, int64_t columns)
{
    ptl_vector *x, *y;
    const int64_t rows = ptl_linop_rows(M);
    const ptl_dtype dtype = ptl_linop_dtype(M);
    const ptl_vector_shape shape = {rows, rows, columns, dtype};
    assert_int_equal(ptl_vector_create(NULL, ptl_linop_exec(M), shape, &x), PTL_OK);
    for (int64_t k = 0; k < rows * columns; k++)
        put(dtype, ptl_vector_data(x), k, __builtin_complex((double)(k % 11) - 5, (double)(k % 3)));
    assert_int_equal(ptl_vector_zeros_like(x, &y), PTL_OK);
    assert_int_equal(ptl_linop_apply(M, NULL, x, NULL, y), PTL_OK);
    ptl_vector_release(&x);
    return y;
}

static ptl_vector *product_of(int k, ptl_linop *A)
{
    ptl_factory *factory = factory_of(k);
    ptl_linop *M;
    assert_int_equal(ptl_factory_generate(factory, A, &M), PTL_OK);
    ptl_vector *y = product(M, 3);
    ptl_linop_release(&M);
    ptl_factory_release(&factory);
    return y;
}

/* The bits, of every kind and dtype, with 32-bit and 64-bit indices. */
static void threads_change_nothing(void **state)
{
    (void)state;
    enum { ROWS = 2500 };
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; dtype++)
        for (int k = 0; k < KINDS; k++) {
            ptl_vector *first = NULL;
            for (int run = 0; run < 4; run++) {
                ptl_exec *exec;
                assert_int_equal(ptl_exec_openmp(run % 2 ? 4 : 1, &exec), PTL_OK);
                ptl_linop *A =
                    matrix_of(exec, (ptl_dtype)dtype, run < 2 ? PTL_I32 : PTL_I64, ROWS, 1);
                ptl_vector *y = product_of(k, A);
                if (first)
                    assert_memory_equal(ptl_vector_data(y), ptl_vector_data(first),
                                        ROWS * 3 * ptl_dtype_size((ptl_dtype)dtype));
                else
                    first = ptl_vector_retain(y);
                ptl_vector_release(&y);
                ptl_linop_release(&A);
                ptl_exec_release(&exec);
            }
            ptl_vector_release(&first);
        }
}

/* With 64-bit indices in place of 32-bit ones, on one thread and by levels on several. */
static void values_are_refreshed(void **state)
{
    (void)state;
    enum { ROWS = 2500 };
    for (int threads = 1; threads <= 4; threads += 3)
        for (int k = 0; k < KINDS; k++) {
            ptl_exec *exec;
            assert_int_equal(ptl_exec_openmp(threads, &exec), PTL_OK);
            ptl_linop *A = matrix_of(exec, PTL_C128, PTL_I32, ROWS, 1), *M;
            ptl_linop *B = matrix_of(exec, PTL_C128, PTL_I64, ROWS, 4);
            ptl_linop *other = matrix_of(exec, PTL_C128, PTL_I32, ROWS - 1, 4);
            ptl_factory *factory = factory_of(k);
            assert_int_equal(ptl_factory_generate(factory, A, &M), PTL_OK);
            assert_int_equal(ptl_linop_refresh(M, B), PTL_OK);
            ptl_vector *y = product(M, 3), *expected = product_of(k, B);
            assert_memory_equal(ptl_vector_data(y), ptl_vector_data(expected),
                                ROWS * 3 * sizeof(number));
            assert_int_equal(ptl_linop_refresh(M, other), PTL_DIMENSION);
            assert_int_equal(ptl_linop_refresh(A, B), PTL_NOT_SUPPORTED);
            assert_int_equal(ptl_linop_refresh(M, NULL), PTL_INVALID);
            assert_int_equal(ptl_linop_refresh(NULL, A), PTL_INVALID);
            ptl_vector_release(&y);
            ptl_vector_release(&expected);
            ptl_linop_release(&M);
            ptl_linop_release(&A);
            ptl_linop_release(&B);
            ptl_linop_release(&other);
            ptl_factory_release(&factory);
            ptl_exec_release(&exec);
        }
}

/* At every allocation that can fail, of generating and of refreshing. */
static void memory_that_ends_leaves_nothing(void **state)
{
    (void)state;
    ptl_linop *A = matrix_of(NULL, PTL_F64, PTL_I32, 90, 1), *M = NULL;
    for (int k = 0; k < KINDS; k++) {
        ptl_factory *factory = factory_of(k);
        const int64_t live = ptl__alloc_live();
        int failures = 0;
        for (ptl_status status = PTL_NOMEM; status == PTL_NOMEM; failures++) {
            ptl__alloc_fail_after(failures + 1);
            status = ptl_factory_generate(factory, A, &M);
            ptl__alloc_fail_after(0);
            assert_true(M || ptl__alloc_live() == live);
        }
        assert_true(failures > 3 && M);
        const int64_t made = ptl__alloc_live();
        failures = 0;
        for (ptl_status status = PTL_NOMEM; status == PTL_NOMEM; failures++) {
            ptl__alloc_fail_after(failures + 1);
            status = ptl_linop_refresh(M, A);
            ptl__alloc_fail_after(0);
        }
        ptl_vector *y = product(M, 1);
        ptl_vector_release(&y);
        assert_true(failures > 0 && made > live);
        ptl_linop_release(&M);
        assert_true(ptl__alloc_live() == live);
        ptl_factory_release(&factory);
    }
    ptl_linop_release(&A);
}

static void parameters_that_cannot_be(void **state)
{
    (void)state;
    ptl_factory *factory;
    ptl_jacobi_options large = PTL_JACOBI_OPTIONS_INIT, negative = large, none = large;
    ptl_sor_options wide = PTL_SOR_OPTIONS_INIT, under = wide, odd = wide, zero = wide;
    ptl_isai_options kind = PTL_ISAI_OPTIONS_INIT;
    large.block_size = 65;
    negative.block_size = -1;
    none.block_size = 0;
    wide.relaxation = 2;
    under.relaxation = -1;
    odd.sweep = 3;
    zero.relaxation = 0;
    kind.symmetry = 2;
    assert_int_equal(ptl_jacobi_factory(&large, &factory), PTL_INVALID);
    assert_non_null(strstr(ptl_error_message(), "block_size is 65, expected 1 to 64"));
    assert_int_equal(ptl_jacobi_factory(&negative, &factory), PTL_INVALID);
    assert_int_equal(ptl_sor_factory(&wide, &factory), PTL_INVALID);
    assert_non_null(strstr(ptl_error_message(), "relaxation is 2"));
    assert_int_equal(ptl_sor_factory(&under, &factory), PTL_INVALID);
    assert_int_equal(ptl_sor_factory(&odd, &factory), PTL_INVALID);
    assert_int_equal(ptl_sor_factory(&zero, &factory), PTL_INVALID);
    assert_int_equal(ptl_jacobi_factory(&none, &factory), PTL_INVALID);
    assert_non_null(strstr(ptl_error_message(), "block_size is 0, expected a positive"));
    assert_int_equal(ptl_isai_factory(&kind, &factory), PTL_INVALID);
    assert_null(factory);
}

int main(void)
{
    ptl_exec *exec; /* the default stays alive, so that leaks can be counted */
    if (ptl_exec_default(&exec) != PTL_OK)
        return 1;
    const int64_t live = ptl__alloc_live();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(values_are_refreshed),
        cmocka_unit_test(memory_that_ends_leaves_nothing),
        cmocka_unit_test(parameters_that_cannot_be),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    failed += ptl__alloc_live() != live;
    ptl_exec_release(&exec);
    return failed;
}
