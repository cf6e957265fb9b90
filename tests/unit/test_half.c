/* Half precision: its conversions, on every half and by exact arithmetic, and the kernels on
 * vectors of halves beside those of float, on every table. */
#include "numbers.h"

#include "kernels/half.h"

/* The number that a half stands for, by its definition; not for infinities and NaN. */
static double by_definition(unsigned half)
{
    const int exponent = half >> 10 & 31, fraction = half & 1023;
    const double magnitude =
        exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
    return half & 0x8000 ? -magnitude : magnitude;
}

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint16_t narrow_f32(const test_run *t, float x)
{
    uint16_t half;
    t->kernels->vector[PTL_F32]->convert(t->run, PTL_F16, (ptl__block){&x, 1, 1, 1},
                                         (ptl__block){&half, 1, 1, 1});
    return half;
}

static uint16_t narrow_f64(const test_run *t, double x)
{
    uint16_t half;
    t->kernels->vector[PTL_F64]->convert(t->run, PTL_F16, (ptl__block){&x, 1, 1, 1},
                                         (ptl__block){&half, 1, 1, 1});
    return half;
}

enum { HALVES = 1 << 16 };

/* Every half to float and back; the special ones keep what they are, NaN its sign and fraction. */
static void every_half(void **state)
{
    (void)state;
    static uint16_t halves[HALVES], back[HALVES];
    static float wide[HALVES];
    test_run runs[MAX_RUNS];
    const int count = every_run(runs);
    for (unsigned h = 0; h < HALVES; ++h)
        halves[h] = (uint16_t)h;
    for (int r = 0; r < count; ++r) {
        const ptl__kernels *k = runs[r].kernels;
        k->vector[PTL_F32]->widen(runs[r].run, (ptl__block){halves, HALVES, 1, 1},
                                  (ptl__block){wide, HALVES, 1, 1});
        k->vector[PTL_F32]->convert(runs[r].run, PTL_F16, (ptl__block){wide, HALVES, 1, 1},
                                    (ptl__block){back, HALVES, 1, 1});
        for (unsigned h = 0; h < HALVES; ++h) {
            const unsigned magnitude = h & 0x7fff;
            const uint32_t sign = (uint32_t)(h & 0x8000) << 16;
            if (magnitude > 0x7c00) {
                assert_int_equal(bits_of(wide[h]), sign | 0x7fc00000 | (h & 1023) << 13);
                assert_int_equal(back[h], h | 0x200);
            } else if (magnitude == 0x7c00) {
                assert_int_equal(bits_of(wide[h]), sign | 0x7f800000);
                assert_int_equal(back[h], h);
            } else {
                assert_int_equal(bits_of(wide[h]), bits_of((float)by_definition(h)));
                assert_int_equal(back[h], h);
            }
        }
    }
}

/* Between two neighbours: the middle goes to the even one, what lies beside it to the nearer. */
static void ties(void **state)
{
    (void)state;
    test_run runs[MAX_RUNS];
    const int count = every_run(runs);
    for (int r = 0; r < count; ++r)
        for (unsigned h = 0; h < 0x7c00; ++h) {
            const unsigned even = h + (h & 1);
            const double low = by_definition(h), high = by_definition(h + 1);
            const double middle = h + 1 < 0x7c00 ? (low + high) / 2 : 65520;
            const uint32_t bits = bits_of((float)middle);
            assert_int_equal(narrow_f32(&runs[r], (float)middle), even);
            assert_int_equal(narrow_f32(&runs[r], float_of(bits - 1)), h);
            assert_int_equal(narrow_f32(&runs[r], float_of(bits + 1)), h + 1);
            assert_int_equal(narrow_f32(&runs[r], -(float)middle), even | 0x8000);
            assert_int_equal(narrow_f64(&runs[r], middle), even);
            assert_int_equal(narrow_f64(&runs[r], nextafter(middle, 0)), h);
            assert_int_equal(narrow_f64(&runs[r], nextafter(middle, INFINITY)), h + 1);
        }
}

/* Beyond the range, and NaN; a double is rounded once, where by way of float it would be twice. */
static void ends_of_the_range(void **state)
{
    (void)state;
    test_run runs[MAX_RUNS];
    const int count = every_run(runs);
    for (int r = 0; r < count; ++r) {
        const test_run *t = &runs[r];
        assert_int_equal(narrow_f32(t, 3e38f), 0x7c00);
        assert_int_equal(narrow_f32(t, -INFINITY), 0xfc00);
        assert_int_equal(narrow_f32(t, 1e-45f), 0);
        assert_int_equal(narrow_f32(t, -1e-45f), 0x8000);
        assert_int_equal(narrow_f32(t, float_of(0x7f800001)), 0x7e00);
        assert_int_equal(narrow_f32(t, float_of(0xffd5a000)), 0xfead);
        assert_int_equal(narrow_f64(t, 1e300), 0x7c00);
        assert_int_equal(narrow_f64(t, -1e-300), 0x8000);
        assert_int_equal(narrow_f64(t, -NAN) & 0x7fff, 0x7e00);
        assert_int_equal(narrow_f64(t, 1 + 0x1p-11 + 0x1p-40), 0x3c01);
    }
}

/* Random bits of float through every table: the same as reference's. */
static void the_same_bits(void **state)
{
    (void)state;
    enum { COUNT = 9973 };
    static float wide[COUNT];
    static uint16_t expected[COUNT], found[COUNT];
    test_run runs[MAX_RUNS];
    const int count = every_run(runs);
    for (int i = 0; i < COUNT; ++i) {
        const uint32_t exponent = 100 + (uint32_t)(rand() % 48);
        wide[i] = float_of(((uint32_t)rand() << 23 & 0x80000000) | exponent << 23 |
                           ((uint32_t)rand() & 0x7fffff));
    }
    for (int r = 0; r < count; ++r) {
        runs[r].kernels->vector[PTL_F32]->convert(runs[r].run, PTL_F16,
                                                  (ptl__block){wide, COUNT, 1, 1},
                                                  (ptl__block){r ? found : expected, COUNT, 1, 1});
        if (r)
            assert_memory_equal(found, expected, sizeof found);
    }
}

/* ---- vectors --------------------------------------------------------------------------------- */

enum { COLUMNS_MAX = 19 };

/* What a kernel makes of float blocks, to compare with what the one of halves does. */
typedef struct vectors {
    ptl__block x, y;
    double sums[COLUMNS_MAX];
} vectors;

static const double factors[COLUMNS_MAX] = {0.5, -1.25, 3, 0.1, 7, 1e-3, 2, -2, 1, 9,
                                            0.7, 0.3,   8, 5,   4, 6,    1, 2,  3};
static const uint8_t columns_mask[COLUMNS_MAX] = {1, 0, 1, 1, 0, 0, 1, 1, 0, 1,
                                                  1, 1, 1, 0, 1, 1, 0, 1, 1};

static void call(int which, const ptl__vector_kernels *v, ptl__run run, vectors *t)
{
    switch (which) {
    case 0:
        v->fill(run, factors + 3, t->y);
        break;
    case 1:
        v->copy(run, t->x, t->y);
        break;
    case 2:
        v->scale(run, factors, columns_mask, t->y);
        break;
    case 3:
        v->inv_scale(run, factors, NULL, t->y);
        break;
    case 4:
        v->add_scaled(run, factors, 0, t->x, columns_mask, t->y);
        break;
    case 5:
        v->add_scaled(run, factors, 1, t->x, NULL, t->y);
        break;
    case 6:
        v->map(run, PTL_MAP_ABS, t->x, t->y);
        break;
    case 7:
        v->map(run, PTL_MAP_IMAG, t->x, t->y);
        break;
    case 8:
        v->dot(run, 1, t->x, t->y, t->sums);
        break;
    case 9:
        v->norm2_squared(run, t->x, t->sums);
        break;
    case 10:
        v->norm1(run, t->x, t->sums);
        break;
    case 11:
        v->norm_inf(run, t->x, t->sums);
        break;
    default:
        v->sum(run, t->x, t->sums);
    }
}
enum { CALLS = 13 };

static ptl__block halves_like(ptl__block wide)
{
    ptl__block b = wide;
    b.data = allocate((size_t)(b.rows * b.ld) * sizeof(uint16_t));
    for (int64_t i = 0; i < b.rows * b.ld; ++i)
        ((uint16_t *)b.data)[i] = half_from_float(((const float *)wide.data)[i]);
    return b;
}

/* The same numbers as floats, so that both start from what halves can hold. */
static ptl__block floats_like(ptl__block halves)
{
    ptl__block b = halves;
    b.data = allocate((size_t)(b.rows * b.ld) * sizeof(float));
    for (int64_t i = 0; i < b.rows * b.ld; ++i)
        ((float *)b.data)[i] = half_to_float(((const uint16_t *)halves.data)[i]);
    return b;
}

static void check_call(int which, const test_run *t, ptl__block x, ptl__block y, vectors *out)
{
    vectors wide = {floats_like(x), floats_like(y), {0}};
    *out = (vectors){block_copy(PTL_F16, x), block_copy(PTL_F16, y), {0}};
    call(which, ptl__kernels_reference.vector[PTL_F32], (ptl__run){.threads = 1}, &wide);
    call(which, t->kernels->vector[PTL_F16], t->run, out);
    const ptl__block expected = halves_like(wide.y);
    for (int64_t i = 0; i < y.rows; ++i) /* between the columns and ld nothing changes */
        for (int64_t j = 0; j < y.ld; ++j)
            assert_int_equal(((const uint16_t *)out->y.data)[i * y.ld + j],
                             ((const uint16_t *)expected.data)[i * y.ld + j]);
    for (int64_t j = 0; j < y.columns; ++j)
        assert_near(out->sums[j], wide.sums[j], 1e-11, "sum", which, j);
    free(expected.data);
    free(wide.x.data);
    free(wide.y.data);
}

static void run_calls(int64_t rows, int64_t columns, int64_t ld)
{
    test_run runs[MAX_RUNS];
    vectors out[MAX_RUNS];
    const int count = every_run(runs);
    const ptl__block random_x = block_new(PTL_F32, rows, columns, ld);
    const ptl__block random_y = block_new(PTL_F32, rows, columns, ld);
    const ptl__block x = halves_like(random_x), y = halves_like(random_y);
    for (int which = 0; which < CALLS; ++which) {
        for (int r = 0; r < count; ++r) {
            check_call(which, &runs[r], x, y, &out[r]);
            if (r > 1) /* neither threads nor instructions change the sums */
                assert_memory_equal(out[r].sums, out[1].sums, sizeof out[r].sums);
        }
        for (int r = 0; r < count; ++r) {
            free(out[r].x.data);
            free(out[r].y.data);
        }
    }
    free(random_x.data);
    free(random_y.data);
    free(x.data);
    free(y.data);
}

static void vector_kernels(void **state)
{
    (void)state;
    run_calls(0, 1, 1);
    run_calls(1, 1, 1);
    run_calls(3001, 1, 1);
    run_calls(9000, 1, 1);
    run_calls(2500, 1, 3);
    run_calls(150, 8, 8);
    run_calls(2200, 3, 5);
    run_calls(70, COLUMNS_MAX, COLUMNS_MAX + 2);
}

static void nan_stays_in_the_maximum(void **state)
{
    (void)state;
    uint16_t x[3000] = {0};
    test_run runs[MAX_RUNS];
    const int count = every_run(runs);
    x[1500] = 0x7e00;
    x[2800] = 0x7c00;
    for (int r = 0; r < count; ++r) {
        double norm;
        runs[r].kernels->vector[PTL_F16]->norm_inf(runs[r].run, (ptl__block){x, 3000, 1, 1}, &norm);
        assert_true(isnan(norm));
        runs[r].kernels->vector[PTL_F16]->norm_inf(runs[r].run, (ptl__block){x + 1501, 1499, 1, 1},
                                                   &norm);
        assert_true(isinf(norm));
    }
}

static void converted(void **state)
{
    (void)state;
    const uint16_t halves[3] = {0x3c00, 0xc200, 0x0001};
    const number numbers[3] = {1, -3, 0x1p-24};
    test_run runs[MAX_RUNS];
    const int count = every_run(runs);
    for (int r = 0; r < count; ++r)
        for (int to = 0; to < PTL_DTYPE_COUNT; ++to) {
            double complex out[3];
            uint16_t back[3];
            const ptl__block x = {(void *)halves, 3, 1, 1}, y = {out, 3, 1, 1};
            runs[r].kernels->vector[PTL_F16]->convert(runs[r].run, (ptl_dtype)to, x, y);
            for (int i = 0; i < 3; ++i)
                assert_near(get((ptl_dtype)to, out, i), numbers[i], 0, "converted", i, to);
            if (ptl_dtype_is_complex((ptl_dtype)to))
                continue;
            runs[r].kernels->vector[to]->convert(runs[r].run, PTL_F16, y,
                                                 (ptl__block){back, 3, 1, 1});
            assert_memory_equal(back, halves, sizeof back);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_half),        cmocka_unit_test(ties),
        cmocka_unit_test(ends_of_the_range), cmocka_unit_test(the_same_bits),
        cmocka_unit_test(vector_kernels),    cmocka_unit_test(nan_stays_in_the_maximum),
        cmocka_unit_test(converted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
