/* Successive over-relaxation as a preconditioner: one sweep from zero, M = (D / omega + L)^-1 or
 * its mirror image, or both, M = (2 - omega) / omega (D / omega + U)^-1 D (D / omega + L)^-1 (Saad,
 * Iterative Methods for Sparse Linear Systems, 2nd ed., sections 4.1 and 10.2). Gauss-Seidel is
 * omega = 1. One apply reads one triangle, or both and D. */
#include "../base/vector.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../factor/triangular.h"
#include "../matrix/csr.h"
#include "../matrix/values.h"
#include "kinds.h"

typedef struct sor {
    ptl_linop base;
    double relaxation;
    int sweep;
    uint64_t pattern;       /* ptl__csr_pattern */
    ptl__triangular T[2];   /* in the order in which they are solved; one, or two if symmetric */
    ptl__triangular own[2]; /* the same on the executor */
    void *middle;           /* (2 - omega) / omega D */
    void *own_middle;       /* the same on the executor */
    ptl_vector *between;    /* of the two solves */
    ptl_vector *solution;   /* for products that add to y */
} sor;

static int is_symmetric(const sor *M)
{
    return M->sweep == PTL_SWEEP_SYMMETRIC;
}

/* ---- as an operator ---- */

/* w = alpha M x */
static void sweep(const sor *M, const void *alpha, ptl_vector *x, ptl__block w)
{
    const ptl__run run = ptl__vector_run(x);
    if (!is_symmetric(M)) {
        ptl__triangular_solve(&M->own[0], ptl__vector_block(x), w);
        if (alpha)
            ptl__vector_kernels_of(x)->scale(run, alpha, NULL, w);
        return;
    }
    const ptl__block between = ptl__vector_block(M->between);
    ptl__triangular_solve(&M->own[0], ptl__vector_block(x), between);
    x->exec->kernels->dense[x->dtype][x->dtype]->diagonal_apply(run, M->own_middle, 0, alpha,
                                                                between, NULL, w);
    ptl__triangular_solve(&M->own[1], w, w);
}

static ptl_status sor_apply(ptl_linop *A, const void *alpha, ptl_vector *x, const void *beta,
                            ptl_vector *y)
{
    const sor *M = (const sor *)A;
    const ptl__block w = ptl__vector_block(beta ? M->solution : y);
    sweep(M, alpha, x, w);
    if (beta)
        ptl__vector_kernels_of(y)->scale_add(ptl__vector_run(y), beta, w, NULL,
                                             ptl__vector_block(y));
    return PTL_OK;
}

static ptl_status sor_prepare(ptl_linop *A, ptl_op form, const ptl_vector *x)
{
    (void)form; /* there is no transposed product */
    sor *M = (sor *)A;
    if (M->solution && M->solution->columns == x->columns)
        return PTL_OK;
    ptl_vector_release(&M->solution);
    ptl_vector_release(&M->between);
    if (is_symmetric(M))
        PTL_TRY(ptl__vector_new_like(x, x->dtype, &M->between));
    return ptl__vector_new_like(x, x->dtype, &M->solution);
}

static void sor_destroy(ptl_linop *A)
{
    sor *M = (sor *)A;
    ptl__triangular_clear(&M->own[0]);
    ptl__triangular_clear(&M->own[1]);
    ptl__triangular_clear(&M->T[0]);
    ptl__triangular_clear(&M->T[1]);
    ptl__mirror_free(A->exec, M->own_middle);
    ptl__free(M->middle);
    ptl_vector_release(&M->between);
    ptl_vector_release(&M->solution);
}

/* ---- its triangles ---- */

/* D, which has no 0, times (2 - omega) / omega. */
static ptl_status make_middle(const ptl__local_block *block, sor *M)
{
    const ptl_csr_arrays A = ptl_csr_get_arrays(block->A);
    const ptl_exec *exec = M->base.exec->host;
    const ptl__run run = ptl__exec_run(exec);
    const size_t size = ptl_dtype_size(A.dtype);
    const double factor[2] = {(2 - M->relaxation) / M->relaxation, 0};
    if (!M->middle)
        PTL_TRY(ptl__alloc(A.rows, size, &M->middle));
    exec->kernels->index[A.dtype][A.itype]->csr_diagonal(run, ptl__csr_view_of(block->A), A.rows,
                                                         M->middle);
    for (int64_t i = 0; i < A.rows; i++) {
        const void *d = (const char *)M->middle + (size_t)i * size;
        PTL_CHECK(!ptl__value_is_zero(A.dtype, d) && ptl__value_is_finite(A.dtype, d), PTL_INVALID,
                  "the diagonal entry of row %lld is zero, missing or not finite: a sweep divides "
                  "by it",
                  (long long)ptl__global_row(block->whole, i));
    }
    exec->kernels->vector[A.dtype]->scale(run, factor, NULL, (ptl__block){M->middle, A.rows, 1, 1});
    return ptl__mirror(M->base.exec, A.rows, size, M->middle, &M->own_middle);
}

/* The entries on the diagonal, over omega. */
static void relax_diagonal(ptl_csr *A, double omega)
{
    const ptl_csr_arrays a = ptl_csr_get_arrays(A);
    const int parts = ptl__coef_doubles(a.dtype);
    for (int64_t i = 0; i < a.rows; i++)
        for (int64_t k = ptl__index_at(a.indptr, a.itype, i);
             k < ptl__index_at(a.indptr, a.itype, i + 1); k++)
            for (int p = 0; ptl__index_at(a.indices, a.itype, k) == i && p < parts; p++)
                if (ptl_dtype_real(a.dtype) == PTL_F32)
                    ((float *)a.values)[k * parts + p] /= (float)omega;
                else
                    ((double *)a.values)[k * parts + p] /= omega;
}

/* A with D / omega in place of D: A itself where they are the same. */
static ptl_status relaxed(ptl_csr *A, double omega, ptl_csr **out)
{
    const ptl_csr_arrays arrays = ptl_csr_get_arrays(A);
    if (omega == 1) {
        *out = ptl_csr_retain(A);
        return PTL_OK;
    }
    PTL_TRY(ptl_csr_copy_of(ptl_csr_linop(A)->exec, &arrays, out));
    relax_diagonal(*out, omega);
    return PTL_OK;
}

/* For the first time, or again: T on the host, and the same on the executor. */
static ptl_status fill_triangle(ptl_csr *A, int triangle, ptl_exec *exec, ptl__triangular *T,
                                ptl__triangular *own)
{
    PTL_TRY(T->exec ? ptl__triangular_refill(A, triangle | PTL__ONE_SIDE, T)
                    : ptl__triangular_init(A, triangle | PTL__ONE_SIDE, T));
    ptl__triangular_clear(own);
    return ptl__triangular_on(T, exec, own);
}

static ptl_status fill(const ptl__local_block *block, sor *M)
{
    const int first = M->sweep == PTL_SWEEP_BACKWARD ? PTL__UPPER : PTL__LOWER;
    ptl_csr *A;
    PTL_TRY(make_middle(block, M));
    PTL_TRY(relaxed(block->A, M->relaxation, &A));
    ptl_status status = fill_triangle(A, first, M->base.exec, &M->T[0], &M->own[0]);
    if (status == PTL_OK && is_symmetric(M))
        status = fill_triangle(A, PTL__UPPER, M->base.exec, &M->T[1], &M->own[1]);
    ptl_csr_release(&A);
    return status;
}

static ptl_status sor_refresh(ptl_linop *base, ptl_linop *A)
{
    sor *M = (sor *)base;
    ptl__local_block block;
    ptl_status status = ptl__local_block_open(A, "Sor", &block);
    if (status == PTL_OK)
        status = ptl__pattern_check(block.A, M->pattern);
    if (status == PTL_OK)
        status = fill(&block, M);
    ptl__local_block_close(&block);
    return status;
}

static const ptl__linop_class sor_class = {
    .kind = "sor",
    .apply = sor_apply,
    .destroy = sor_destroy,
    .prepare = sor_prepare,
    .refresh = sor_refresh,
};

/* ---- as preconditioners ---- */

static ptl_status create(double relaxation, int sweep, ptl_linop *A, ptl_linop **out)
{
    const ptl__linop_spec spec = ptl__spec_like(A);
    sor *M;
    ptl__local_block block;
    PTL_TRY(PTL_NEW_ZERO(1, sor, &M));
    ptl__linop_init(&M->base, &sor_class, &spec);
    M->relaxation = relaxation;
    M->sweep = sweep;
    *out = &M->base;
    ptl_status status = ptl__local_block_open(A, relaxation == 1 ? "Gauss-Seidel" : "Sor", &block);
    if (status == PTL_OK) {
        M->pattern = ptl__csr_pattern(block.A);
        status = fill(&block, M);
    }
    ptl__local_block_close(&block);
    if (status != PTL_OK)
        ptl_linop_release(out);
    return status;
}

static ptl_status sor_generate(const void *options, ptl_linop *A, ptl_linop **out)
{
    const ptl_sor_options *o = options;
    return create(o->relaxation, o->sweep, A, out);
}

static ptl_status gauss_seidel_generate(const void *options, ptl_linop *A, ptl_linop **out)
{
    return create(1, ((const ptl_gauss_seidel_options *)options)->sweep, A, out);
}

static ptl_status sor_check(const void *options)
{
    const double relaxation = ((const ptl_sor_options *)options)->relaxation;
    PTL_CHECK(relaxation > 0 && relaxation < 2, PTL_INVALID,
              "relaxation is %g, expected a number between 0 and 2", relaxation);
    return PTL_OK;
}

static const char *const sweeps[] = {"forward", "backward", "symmetric", NULL};
#define SWEEP(options)                                                                             \
    {                                                                                              \
        "sweep", NULL, "the order of rows; symmetric: forward, then backward", PTL_PARAM_CHOICE,   \
            offsetof(options, sweep), 0, sweeps                                                    \
    }

static const ptl_param sor_params[] = {
    {"relaxation", "relaxation_factor", "omega, between 0 and 2", PTL_PARAM_REAL,
     offsetof(ptl_sor_options, relaxation), 0, NULL},
    SWEEP(ptl_sor_options),
    {NULL},
};
static const ptl_param gauss_seidel_params[] = {SWEEP(ptl_gauss_seidel_options), {NULL}};

const ptl__preconditioner ptl__sor_preconditioner = {
    .kind =
        PTL__PRECOND_KIND("sor", "Sor",
                          "One sweep of successive over-relaxation over each rank's local block, "
                          "from zero. A symmetric sweep is Hermitian positive definite if A is.",
                          ptl_sor_options, PTL_SOR_OPTIONS_INIT, sor_params),
    .generate = sor_generate,
    .check = sor_check,
};

const ptl__preconditioner ptl__gauss_seidel_preconditioner = {
    .kind = PTL__PRECOND_KIND(
        "gauss_seidel", "GaussSeidel",
        "One Gauss-Seidel sweep over each rank's local block, from zero: Sor with relaxation 1.",
        ptl_gauss_seidel_options, PTL_GAUSS_SEIDEL_OPTIONS_INIT, gauss_seidel_params),
    .generate = gauss_seidel_generate,
};

ptl_status ptl_sor_factory(const ptl_sor_options *options, ptl_factory **out)
{
    return ptl__precond_factory(&ptl__sor_preconditioner, options, out);
}

ptl_status ptl_gauss_seidel_factory(const ptl_gauss_seidel_options *options, ptl_factory **out)
{
    return ptl__precond_factory(&ptl__gauss_seidel_preconditioner, options, out);
}
