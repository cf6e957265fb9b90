/* LU factors by SuperLU, and where the build has it alone. */
#ifndef PTL_FACTOR_SUPERLU_FACTORS_H
#define PTL_FACTOR_SUPERLU_FACTORS_H

#include <slu_cdefs.h>
#include <slu_ddefs.h>
#include <slu_sdefs.h>
#include <slu_zdefs.h>

#include "equilibrated.h"

/* SuperLU's functions for one dtype. */
typedef struct ptl__superlu_precision {
    Dtype_t dtype;
    void (*factor)(superlu_options_t *options, SuperMatrix *A, int relax, int panel, int *etree,
                   void *work, int size, int *perm_c, int *perm_r, SuperMatrix *L, SuperMatrix *U,
                   GlobalLU_t *glu, SuperLUStat_t *stat, int *info);
    void (*solve)(trans_t trans, SuperMatrix *L, SuperMatrix *U, int *perm_c, int *perm_r,
                  SuperMatrix *B, SuperLUStat_t *stat, int *info);
} ptl__superlu_precision;

extern const ptl__superlu_precision ptl__superlu_precisions[PTL_DTYPE_COUNT];

/* Of A as `scaled` has it, row i is row perm_r[i] of L U, and column j its column perm_c[j]. */
typedef struct ptl__superlu {
    int n;
    int *perm_r, *perm_c;
    ptl__equilibrated scaled;
    int factored; /* L, U and stat are there; not where n is 0 */
    SuperMatrix L, U;
    SuperLUStat_t stat;
} ptl__superlu;

/* (L) Of a square block, of which nothing is kept. PTL_INVALID where it is singular, but for
 * rounding, with the column that has no pivot, or an entry is not finite, with its place;
 * PTL_NOT_SUPPORTED where SuperLU's 32-bit sizes do not hold it. To be cleared, on failure too. */
ptl_status ptl__superlu_init(const ptl__local_block *block, ptl__superlu *out) PTL_MUST_USE;
void ptl__superlu_clear(ptl__superlu *lu);

#endif
