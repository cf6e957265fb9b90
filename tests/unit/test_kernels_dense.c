/* The dense and diagonal kernels of every table, for every dtype of entries and of vectors, and
 * every form: against arithmetic in double complex; instruction sets, and one thread against three,
 * bit by bit. */
#include "numbers.h"

enum { MAX_COLUMNS = 9, DIAGONAL = PTL_OP_COUNT, CONJ_DIAGONAL, FORMS };

/* One call: y = alpha op(A) x + beta y; form is an op, or that of a diagonal with A's elements. */
typedef struct call {
    int form;
    ptl_dtype m, v;
    ptl__block A, x, y; /* A: of m; the others of v */
    const double *alpha, *beta;
} call;

static void perform(test_run r, const call *c, ptl__block y)
{
    const ptl__dense_kernels *k = r.kernels->dense[c->m][c->v];
    const ptl__dense A = {c->A.rows, c->A.columns, c->A.ld, c->A.data};
    if (c->form < PTL_OP_COUNT)
        k->dense_apply(r.run, A, (ptl_op)c->form, c->alpha, c->x, c->beta, y);
    else
        k->diagonal_apply(r.run, A.values, c->form == CONJ_DIAGONAL, c->alpha, c->x, c->beta, y);
}

/* op(A)'s element (i, k) */
static number element(const call *c, int64_t i, int64_t k)
{
    switch (c->form) {
    case PTL_OP_NONE:
        return get(c->m, c->A.data, i * c->A.ld + k);
    case PTL_OP_TRANSPOSE:
        return get(c->m, c->A.data, k * c->A.ld + i);
    case PTL_OP_HERMITIAN:
        return conj(get(c->m, c->A.data, k * c->A.ld + i));
    case DIAGONAL:
        return get(c->m, c->A.data, i);
    default:
        return conj(get(c->m, c->A.data, i));
    }
}

static number expected(const call *c, int64_t i, int64_t j)
{
    const number old = get(c->v, c->y.data, i * c->y.ld + j);
    number sum = 0;
    if (j >= c->y.columns)
        return old;
    if (c->form >= DIAGONAL)
        sum = element(c, i, i) * get(c->v, c->x.data, i * c->x.ld + j);
    else
        for (int64_t k = 0; k < c->x.rows; ++k)
            sum += element(c, i, k) * get(c->v, c->x.data, k * c->x.ld + j);
    return (c->alpha ? coef(c->v, c->alpha, j) : 1) * sum +
           (c->beta ? coef(c->v, c->beta, j) * old : 0);
}

static void run_call(const call *c)
{
    test_run runs[MAX_RUNS];
    ptl__block y[MAX_RUNS];
    const int count = every_run(runs);
    for (int r = 0; r < count; ++r) {
        y[r] = block_copy(c->v, c->y);
        perform(runs[r], c, y[r]);
        if (r > 1)
            assert_true(same_bits(c->v, y[1], y[r]));
    }
    const double bound = tolerance(c->v) * (double)(10 + c->x.rows);
    for (int64_t i = 0; i < c->y.rows; ++i)
        for (int64_t j = 0; j < c->y.ld; ++j) {
            const number should = expected(c, i, j);
            for (int r = 0; r < count; ++r)
                assert_near(get(c->v, y[r].data, i * c->y.ld + j), should, bound, "y", i, j);
        }
    for (int r = 0; r < count; ++r)
        free(y[r].data);
}

/* A of rows x cols with every form that goes with it; `padding` more columns than there are. */
static void run_calls(call *c, int64_t rows, int64_t cols, int64_t columns, int64_t padding)
{
    double alpha[2 * MAX_COLUMNS], beta[2 * MAX_COLUMNS];
    for (int j = 0; j < 2 * MAX_COLUMNS; ++j) {
        alpha[j] = uniform();
        beta[j] = uniform();
    }
    c->A = block_new(c->m, rows, cols, cols + padding);
    for (c->form = 0; c->form < (cols > 0 ? FORMS : DIAGONAL); ++c->form)
        for (int variant = 0; variant < 4; ++variant) {
            const int none = c->form == PTL_OP_NONE, diagonal = c->form >= DIAGONAL;
            c->alpha = variant & 1 ? alpha : NULL;
            c->beta = variant & 2 ? beta : NULL;
            c->x = block_new(c->v, none ? cols : rows, columns, columns + padding);
            c->y = block_new(c->v, none || diagonal ? rows : cols, columns, columns + padding);
            for (int64_t i = 0; !c->beta && columns > 0 && i < c->y.rows; ++i)
                put(c->v, c->y.data, i * c->y.ld, NAN); /* not read */
            run_call(c);
            free(c->x.data);
            free(c->y.data);
        }
    free(c->A.data);
}

static void run_sizes(ptl_dtype m, ptl_dtype v)
{
    const int64_t sizes[][2] = {{0, 0}, {0, 3}, {3, 0}, {1, 1}, {37, 21}, {8, 70}};
    const int64_t columns[] = {0, 1, 2, 7, 8, 9};
    call c = {.m = m, .v = v};
    for (int s = 0; s < 6; ++s)
        for (int k = 0; k < 6; ++k) {
            run_calls(&c, sizes[s][0], sizes[s][1], columns[k], 0);
            run_calls(&c, sizes[s][0], sizes[s][1], columns[k], 2);
        }
    /* several blocks of rows, and of x's rows */
    run_calls(&c, 300, 550, 1, 0);
    run_calls(&c, 550, 300, 9, 0);
}

static void test_products(void **state)
{
    (void)state;
    for (int m = 0; m < PTL_DTYPE_ALL; ++m)
        for (int v = 0; v < PTL_DTYPE_COUNT; ++v)
            if (mixes(m, v))
                run_sizes((ptl_dtype)m, (ptl_dtype)v);
}

/* A diagonal of several blocks. */
static void test_long_diagonal(void **state)
{
    (void)state;
    for (int v = 0; v < PTL_DTYPE_COUNT; ++v)
        for (int64_t columns = 1; columns <= 3; columns += 2) {
            call c = {.form = CONJ_DIAGONAL, .m = (ptl_dtype)v, .v = (ptl_dtype)v};
            c.A = block_new(c.m, 5000, 1, 1);
            c.x = block_new(c.v, 5000, columns, columns);
            c.y = block_new(c.v, 5000, columns, columns);
            run_call(&c);
            free(c.A.data);
            free(c.x.data);
            free(c.y.data);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_long_diagonal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
