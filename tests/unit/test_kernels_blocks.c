/* The kernel of block-diagonal matrices, of every backend: against arithmetic in double complex;
 * openmp's instruction sets, and one thread against three, bit by bit. */
#include "numbers.h"

enum { MAX_COLUMNS = 9 };

typedef struct call {
    ptl_dtype dtype;
    ptl__blocks D;
    ptl__block x, y;
    const double *alpha, *beta;
} call;

/* Blocks of `size` rows each, or for 0 of 1, 2, .. PTL__BLOCK_MAX rows and again. */
static int64_t blocks_new(call *c, int64_t count, int64_t size)
{
    int64_t *starts = allocate((size_t)(count + 1) * sizeof *starts);
    int64_t *offsets = allocate((size_t)(count + 1) * sizeof *offsets);
    starts[0] = offsets[0] = 0;
    for (int64_t b = 0; b < count; b++) {
        const int64_t n = size ? size : b % PTL__BLOCK_MAX + 1;
        starts[b + 1] = starts[b] + n;
        offsets[b + 1] = offsets[b] + n * n;
    }
    c->D = (ptl__blocks){count, starts, offsets, block_new(c->dtype, offsets[count], 1, 1).data};
    return starts[count];
}

static void blocks_free(call *c)
{
    free((void *)c->D.starts);
    free((void *)c->D.offsets);
    free((void *)c->D.values);
}

static void check(const call *c, ptl__block after)
{
    for (int64_t b = 0; b < c->D.count; b++)
        for (int64_t i = c->D.starts[b]; i < c->D.starts[b + 1]; i++)
            for (int64_t j = 0; j < after.ld; j++) {
                const number old = get(c->dtype, c->y.data, i * c->y.ld + j);
                const int64_t first = c->D.starts[b], n = c->D.starts[b + 1] - first;
                number sum = 0;
                for (int64_t k = 0; j < after.columns && k < n; k++)
                    sum += get(c->dtype, c->D.values, c->D.offsets[b] + k * n + i - first) *
                           get(c->dtype, c->x.data, (first + k) * c->x.ld + j);
                number should = old;
                if (j < after.columns)
                    should = (c->alpha ? coef(c->dtype, c->alpha, j) : 1) * sum +
                             (c->beta ? coef(c->dtype, c->beta, j) * old : 0);
                assert_near(get(c->dtype, after.data, i * after.ld + j), should,
                            (double)(10 + n) * tolerance(c->dtype), "y", i, j);
            }
}

static void run_call(const call *c)
{
    test_run runs[MAX_RUNS];
    ptl__block after[MAX_RUNS];
    const int count = every_run(runs);
    for (int r = 0; r < count; r++) {
        after[r] = block_copy(c->dtype, c->y);
        runs[r].kernels->vector[c->dtype]->blocks_apply(runs[r].run, c->D, c->alpha, c->x, c->beta,
                                                        after[r]);
        if (r < 2)
            check(c, after[r]);
        else
            assert_true(same_bits(c->dtype, after[1], after[r]));
    }
    for (int r = 0; r < count; r++)
        free(after[r].data);
}

static void run_columns(call *c, int64_t rows, int64_t columns, int64_t padding)
{
    double alpha[2 * MAX_COLUMNS], beta[2 * MAX_COLUMNS];
    for (int k = 0; k < 2 * MAX_COLUMNS; k++) {
        alpha[k] = uniform();
        beta[k] = uniform();
    }
    for (int variant = 0; variant < 4; variant++) {
        c->alpha = variant & 1 ? alpha : NULL;
        c->beta = variant & 2 ? beta : NULL;
        c->x = block_new(c->dtype, rows, columns, columns + padding);
        c->y = block_new(c->dtype, rows, columns, columns + padding);
        for (int64_t i = 0; !c->beta && columns > 0 && i < rows; i++)
            put(c->dtype, c->y.data, i * c->y.ld, NAN); /* not read */
        run_call(c);
        free(c->x.data);
        free(c->y.data);
    }
}

static void test_blocks(void **state)
{
    (void)state;
    const int64_t sizes[][2] = {{0, 0}, {1, 1}, {5, 3}, {70, 0}, {2000, 2}, {3, PTL__BLOCK_MAX}};
    const int64_t columns[] = {0, 1, 3, 4, 9};
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; dtype++)
        for (int s = 0; s < 6; s++) {
            call c = {.dtype = (ptl_dtype)dtype};
            const int64_t rows = blocks_new(&c, sizes[s][0], sizes[s][1]);
            for (int k = 0; k < 5; k++)
                run_columns(&c, rows, columns[k], (s + k) % 2 * 2);
            blocks_free(&c);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
