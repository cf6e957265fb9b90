/* The object that every factorization is, and its operator x = (L U)^-1 b: with A[p][:, q] = L U, b
 * is brought into the order p, the triangles are solved with one after the other in place, and x is
 * brought back from the order q. One apply reads the entries of both factors, b once, x once more
 * between them, and writes x twice; a permutation costs four words a row more. */
#include "factorization.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "../base/operation.h"
#include "../base/params.h"
#include "../base/vector.h"
#include "../comm/comm.h"
#include "../core/interrupt.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../core/trace.h"
#include "../matrix/csr.h"
#include "../matrix/values.h"

struct ptl_factorization {
    ptl_linop base;
    const ptl__factor_method *method;
    ptl__factors factors;         /* on the host */
    ptl__triangular lower, upper; /* the same on the operator's executor */
    uint64_t pattern;             /* of the block that was factorized */
    void *gather_in;              /* p as indices of the triangles' type; NULL: natural */
    void *gather_out;             /* the inverse of q */
    ptl_vector *work[2];          /* the second where there are permutations */
    max_align_t options[];        /* of the method's own type */
};

static ptl_factorization *factorization_of(ptl_linop *base)
{
    return (ptl_factorization *)base;
}

/* ---- the operator -----------------------------------------------------------------------------
 */

static void gather(const ptl_factorization *F, const void *ids, ptl__block x, ptl__block y)
{
    const ptl_exec *exec = F->base.exec;
    exec->kernels->index[F->base.dtype][F->factors.lower.itype]->gather(ptl__exec_run(exec), x.rows,
                                                                        ids, x, y);
}

/* w = (L U)^-1 b, in between in *between where there are permutations. */
static void solve(const ptl_factorization *F, ptl__block b, ptl__block between, ptl__block w)
{
    if (!F->gather_in) {
        ptl__triangular_solve(&F->lower, b, w);
        ptl__triangular_solve(&F->upper, w, w);
        return;
    }
    gather(F, F->gather_in, b, between);
    ptl__triangular_solve(&F->lower, between, between);
    ptl__triangular_solve(&F->upper, between, between);
    gather(F, F->gather_out, between, w);
}

static ptl_status factorization_apply(ptl_linop *A, const void *alpha, ptl_vector *x,
                                      const void *beta, ptl_vector *y)
{
    const ptl_factorization *F = factorization_of(A);
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(y);
    const ptl__block none = {0};
    const ptl__block w = ptl__vector_block(beta ? F->work[0] : y);
    solve(F, ptl__vector_block(x), F->work[1] ? ptl__vector_block(F->work[1]) : none, w);
    if (alpha)
        kernels->scale(ptl__vector_run(y), alpha, NULL, w);
    if (beta)
        kernels->scale_add(ptl__vector_run(y), beta, w, NULL, ptl__vector_block(y));
    return PTL_OK;
}

static ptl_status factorization_prepare(ptl_linop *A, ptl_op form, const ptl_vector *x)
{
    (void)form; /* there is no transposed product */
    ptl_factorization *F = factorization_of(A);
    for (int i = 0; i < (F->gather_in ? 2 : 1); i++) {
        if (F->work[i] && F->work[i]->columns == x->columns)
            continue;
        ptl_vector_release(&F->work[i]);
        PTL_TRY(ptl__vector_new_like(x, x->dtype, &F->work[i]));
    }
    return PTL_OK;
}

static void factors_clear(const ptl__factor_method *method, ptl__factors *factors)
{
    ptl__triangular_clear(&factors->lower);
    ptl__triangular_clear(&factors->upper);
    ptl__free(factors->row_permutation);
    ptl__free(factors->col_permutation);
    if (factors->symbolic)
        method->forget(factors->symbolic);
    *factors = (ptl__factors){0};
}

static void clear(ptl_factorization *F)
{
    ptl__triangular_clear(&F->lower);
    ptl__triangular_clear(&F->upper);
    factors_clear(F->method, &F->factors);
    ptl__exec_free(F->base.exec, F->gather_in);
    ptl__exec_free(F->base.exec, F->gather_out);
    F->gather_in = F->gather_out = NULL;
}

static void factorization_destroy(ptl_linop *A)
{
    ptl_factorization *F = factorization_of(A);
    clear(F);
    ptl_vector_release(&F->work[0]);
    ptl_vector_release(&F->work[1]);
}

/* The permutations as the gather kernel takes them: either both or none. */
static ptl_status make_gathers(ptl_factorization *F)
{
    const ptl__factors *f = &F->factors;
    const ptl_itype itype = f->lower.itype;
    if (!f->row_permutation && !f->col_permutation)
        return PTL_OK;
    const int64_t rows = F->base.local_rows;
    const size_t size = ptl_itype_size(itype);
    void *in = NULL, *out = NULL;
    ptl_status status = ptl__alloc(rows, size, &in);
    if (status == PTL_OK)
        status = ptl__alloc(rows, size, &out);
    for (int64_t i = 0; status == PTL_OK && i < rows; i++) {
        const int64_t row = f->row_permutation ? f->row_permutation[i] : i;
        const int64_t col = f->col_permutation ? f->col_permutation[i] : i;
        ptl__index_put(in, itype, i, row);
        ptl__index_put(out, itype, col, i);
    }
    const ptl__array arrays[] = {{&in, rows, size}, {&out, rows, size}};
    if (status == PTL_OK)
        status = ptl__from_host(F->base.exec, 2, arrays);
    if (status != PTL_OK) {
        ptl__free(in);
        ptl__free(out);
        return status;
    }
    F->gather_in = in;
    F->gather_out = out;
    return PTL_OK;
}

/* The triangles where they are solved with. */
static ptl_status hand_over(ptl_factorization *F)
{
    ptl__triangular_clear(&F->lower);
    ptl__triangular_clear(&F->upper);
    PTL_TRY(ptl__triangular_on(&F->factors.lower, F->base.exec, &F->lower));
    return ptl__triangular_on(&F->factors.upper, F->base.exec, &F->upper);
}

static ptl_status factorize(ptl_factorization *F, const ptl__local_block *block)
{
    F->pattern = ptl__csr_pattern(block->A);
    PTL_TRY(F->method->factorize(block, F->options, &F->factors));
    PTL_TRY(hand_over(F));
    return make_gathers(F);
}

static ptl_status take_values(ptl_factorization *F, const ptl__local_block *block)
{
    PTL_CHECK(ptl__csr_pattern(block->A) == F->pattern, PTL_INVALID,
              "%s: the matrix does not have the pattern of the one that was factorized, which a "
              "refresh needs",
              F->method->kind.name);
    if (F->method->refresh) {
        PTL_TRY(F->method->refresh(block, F->options, &F->factors));
        return hand_over(F);
    }
    clear(F);
    return factorize(F, block);
}

static ptl_status factorization_refresh(ptl_linop *M, ptl_linop *A)
{
    ptl_factorization *F = factorization_of(M);
    ptl__local_block block;
    ptl_status status = ptl__local_block_open(A, F->method->kind.name, &block);
    if (status == PTL_OK)
        status = take_values(F, &block);
    ptl__local_block_close(&block);
    return status;
}

static const ptl__linop_class factorization_class = {
    .kind = "factorization",
    .apply = factorization_apply,
    .destroy = factorization_destroy,
    .prepare = factorization_prepare,
    .refresh = factorization_refresh,
};

/* ---- making one -------------------------------------------------------------------------------
 */

ptl_status ptl__factors_of(ptl_csr *L, int unit_lower, ptl_csr *U, ptl__factors *out)
{
    PTL_TRY(
        ptl__triangular_init(L, PTL__LOWER | (unit_lower ? PTL__UNIT_DIAGONAL : 0), &out->lower));
    return ptl__triangular_init(U, PTL__UPPER, &out->upper);
}

ptl_status ptl__factorization_generate(const ptl__factor_method *method, ptl_linop *A,
                                       const void *options, ptl_linop **out)
{
    *out = NULL;
    ptl_factorization *F = NULL;
    ptl__local_block block;
    PTL_TRY(ptl__calloc(1, sizeof *F + method->kind.options_size, (void **)&F));
    const ptl__linop_spec spec = ptl__spec_like(A);
    ptl__linop_init(&F->base, &factorization_class, &spec);
    F->method = method;
    memcpy(F->options, options, method->kind.options_size);
    *out = &F->base;
    ptl_status status = ptl__local_block_open(A, method->kind.name, &block);
    if (status == PTL_OK)
        status = factorize(F, &block);
    ptl__local_block_close(&block);
    if (status != PTL_OK)
        ptl_linop_release(out);
    return status;
}

ptl_status ptl__factorize(const ptl__factor_method *method, ptl_linop *A, const void *options,
                          ptl_factorization **out)
{
    max_align_t taken[8]; /* larger than any method's options */
    const char *name = method->kind.name;
    ptl_linop *made = NULL, *wide = NULL;
    *out = NULL;
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    assert(method->kind.options_size <= sizeof taken);
    ptl_status status = ptl__options_take(&method->kind, options, taken);
    if (status == PTL_OK)
        status = ptl__params_check(&method->kind, taken);
    const int64_t signature = ptl__linop_sign(PTL__FACTORIZE, A);
    PTL_TRY(ptl__agree(A->comm, status, ptl__params_sign(signature, &method->kind, taken),
                       "matrices, factorizations or parameters of them"));
    ptl__trace_begin(PTL_TRACE_GENERATE, name, 0);
    status = ptl__linop_computing(A, &wide);
    if (status == PTL_OK)
        status = ptl__factorization_generate(method, wide, taken, &made);
    if (status == PTL_OK)
        status = ptl__interrupt();
    ptl_linop_release(&wide);
    ptl__trace_end(PTL_TRACE_GENERATE, name, 0);
    status = ptl__agree(A->comm, status, 0, "calls");
    if (status == PTL_OK)
        made->number = ptl__agreed(A->comm);
    else
        ptl_linop_release(&made);
    *out = made ? factorization_of(made) : NULL;
    return status;
}

/* ---- what it tells ----------------------------------------------------------------------------
 */

const char *ptl_factorization_method(const ptl_factorization *F)
{
    return F->method->kind.name;
}

/* The roots of D, or their inverses, by rows; to be freed. */
static ptl_status make_roots(const ptl_factorization *F, int inverse, void **out)
{
    const ptl__triangular *U = &F->factors.upper;
    const size_t size = ptl_dtype_size(U->dtype);
    PTL_TRY(ptl__alloc(U->triangle.rows, size, out));
    for (int64_t k = 0; k < U->triangle.rows; k++) {
        const double d =
            ptl__value_part(U->dtype, (const char *)U->triangle.inverses + (size_t)k * size, 0);
        ptl__value_put(U->dtype, (char *)*out + (size_t)ptl__triangular_row(U, k) * size,
                       inverse ? sqrt(d) : 1 / sqrt(d));
    }
    return PTL_OK;
}

/* On the host: L D^(1/2) of L's matrix, or D^(-1/2) (D L^H) of that of D L^H, in place. */
static ptl_status take_roots(const ptl_factorization *F, int upper, ptl_csr *A)
{
    const ptl_exec *exec = F->base.exec->host;
    const ptl__run run = ptl__exec_run(exec);
    const ptl__index_kernels *kernels =
        exec->kernels->index[F->base.dtype][ptl_csr_get_arrays(A).itype];
    void *roots;
    PTL_TRY(make_roots(F, upper, &roots));
    (upper ? kernels->csr_row_scale : kernels->csr_col_scale)(run, ptl__csr_view_of(A), roots);
    ptl__free(roots);
    return PTL_OK;
}

static ptl_status give_factor(const ptl_factorization *F, int upper, ptl_csr **out)
{
    ptl_csr *made;
    *out = NULL;
    PTL_TRY(ptl__triangular_csr(upper ? &F->factors.upper : &F->factors.lower, &made));
    ptl_status status = F->factors.root_free ? take_roots(F, upper, made) : PTL_OK;
    if (status == PTL_OK)
        status = ptl__csr_on(made, F->base.exec, out);
    ptl_csr_release(&made);
    return status;
}

ptl_status ptl_factorization_lower(ptl_factorization *F, ptl_csr **out)
{
    return give_factor(F, 0, out);
}

ptl_status ptl_factorization_upper(ptl_factorization *F, ptl_csr **out)
{
    return give_factor(F, 1, out);
}

static void give_permutation(const ptl_factorization *F, const int64_t *permutation, int64_t *out)
{
    for (int64_t i = 0; i < F->base.local_rows; i++)
        out[i] = permutation ? permutation[i] : i;
}

void ptl_factorization_row_permutation(const ptl_factorization *F, int64_t *out)
{
    give_permutation(F, F->factors.row_permutation, out);
}

void ptl_factorization_col_permutation(const ptl_factorization *F, int64_t *out)
{
    give_permutation(F, F->factors.col_permutation, out);
}

double ptl_factorization_shift(const ptl_factorization *F)
{
    return F->factors.shift;
}

ptl_linop *ptl_factorization_linop(ptl_factorization *F)
{
    return &F->base;
}

ptl_factorization *ptl_linop_as_factorization(ptl_linop *A)
{
    return A && A->cls == &factorization_class ? factorization_of(A) : NULL;
}

PTL__OBJECT_FUNCTIONS(ptl_factorization)
