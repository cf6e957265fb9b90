/* Incomplete LU by levels of fill, ILU(k): the rows of A are eliminated one after another, each
 * with the rows of U that its row of L names, and what falls beside the pattern is dropped (Saad,
 * Iterative Methods for Sparse Linear Systems, 2nd ed., algorithm 10.4).
 *
 * One apply reads the entries of both factors once, a value and an index each, and per row of
 * either an index and a word of the vector, of which it writes one; and the inverses of U's
 * diagonal. For double with 32-bit indices and nnz entries beside the diagonals of L and U
 * together: 12 nnz bytes and 48 a row.
 *
 * Generating ILU(0) reads A once and writes the factors once, beside rows of U that come again
 * while they are in cache. */
#include "incomplete.h"

#include <float.h>
#include <tgmath.h>

#include "../kernels/blocks.h"
#include "../matrix/csr.h"

#undef I /* tgmath.h's imaginary unit: here it is the index type */

#define KERNELS "../factor/numeric.kern.h"
#define INDEX_KERNELS "../factor/ilu.kern.h"
#include "../kernels/each_dtype.h"

static void (*const factorize[PTL_DTYPE_COUNT][PTL_ITYPE_COUNT])(ptl__numeric *n) = {
    [PTL_F32] = {factorize_f32_i32, factorize_f32_i64},
    [PTL_F64] = {factorize_f64_i32, factorize_f64_i64},
    [PTL_C64] = {factorize_c64_i32, factorize_c64_i64},
    [PTL_C128] = {factorize_c128_i32, factorize_c128_i64},
};

static double run(ptl__numeric *n, void (*numeric)(ptl__numeric *n), int may_shift)
{
    n->shift = may_shift ? sqrt(n->epsilon) : 0;
    numeric(n);
    return (double)n->shifted;
}

static const ptl__incomplete_class ilu = {
    .name = "ilu",
    .room = ptl_csr_nnz,
    .numeric = factorize,
    .run = run,
};

static ptl_status ilu_factorize(const ptl__local_block *block, const void *options,
                                ptl__factors *out)
{
    return ptl__incomplete_factorize(&ilu, block, options, out);
}

static ptl_status ilu_refresh(const ptl__local_block *block, const void *options,
                              ptl__factors *factors)
{
    return ptl__incomplete_refresh(&ilu, block, options, factors);
}

const ptl__factor_method ptl__ilu_method = {
    .kind = PTL__FACTOR_KIND("ilu", ptl_ilu_options, PTL_ILU_OPTIONS_INIT, ptl__ilu_params),
    .factorize = ilu_factorize,
    .refresh = ilu_refresh,
    .forget = ptl__incomplete_forget,
};

ptl_status ptl_factorize_ilu(ptl_linop *A, const ptl_ilu_options *options, ptl_factorization **out)
{
    return ptl__factorize(&ptl__ilu_method, A, options, out);
}
