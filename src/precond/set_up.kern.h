/* KERNELS (each_dtype.h) for set-up loops of this folder: what they need by value type, and then
 * the loops themselves, INDEX_KERNELS, by index type too. */
#include "../kernels/scalar.kern.h"
#include "small_dense.kern.h"

/* d + sum, with d's own phase; 0 stays 0. */
static inline W NAME(enlarged)(W d, double sum)
{
#if IS_COMPLEX
    const double size = hypot(creal(d), cimag(d));
    return size > 0 ? d + d * (sum / size) : d;
#else
    return d > 0 ? d + sum : d < 0 ? d - sum : d;
#endif
}

#include "../kernels/each_itype.h"
