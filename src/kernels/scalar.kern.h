/* What the templates need of one dtype: see each_dtype.h for V, R and W. */

/* conj(x), x itself where it is real. */
static inline V NAME(conjugate)(V x)
{
#if IS_COMPLEX
    return (V)conj(x);
#else
    return x;
#endif
}

static inline int NAME(is_nan)(V x)
{
    return isnan(creal(x)) || isnan(cimag(x));
}

/* |x|^2 */
static inline double NAME(square)(V x)
{
#if IS_COMPLEX
    return (double)creal(x) * creal(x) + (double)cimag(x) * cimag(x);
#else
    return (double)x * x;
#endif
}

/* |scale x|^2, the scale a double whatever V is */
static inline double NAME(scaled_square)(double scale, V x)
{
    const double re = scale * creal(x), im = scale * cimag(x);
    return re * re + im * im;
}

/* The real part of conj(x) y */
static inline double NAME(real_dot)(V x, V y)
{
#if IS_COMPLEX
    return (double)creal(x) * creal(y) + (double)cimag(x) * cimag(y);
#else
    return (double)x * y;
#endif
}

/* |x| without overflow: the squares of floats fit a double. */
static inline double NAME(modulus)(V x)
{
#if IS_COMPLEX
    return sizeof(R) == sizeof(float) ? sqrt(NAME(square)(x)) : hypot(creal(x), cimag(x));
#else
    return fabs((double)x);
#endif
}

/* The larger of two moduli; NaN where either is NaN. */
static inline double NAME(larger)(double a, double b)
{
    return isnan(a) || a >= b ? a : b;
}

/* 1 / a. Complex division is compiled without the scaling that keeps large and small divisors
 * right, so it is made here. */
static inline W NAME(reciprocal)(W a)
{
#if IS_COMPLEX
    double re = creal(a), im = cimag(a);
    if (fabs(re) >= fabs(im)) {
        double ratio = im == 0 ? 0 : im / re, denominator = re + im * ratio;
        return __builtin_complex(1 / denominator, -ratio / denominator);
    }
    double ratio = re / im, denominator = im + re * ratio;
    return __builtin_complex(ratio / denominator, -1 / denominator);
#else
    return 1 / a;
#endif
}

/* x / a, with `inverse` the reciprocal of a. */
static inline V NAME(quotient)(V x, W a, W inverse)
{
#if IS_COMPLEX
    (void)a;
    return (V)(x * inverse);
#else
    (void)inverse;
    return (V)(x / a);
#endif
}
