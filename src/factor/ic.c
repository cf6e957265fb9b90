/* Incomplete Cholesky by levels of fill, IC(k): row i of L solves a triangular system with the rows
 * before it, on its pattern alone (Meijerink and van der Vorst, An Iterative Solution Method for
 * Linear Systems of Which the Coefficient Matrix Is a Symmetric M-Matrix, Math. Comp. 31, 1977, in
 * the row-oriented form). Where a pivot is not positive the diagonal is shifted, and all of it is
 * made again (Manteuffel, An Incomplete Factorization Technique for Positive Definite Linear
 * Systems, Math. Comp. 34, 1980).
 *
 * What is stored has no roots: A = L D L^H with ones on L's diagonal, L^H beside L, so that both
 * solutions read their entries in the order in which they lie. One apply so moves what one of
 * ILU(k) does: for double with 32-bit indices and nnz entries beside the diagonals of L and L^H
 * together 12 nnz + 48 bytes a row. ptl_factorization_lower and upper give L D^(1/2) and its mirror
 * image. */
#include "incomplete.h"

#include <string.h>
#include <tgmath.h>

#include "../kernels/blocks.h"
#include "../matrix/csr.h"

#undef I /* tgmath.h's imaginary unit: here it is the index type */

#define KERNELS "../factor/numeric.kern.h"
#define INDEX_KERNELS "../factor/ic.kern.h"
#include "../kernels/each_dtype.h"

static void (*const factorize[PTL_DTYPE_COUNT][PTL_ITYPE_COUNT])(ptl__numeric *n) = {
    [PTL_F32] = {factorize_f32_i32, factorize_f32_i64},
    [PTL_F64] = {factorize_f64_i32, factorize_f64_i64},
    [PTL_C64] = {factorize_c64_i32, factorize_c64_i64},
    [PTL_C128] = {factorize_c128_i32, factorize_c128_i64},
};

/* The first shift, and where a matrix counts as none that shifting helps. */
#define FIRST_SHIFT 1e-3
#define LARGEST_SHIFT 1e16

static double run(ptl__numeric *n, void (*numeric)(ptl__numeric *n), int may_shift)
{
    numeric(n);
    while (n->trouble == PTL__TINY_PIVOT && may_shift && n->shift < LARGEST_SHIFT) {
        n->shift = n->shift == 0 ? FIRST_SHIFT : 2 * n->shift;
        numeric(n);
    }
    return n->shift;
}

static int64_t room(const ptl_csr *A)
{
    const ptl_csr_arrays a = ptl_csr_get_arrays(A);
    int64_t below = 0;
    for (int64_t i = 0; i < a.rows; i++) {
        const int64_t end = ptl__index_at(a.indptr, a.itype, i + 1);
        for (int64_t e = ptl__index_at(a.indptr, a.itype, i);
             e < end && ptl__index_at(a.indices, a.itype, e) < i; e++)
            below++;
    }
    return 2 * below;
}

static const ptl__incomplete_class ic = {
    .name = "ic",
    .hermitian = 1,
    .room = room,
    .numeric = factorize,
    .run = run,
};

const ptl__incomplete_class ptl__cholesky_class = {
    .name = "cholesky",
    .hermitian = 1,
    .exact = 1,
    .room = room,
    .numeric = factorize,
    .run = run,
};

static ptl_status ic_factorize(const ptl__local_block *block, const void *options,
                               ptl__factors *out)
{
    return ptl__incomplete_factorize(&ic, block, options, out);
}

static ptl_status ic_refresh(const ptl__local_block *block, const void *options,
                             ptl__factors *factors)
{
    return ptl__incomplete_refresh(&ic, block, options, factors);
}

const ptl__factor_method ptl__ic_method = {
    .kind = PTL__FACTOR_KIND("ic", ptl_ic_options, PTL_IC_OPTIONS_INIT, ptl__ilu_params),
    .factorize = ic_factorize,
    .refresh = ic_refresh,
    .forget = ptl__incomplete_forget,
};

ptl_status ptl_factorize_ic(ptl_linop *A, const ptl_ic_options *options, ptl_factorization **out)
{
    return ptl__factorize(&ptl__ic_method, A, options, out);
}
