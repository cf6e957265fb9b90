/* What the numeric phases need of one dtype V, and their loops for both index types. */
#include "../kernels/scalar.kern.h"

/* Between |x| and sqrt(2) |x|; NaN or infinite where x is not finite. */
static inline double NAME(at_most)(V x)
{
#if IS_COMPLEX
    return fabs((double)creal(x)) + fabs((double)cimag(x));
#else
    return fabs((double)x);
#endif
}

/* Between |x| / sqrt(2) and |x|. */
static inline double NAME(at_least)(V x)
{
#if IS_COMPLEX
    return fmax(fabs((double)creal(x)), fabs((double)cimag(x)));
#else
    return fabs((double)x);
#endif
}

#include "../kernels/each_itype.h"
