/* Half precision: IEEE 754's binary16, a sign, 5 bits of exponent (bias 15) and 10 of fraction, in
 * uint16_t. Where the instruction set has F16C its instructions convert, else integer arithmetic,
 * which gives the same bits: to the nearest, ties to even; beyond 65504 infinity; a NaN stays one,
 * with its sign and the upper bits of its fraction, and is quiet. */
#ifndef PTL_KERNELS_HALF_H
#define PTL_KERNELS_HALF_H

#ifdef __F16C__
#include <immintrin.h>
#endif
#include <stdint.h>
#include <string.h>

static inline float half_to_float(uint16_t half)
{
#ifdef __F16C__
    return _cvtsh_ss(half);
#else
    const uint32_t sign = (uint32_t)(half & 0x8000) << 16, magnitude = half & 0x7fff;
    float result;
    if (magnitude < 0x0400) { /* zero or subnormal: so many times the least one */
        result = (float)magnitude * 0x1p-24f;
        return sign ? -result : result;
    }
    uint32_t bits = sign | magnitude << 13;
    if (magnitude < 0x7c00)
        bits += (uint32_t)(127 - 15) << 23;
    else
        bits |= 0x7f800000 | (magnitude > 0x7c00 ? 0x00400000 : 0);
    memcpy(&result, &bits, sizeof result);
    return result;
#endif
}

static inline uint16_t half_from_double(double value)
{
    const uint64_t implicit = UINT64_C(1) << 52;
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint16_t sign = bits >> 48 & 0x8000;
    const uint64_t fraction = bits & (implicit - 1);
    const int exponent = (int)(bits >> 52 & 0x7ff) - 1023;
    if (exponent == 1024 && fraction)
        return (uint16_t)(sign | 0x7e00 | fraction >> 42);
    if (exponent > 15)
        return sign | 0x7c00;
    if (exponent < -25) /* less than half the least one */
        return sign;
    const int is_normal = exponent >= -14, dropped = is_normal ? 42 : 28 - exponent;
    const uint64_t all = implicit | fraction, rest = all & ((UINT64_C(1) << dropped) - 1);
    const uint64_t middle = UINT64_C(1) << (dropped - 1);
    uint64_t kept = all >> dropped;
    kept += rest > middle || (rest == middle && (kept & 1)); /* a carry reaches the exponent */
    return (uint16_t)(sign | (kept + (is_normal ? (uint64_t)(exponent + 14) << 10 : 0)));
}

static inline uint16_t half_from_float(float value)
{
#ifdef __F16C__
    return _cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT);
#else
    return half_from_double(value);
#endif
}

/* n of them that follow each other. */
static inline void halves_to_floats(int64_t n, const uint16_t *halves, float *floats)
{
    int64_t i = 0;
#ifdef __F16C__
    for (; i + 8 <= n; i += 8)
        _mm256_storeu_ps(floats + i,
                         _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(halves + i))));
#endif
    for (; i < n; ++i)
        floats[i] = half_to_float(halves[i]);
}

static inline void halves_from_floats(int64_t n, const float *floats, uint16_t *halves)
{
    int64_t i = 0;
#ifdef __F16C__
    for (; i + 8 <= n; i += 8)
        _mm_storeu_si128((__m128i *)(halves + i),
                         _mm256_cvtps_ph(_mm256_loadu_ps(floats + i), _MM_FROUND_TO_NEAREST_INT));
#endif
    for (; i < n; ++i)
        halves[i] = half_from_float(floats[i]);
}

#endif
