/* lobpcg as a call: its arguments, its memory, its agreements. */
#include <float.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "../base/factory.h"
#include "../base/operation.h"
#include "../base/params.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../core/trace.h"
#include "call.h"
#include "lobpcg.h"

/* For the size of its options alone: it is no factory. */
static const ptl_kind lobpcg_kind = {
    .name = "lobpcg",
    .options_size = sizeof(ptl_lobpcg_options),
    .initial = &(const ptl_lobpcg_options)PTL_LOBPCG_OPTIONS_INIT,
    .init = "PTL_LOBPCG_OPTIONS_INIT",
};

static ptl_status check_options(const ptl_lobpcg_options *o)
{
    PTL_CHECK(!o->precond || !o->precond_factory, PTL_INVALID,
              "both a preconditioner and a preconditioner's factory are given");
    PTL_CHECK(isnan(o->tol) || (isfinite(o->tol) && o->tol >= 0), PTL_INVALID,
              "tol is %g: expected 0 or more (NAN: the default)", o->tol);
    PTL_CHECK(o->maxiter >= 0, PTL_INVALID, "maxiter is %lld: expected 0 or more",
              (long long)o->maxiter);
    PTL_CHECK(o->wanted >= 0, PTL_INVALID, "wanted is %lld: expected 0 or more (0: all columns)",
              (long long)o->wanted);
    return PTL_OK;
}

static ptl_status check_arguments(ptl_linop *A, ptl_vector *X, const ptl_lobpcg_options *o)
{
    PTL_TRY(ptl__eigen_check(A, o->B, X));
    PTL_TRY(check_options(o));
    PTL_CHECK(o->wanted <= X->columns, PTL_INVALID, "wanted is %lld, X has %lld columns",
              (long long)o->wanted, (long long)X->columns);
    const ptl_vector *Y = o->constraints;
    PTL_CHECK(!Y || (Y->rows == X->rows && Y->local_rows == X->local_rows), PTL_DIMENSION,
              "constraints has %lld rows (%lld here), X has %lld (%lld here)", (long long)Y->rows,
              (long long)Y->local_rows, (long long)X->rows, (long long)X->local_rows);
    PTL_CHECK(!Y || Y->dtype == X->dtype, PTL_DTYPE, "constraints is %s, X is %s",
              ptl_dtype_name(Y->dtype), ptl_dtype_name(X->dtype));
    PTL_CHECK(!Y || ptl__comm_same(Y->comm, X->comm), PTL_INVALID,
              "constraints and X live on different communicators");
    return PTL_OK;
}

/* What must be the same on every rank. */
static int64_t sign(const ptl_linop *A, const ptl_vector *X, const ptl_lobpcg_options *o)
{
    int64_t tol, signature = ptl__eigen_sign(PTL__LOBPCG, A, o->B, X);
    memcpy(&tol, &o->tol, sizeof tol);
    signature = ptl__sign(ptl__sign(signature, tol), o->maxiter);
    signature = ptl__sign(ptl__sign(signature, !!o->absolute), o->wanted);
    signature = ptl__vector_sign(ptl__sign(signature, !!o->smallest), o->constraints);
    return ptl__factory_sign(ptl__linop_sign(signature, o->precond), o->precond_factory);
}

static ptl_status allocate_columns(ptl__lobpcg *l, const ptl_vector *X)
{
    const int64_t k = X->columns, fence = ptl__constraints_count(&l->constraints);
    const int width = l->basis.width;
    PTL_TRY(ptl__vector_new_like(X, X->dtype, &l->R));
    PTL_TRY(ptl__vector_columns_shell(l->R, 0, k, &l->searched));
    l->searched->ndim = X->ndim;
    PTL_TRY(PTL_NEW_ZERO(k, int64_t, &l->order));
    PTL_TRY(PTL_NEW_ZERO(k, uint8_t, &l->active));
    PTL_TRY(PTL_NEW_ZERO(k, uint8_t, &l->held));
    PTL_TRY(PTL_NEW_ZERO((fence + k) * k * width, double, &l->coefs));
    PTL_TRY(PTL_NEW_ZERO(3 * k, double, &l->theta));
    l->norms = l->theta + k;
    l->weights = l->norms + k;
    return ptl__eigen_log_create(k, l->wanted, l->maxiter, &l->log);
}

static ptl_status allocate(ptl__lobpcg *l, const ptl_vector *X)
{
    ptl_comm *comm = l->A->comm;
    PTL_TRY(ptl__constraints_init(&l->constraints, l->options->constraints));
    const int64_t fence = ptl__constraints_count(&l->constraints);
    PTL_TRY(ptl__basis_init(&l->basis, l->A, l->B, X, fence, 1));
    PTL_TRY(ptl__ritz_init(&l->ritz, comm, X->dtype, X->columns, 3 * X->columns, fence));
    PTL_TRY(allocate_columns(l, X));
    return ptl__reducer_create(comm, ptl__lobpcg_sums(l), 0, &l->reducer);
}

/* What can fail on one rank before the iteration. */
static ptl_status prepare(ptl__lobpcg *l, const ptl_vector *X)
{
    PTL_TRY(allocate(l, X));
    if (l->M)
        PTL_TRY(
            ptl__linop_check(l->M, PTL_OP_NONE, l->R, l->basis.W,
                             (const char *const[]){"the residual", "the preconditioned residual"}));
    if (!l->B || !l->constraints.Y)
        return PTL_OK;
    ptl__basis_search(&l->basis, 1); /* the constraints are taken in one by one */
    return ptl__linop_prepare(l->B, PTL_OP_NONE, l->basis.W);
}

static void clear(ptl__lobpcg *l)
{
    if (l->basis.S)
        (void)ptl__exec_wait(l->basis.S->exec); /* for sums that nobody has read */
    ptl__basis_clear(&l->basis);
    ptl__ritz_clear(&l->ritz);
    ptl__constraints_clear(&l->constraints);
    ptl__reducer_free(l->reducer);
    ptl_vector_release(&l->searched);
    ptl_vector_release(&l->R);
    ptl__free(l->order);
    ptl__free(l->active);
    ptl__free(l->coefs);
    ptl__free(l->theta);
    ptl__free(l->held);
    ptl_eigen_log_release(&l->log);
    ptl_linop_release(&l->M);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static ptl__lobpcg call_of(ptl_linop *A, const ptl_vector *X, const ptl_lobpcg_options *o)
{
    const double root = sqrt(ptl_dtype_real(X->dtype) == PTL_F32 ? FLT_EPSILON : DBL_EPSILON);
    return (ptl__lobpcg){
        .A = A,
        .B = o->B,
        .M = ptl_linop_retain(o->precond),
        .options = o,
        .tol = !isnan(o->tol) ? o->tol : root * (o->absolute ? (double)X->rows : 10),
        .wanted = o->wanted > 0 ? o->wanted : X->columns,
        .maxiter = o->maxiter,
    };
}

/* The call, once the ranks have agreed on its arguments. */
static ptl_status run(ptl__lobpcg *l, ptl_vector *X, double *values)
{
    const double began = now();
    if (l->options->precond_factory)
        PTL_TRY(ptl_factory_generate(l->options->precond_factory, l->A, &l->M));
    PTL_TRY(ptl__agree(l->A->comm, prepare(l, X), 0, "calls"));
    ptl__trace_begin(PTL_TRACE_SOLVE, "lobpcg", 0);
    ptl_status status = ptl__lobpcg_run(l, X);
    ptl__trace_end(PTL_TRACE_SOLVE, "lobpcg", 0);
    PTL_TRY(status);
    ptl__eigen_deliver(&l->basis, l->ritz.units, X);
    memcpy(values, l->log->values, (size_t)X->columns * sizeof(double));
    ptl__eigen_log_finish(l->log, now() - began);
    return PTL_OK;
}

ptl_status ptl_lobpcg(ptl_linop *A, ptl_vector *X, const ptl_lobpcg_options *options,
                      double *values, ptl_eigen_log **out)
{
    ptl_lobpcg_options o;
    if (out)
        *out = NULL;
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    ptl_status status = ptl__options_take(&lobpcg_kind, options, &o);
    if (status == PTL_OK)
        status = check_arguments(A, X, &o);
    const int64_t signature = status == PTL_OK ? sign(A, X, &o) : 0;
    PTL_TRY(ptl__agree(A->comm, status, signature, "operators, vectors, or parameters of lobpcg"));
    ptl__lobpcg l = call_of(A, X, &o);
    status = run(&l, X, values);
    if (status == PTL_OK && out)
        *out = ptl_eigen_log_retain(l.log);
    clear(&l);
    return status;
}
