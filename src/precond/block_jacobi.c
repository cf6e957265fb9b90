/* Block Jacobi: z = D^-1 r with D the diagonal blocks of A (Saad, Iterative Methods for Sparse
 * Linear Systems, 2nd ed., section 4.1.1), either of a given number of rows, or found where
 * neighbouring rows have the same pattern, as the unknowns of one node do. The inverses are kept as
 * dense blocks. One apply reads as many words a row as its block has rows, and r, and writes z. */
#include "block_jacobi.h"

#include <omp.h>
#include <string.h>
#include <tgmath.h>

#include "../base/vector.h"
#include "../core/interrupt.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../matrix/csr.h"
#include "l1.h"
#undef I /* tgmath.h's imaginary unit: here it is the index type */

typedef struct block_jacobi {
    ptl_linop base;
    ptl_jacobi_options options;
    uint64_t pattern; /* ptl__csr_pattern */
    ptl__blocks D;    /* of inverses, on the host */
    ptl__blocks own;  /* the same on the executor */
} block_jacobi;

typedef struct loops {
    int (*same_pattern)(const ptl_csr_arrays *A, int64_t i, int64_t j);
    int64_t (*invert_blocks)(const ptl_csr_arrays *A, const ptl__blocks *D, const double *sums,
                             int threads, ptl__loop_watch *watch);
} loops;

#define INDEX_KERNELS "../precond/block_jacobi.kern.h"
#define KERNELS "../precond/set_up.kern.h"
#include "../kernels/each_dtype.h"

static const loops *const loops_table[PTL_DTYPE_COUNT][PTL_ITYPE_COUNT] = {
    [PTL_F32] = {&loops_f32_i32, &loops_f32_i64},
    [PTL_F64] = {&loops_f64_i32, &loops_f64_i64},
    [PTL_C64] = {&loops_c64_i32, &loops_c64_i64},
    [PTL_C128] = {&loops_c128_i32, &loops_c128_i64},
};

/* ---- as an operator ---- */

static ptl_status block_apply(ptl_linop *A, const void *alpha, ptl_vector *x, const void *beta,
                              ptl_vector *y)
{
    ptl__vector_kernels_of(x)->blocks_apply(ptl__vector_run(x), ((block_jacobi *)A)->own, alpha,
                                            ptl__vector_block(x), beta, ptl__vector_block(y));
    return PTL_OK;
}

static void block_destroy(ptl_linop *A)
{
    const ptl__blocks *D = &((block_jacobi *)A)->D, *own = &((block_jacobi *)A)->own;
    ptl__mirror_free(A->exec, (void *)own->starts);
    ptl__mirror_free(A->exec, (void *)own->offsets);
    ptl__mirror_free(A->exec, (void *)own->values);
    ptl__free((void *)D->starts);
    ptl__free((void *)D->offsets);
    ptl__free((void *)D->values);
}

/* ---- the blocks ---- */

/* Where the block that begins at row `begin` ends. */
static int64_t block_end(const ptl_csr_arrays *A, const ptl_jacobi_options *options, int64_t begin)
{
    const loops *table = loops_table[A->dtype][A->itype];
    const int64_t most =
        A->rows - begin < options->block_size ? A->rows : begin + options->block_size;
    int64_t end = begin + 1;
    while (end < most && (!options->detect || table->same_pattern(A, begin, end)))
        end++;
    return end;
}

static ptl_status find_blocks(const ptl_csr_arrays *A, block_jacobi *M)
{
    int64_t *starts, *offsets, count = 0;
    for (int64_t row = 0; row < A->rows; row = block_end(A, &M->options, row))
        count++;
    PTL_TRY(PTL_NEW(count + 1, int64_t, &starts));
    M->D.starts = starts;
    PTL_TRY(PTL_NEW(count + 1, int64_t, &offsets));
    M->D.offsets = offsets;
    starts[0] = offsets[0] = 0;
    for (int64_t b = 0; b < count; b++) {
        const int64_t end = block_end(A, &M->options, starts[b]), n = end - starts[b];
        starts[b + 1] = end;
        offsets[b + 1] = offsets[b] + n * n;
    }
    M->D.count = count;
    return ptl__alloc(offsets[count], ptl_dtype_size(A->dtype), (void **)&M->D.values);
}

/* Brings D, or its new values, to the executor. */
static ptl_status mirror(block_jacobi *M)
{
    const ptl__blocks *D = &M->D;
    ptl__blocks *own = &M->own;
    ptl_exec *exec = M->base.exec;
    own->count = D->count;
    if (!own->values) {
        PTL_TRY(
            ptl__mirror(exec, D->count + 1, sizeof *D->starts, D->starts, (void **)&own->starts));
        PTL_TRY(ptl__mirror(exec, D->count + 1, sizeof *D->offsets, D->offsets,
                            (void **)&own->offsets));
    }
    return ptl__mirror(exec, D->offsets[D->count], ptl_dtype_size(M->base.dtype), D->values,
                       (void **)&own->values);
}

static ptl_status invert(const ptl__local_block *block, block_jacobi *M)
{
    const ptl_csr_arrays A = ptl_csr_get_arrays(block->A);
    double *sums = NULL;
    if (M->options.l1) {
        PTL_TRY(PTL_NEW(A.rows, double, &sums));
        ptl__l1_sums(block, M->D.count, M->D.starts, sums);
    }
    ptl__loop_watch watch = {PTL_OK};
    const int64_t bad = loops_table[A.dtype][A.itype]->invert_blocks(&A, &M->D, sums,
                                                                     M->base.exec->threads, &watch);
    ptl__free(sums);
    PTL_TRY((ptl_status)watch.status);
    PTL_CHECK(
        bad < 0, PTL_INVALID,
        "the diagonal block of %lld rows that begins with row %lld is singular or not finite: "
        "Jacobi needs its inverse",
        (long long)(M->D.starts[bad + 1] - M->D.starts[bad]),
        (long long)ptl__global_row(block->whole, M->D.starts[bad]));
    return mirror(M);
}

static ptl_status block_refresh(ptl_linop *base, ptl_linop *A)
{
    block_jacobi *M = (block_jacobi *)base;
    ptl__local_block block;
    ptl_status status = ptl__local_block_open(A, "Jacobi", &block);
    if (status == PTL_OK)
        status = ptl__pattern_check(block.A, M->pattern);
    if (status == PTL_OK)
        status = invert(&block, M);
    ptl__local_block_close(&block);
    return status;
}

static const ptl__linop_class block_class = {
    .kind = "jacobi",
    .apply = block_apply,
    .destroy = block_destroy,
    .refresh = block_refresh,
};

static ptl_status fill(const ptl__local_block *block, block_jacobi *M)
{
    const ptl_csr_arrays A = ptl_csr_get_arrays(block->A);
    M->pattern = ptl__csr_pattern(block->A);
    PTL_TRY(find_blocks(&A, M));
    return invert(block, M);
}

ptl_status ptl__block_jacobi_create(const ptl_jacobi_options *options, ptl_linop *A,
                                    ptl_linop **out)
{
    const ptl__linop_spec spec = ptl__spec_like(A);
    block_jacobi *M;
    ptl__local_block block;
    PTL_TRY(PTL_NEW_ZERO(1, block_jacobi, &M));
    ptl__linop_init(&M->base, &block_class, &spec);
    M->options = *options;
    *out = &M->base;
    ptl_status status = ptl__local_block_open(A, "Jacobi", &block);
    if (status == PTL_OK)
        status = fill(&block, M);
    ptl__local_block_close(&block);
    if (status != PTL_OK)
        ptl_linop_release(out);
    return status;
}
