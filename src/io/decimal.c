/* Numbers as text. Both ways compute in long double where it has 64 bits, whose error is known to
 * be a few units of its last place, and give the rare case where that could matter to the C
 * library: after Clinger, How to Read Floating Point Numbers Accurately (PLDI 1990). */
#include "decimal.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MANTISSA_DIGITS = 19, /* as many as an uint64_t always holds */
    SMALL = 28,           /* powers of ten below 10^SMALL are exact in 64 bits */
    LARGEST_EXPONENT = 270
};

#if LDBL_MANT_DIG == 64

static const long double small_powers[SMALL] = {1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,
                                                1e7L,  1e8L,  1e9L,  1e10L, 1e11L, 1e12L, 1e13L,
                                                1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L, 1e20L,
                                                1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L};
static const long double large_powers[] = {1e0L,   1e28L,  1e56L,  1e84L,  1e112L,
                                           1e140L, 1e168L, 1e196L, 1e224L, 1e252L};

/* x 10^exponent, |exponent| <= LARGEST_EXPONENT, with three roundings at most. */
static long double scale(long double x, int exponent)
{
    int size = abs(exponent);
    x = exponent < 0 ? x / small_powers[size % SMALL] : x * small_powers[size % SMALL];
    if (size < SMALL)
        return x;
    return exponent < 0 ? x / large_powers[size / SMALL] : x * large_powers[size / SMALL];
}

/* 1 where *out is the double nearest to mantissa 10^exponent; 0 where this cannot tell. Three
 * roundings are 3 units of x's last place at most, so the nearest double to x is the right one but
 * where x is as close as that to the middle between two doubles. */
static int nearest_by_long_double(uint64_t mantissa, int exponent, double *out)
{
    enum { MIDDLE = 1 << 10, MARGIN = 4 };
    uint64_t bits;
    if (exponent < -LARGEST_EXPONENT || exponent > LARGEST_EXPONENT)
        return 0;
    long double x = scale((long double)mantissa, exponent);
    memcpy(&bits, &x, sizeof bits);
    int distance = (int)(bits & (2 * MIDDLE - 1)) - MIDDLE;
    *out = (double)x;
    return mantissa == 0 ||
           ((distance > MARGIN || distance < -MARGIN) && x > 1e-300L && x < 1e300L);
}

/* About `digits` digits of value (positive), as an integer: value is about *out 10^*exponent. */
static int leading_digits(double value, int digits, uint64_t *out, int *exponent)
{
    static const uint64_t powers[] = {1ull,
                                      10ull,
                                      100ull,
                                      1000ull,
                                      10000ull,
                                      100000ull,
                                      1000000ull,
                                      10000000ull,
                                      100000000ull,
                                      1000000000ull,
                                      10000000000ull,
                                      100000000000ull,
                                      1000000000000ull,
                                      10000000000000ull,
                                      100000000000000ull,
                                      1000000000000000ull,
                                      10000000000000000ull,
                                      100000000000000000ull};
    if (value < 1e-240 || value > 1e240)
        return 0;
    int e2;
    (void)frexp(value, &e2);
    int e10 = (int)floor((e2 - 1) * 0.30102999566398120); /* value >= 10^e10, or nearly */
    *exponent = e10 + 1 - digits;
    *out = (uint64_t)(scale((long double)value, -*exponent) + 0.5L);
    if (*out >= powers[digits]) {
        ++*exponent;
        *out = (uint64_t)(scale((long double)value, -*exponent) + 0.5L);
    }
    return 1;
}

#else

static int nearest_by_long_double(uint64_t mantissa, int exponent, double *out)
{
    (void)mantissa, (void)exponent, (void)out;
    return 0;
}

static int leading_digits(double value, int digits, uint64_t *out, int *exponent)
{
    (void)value, (void)digits, (void)out, (void)exponent;
    return 0;
}

#endif

/* The same, and exact by one operation where a double holds both numbers. */
static int nearest(uint64_t mantissa, int exponent, double *out)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (mantissa >> 53 || exponent < -22 || exponent > 22)
        return nearest_by_long_double(mantissa, exponent, out);
    double x = (double)mantissa;
    *out = exponent < 0 ? x / powers[-exponent] : x * powers[exponent];
    return 1;
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '(';
}

const char *ptl__decimal_read_int(const char *text, int64_t *out)
{
    int negative = *text == '-';
    text += *text == '-' || *text == '+';
    if (!is_digit(*text))
        return NULL;
    int64_t value = 0;
    for (; is_digit(*text); text++)
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, *text - '0', &value))
            return NULL;
    *out = negative ? -value : value;
    return text;
}

/* Digits with a point among them: their value without it, and where it was. NULL where there are
 * none, or more than an uint64_t holds. */
static const char *read_digits(const char *text, uint64_t *mantissa, int *exponent)
{
    const char *begin = text, *first = NULL, *point = NULL;
    uint64_t m = 0;
    for (; is_digit(*text) || (*text == '.' && !point); text++) {
        if (*text == '.') {
            point = text;
            continue;
        }
        if (!first && *text != '0')
            first = text;
        m = m * 10 + (uint64_t)(*text - '0');
    }
    int64_t digits = first ? text - first - (point > first) : 0;
    if (text - begin - (point != NULL) < 1 || digits > MANTISSA_DIGITS)
        return NULL;
    *mantissa = m;
    *exponent = point ? -(int)(text - point - 1) : 0;
    return text;
}

/* Where the short way does not do, NULL. */
static const char *read_short(const char *text, double *out)
{
    uint64_t mantissa;
    int exponent, negative = *text == '-';
    text = read_digits(text + (*text == '-' || *text == '+'), &mantissa, &exponent);
    if (!text)
        return NULL;
    if (*text == 'e' || *text == 'E') {
        int64_t given;
        text = ptl__decimal_read_int(text + 1, &given);
        if (!text || given > 999 || given < -999)
            return NULL;
        exponent += (int)given;
    }
    if (is_letter(*text) || !nearest(mantissa, exponent, out))
        return NULL;
    *out = negative ? -*out : *out;
    return text;
}

const char *ptl__decimal_read(const char *text, locale_t c, double *out)
{
    const char *after = read_short(text, out);
    if (after)
        return after;
    if (*text == ' ' || (*text >= '\t' && *text <= '\r'))
        return NULL; /* strtod would go on to the next line */
    char *end;
    *out = strtod_l(text, &end, c);
    return end == text ? NULL : end;
}

char *ptl__decimal_write_int(int64_t value, char *out)
{
    char digits[24];
    int count = 0;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do
        digits[count++] = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (value < 0)
        *out++ = '-';
    while (count > 0)
        *out++ = digits[--count];
    return out;
}

/* mantissa 10^exponent: with a point where that is short, else with an exponent. */
static char *write_digits(uint64_t mantissa, int exponent, char *out)
{
    char digits[24];
    while (mantissa % 10 == 0) {
        mantissa /= 10;
        exponent++;
    }
    int count = (int)(ptl__decimal_write_int((int64_t)mantissa, digits) - digits);
    int before = count + exponent; /* the point */
    if (exponent == 0 || (exponent > 0 && before <= 9)) {
        memcpy(out, digits, (size_t)count);
        memset(out + count, '0', (size_t)exponent);
        return out + before;
    }
    if (before > 0 && before < count) {
        memcpy(out, digits, (size_t)before);
        out[before] = '.';
        memcpy(out + before + 1, digits + before, (size_t)(count - before));
        return out + count + 1;
    }
    if (before <= 0 && before > -4) {
        memcpy(out, "0.000", 5);
        memcpy(out + 2 - before, digits, (size_t)count);
        return out + 2 - before + count;
    }
    *out++ = digits[0];
    if (count > 1) {
        *out++ = '.';
        memcpy(out, digits + 1, (size_t)count - 1);
        out += count - 1;
    }
    *out++ = 'e';
    return ptl__decimal_write_int(before - 1, out);
}

/* By the C library, which writes the point of the locale that the thread is in. */
static char *write_slowly(double value, int single, locale_t c, char *out)
{
    char text[PTL__DECIMAL_ROOM];
    locale_t before = uselocale(c);
    int length = snprintf(text, sizeof text, single ? "%.9g" : "%.17g", value);
    uselocale(before);
    memcpy(out, text, (size_t)length);
    return out + length;
}

/* 1 where mantissa 10^exponent is read as `value`. */
static int brings_back(uint64_t mantissa, int exponent, double value, int single, locale_t c)
{
    double read;
    if (!nearest(mantissa, exponent, &read)) {
        char text[2 * PTL__DECIMAL_ROOM];
        snprintf(text, sizeof text, "%" PRIu64 "e%d", mantissa, exponent);
        read = strtod_l(text, NULL, c);
    }
    return single ? (float)read == (float)value : read == value;
}

char *ptl__decimal_write(double value, int single, locale_t c, char *out)
{
    uint64_t mantissa;
    int exponent;
    if (value == 0 || isnan(value) || isinf(value))
        return write_slowly(value, single, c, out);
    double size = fabs(value);
    for (int digits = single ? 6 : 15; digits <= (single ? 9 : 17); digits++) {
        if (!leading_digits(size, digits, &mantissa, &exponent))
            break;
        if (!brings_back(mantissa, exponent, size, single, c))
            continue;
        if (value < 0)
            *out++ = '-';
        return write_digits(mantissa, exponent, out);
    }
    return write_slowly(value, single, c, out);
}
