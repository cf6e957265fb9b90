/* The l1 correction (Baker, Falgout, Kolev and Yang, SIAM J. Sci. Comput. 33, 2011, section 4.1),
 * over a matrix's both blocks. */
#include "l1.h"

#include <string.h>
#include <tgmath.h>

#include "../distributed/matrix.h"
#undef I /* tgmath.h's imaginary unit: here it is the index type */

typedef struct loops {
    void (*add_outside)(const ptl_csr_arrays *A, int64_t begin, int64_t end, double *sums);
    void (*add_ghosts)(const ptl__csr *A, double *sums);
    void (*enlarge)(int64_t count, const double *sums, void *d);
} loops;

#define INDEX_KERNELS "../precond/l1.kern.h"
#define KERNELS "../precond/set_up.kern.h"
#include "../kernels/each_dtype.h"

static const loops *const loops_table[PTL_DTYPE_COUNT][PTL_ITYPE_COUNT] = {
    [PTL_F32] = {&loops_f32_i32, &loops_f32_i64},
    [PTL_F64] = {&loops_f64_i32, &loops_f64_i64},
    [PTL_C64] = {&loops_c64_i32, &loops_c64_i64},
    [PTL_C128] = {&loops_c128_i32, &loops_c128_i64},
};

void ptl__l1_sums(const ptl__local_block *block, int64_t count, const int64_t *starts, double *sums)
{
    const ptl_csr_arrays A = ptl_csr_get_arrays(block->A);
    memset(sums, 0, (size_t)A.rows * sizeof *sums);
    for (int64_t b = 0; b < count; b++)
        loops_table[A.dtype][A.itype]->add_outside(&A, starts ? starts[b] : b,
                                                   starts ? starts[b + 1] : b + 1, sums);
    if (block->ghost.rows > 0) {
        const ptl__csr ghost = ptl__ghost_block_view(&block->ghost);
        loops_table[A.dtype][block->ghost.itype]->add_ghosts(&ghost, sums);
    }
}

void ptl__l1_enlarge(ptl_dtype dtype, int64_t count, const double *sums, void *d)
{
    loops_table[dtype][PTL_I32]->enlarge(count, sums, d);
}
