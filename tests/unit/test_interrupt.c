/* Set-ups that are interrupted at each question in turn: they fail with what the answer was, lose
 * nothing, and ask often enough to tell that their loops do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/interrupt.h"
#include "core/memory.h"
#include <petiole/petiole.h>

enum { SIDE = 24, ROWS = SIDE * SIDE };

static ptl_matrix *grid; /* the 5-point Laplacian */
static char path[] = "/tmp/test_interrupt.XXXXXX";
static int64_t asked, fails_at;

static ptl_status answer(void *ctx)
{
    assert_ptr_equal(ctx, &asked);
    return ++asked == fails_at ? ptl_fail(PTL_CALLBACK, "question %lld", (long long)asked) : PTL_OK;
}

static ptl_status make_grid(ptl_matrix **out)
{
    static int64_t rows[5 * ROWS], cols[5 * ROWS];
    static double values[5 * ROWS];
    int64_t count = 0;
    for (int64_t i = 0; i < ROWS; i++) {
        const int there[5] = {1, i % SIDE > 0, i % SIDE < SIDE - 1, i >= SIDE, i < ROWS - SIDE};
        const int64_t at[5] = {i, i - 1, i + 1, i - SIDE, i + SIDE};
        for (int k = 0; k < 5; k++)
            if (there[k]) {
                rows[count] = i;
                cols[count] = at[k];
                values[count++] = k == 0 ? 4.5 : -1;
            }
    }
    ptl_matrix_layout layout = {0};
    const ptl_triplets triplets = {count, rows, cols, values, PTL_F64};
    const int64_t bounds[] = {0, ROWS};
    ptl_status status = ptl_partition_from_ranges(1, bounds, NULL, 1, &layout.partition);
    if (status == PTL_OK)
        status = ptl_matrix_from_coo(&layout, &triplets, PTL_FOREIGN_SEND, out);
    ptl_partition_release(&layout.partition);
    return status;
}

/* ---- what is tried ---- */

static ptl_status generate(const char *name, const void *options)
{
    const ptl_kind *kind = ptl_kind_find(name);
    ptl_factory *factory;
    ptl_linop *made;
    assert_int_equal(kind->create(kind, options, &factory), PTL_OK);
    ptl_status status = ptl_factory_generate(factory, ptl_matrix_linop(grid), &made);
    assert_int_equal(made != NULL, status == PTL_OK);
    ptl_linop_release(&made);
    ptl_factory_release(&factory);
    return status;
}

static ptl_status ilu(void)
{
    return generate("ilu", NULL);
}
static ptl_status ilu_fill(void)
{
    ptl_ilu_options options = PTL_ILU_OPTIONS_INIT;
    options.level = 2;
    options.ordering = PTL_ORDERING_RCM;
    return generate("ilu", &options);
}
static ptl_status ic(void)
{
    return generate("ic", NULL);
}
static ptl_status ic_fill(void)
{
    ptl_ic_options options = PTL_IC_OPTIONS_INIT;
    options.level = 2;
    return generate("ic", &options);
}
static ptl_status ilut(void)
{
    ptl_ilut_options options = PTL_ILUT_OPTIONS_INIT;
    options.match = 1;
    return generate("ilut", &options);
}
static ptl_status isai(void)
{
    ptl_isai_options options = PTL_ISAI_OPTIONS_INIT;
    options.power = 2;
    return generate("isai", &options);
}
static ptl_status jacobi(void)
{
    ptl_jacobi_options options = PTL_JACOBI_OPTIONS_INIT;
    options.block_size = 4;
    return generate("jacobi", &options);
}
static ptl_status schwarz(void)
{
    ptl_schwarz_options options = PTL_SCHWARZ_OPTIONS_INIT;
    assert_int_equal(ptl_ilu_factory(NULL, &options.coarse), PTL_OK);
    ptl_status status = generate("schwarz", &options);
    ptl_factory_release(&options.coarse);
    return status;
}
static ptl_status rcm(void)
{
    static int64_t permutation[ROWS];
    return ptl_ordering_find(ptl_matrix_linop(grid), PTL_ORDERING_RCM, permutation);
}
static ptl_status matching(void)
{
    static int64_t permutation[ROWS];
    return ptl_ordering_match(ptl_matrix_linop(grid), permutation);
}
static ptl_status product(void)
{
    ptl_matrix *made;
    ptl_status status = ptl_matrix_multiply(grid, grid, &made);
    ptl_matrix_release(&made);
    return status;
}
static ptl_status assembly(void)
{
    ptl_matrix *made;
    ptl_status status = make_grid(&made);
    ptl_matrix_release(&made);
    return status;
}
static ptl_status writing(void)
{
    return ptl_matrix_write_mtx(grid, path);
}
static ptl_status reading(void)
{
    ptl_matrix *made;
    ptl_status status = ptl_matrix_read_mtx(path, &(ptl_matrix_layout){0}, -1, &made);
    ptl_matrix_release(&made);
    return status;
}
static ptl_status solve(void)
{
    ptl_factory *factory;
    ptl_linop *solver;
    ptl_vector *b, *x;
    const double one = 1;
    assert_int_equal(ptl_cg_factory(NULL, &factory), PTL_OK);
    ptl_status status = ptl_factory_generate(factory, ptl_matrix_linop(grid), &solver);
    ptl_factory_release(&factory);
    if (status != PTL_OK)
        return status;
    assert_int_equal(ptl_vector_create(NULL, NULL, (ptl_vector_shape){ROWS, ROWS, 0, PTL_F64}, &b),
                     PTL_OK);
    assert_int_equal(ptl_vector_fill(b, &one), PTL_OK);
    assert_int_equal(ptl_vector_zeros_like(b, &x), PTL_OK);
    status = ptl_solver_solve(solver, b, x, NULL);
    ptl_vector_release(&b);
    ptl_vector_release(&x);
    ptl_linop_release(&solver);
    return status;
}

/* Loops ask in one step of 16: so often at least. */
static const struct {
    const char *name;
    ptl_status (*call)(void);
    int64_t questions;
} attempts[] = {
    {"ilu", ilu, ROWS / 16},
    {"ilu with fill", ilu_fill, 3 * ROWS / 16}, /* ordering, symbolic and numeric phase */
    {"ic", ic, ROWS / 16},
    {"ic with fill", ic_fill, 2 * ROWS / 16},
    {"ilut", ilut, 2 * ROWS / 16}, /* matching, and elimination */
    {"isai", isai, 3 * ROWS / 16}, /* the pattern twice, and systems */
    {"block jacobi", jacobi, ROWS / 4 / 16},
    {"schwarz", schwarz, 4 * ROWS / 16}, /* ilu, aggregates, products */
    {"rcm", rcm, ROWS / 16},
    {"matching", matching, ROWS / 16},
    {"product", product, 2 * ROWS / 16},
    {"assembly", assembly, 5 * ROWS / 16},
    {"writing", writing, 2}, /* the head, and the entries; files are in pieces of a MiB and more */
    {"reading", reading, 2},
    {"solve", solve, 10},
};

static void test_every_question(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof attempts / sizeof *attempts; k++) {
        asked = fails_at = 0;
        assert_int_equal(attempts[k].call(), PTL_OK);
        const int64_t questions = asked, live = ptl__alloc_live();
        if (questions < attempts[k].questions)
            fail_msg("%s asks %lld times", attempts[k].name, (long long)questions);
        for (fails_at = 1; fails_at <= questions; fails_at++) {
            char expected[32];
            snprintf(expected, sizeof expected, "question %lld", (long long)fails_at);
            asked = 0;
            assert_int_equal(attempts[k].call(), PTL_CALLBACK);
            assert_int_equal(asked, fails_at); /* nothing goes on after it */
            assert_non_null(strstr(ptl_error_message(), expected));
            assert_int_equal(ptl__alloc_live(), live);
        }
    }
}

static void test_nobody_is_asked_after_all(void **state)
{
    (void)state;
    asked = 0;
    ptl_interrupt_set(NULL, NULL);
    assert_int_equal(ilu(), PTL_OK);
    assert_int_equal(asked, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_question),
        cmocka_unit_test(test_nobody_is_asked_after_all),
    };
    ptl_exec *one;
    assert_int_equal(ptl_exec_openmp(1, &one), PTL_OK); /* which asks in all steps that ask */
    assert_int_equal(ptl_exec_set_default(one), PTL_OK);
    ptl_exec_release(&one);
    assert_int_equal(make_grid(&grid), PTL_OK);
    const int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    ptl__interrupt_seconds = 0;
    ptl_interrupt_set(answer, &asked);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    ptl_matrix_release(&grid);
    return failed;
}
