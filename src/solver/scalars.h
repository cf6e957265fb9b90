/* Coefficients of one column: entries of W, which are `width` doubles (2: real and imaginary part),
 * read and written as complex numbers. */
#ifndef PTL_SOLVER_SCALARS_H
#define PTL_SOLVER_SCALARS_H

#include <complex.h>
#include <float.h>
#include <math.h>
#include <stdint.h>

#include <petiole/types.h>

typedef double _Complex ptl__scalar;

static inline ptl__scalar ptl__get(const double *a, int64_t at, int width)
{
    return width == 2 ? __builtin_complex(a[2 * at], a[2 * at + 1]) : a[at];
}

static inline void ptl__set(double *a, int64_t at, int width, ptl__scalar value)
{
    a[at * width] = creal(value);
    if (width == 2)
        a[at * width + 1] = cimag(value);
}

/* a / b, where b's square may overflow or vanish (Smith, Comm. ACM 5, 1962). */
static inline ptl__scalar ptl__divide(ptl__scalar a, ptl__scalar b)
{
    double re = creal(b), im = cimag(b);
    if (im == 0)
        return __builtin_complex(creal(a) / re, cimag(a) / re);
    if (fabs(re) >= fabs(im)) {
        double ratio = im / re, below = re + im * ratio;
        return __builtin_complex((creal(a) + cimag(a) * ratio) / below,
                                 (cimag(a) - creal(a) * ratio) / below);
    }
    double ratio = re / im, below = im + re * ratio;
    return __builtin_complex((creal(a) * ratio + cimag(a)) / below,
                             (cimag(a) * ratio - creal(a)) / below);
}

/* The distance from 1 to the next number of a dtype; and whether a coefficient can be one of its
 * numbers: neither NaN nor too large. */
static inline double ptl__epsilon(ptl_dtype dtype)
{
    return ptl_dtype_real(dtype) == PTL_F32 ? FLT_EPSILON : DBL_EPSILON;
}
static inline int ptl__fits(ptl__scalar a, ptl_dtype dtype)
{
    const double most = ptl_dtype_real(dtype) == PTL_F32 ? FLT_MAX : DBL_MAX;
    return fabs(creal(a)) <= most && fabs(cimag(a)) <= most;
}

/* Multiplying by a power of two changes no bit of a mantissa. So vectors whose length is free are
 * kept as some power of two times themselves, and neither they nor their products with A leave the
 * dtype's range, however large A and b are.
 *
 * The power of two that is not above a size, and less than twice below it; and about its root. 1
 * where there is none (0, NaN, infinity).
 *
 * A direction is best kept about as long as the root of what it is made of: then its product with A
 * is as far from overflow as the step along it, which divides by that length, is from underflow. */
static inline int ptl__exponent(double size)
{
    return size > 0 && !isinf(size) ? ilogb(size) : 0;
}
static inline double ptl__power_near(double size)
{
    return ldexp(1, ptl__exponent(size));
}
static inline double ptl__power_root(double size)
{
    return ldexp(1, ptl__exponent(size) / 2);
}

#endif
