/* What the fast kernels of one dtype share. */
#include "scalar.kern.h"

/* The sums of the strip s: its blocks' partial sums added up. */
static void NAME(add_blocks)(cut c, strip s, W (*partial)[STRIP], W *sums)
{
    for (int64_t j = 0; j < s.width; ++j) {
        sums[s.first + j] = 0;
        for (int64_t b = 0; b < c.blocks; ++b)
            sums[s.first + j] += partial[b][j];
    }
}
