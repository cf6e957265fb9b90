/* Solvers and preconditioners on one process: what is refused, and what has no rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include <petiole/petiole.h>

/* A diagonal matrix of rows x cols. */
static ptl_linop *diagonal_matrix(int64_t rows, int64_t cols)
{
    const int32_t indptr[] = {0, 1, 2, 3, 3, 3}, indices[] = {0, 1, 2};
    const double values[] = {2, 4, 8};
    const ptl_csr_arrays arrays = {rows, cols, PTL_F64, PTL_I32, indptr, indices, values};
    ptl_csr *A;
    assert_int_equal(ptl_csr_copy_of(NULL, &arrays, &A), PTL_OK);
    return ptl_csr_linop(A);
}

static void only_square_operators_are_inverted(void **state)
{
    (void)state;
    ptl_linop *A = diagonal_matrix(5, 3), *M;
    ptl_factory *factories[2];
    assert_int_equal(ptl_jacobi_factory(NULL, &factories[0]), PTL_OK);
    assert_int_equal(ptl_cg_factory(NULL, &factories[1]), PTL_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ptl_factory_generate(factories[i], A, &M), PTL_DIMENSION);
        assert_null(M);
        assert_non_null(strstr(ptl_error_message(), "5 x 3"));
        ptl_factory_release(&factories[i]);
    }
    ptl_linop_release(&A);
}

/* An apply that leaves b, x and the memory of the solver in every combination of coefficients. */
static void a_solver_is_an_operator(void **state)
{
    (void)state;
    ptl_linop *A = diagonal_matrix(3, 3), *solver;
    const double b_data[] = {2, 4, 8}, two = 2, ten = 10;
    const ptl_vector_shape shape = {3, 3, 0, PTL_F64};
    ptl_vector *b, *x;
    ptl_factory *cg;
    assert_int_equal(ptl_cg_factory(NULL, &cg), PTL_OK);
    assert_int_equal(ptl_factory_generate(cg, A, &solver), PTL_OK);
    assert_int_equal(ptl_vector_copy_of(NULL, NULL, shape, 1, b_data, &b), PTL_OK);
    assert_int_equal(ptl_vector_create(NULL, NULL, shape, &x), PTL_OK);
    for (int alpha = 0; alpha < 2; alpha++)
        for (int beta = 0; beta < 2; beta++) {
            const double one = 1, expected = (alpha ? 2 : 1) + (beta ? 10 : 0);
            assert_int_equal(ptl_vector_fill(x, &one), PTL_OK);
            assert_int_equal(ptl_linop_apply(solver, alpha ? &two : NULL, b, beta ? &ten : NULL, x),
                             PTL_OK);
            for (int i = 0; i < 3; i++)
                assert_true(fabs(((double *)ptl_vector_data(x))[i] - expected) < 1e-4);
            assert_memory_equal(ptl_vector_data(b), b_data, sizeof b_data);
        }
    ptl_vector_release(&b);
    ptl_vector_release(&x);
    ptl_linop_release(&solver);
    ptl_factory_release(&cg);
    ptl_linop_release(&A);
}

static void nothing_is_solved_at_once(void **state)
{
    (void)state;
    ptl_linop *A = diagonal_matrix(0, 0), *solver;
    ptl_solver_options options = PTL_SOLVER_OPTIONS_INIT;
    ptl_factory *cg;
    ptl_vector *b, *x;
    ptl_log *log;
    assert_int_equal(ptl_jacobi_factory(NULL, &options.precond_factory), PTL_OK);
    assert_int_equal(ptl_cg_factory(&options, &cg), PTL_OK);
    assert_int_equal(ptl_factory_generate(cg, A, &solver), PTL_OK);
    assert_int_equal(ptl_vector_create(NULL, NULL, (ptl_vector_shape){0, 0, 2, PTL_F64}, &b),
                     PTL_OK);
    assert_int_equal(ptl_vector_zeros_like(b, &x), PTL_OK);
    assert_int_equal(ptl_solver_solve(solver, b, x, &log), PTL_OK);
    assert_true(ptl_log_converged(log));
    assert_int_equal(ptl_log_iterations(log), 0);
    ptl_log_release(&log);
    ptl_vector_release(&b);
    ptl_vector_release(&x);
    ptl_linop_release(&solver);
    ptl_factory_release(&cg);
    ptl_factory_release(&options.precond_factory);
    ptl_linop_release(&A);
}

int main(void)
{
    ptl_exec *exec; /* the default stays alive, so that leaks can be counted */
    if (ptl_exec_default(&exec) != PTL_OK)
        return 1;
    int64_t live = ptl__alloc_live();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_square_operators_are_inverted),
        cmocka_unit_test(a_solver_is_an_operator),
        cmocka_unit_test(nothing_is_solved_at_once),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    failed += ptl__alloc_live() != live;
    ptl_exec_release(&exec);
    return failed;
}
