/* Single entries, whatever their dtype, where a loop over them need not be fast. */
#ifndef PTL_MATRIX_VALUES_H
#define PTL_MATRIX_VALUES_H

#include <math.h>

#include "../base/vector.h"
#include "../kernels/half.h"

/* The k-th real number at `value`, a part of it. */
static inline double ptl__value_part(ptl_dtype dtype, const void *value, int k)
{
    if (dtype == PTL_F16)
        return half_to_float(*(const uint16_t *)value);
    return ptl_dtype_real(dtype) == PTL_F32 ? (double)((const float *)value)[k]
                                            : ((const double *)value)[k];
}

/* The larger one of a number's parts, in absolute value. */
static inline double ptl__value_size(ptl_dtype dtype, const void *value)
{
    double size = fabs(ptl__value_part(dtype, value, 0));
    for (int k = 1; k < ptl__coef_doubles(dtype); k++)
        size = fmax(size, fabs(ptl__value_part(dtype, value, k)));
    return size;
}

static inline int ptl__value_is_finite(ptl_dtype dtype, const void *value)
{
    for (int k = 0; k < ptl__coef_doubles(dtype); k++)
        if (!isfinite(ptl__value_part(dtype, value, k)))
            return 0;
    return 1;
}

static inline int ptl__value_is_zero(ptl_dtype dtype, const void *value)
{
    for (int k = 0; k < ptl__coef_doubles(dtype); k++)
        if (ptl__value_part(dtype, value, k) != 0)
            return 0;
    return 1;
}

static inline double ptl__value_modulus(ptl_dtype dtype, const void *value)
{
    const double re = ptl__value_part(dtype, value, 0);
    return ptl_dtype_is_complex(dtype) ? hypot(re, ptl__value_part(dtype, value, 1)) : fabs(re);
}

/* *value times 2^exponent */
static inline void ptl__value_scale(ptl_dtype dtype, void *value, int exponent)
{
    for (int k = 0; k < ptl__coef_doubles(dtype); k++) {
        const double scaled = ldexp(ptl__value_part(dtype, value, k), exponent);
        if (ptl_dtype_real(dtype) == PTL_F32)
            ((float *)value)[k] = (float)scaled;
        else
            ((double *)value)[k] = scaled;
    }
}

/* *to = a real number */
static inline void ptl__value_put(ptl_dtype dtype, void *to, double real)
{
    if (dtype == PTL_F16)
        *(uint16_t *)to = half_from_double(real);
    for (int k = 0; dtype != PTL_F16 && k < ptl__coef_doubles(dtype); k++)
        if (ptl_dtype_real(dtype) == PTL_F32)
            ((float *)to)[k] = k == 0 ? (float)real : 0;
        else
            ((double *)to)[k] = k == 0 ? real : 0;
}

/* *to += *value */
static inline void ptl__value_add(ptl_dtype dtype, void *to, const void *value)
{
    if (dtype == PTL_F16)
        *(uint16_t *)to = half_from_float(half_to_float(*(uint16_t *)to) +
                                          half_to_float(*(const uint16_t *)value));
    for (int k = 0; dtype != PTL_F16 && k < ptl__coef_doubles(dtype); k++)
        if (ptl_dtype_real(dtype) == PTL_F32)
            ((float *)to)[k] += ((const float *)value)[k];
        else
            ((double *)to)[k] += ((const double *)value)[k];
}

#endif
