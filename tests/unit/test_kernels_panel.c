/* The kernels on panels, of every backend: against arithmetic in double complex; openmp's
 * instruction sets, and one thread against three, bit by bit. */
#include "numbers.h"

typedef struct panels {
    ptl_dtype dtype;
    ptl__block x, y;
} panels;

static panels panels_new(ptl_dtype dtype, int64_t rows, int64_t high, int64_t wide, int64_t padding)
{
    return (panels){dtype, block_new(dtype, rows, high, high + padding),
                    block_new(dtype, rows, wide, wide + padding)};
}

static double *numbers_new(int64_t count)
{
    double *numbers = allocate((size_t)(2 * count) * sizeof(double));
    for (int64_t i = 0; i < 2 * count; ++i)
        numbers[i] = uniform();
    return numbers;
}

static void check_gram(const panels *p, const double *sums)
{
    for (int64_t a = 0; a < p->x.columns; ++a)
        for (int64_t b = 0; b < p->y.columns; ++b) {
            number sum = 0;
            double size = 1;
            for (int64_t i = 0; i < p->x.rows; ++i) {
                const number term = conj(get(p->dtype, p->x.data, i * p->x.ld + a)) *
                                    get(p->dtype, p->y.data, i * p->y.ld + b);
                sum += term;
                size += cabs(term);
            }
            assert_near(coef(p->dtype, sums, a * p->y.columns + b), sum, 1e-13 * size, "gram", a,
                        b);
        }
}

static void run_gram(const panels *p)
{
    test_run runs[MAX_RUNS];
    const int count = every_run(runs);
    const size_t entries = (size_t)(p->x.columns * p->y.columns);
    const size_t bytes = entries * (ptl_dtype_is_complex(p->dtype) ? 2 : 1) * sizeof(double);
    double *first = numbers_new((int64_t)entries), *sums = numbers_new((int64_t)entries);
    for (int r = 0; r < count; ++r) {
        double *to = r == 1 ? first : sums;
        runs[r].kernels->vector[p->dtype]->gram(runs[r].run, p->x, p->y, to);
        if (r < 2)
            check_gram(p, to);
        else
            assert_memory_equal(first, sums, bytes);
    }
    free(first);
    free(sums);
}

static void check_product(const panels *p, int add, const double *c, ptl__block after)
{
    for (int64_t i = 0; i < after.rows; ++i)
        for (int64_t j = 0; j < after.ld; ++j) {
            const number before = get(p->dtype, p->y.data, i * p->y.ld + j);
            number sum = add || j >= after.columns ? before : 0;
            for (int64_t l = 0; j < after.columns && l < p->x.columns; ++l)
                sum += get(p->dtype, p->x.data, i * p->x.ld + l) *
                       coef(p->dtype, c, l * after.columns + j);
            assert_near(get(p->dtype, after.data, i * after.ld + j), sum,
                        (double)(8 + p->x.columns) * tolerance(p->dtype), "multiply", i, j);
        }
}

static void run_multiply(const panels *p, int add)
{
    test_run runs[MAX_RUNS];
    ptl__block after[MAX_RUNS];
    const int count = every_run(runs);
    double *c = numbers_new(p->x.columns * p->y.columns);
    for (int r = 0; r < count; ++r) {
        after[r] = block_copy(p->dtype, p->y);
        runs[r].kernels->vector[p->dtype]->multiply(runs[r].run, add, p->x, c, after[r]);
        if (r < 2)
            check_product(p, add, c, after[r]);
        else
            assert_true(same_bits(p->dtype, after[1], after[r]));
    }
    for (int r = 0; r < count; ++r)
        free(after[r].data);
    free(c);
}

static void test_panels(void **state)
{
    (void)state;
    const int64_t rows[] = {0, 1, 130, 4099};
    const int64_t shapes[][2] = {{0, 3}, {1, 1}, {2, 7}, {8, 4}, {9, 21}, {70, 5}, {3, 0}};
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; ++dtype)
        for (int r = 0; r < 4; ++r)
            for (int s = 0; s < 7; ++s) {
                const int64_t padding = (r + s) % 2 * 3;
                panels p =
                    panels_new((ptl_dtype)dtype, rows[r], shapes[s][0], shapes[s][1], padding);
                run_gram(&p);
                run_multiply(&p, 0);
                run_multiply(&p, 1);
                free(p.x.data);
                free(p.y.data);
            }
}

static void test_gram_of_overlapping_panels(void **state)
{
    (void)state;
    const ptl__block s = block_new(PTL_C128, 50, 6, 6);
    const ptl__block part = {(char *)s.data + 2 * sizeof(number), 50, 3, 6};
    const panels p = {PTL_C128, part, s};
    run_gram(&p);
    free(s.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_panels),
        cmocka_unit_test(test_gram_of_overlapping_panels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
