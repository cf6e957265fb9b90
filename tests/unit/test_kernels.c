/* Every vector kernel of every backend: reference against arithmetic in double complex, element by
 * element, and openmp against the same; its instruction sets, and one thread against three, bit by
 * bit. Blocks are padded to more columns than they have, and what is not theirs must stay as it
 * was. */
#include "numbers.h"

enum { MAX_COLUMNS = 9 };

/* One call: operands d (a diagonal), p, q, x, y; coefficients a; a mask or NULL; sums. */
typedef struct call {
    ptl_dtype dtype;
    ptl__block d, p, q, x, y;
    const double *a;
    const uint8_t *mask;
    double sums[2 * MAX_COLUMNS];
} call;

/* What a kernel sees of one element, and leaves: x, y and the term of its sum. */
typedef struct element {
    number d, p, q, x, y, a, term;
    double scale; /* the column's entry of a, read as doubles */
} element;

typedef struct vector_case {
    const char *name;
    void (*run)(const ptl__vector_kernels *kernels, ptl__run run, call *c);
    void (*expect)(element *e);
    enum { NOTHING, SUMS, REAL_SUMS, MAXIMA } sums;
    int masked; /* the mask is honoured */
} vector_case;

#define CASE(name, call_, ...)                                                                     \
    static void run_##name(const ptl__vector_kernels *k, ptl__run run, call *c)                    \
    {                                                                                              \
        k->call_;                                                                                  \
    }                                                                                              \
    static void expect_##name(element *e)                                                          \
    {                                                                                              \
        __VA_ARGS__;                                                                               \
    }

static double abs2(number v)
{
    return creal(v) * creal(v) + cimag(v) * cimag(v);
}

CASE(fill, fill(run, c->a, c->y), (void)e) /* a is that of column 0: see expected_element */
CASE(copy, copy(run, c->p, c->y), e->y = e->p)
CASE(scale, scale(run, c->a, c->mask, c->y), e->y *= e->a)
CASE(inv_scale, inv_scale(run, c->a, c->mask, c->y), e->y /= e->a)
CASE(add_scaled, add_scaled(run, c->a, 0, c->p, c->mask, c->y), e->y += e->a * e->p)
CASE(sub_scaled, add_scaled(run, c->a, 1, c->p, c->mask, c->y), e->y -= e->a * e->p)
CASE(scale_add, scale_add(run, c->a, c->p, c->mask, c->y), e->y = e->p + e->a * e->y)
CASE(dot, dot(run, 0, c->p, c->q, c->sums), e->term = e->p * e->q)
CASE(conj_dot, dot(run, 1, c->p, c->q, c->sums), e->term = conj(e->p) * e->q)
CASE(norm2_squared, norm2_squared(run, c->p, c->sums), e->term = abs2(e->p))
CASE(scaled_squares, scaled_squares(run, c->a, c->p, c->sums), e->term = abs2(e->scale * e->p))
CASE(norm1, norm1(run, c->p, c->sums), e->term = cabs(e->p))
CASE(norm_inf, norm_inf(run, c->p, c->sums), e->term = cabs(e->p))
CASE(sum, sum(run, c->p, c->sums), e->term = e->p)
CASE(diagonal_apply_dot, diagonal_apply_dot(run, c->d.data, c->p, c->y, c->sums),
     e->y = e->d * e->p;
     e->term = conj(e->p) * e->y)
CASE(cg_step, cg_step(run, c->a, c->mask, c->p, c->q, c->x, c->y, c->sums), e->x += e->a * e->p;
     e->y -= e->a * e->q; e->term = abs2(e->y))

static const vector_case vector_cases[] = {
    {"fill", run_fill, expect_fill, NOTHING, 0},
    {"copy", run_copy, expect_copy, NOTHING, 0},
    {"scale", run_scale, expect_scale, NOTHING, 1},
    {"inv_scale", run_inv_scale, expect_inv_scale, NOTHING, 1},
    {"add_scaled", run_add_scaled, expect_add_scaled, NOTHING, 1},
    {"sub_scaled", run_sub_scaled, expect_sub_scaled, NOTHING, 1},
    {"scale_add", run_scale_add, expect_scale_add, NOTHING, 1},
    {"dot", run_dot, expect_dot, SUMS, 0},
    {"conj_dot", run_conj_dot, expect_conj_dot, SUMS, 0},
    {"norm2_squared", run_norm2_squared, expect_norm2_squared, REAL_SUMS, 0},
    {"scaled_squares", run_scaled_squares, expect_scaled_squares, REAL_SUMS, 0},
    {"norm1", run_norm1, expect_norm1, REAL_SUMS, 0},
    {"norm_inf", run_norm_inf, expect_norm_inf, MAXIMA, 0},
    {"sum", run_sum, expect_sum, SUMS, 0},
    {"diagonal_apply_dot", run_diagonal_apply_dot, expect_diagonal_apply_dot, SUMS, 0},
    {"cg_step", run_cg_step, expect_cg_step, REAL_SUMS, 1},
};

static call call_copy(const call *c)
{
    call copy = *c;
    copy.x = block_copy(c->dtype, c->x);
    copy.y = block_copy(c->dtype, c->y);
    return copy;
}

static void call_free_copy(call *c)
{
    free(c->x.data);
    free(c->y.data);
}

/* Element (i, j) as it must be after the call, from the operands before it. */
static element expected_element(const vector_case *test, const call *before, int64_t i, int64_t j)
{
    const ptl_dtype dtype = before->dtype;
    const int64_t at = i * before->y.ld + j;
    element e = {.d = get(dtype, before->d.data, i),
                 .p = get(dtype, before->p.data, at),
                 .q = get(dtype, before->q.data, at),
                 .x = get(dtype, before->x.data, at),
                 .y = get(dtype, before->y.data, at)};
    e.a = coef(dtype, before->a, j);
    e.scale = before->a[j];
    element changed = e;
    test->expect(&changed);
    if (test->run == run_fill)
        changed.y = coef(dtype, before->a, 0);
    if (test->masked && before->mask && !before->mask[j]) {
        changed.x = e.x;
        changed.y = e.y;
        changed.term = abs2(e.y); /* cg_step's sum of a column that stays */
    }
    return changed;
}

static void check_sum(const vector_case *test, const call *after, int64_t j, number sum,
                      double size)
{
    const number found = test->sums == SUMS ? coef(after->dtype, after->sums, j) : after->sums[j];
    assert_near(found, sum, tolerance(after->dtype) * (1 + size), test->name, -1, j);
}

static void check_call(const vector_case *test, const call *before, const call *after)
{
    const ptl_dtype dtype = before->dtype;
    const double bound = 4 * tolerance(dtype);
    for (int64_t j = 0; j < before->y.ld; ++j) {
        number sum = 0;
        double size = 0;
        for (int64_t i = 0; i < before->y.rows; ++i) {
            const int64_t at = i * before->y.ld + j;
            element e = {.x = get(dtype, before->x.data, at), .y = get(dtype, before->y.data, at)};
            if (j < before->y.columns)
                e = expected_element(test, before, i, j);
            assert_near(get(dtype, after->x.data, at), e.x, bound, test->name, i, j);
            assert_near(get(dtype, after->y.data, at), e.y, bound, test->name, i, j);
            sum = test->sums == MAXIMA ? fmax(creal(sum), creal(e.term)) : sum + e.term;
            size += cabs(e.term);
        }
        if (test->sums != NOTHING && j < before->y.columns)
            check_sum(test, after, j, sum, test->sums == MAXIMA ? 0 : size);
    }
}

static void run_case(const vector_case *test, const call *before)
{
    test_run runs[MAX_RUNS];
    call after[MAX_RUNS];
    const int count = every_run(runs);
    for (int r = 0; r < count; ++r) {
        after[r] = call_copy(before);
        test->run(runs[r].kernels->vector[before->dtype], runs[r].run, &after[r]);
        if (r < 2) {
            check_call(test, before, &after[r]);
            continue;
        }
        assert_true(same_bits(before->dtype, after[1].x, after[r].x));
        assert_true(same_bits(before->dtype, after[1].y, after[r].y));
        assert_memory_equal(after[1].sums, after[r].sums, sizeof after[r].sums);
    }
    for (int r = 0; r < count; ++r)
        call_free_copy(&after[r]);
}

static void run_cases(ptl_dtype dtype, int64_t rows, int64_t columns, int64_t ld)
{
    double a[2 * MAX_COLUMNS];
    uint8_t mask[MAX_COLUMNS];
    for (int j = 0; j < 2 * MAX_COLUMNS; ++j)
        a[j] = 1.5 + uniform();
    for (int j = 0; j < MAX_COLUMNS; ++j)
        mask[j] = j % 3 != 0;
    call c = {.dtype = dtype,
              .a = a,
              .d = block_new(dtype, rows, 1, 1),
              .p = block_new(dtype, rows, columns, ld),
              .q = block_new(dtype, rows, columns, ld),
              .x = block_new(dtype, rows, columns, ld),
              .y = block_new(dtype, rows, columns, ld)};
    for (size_t t = 0; t < sizeof vector_cases / sizeof *vector_cases; ++t) {
        const vector_case *test = &vector_cases[t];
        for (int masked = 0; masked <= test->masked; ++masked) {
            c.mask = masked ? mask : NULL;
            run_case(test, &c);
        }
    }
    free(c.d.data);
    free(c.p.data);
    free(c.q.data);
    free(c.x.data);
    free(c.y.data);
}

static void test_vector_kernels(void **state)
{
    (void)state;
    const int64_t columns[] = {0, 1, 2, 4, 7, 8, 9}, rows[] = {0, 1, 21, 4099};
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; ++dtype)
        for (int r = 0; r < 4; ++r)
            for (int c = 0; c < 7; ++c)
                for (int padding = 0; padding <= (r < 3 ? 3 : 0); padding += 3)
                    run_cases((ptl_dtype)dtype, rows[r], columns[c], columns[c] + padding);
}

/* Every tables[t] and dtype. */
#define EACH_TABLE(dtype)                                                                          \
    test_run tables[MAX_RUNS];                                                                     \
    const int tables_count = every_run(tables);                                                    \
    for (int t = 0; t < tables_count; ++t)                                                         \
        for (int dtype = 0; dtype < PTL_DTYPE_COUNT; ++dtype)

static const ptl__run one_thread = {.threads = 1};

/* ---- combinations of several blocks, and their inner products ---- */

/* Every block has a stride of its own. */
typedef struct several {
    ptl_dtype dtype;
    int count;
    ptl__block x[PTL__COMBINED_MAX], y;
    double a[2 * PTL__COMBINED_MAX * MAX_COLUMNS], beta[2 * MAX_COLUMNS];
    const double *given_beta;
    const uint8_t *mask;
} several;

static number combined(const several *t, int64_t i, int64_t j)
{
    const number y = get(t->dtype, t->y.data, i * t->y.ld + j);
    if (t->mask && !t->mask[j])
        return y;
    number sum = t->given_beta ? coef(t->dtype, t->beta, j) * y : 0;
    for (int k = 0; k < t->count; ++k)
        sum += coef(t->dtype, t->a, k * t->y.columns + j) *
               get(t->dtype, t->x[k].data, i * t->x[k].ld + j);
    return sum;
}

static void check_combined(const several *t, ptl__block y, const double *norms)
{
    const double bound = 16 * tolerance(t->dtype);
    for (int64_t j = 0; j < y.ld; ++j) {
        double norm = 0;
        for (int64_t i = 0; i < y.rows; ++i) {
            const int64_t at = i * y.ld + j;
            const number was = get(t->dtype, t->y.data, at), now = get(t->dtype, y.data, at);
            assert_near(now, j < y.columns ? combined(t, i, j) : was, bound, "combine", i, j);
            norm += abs2(now);
        }
        if (j < y.columns)
            assert_near(norms[j], norm, 1e-12, "combine's norm", -1, j);
    }
}

static void check_dots(const several *t, const double *sums)
{
    for (int k = 0; k < t->count; ++k)
        for (int64_t j = 0; j < t->y.columns; ++j) {
            number sum = 0;
            double size = 0;
            for (int64_t i = 0; i < t->y.rows; ++i) {
                const number term = conj(get(t->dtype, t->x[k].data, i * t->x[k].ld + j)) *
                                    get(t->dtype, t->y.data, i * t->y.ld + j);
                sum += term;
                size += cabs(term);
            }
            assert_near(coef(t->dtype, sums, k * t->y.columns + j), sum, 1e-13 * (1 + size), "dots",
                        k, j);
        }
}

static void run_several(const several *t)
{
    enum { ROOM = 2 * PTL__COMBINED_MAX * MAX_COLUMNS };
    double norms[MAX_RUNS][MAX_COLUMNS] = {{0}}, sums[MAX_RUNS][ROOM] = {{0}};
    ptl__block y[MAX_RUNS];
    test_run runs[MAX_RUNS];
    const int count = every_run(runs);
    for (int r = 0; r < count; ++r) {
        const ptl__vector_kernels *v = runs[r].kernels->vector[t->dtype];
        y[r] = block_copy(t->dtype, t->y);
        v->dots(runs[r].run, t->count, t->x, t->y, sums[r]);
        check_dots(t, sums[r]);
        v->combine(runs[r].run, t->count, t->x, t->a, t->given_beta, t->mask, y[r], norms[r]);
        check_combined(t, y[r], norms[r]);
        if (r > 1) {
            assert_true(same_bits(t->dtype, y[1], y[r]));
            assert_memory_equal(norms[1], norms[r], sizeof norms[r]);
            assert_memory_equal(sums[1], sums[r], sizeof sums[r]);
        }
        double one_by_one[2 * MAX_COLUMNS];
        const int width = ptl_dtype_is_complex(t->dtype) ? 2 : 1;
        v->norm2_squared(runs[r].run, y[r], one_by_one);
        assert_memory_equal(one_by_one, norms[r], (size_t)t->y.columns * sizeof(double));
        for (int k = 0; k < t->count; ++k) {
            v->dot(runs[r].run, 1, t->x[k], t->y, one_by_one);
            assert_memory_equal(one_by_one, sums[r] + k * t->y.columns * width,
                                (size_t)(t->y.columns * width) * sizeof(double));
        }
        ptl__block again = block_copy(t->dtype, t->y);
        v->combine(runs[r].run, t->count, t->x, t->a, t->given_beta, t->mask, again, NULL);
        assert_true(same_bits(t->dtype, y[r], again));
        free(again.data);
    }
    for (int r = 0; r < count; ++r)
        free(y[r].data);
}

static void run_counts(ptl_dtype dtype, int64_t rows, int64_t columns, int padding)
{
    const uint8_t mask[MAX_COLUMNS] = {0, 1, 1, 0, 1, 1, 1, 0, 1};
    several t = {.dtype = dtype, .y = block_new(dtype, rows, columns, columns + padding)};
    for (int k = 0; k < PTL__COMBINED_MAX; ++k)
        t.x[k] = block_new(dtype, rows, columns, columns + (padding ? k % 3 : 0));
    for (size_t i = 0; i < sizeof t.a / sizeof *t.a; ++i)
        t.a[i] = uniform();
    for (size_t i = 0; i < sizeof t.beta / sizeof *t.beta; ++i)
        t.beta[i] = uniform();
    for (t.count = 0; t.count <= PTL__COMBINED_MAX; ++t.count)
        for (int variant = 0; variant < 4; ++variant) {
            t.given_beta = variant & 1 ? t.beta : NULL;
            t.mask = variant & 2 ? mask : NULL;
            run_several(&t);
        }
    for (int k = 0; k < PTL__COMBINED_MAX; ++k)
        free(t.x[k].data);
    free(t.y.data);
}

static void test_several_blocks(void **state)
{
    (void)state;
    const int64_t columns[] = {1, 2, 7}, rows[] = {0, 1, 21, 4099};
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; ++dtype)
        for (int r = 0; r < 4; ++r)
            for (int c = 0; c < 3; ++c)
                for (int padding = 0; padding <= (r < 3 || c == 0 ? 1 : 0); ++padding)
                    run_counts((ptl_dtype)dtype, rows[r], columns[c], padding);
}

/* Without beta, what y was does not count. */
static void test_combine_does_not_read_y(void **state)
{
    (void)state;
    EACH_TABLE (dtype) {
        ptl__block x = block_new((ptl_dtype)dtype, 21, 1, 1), y = block_copy((ptl_dtype)dtype, x);
        const double one[2] = {1, 0};
        for (int i = 0; i < 21; ++i)
            put((ptl_dtype)dtype, y.data, i, NAN);
        tables[t].kernels->vector[dtype]->combine(one_thread, 1, &x, one, NULL, NULL, y, NULL);
        assert_true(same_bits((ptl_dtype)dtype, x, y));
        free(x.data);
        free(y.data);
    }
}

/* ---- NaN, maps, conversions, the inverse diagonal ---- */

static void test_nan_survives(void **state)
{
    (void)state;
    EACH_TABLE (dtype) {
        const ptl__vector_kernels *v = tables[t].kernels->vector[dtype];
        ptl__block x = block_new((ptl_dtype)dtype, 4100, 1, 1);
        double sums[2];
        put((ptl_dtype)dtype, x.data, 17, NAN);
        v->norm_inf(one_thread, x, sums);
        assert_true(isnan(sums[0]));
        v->norm1(one_thread, x, sums);
        assert_true(isnan(sums[0]));
        v->norm2_squared(one_thread, x, sums);
        assert_true(isnan(sums[0]));
        v->sum(one_thread, x, sums);
        assert_true(isnan(sums[0]));
        v->dot(one_thread, 1, x, x, sums);
        assert_true(isnan(sums[0]));
        const double zero[2] = {0, 0};
        v->scale(one_thread, zero, NULL, x);
        assert_true(isnan(creal(get((ptl_dtype)dtype, x.data, 17))));
        free(x.data);
    }
}

static number mapped(ptl_map map, number v)
{
    switch (map) {
    case PTL_MAP_ABS:
        return cabs(v);
    case PTL_MAP_REAL:
        return creal(v);
    case PTL_MAP_IMAG:
        return cimag(v);
    default:
        return conj(v);
    }
}

static void test_map_and_convert(void **state)
{
    (void)state;
    EACH_TABLE (dtype) {
        const ptl_dtype from = (ptl_dtype)dtype;
        ptl__block x = block_new(from, 5, 2, 3);
        for (int map = PTL_MAP_ABS; map <= PTL_MAP_CONJ; ++map) {
            const ptl_dtype to = map == PTL_MAP_CONJ ? from : ptl_dtype_real(from);
            ptl__block y = block_new(to, 5, 2, 4);
            tables[t].kernels->vector[from]->map(one_thread, (ptl_map)map, x, y);
            for (int i = 0; i < 5; ++i)
                for (int j = 0; j < 2; ++j)
                    assert_near(get(to, y.data, i * 4 + j),
                                mapped((ptl_map)map, get(from, x.data, i * 3 + j)), 1e-6, "map", i,
                                j);
            free(y.data);
        }
        for (int to = 0; to < PTL_DTYPE_COUNT; ++to) {
            if (ptl_dtype_is_complex(from) && !ptl_dtype_is_complex((ptl_dtype)to))
                continue;
            ptl__block y = block_new((ptl_dtype)to, 5, 2, 4);
            tables[t].kernels->vector[from]->convert(one_thread, (ptl_dtype)to, x, y);
            for (int i = 0; i < 5; ++i)
                for (int j = 0; j < 2; ++j)
                    assert_near(get((ptl_dtype)to, y.data, i * 4 + j), get(from, x.data, i * 3 + j),
                                1e-6, "convert", i, j);
            free(y.data);
        }
        free(x.data);
    }
}

static void test_large_moduli(void **state)
{
    (void)state;
    EACH_TABLE (dtype) {
        const double large = ptl_dtype_real((ptl_dtype)dtype) == PTL_F32 ? 2e38 : 1e308;
        ptl__block x = block_new((ptl_dtype)dtype, 1, 1, 1);
        double norm;
        put((ptl_dtype)dtype, x.data, 0, __builtin_complex(large, large / 2));
        tables[t].kernels->vector[dtype]->norm_inf(one_thread, x, &norm);
        assert_true(isfinite(norm) && norm >= large * 0.999999);
        free(x.data);
    }
}

/* Squares that no double holds, scaled; complex numbers by their parts. */
static void test_scaled_squares(void **state)
{
    (void)state;
    EACH_TABLE (dtype) {
        const int single = ptl_dtype_real((ptl_dtype)dtype) == PTL_F32;
        const double scale[2] = {0x1p-537, 0x1p537};
        const double value[2] = {single ? 0x1.8p120 : 0x1.8p1020,
                                 single ? 0x1.8p-140 : 0x1.8p-1070};
        const double parts = ptl_dtype_is_complex((ptl_dtype)dtype) ? 2 : 1;
        ptl__block x = block_new((ptl_dtype)dtype, 4100, 2, 2);
        double sums[2];
        for (int i = 0; i < 8200; i++)
            put((ptl_dtype)dtype, x.data, i, __builtin_complex(value[i % 2], value[i % 2]));
        tables[t].kernels->vector[dtype]->scaled_squares(one_thread, scale, x, sums);
        for (int j = 0; j < 2; j++)
            assert_true(sums[j] == 4100 * parts * (value[j] * scale[j]) * (value[j] * scale[j]));
        free(x.data);
    }
}

static void test_diagonal_invert(void **state)
{
    (void)state;
    EACH_TABLE (dtype) {
        const ptl_dtype type = (ptl_dtype)dtype;
        ptl__block d = block_new(type, 5000, 1, 1), before = block_copy(type, d);
        assert_int_equal(tables[t].kernels->vector[dtype]->diagonal_invert((ptl__run){.threads = 3},
                                                                           5000, d.data),
                         -1);
        for (int i = 0; i < 5000; ++i)
            assert_near(get(type, d.data, i) * get(type, before.data, i), 1, 1e-6, "invert", i, 0);
        put(type, d.data, 4000, NAN);
        put(type, d.data, 2500, 0);
        put(type, d.data, 4999, INFINITY);
        assert_int_equal(tables[t].kernels->vector[dtype]->diagonal_invert((ptl__run){.threads = 3},
                                                                           5000, d.data),
                         2500);
        assert_int_equal(tables[t].kernels->vector[dtype]->diagonal_invert(one_thread, 0, d.data),
                         -1);
        free(d.data);
        free(before.data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vector_kernels),  cmocka_unit_test(test_nan_survives),
        cmocka_unit_test(test_map_and_convert), cmocka_unit_test(test_large_moduli),
        cmocka_unit_test(test_scaled_squares),  cmocka_unit_test(test_diagonal_invert),
        cmocka_unit_test(test_several_blocks),  cmocka_unit_test(test_combine_does_not_read_y),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
