/* Incomplete sparse approximate inverses (Anzt, Huckle, Braeckle and Dongarra, Incomplete Sparse
 * Approximate Inverses for Parallel Preconditioning, Parallel Computing 71, 2018, section 3): row i
 * of M, on its pattern J, is the solution of m_J A(J, J) = e_i. For Hermitian positive definite A,
 * M = W^H W with W the factorized sparse approximate inverse on a lower triangular pattern
 * (Kolotilina and Yeremin, SIAM J. Matrix Anal. Appl. 14, 1993, section 2). One apply reads M, or
 * W twice, like the products they are. Where A has no diagonal entry the pattern has one.
 *
 * W has roots of A. So that A times a power of two has the same W, but for a power of two, W is
 * that of A or of A / 2, whichever has an even exponent; and then W^H is stored as half of what it
 * is. */
#include <omp.h>
#include <string.h>
#include <tgmath.h>

#include "../base/vector.h"
#include "../core/interrupt.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../matrix/csr.h"
#include "../matrix/transposed.h"
#include "../matrix/values.h"
#include "kinds.h"
#include "pattern.h"
#undef I /* tgmath.h's imaginary unit: here it is the index type */

typedef struct isai {
    ptl_linop base;
    ptl_isai_options options;
    uint64_t from;            /* ptl__csr_pattern of what it was generated from */
    ptl__pattern_csr pattern; /* of M, or of W */
    void *values;
    ptl__transposed T; /* the pattern of W^H, and its values */
    /* The same on the executor; what is above is on the host. */
    struct {
        void *indptr, *indices, *values, *adjoint_indptr, *adjoint_rows, *adjoint_values;
    } own;
    ptl_vector *between; /* W x */
} isai;

/* What a thread needs for one row. */
typedef struct workspace {
    void *square, *x; /* of W */
    int64_t *set, *pivots;
} workspace;

typedef struct set_up {
    ptl_csr_arrays A;
    const ptl__pattern_csr *pattern;
    int spd, threads;
    workspace *work; /* one per thread */
    void *values;
    double unit; /* 1, or 1/2 where W is that of A / 2 */
    ptl__loop_watch watch;
} set_up;

typedef struct loops {
    int64_t (*rows)(set_up *s);
    void (*adjoint)(const ptl__transposed *T, int64_t count, double unit, const void *from,
                    void *to);
} loops;

#define INDEX_KERNELS "../precond/isai.kern.h"
#define KERNELS "../precond/set_up.kern.h"
#include "../kernels/each_dtype.h"

static const loops *const loops_table[PTL_DTYPE_COUNT][PTL_ITYPE_COUNT] = {
    [PTL_F32] = {&loops_f32_i32, &loops_f32_i64},
    [PTL_F64] = {&loops_f64_i32, &loops_f64_i64},
    [PTL_C64] = {&loops_c64_i32, &loops_c64_i64},
    [PTL_C128] = {&loops_c128_i32, &loops_c128_i64},
};

static int is_spd(const isai *M)
{
    return M->options.symmetry == PTL_ISAI_SPD;
}

/* ---- as an operator ---- */

static ptl_status isai_apply(ptl_linop *A, const void *alpha, ptl_vector *x, const void *beta,
                             ptl_vector *y)
{
    const isai *M = (const isai *)A;
    const ptl__pattern_csr *p = &M->pattern;
    const ptl__csr W = {p->rows, M->own.indptr, M->own.indices, M->own.values, NULL};
    const ptl__csr adjoint = {p->rows, M->own.adjoint_indptr, M->own.adjoint_rows,
                              M->own.adjoint_values, NULL};
    const ptl__run run = ptl__vector_run(x);
    const ptl__sparse_kernels *const *kernels = x->exec->kernels->sparse[x->dtype][x->dtype];
    if (!is_spd(M)) {
        kernels[p->itype]->csr_spmv(run, W, alpha, ptl__vector_block(x), beta,
                                    ptl__vector_block(y));
        return PTL_OK;
    }
    const ptl__block between = ptl__vector_block(M->between);
    kernels[p->itype]->csr_spmv(run, W, NULL, ptl__vector_block(x), NULL, between);
    kernels[M->T.itype]->csr_spmv(run, adjoint, alpha, between, beta, ptl__vector_block(y));
    return PTL_OK;
}

static ptl_status isai_prepare(ptl_linop *A, ptl_op form, const ptl_vector *x)
{
    (void)form; /* there is no transposed product */
    isai *M = (isai *)A;
    if (!is_spd(M) || (M->between && M->between->columns == x->columns))
        return PTL_OK;
    ptl_vector_release(&M->between);
    return ptl__vector_new_like(x, x->dtype, &M->between);
}

static void isai_destroy(ptl_linop *A)
{
    isai *M = (isai *)A;
    ptl__mirror_free(A->exec, M->own.indptr);
    ptl__mirror_free(A->exec, M->own.indices);
    ptl__mirror_free(A->exec, M->own.values);
    ptl__mirror_free(A->exec, M->own.adjoint_indptr);
    ptl__mirror_free(A->exec, M->own.adjoint_rows);
    ptl__mirror_free(A->exec, M->own.adjoint_values);
    ptl__pattern_csr_clear(&M->pattern);
    ptl__free(M->values);
    ptl__free((void *)M->T.values);
    ptl__transposed_clear(A->exec->host, &M->T);
    ptl_vector_release(&M->between);
}

/* ---- its pattern ---- */

static void visit_pattern(const void *source, void (*visit)(void *ctx, ptl__place place), void *ctx)
{
    const ptl__pattern_csr *p = source;
    int64_t k = 0;
    for (int64_t i = 0; i < p->rows; i++)
        for (const int64_t end = ptl__index_at(p->indptr, p->itype, i + 1); k < end; k++)
            visit(ctx, (ptl__place){i, ptl__index_at(p->indices, p->itype, k), k});
}

static ptl_status make_pattern(ptl_csr *A, isai *M)
{
    ptl__pattern_csr *p = &M->pattern;
    const size_t size = ptl_dtype_size(M->base.dtype);
    M->from = ptl__csr_pattern(A);
    PTL_TRY(ptl__pattern_power(A, M->options.power, is_spd(M), p));
    PTL_TRY(ptl__alloc(p->nnz, size, &M->values));
    if (!is_spd(M))
        return PTL_OK;
    const ptl__places places = {visit_pattern, p, p->rows, p->rows, p->nnz, p->nnz};
    PTL_TRY(ptl__transposed_init(M->base.exec->host, &places, &M->T));
    return ptl__alloc(p->nnz, size, (void **)&M->T.values);
}

/* ---- its values ---- */

static ptl_status make_workspaces(set_up *s)
{
    const ptl__pattern_csr *p = s->pattern;
    int64_t longest = 0;
    for (int64_t i = 0; i < p->rows; i++) {
        const int64_t length =
            ptl__index_at(p->indptr, p->itype, i + 1) - ptl__index_at(p->indptr, p->itype, i);
        longest = length > longest ? length : longest;
    }
    const size_t size = ptl_dtype_size(PTL_C128);
    PTL_TRY(PTL_NEW_ZERO(s->threads, workspace, &s->work));
    for (int t = 0; t < s->threads; t++) {
        workspace *work = &s->work[t];
        PTL_TRY(ptl__alloc(longest, (size_t)longest * size, &work->square));
        PTL_TRY(ptl__alloc(longest, size, &work->x));
        PTL_TRY(PTL_NEW(longest, int64_t, &work->set));
        PTL_TRY(PTL_NEW(longest, int64_t, &work->pivots));
    }
    return PTL_OK;
}

static void free_workspaces(set_up *s)
{
    for (int t = 0; s->work && t < s->threads; t++) {
        ptl__free(s->work[t].square);
        ptl__free(s->work[t].x);
        ptl__free(s->work[t].set);
        ptl__free(s->work[t].pivots);
    }
    ptl__free(s->work);
}

/* Of the first entry on the diagonal that is not 0. */
static double unit_of(const ptl_csr_arrays *A)
{
    const size_t size = ptl_dtype_size(A->dtype);
    for (int64_t i = 0; i < A->rows; i++)
        for (int64_t k = ptl__index_at(A->indptr, A->itype, i);
             k < ptl__index_at(A->indptr, A->itype, i + 1); k++) {
            const double d = ptl__value_size(A->dtype, (const char *)A->values + (size_t)k * size);
            if (ptl__index_at(A->indices, A->itype, k) == i && d > 0 && isfinite(d))
                return ilogb(d) % 2 == 0 ? 1 : 0.5;
        }
    return 1;
}

/* Brings the matrices, or their new values, to the executor. */
static ptl_status mirror(isai *M)
{
    ptl_exec *exec = M->base.exec;
    const ptl__pattern_csr *p = &M->pattern;
    const ptl__transposed *T = &M->T;
    const size_t value = ptl_dtype_size(M->base.dtype), index = ptl_itype_size(p->itype);
    const int known = M->own.values != NULL;
    PTL_TRY(ptl__mirror(exec, p->nnz, value, M->values, &M->own.values));
    if (is_spd(M))
        PTL_TRY(ptl__mirror(exec, p->nnz, value, T->values, &M->own.adjoint_values));
    if (known)
        return PTL_OK;
    PTL_TRY(ptl__mirror(exec, p->rows + 1, index, p->indptr, &M->own.indptr));
    PTL_TRY(ptl__mirror(exec, p->nnz, index, p->indices, &M->own.indices));
    if (!is_spd(M))
        return PTL_OK;
    const size_t adjoint = ptl_itype_size(T->itype);
    PTL_TRY(ptl__mirror(exec, p->rows + 1, adjoint, T->indptr, &M->own.adjoint_indptr));
    return ptl__mirror(exec, p->nnz, adjoint, T->rows, &M->own.adjoint_rows);
}

static ptl_status fill(const ptl__local_block *block, isai *M)
{
    set_up s = {.A = ptl_csr_get_arrays(block->A),
                .pattern = &M->pattern,
                .spd = is_spd(M),
                .threads = M->base.exec->threads,
                .values = M->values};
    s.unit = s.spd ? unit_of(&s.A) : 1;
    ptl_status status = make_workspaces(&s);
    const int64_t bad = status == PTL_OK ? loops_table[s.A.dtype][s.A.itype]->rows(&s) : -1;
    free_workspaces(&s);
    PTL_TRY(status);
    PTL_TRY((ptl_status)s.watch.status);
    PTL_CHECK(bad < 0, PTL_INVALID, "the small system of row %lld is %s: Isai needs its solution",
              (long long)ptl__global_row(block->whole, bad),
              s.spd ? "not positive definite" : "singular or not finite");
    if (s.spd)
        loops_table[s.A.dtype][M->T.itype]->adjoint(&M->T, M->pattern.nnz, s.unit, M->values,
                                                    (void *)M->T.values);
    return mirror(M);
}

static ptl_status isai_refresh(ptl_linop *base, ptl_linop *A)
{
    isai *M = (isai *)base;
    ptl__local_block block;
    ptl_status status = ptl__local_block_open(A, "Isai", &block);
    if (status == PTL_OK)
        status = ptl__pattern_check(block.A, M->from);
    if (status == PTL_OK)
        status = fill(&block, M);
    ptl__local_block_close(&block);
    return status;
}

static const ptl__linop_class isai_class = {
    .kind = "isai",
    .apply = isai_apply,
    .destroy = isai_destroy,
    .prepare = isai_prepare,
    .refresh = isai_refresh,
};

static ptl_status isai_generate(const void *options, ptl_linop *A, ptl_linop **out)
{
    const ptl__linop_spec spec = ptl__spec_like(A);
    isai *M;
    ptl__local_block block;
    PTL_TRY(PTL_NEW_ZERO(1, isai, &M));
    ptl__linop_init(&M->base, &isai_class, &spec);
    M->options = *(const ptl_isai_options *)options;
    *out = &M->base;
    ptl_status status = ptl__local_block_open(A, "Isai", &block);
    if (status == PTL_OK)
        status = make_pattern(block.A, M);
    if (status == PTL_OK)
        status = fill(&block, M);
    ptl__local_block_close(&block);
    if (status != PTL_OK)
        ptl_linop_release(out);
    return status;
}

static const char *const symmetries[] = {"general", "spd", NULL};
static const ptl_param params[] = {
    {"symmetry", "isai_type",
     "spd: for Hermitian positive definite A; then M is Hermitian positive definite too",
     PTL_PARAM_CHOICE, offsetof(ptl_isai_options, symmetry), 0, symmetries},
    {"power", "sparsity_power", "M has the pattern of A^power", PTL_PARAM_INT,
     offsetof(ptl_isai_options, power), 1, NULL},
    {NULL},
};

const ptl__preconditioner ptl__isai_preconditioner = {
    .kind = PTL__PRECOND_KIND(
        "isai", "Isai",
        "Incomplete sparse approximate inverse of each rank's local block, applied by products: M "
        "has the pattern of a power of A, and M A is the identity on it; with spd, M = W^H W, "
        "where W approximates the inverse of A's Cholesky factor.",
        ptl_isai_options, PTL_ISAI_OPTIONS_INIT, params),
    .generate = isai_generate,
};

ptl_status ptl_isai_factory(const ptl_isai_options *options, ptl_factory **out)
{
    return ptl__precond_factory(&ptl__isai_preconditioner, options, out);
}
