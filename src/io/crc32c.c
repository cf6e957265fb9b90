/* CRC-32C: by the processor's own instruction where it has one, else by a table. Zeros are appended
 * by a product of polynomials over GF(2) (Warren, Hacker's Delight, chapter 14). */
#include "crc32c.h"

#include <string.h>

enum { POLYNOMIAL_BITS = 32 };
static const uint32_t polynomial = 0x82f63b78; /* bits reversed: bit 31 is x^0 */

static uint32_t add_by_table(uint32_t reg, const unsigned char *data, int64_t bytes)
{
    uint32_t table[16]; /* of half a byte */
    for (uint32_t i = 0; i < 16; i++) {
        uint32_t r = i;
        for (int bit = 0; bit < 4; bit++)
            r = r >> 1 ^ (r & 1 ? polynomial : 0);
        table[i] = r;
    }
    for (int64_t i = 0; i < bytes; i++) {
        reg ^= data[i];
        reg = reg >> 4 ^ table[reg & 15];
        reg = reg >> 4 ^ table[reg & 15];
    }
    return reg;
}

#if defined(__x86_64__)

__attribute__((target("sse4.2"))) static uint32_t
add_by_instruction(uint32_t reg, const unsigned char *data, int64_t bytes)
{
    uint64_t r = reg, word;
    int64_t i = 0;
    for (; i + 8 <= bytes; i += 8) {
        memcpy(&word, data + i, sizeof word);
        r = __builtin_ia32_crc32di(r, word);
    }
    for (; i < bytes; i++)
        r = __builtin_ia32_crc32qi((uint32_t)r, data[i]);
    return (uint32_t)r;
}

uint32_t ptl__crc_add(uint32_t reg, const void *data, int64_t bytes)
{
    return __builtin_cpu_supports("sse4.2") ? add_by_instruction(reg, data, bytes)
                                            : add_by_table(reg, data, bytes);
}

#else

uint32_t ptl__crc_add(uint32_t reg, const void *data, int64_t bytes)
{
    return add_by_table(reg, data, bytes);
}

#endif

/* a b modulo the polynomial. */
static uint32_t multiply(uint32_t a, uint32_t b)
{
    uint32_t product = 0;
    for (uint32_t bit = 1u << (POLYNOMIAL_BITS - 1); bit; bit >>= 1) {
        product ^= a & bit ? b : 0;
        b = b >> 1 ^ (b & 1 ? polynomial : 0);
    }
    return product;
}

uint32_t ptl__crc_zeros(uint32_t reg, int64_t bytes)
{
    uint32_t power = 1u << (POLYNOMIAL_BITS - 1 - 8); /* x^8: one byte */
    for (; bytes > 0 && reg; bytes >>= 1) {
        if (bytes & 1)
            reg = multiply(power, reg);
        power = multiply(power, power);
    }
    return reg;
}

uint32_t ptl__crc_of(uint32_t reg, int64_t bytes)
{
    return ~(ptl__crc_zeros(UINT32_MAX, bytes) ^ reg);
}
