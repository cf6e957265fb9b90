/* A number for a pattern: FNV's way of mixing, in words instead of bytes (Fowler, Noll and Vo: h =
 * (h xor word) * prime), in four lanes so that the products overlap, and with the upper half of
 * each product folded into the lower. */
#include "csr.h"

static inline uint64_t mix(uint64_t h, uint64_t word)
{
    h = (h ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return h ^ h >> 32;
}

/* Two entries in a word, in such a way that 32-bit and 64-bit indices give the same. */
static inline uint64_t pair(uint64_t a, uint64_t b)
{
    return a ^ (b << 32 | b >> 32);
}

#define DEFINE_MIX_ARRAY(I)                                                                        \
    static uint64_t mix_##I(uint64_t h, const I *array, int64_t count)                             \
    {                                                                                              \
        uint64_t lanes[4] = {h, h + 1, h + 2, h + 3};                                              \
        int64_t i = 0;                                                                             \
        for (; i + 8 <= count; i += 8)                                                             \
            for (int lane = 0; lane < 4; lane++)                                                   \
                lanes[lane] = mix(lanes[lane], pair((uint64_t)array[i + 2 * lane],                 \
                                                    (uint64_t)array[i + 2 * lane + 1]));           \
        for (; i < count; i++)                                                                     \
            lanes[0] = mix(lanes[0], (uint64_t)array[i]);                                          \
        return mix(mix(mix(lanes[0], lanes[1]), lanes[2]), lanes[3]);                              \
    }
DEFINE_MIX_ARRAY(int32_t)
DEFINE_MIX_ARRAY(int64_t)

static uint64_t mix_array(uint64_t h, ptl_itype itype, const void *array, int64_t count)
{
    return itype == PTL_I32 ? mix_int32_t(h, array, count) : mix_int64_t(h, array, count);
}

uint64_t ptl__csr_pattern(const ptl_csr *A)
{
    const ptl_csr_arrays a = ptl_csr_get_arrays(A);
    const uint64_t sizes = mix(mix(0, (uint64_t)a.rows), (uint64_t)a.cols);
    const uint64_t rows = mix_array(sizes, a.itype, a.indptr, a.rows + 1);
    return mix_array(rows, a.itype, a.indices, ptl_csr_nnz(A));
}
