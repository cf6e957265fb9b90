/* The reference backend: plain loops on one thread, which a reader checks by eye and the others are
 * compared with. kernels.h says what each does. Sums accumulate in W, everything else is done in V.
 */
#include "scalar.kern.h"

#define AT(b, i, j) (((V *)(b).data)[(i) * (b).ld + (j)])
#define COEF(a, j) (((const W *)(a))[j])
#define CHANGES(j) (!mask || mask[j])
#define EACH_ROW(b, i) for (int64_t i = 0; i < (b).rows; ++i)
#define EACH_COLUMN(b, j) for (int64_t j = 0; j < (b).columns; ++j)
#define EACH(b, i, j)                                                                              \
    EACH_ROW (b, i)                                                                                \
        EACH_COLUMN (b, j)

/* alpha v + beta y, which reads y only where beta is given */
static V NAME(combined)(const void *alpha, V v, const void *beta, const V *y, int64_t j)
{
    if (alpha)
        v *= (V)COEF(alpha, j);
    return beta ? v + (V)COEF(beta, j) * *y : v;
}

#include "reference_vector.kern.h"

#include "reference_panel.kern.h"

#include "reference_blocks.kern.h"

#define INDEX_KERNELS "reference_index.kern.h"
#include "each_itype.h"
#undef INDEX_KERNELS

#define ENTRY_KERNELS "reference_dense.kern.h"
#include "each_mtype.h"
#undef ENTRY_KERNELS

#define INDEX_KERNELS "reference_sparse.kern.h"
#define ENTRY_KERNELS "each_itype.h"
#include "each_mtype.h"
#undef INDEX_KERNELS
#undef ENTRY_KERNELS
