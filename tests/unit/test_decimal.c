/* Numbers as text beside the C library's, and the checksum of binary files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/crc32c.h"
#include "io/decimal.h"

static locale_t c_locale;

/* In any other locale as in "C": where the system has one with a comma, tests run in it. */
static int begin(void **state)
{
    (void)state;
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!setlocale(LC_NUMERIC, "de_DE.UTF-8"))
        setlocale(LC_NUMERIC, "C");
    return c_locale == 0;
}

static int end(void **state)
{
    (void)state;
    freelocale(c_locale);
    return 0;
}

static uint64_t state64 = 88172645463325252u;

static uint64_t random64(void) /* Marsaglia's xorshift */
{
    state64 ^= state64 << 13;
    state64 ^= state64 >> 7;
    return state64 ^= state64 << 17;
}

static int same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

/* Reads as strtod does: the same bits, the same end. */
static void assert_reads(const char *text)
{
    char *end_there;
    double value = NAN, expected = strtod_l(text, &end_there, c_locale);
    const char *after = ptl__decimal_read(text, c_locale, &value);
    if (after != end_there || !same_bits(value, expected))
        fail_msg("\"%s\" is read as %a, expected %a", text, value, expected);
}

static void hard_numbers_are_exact(void **state)
{
    (void)state;
    static const char *const numbers[] = {
        "0", "-0", "0.0", "-0.0e5", "00000000000000000000000000.1", "1", "+1", "1.", ".5", "-.5e1",
        "1e22", "1e23", "-1E+05", "1e-400", "1e400", "0e999", "0e9999999", "1e-9999999",
        "4.9406564584124654e-324", "2.4703282292062327e-324", "2.4703282292062328e-324",
        "2.2250738585072011e-308", "2.2250738585072012e-308", "2.2250738585072014e-308",
        "1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308",
        /* in the middle between two doubles, and beside it */
        "9007199254740992", "9007199254740993", "9007199254740993.0000000000000000000000001",
        "9007199254740995", "5e-324", "1.00000000000000011102230246251565404",
        "1.00000000000000011102230246251565404236316680908203125",
        "1.00000000000000011102230246251565404236316680908203126",
        "0.500000000000000166533453693773481063544750213623046875", "30078505129381147446200",
        "3518437208883201171875e13", "7205759403792793199999e-5", "6.631236846766476e-316",
        "3.237883913302901289588352412501532174863037669423108059901297049552301970670676565786835"
        "7425877995578606157765598382834355143910841531692526891905643964595773946180389283653051"
        "434639551003566966656292020173313440317300443693602052583458034314716600326995807313009e-"
        "290",
        "0.30000000000000004", "3.141592653589793238", "18446744073709551615",
        "18446744073709551616", "99999999999999999999e-20", "123456789012345678901234567890",
        "8.0000000000000002e-5", "1e270", "1e271", "1e-270", "1e-271", "9999999999999999999e-290",
        "1.7e-290", "inf", "-Infinity", "0x10", "0x1.8p3", "1.5e", "1e+", "1.5.5", "1,5", "12 13",
        "7\n8"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        assert_reads(numbers[i]);
}

static void what_is_no_number_is_none(void **state)
{
    (void)state;
    static const char *const texts[] = {"",  "\n1", " 1",  "x",   "-", "+",
                                        ".", "e5",  "-e5", "--1", "%"};
    double value;
    int64_t integer;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_null(ptl__decimal_read(texts[i], c_locale, &value));
        assert_null(ptl__decimal_read_int(texts[i], &integer));
    }
    assert_non_null(ptl__decimal_read("nan", c_locale, &value));
    assert_true(isnan(value));
}

static void integers_are_read(void **state)
{
    (void)state;
    int64_t value;
    const char *text = "-9223372036854775807 12";
    assert_ptr_equal(ptl__decimal_read_int(text, &value), text + 20);
    assert_true(value == -INT64_MAX);
    assert_null(ptl__decimal_read_int("9223372036854775808", &value));
    assert_null(ptl__decimal_read_int("99999999999999999999", &value));
    char out[32];
    *ptl__decimal_write_int(INT64_MIN, out) = '\0';
    assert_string_equal(out, "-9223372036854775808");
    *ptl__decimal_write_int(0, out) = '\0';
    assert_string_equal(out, "0");
}

/* A double of any kind: any bits; short decimals; quotients. */
static double random_double(int kind)
{
    uint64_t bits = random64();
    double value;
    memcpy(&value, &bits, sizeof value);
    if (kind == 1 || !isfinite(value))
        value = (double)(int64_t)(bits % 2000000) / 1000 - 1000;
    else if (kind == 2)
        value = (double)(int64_t)bits / (double)(1 + random64() % 1000000);
    return value;
}

static void many_numbers_are_exact(void **state)
{
    (void)state;
    char text[800];
    for (int i = 0; i < 200000; i++) {
        double value = random_double(i % 3);
        snprintf(text, sizeof text, "%.*e", (int)(random64() % 25), value);
        if (strchr(text, ','))
            *strchr(text, ',') = '.';
        assert_reads(text);
        snprintf(
            text, sizeof text, "%d.%0*llue%d", (int)(random64() % 10), 1 + (int)(random64() % 18),
            (unsigned long long)(random64() % 1000000000000000000u), (int)(random64() % 640) - 330);
        assert_reads(text);
    }
}

/* Any number of digits around the middle between two neighbouring doubles. */
static void middles_are_exact(void **state)
{
    (void)state;
    char text[800];
    for (int i = 0; i < 50000; i++) {
        uint64_t mantissa = random64() >> 11 | 1ull << 52;
        int shift = (int)(random64() % 11);
        unsigned long long middle = (2 * mantissa + 1) << shift; /* of 54 bits, and zeros */
        snprintf(text, sizeof text, "%llu", middle);
        assert_reads(text);
        snprintf(text, sizeof text, "%llu.%0*d1", middle, 1 + i % 30, 0);
        assert_reads(text);
        snprintf(text, sizeof text, "%llu", middle - 1);
        assert_reads(text);
        snprintf(text, sizeof text, "%llue-%d", middle, i % 300);
        assert_reads(text);
    }
}

/* Written in `most` bytes at most; read again as the same bits. */
static void assert_comes_back(double value, int single, int most)
{
    char text[PTL__DECIMAL_ROOM + 1];
    char *after = ptl__decimal_write(value, single, c_locale, text);
    *after = '\0';
    double back = strtod_l(text, NULL, c_locale);
    if (after - text > most || !(single ? (float)back == (float)value : same_bits(back, value)))
        fail_msg("%a is written as \"%s\"", value, text);
}

static void what_is_written_comes_back(void **state)
{
    (void)state;
    static const double values[] = {0.0,
                                    -0.0,
                                    5e-324,
                                    -5e-324,
                                    2.2250738585072014e-308,
                                    1e22,
                                    1e23,
                                    1e-5,
                                    0.0001,
                                    -1.7976931348623157e308,
                                    1e240,
                                    1e-240,
                                    1e241,
                                    9.5,
                                    9007199254740993.0,
                                    0.1,
                                    0.1 + 0.2,
                                    123456789012345678.0};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        assert_comes_back(values[i], 0, 24);
    for (int i = 0; i < 200000; i++) {
        double value = random_double(i % 3);
        assert_comes_back(value, 0, 24);
        uint32_t bits = (uint32_t)random64();
        float small;
        memcpy(&small, &bits, sizeof small);
        if (isfinite(small))
            assert_comes_back(small, 1, 15);
    }
}

static void few_digits_stay_few(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {{1, "1"},
                 {-4, "-4"},
                 {0.1, "0.1"},
                 {-2.5e-3, "-0.0025"},
                 {1e100, "1e100"},
                 {1500, "1500"},
                 {1.25e-20, "1.25e-20"},
                 {0.1 + 0.2, "0.30000000000000004"},
                 {123.456, "123.456"},
                 {0, "0"},
                 {-0.0, "-0"},
                 {1e9, "1e9"}};
    char text[PTL__DECIMAL_ROOM + 1];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        *ptl__decimal_write(cases[i].value, 0, c_locale, text) = '\0';
        assert_string_equal(text, cases[i].text);
    }
    *ptl__decimal_write((double)0.1f, 1, c_locale, text) = '\0';
    assert_string_equal(text, "0.1");
    for (int i = 0; i < 100000; i++) { /* never more digits than are needed */
        double value = (double)(1 + random64() % 1000000) / 1e4;
        char shortest[40];
        *ptl__decimal_write(value, 0, c_locale, text) = '\0';
        snprintf(shortest, sizeof shortest, "%.15g", value);
        if (strchr(shortest, ','))
            *strchr(shortest, ',') = '.';
        assert_string_equal(text, shortest);
    }
}

static void checksums_are_the_known_ones(void **state)
{
    (void)state;
    const char digits[] = "123456789";
    assert_true(ptl__crc_of(ptl__crc_add(0, digits, 9), 9) == 0xe3069283u);
    assert_true(ptl__crc_of(0, 32) == 0x8a9136aau); /* RFC 3720, B.4: 32 zeros */
    unsigned char data[1000];
    for (int i = 0; i < 1000; i++)
        data[i] = (unsigned char)random64();
    uint32_t whole = ptl__crc_add(0, data, 1000);
    for (int i = 0; i < 1000; i += 37) { /* in two parts, each with zeros for the other */
        uint32_t first = ptl__crc_zeros(ptl__crc_add(0, data, i), 1000 - i);
        assert_true((first ^ ptl__crc_add(0, data + i, 1000 - i)) == whole);
        assert_true(ptl__crc_add(ptl__crc_add(0, data, i), data + i, 1000 - i) == whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hard_numbers_are_exact), cmocka_unit_test(what_is_no_number_is_none),
        cmocka_unit_test(integers_are_read),      cmocka_unit_test(many_numbers_are_exact),
        cmocka_unit_test(middles_are_exact),      cmocka_unit_test(what_is_written_comes_back),
        cmocka_unit_test(few_digits_stay_few),    cmocka_unit_test(checksums_are_the_known_ones),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
