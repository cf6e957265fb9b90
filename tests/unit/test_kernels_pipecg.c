/* The step of pipelined CG in every backend: against arithmetic in double complex; one thread
 * against three, bit by bit; with and without a preconditioner, on padded columns, with a mask. */
#include "numbers.h"

enum { N, M, Z, Q, S, P, X, R, U, W, VECTORS, MAX_COLUMNS = 7 };

static const double a[MAX_COLUMNS] = {0.5, -2, 0.25, 3, 1, -0.75, 1.5};
static const double b[MAX_COLUMNS] = {1.25, 0, -0.5, 2, -1, 0.125, 0.75};
static const uint8_t some[MAX_COLUMNS] = {1, 0, 1, 1, 1, 1, 0};

typedef struct problem {
    ptl_dtype dtype;
    int preconditioned;
    const uint8_t *mask;
    ptl__block v[VECTORS];
} problem;

static ptl__pipecg operands(const problem *p)
{
    const ptl__block *v = p->v;
    if (p->preconditioned)
        return (ptl__pipecg){v[N], v[M], v[Z], v[Q], v[S], v[P], v[X], v[R], v[U], v[W]};
    return (ptl__pipecg){
        .n = v[N], .z = v[Z], .s = v[S], .p = v[P], .x = v[X], .r = v[R], .u = v[R], .w = v[W]};
}

static problem copy_of(const problem *p)
{
    problem copy = *p;
    for (int k = 0; k < VECTORS; ++k)
        copy.v[k] = block_copy(p->dtype, p->v[k]);
    return copy;
}

static void clear(problem *p)
{
    for (int k = 0; k < VECTORS; ++k)
        free(p->v[k].data);
}

/* The vectors of element (i, j) after the step. */
static void expected(const problem *p, int64_t i, int64_t j, number e[VECTORS])
{
    const int64_t columns = p->v[R].columns;
    for (int k = 0; k < VECTORS; ++k)
        e[k] = get(p->dtype, p->v[k].data, i * p->v[k].ld + j);
    if (!p->preconditioned)
        e[M] = e[W], e[U] = e[R];
    if (j >= columns || (p->mask && !p->mask[j]))
        return;
    e[Z] = e[N] + b[j] * e[Z];
    e[Q] = p->preconditioned ? e[M] + b[j] * e[Q] : e[W] + b[j] * e[S];
    e[S] = e[W] + b[j] * e[S];
    e[P] = e[U] + b[j] * e[P];
    e[X] += a[j] * e[P];
    e[R] -= a[j] * e[S];
    e[U] -= a[j] * e[Q];
    e[W] -= a[j] * e[Z];
}

static void check(const problem *before, const problem *after, const double *sums)
{
    static const int changed[] = {Z, S, P, X, R, W, Q, U};
    const int64_t columns = before->v[R].columns;
    const double bound = 20 * tolerance(before->dtype);
    for (int64_t j = 0; j < before->v[R].ld; ++j) {
        double terms[3] = {0}, size = 1;
        for (int64_t i = 0; i < before->v[R].rows; ++i) {
            number e[VECTORS];
            expected(before, i, j, e);
            for (int k = 0; k < (before->preconditioned ? 8 : 6); ++k) {
                const ptl__block *v = &after->v[changed[k]];
                assert_near(get(after->dtype, v->data, i * v->ld + j), e[changed[k]], bound, "step",
                            i, j);
            }
            terms[0] += creal(conj(e[R]) * e[U]);
            terms[1] += creal(conj(e[W]) * e[U]);
            terms[2] += creal(conj(e[R]) * e[R]);
            size += cabs(e[R] * e[U]) + cabs(e[W] * e[U]) + cabs(e[R] * e[R]);
        }
        for (int k = 0; k < 3 && j < columns; ++k) {
            const int kept = before->mask && !before->mask[j];
            assert_near(sums[k * columns + j], kept ? -7 : terms[k], bound * size, "sum", k, j);
        }
    }
}

static void check_every_run(const problem *before)
{
    test_run runs[MAX_RUNS];
    const int count = every_run(runs);
    problem first = {0};
    double first_sums[3 * MAX_COLUMNS];
    for (int k = 0; k < count; ++k) {
        problem after = copy_of(before);
        double sums[3 * MAX_COLUMNS];
        for (int i = 0; i < 3 * MAX_COLUMNS; ++i)
            sums[i] = -7;
        runs[k].kernels->vector[before->dtype]->pipecg_step(runs[k].run, a, b, before->mask,
                                                            operands(&after), sums);
        check(before, &after, sums);
        if (k == 1) {
            first = copy_of(&after);
            memcpy(first_sums, sums, sizeof sums);
        }
        for (int v = 0; k > 1 && v < VECTORS; ++v)
            assert_true(same_bits(before->dtype, first.v[v], after.v[v]));
        assert_true(k < 2 || memcmp(first_sums, sums, sizeof sums) == 0);
        clear(&after);
    }
    clear(&first);
}

static void the_step_is_what_it_says(void **state)
{
    (void)state;
    static const int64_t rows[] = {0, 1, 13, 5000};
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; ++dtype)
        for (int r = 0; r < 4; ++r)
            for (int64_t columns = 1; columns <= MAX_COLUMNS; columns += columns == 1 ? 1 : 5)
                for (int how = 0; how < 8; ++how) {
                    problem p = {(ptl_dtype)dtype, how & 1, how & 2 ? some : NULL, {{0}}};
                    const int64_t ld = columns + (how & 4 ? 2 : 0);
                    for (int k = 0; k < VECTORS; ++k)
                        p.v[k] = block_new(p.dtype, rows[r], columns, k == X ? columns + 3 : ld);
                    if (!(how & 4)) {
                        free(p.v[X].data);
                        p.v[X] = block_new(p.dtype, rows[r], columns, ld);
                    }
                    check_every_run(&p);
                    clear(&p);
                }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_step_is_what_it_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
