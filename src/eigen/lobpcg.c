/* Locally optimal block preconditioned conjugate gradients, for the ends of the spectrum of A x =
 * lambda B x (Knyazev, SIAM J. Sci. Comput. 23, 2001, algorithm 5.1). The basis of the
 * Rayleigh-Ritz step, X, P and W = M R, is kept well conditioned as Hetmaniuk and Lehoucq do (J.
 * Comput. Phys. 218, 2006): W is made orthogonal to X and P, and P to X in coefficients, before
 * there are vectors; what is dependent all the same is dropped by the small problem (ritz.c).
 *
 * One iteration with k columns, w of them still searched for: one product with A, B and M of w
 * columns; two reductions and a broadcast. The first reduction has W against X and P, together with
 * the residuals' norms (so M is applied once more than needed at the end); the second all Gram
 * matrices, at most 6 k^2 entries each for A and B. Words a row, in passes that each move whole
 * rows: R reads 2k and writes k; W's projection reads 2k + w and writes w; Gram matrices read about
 * 12k, and the new X and P of S, A S and B S read 5k and write 4k each. Memory: 14k words a row,
 * 17k with B. */
#include "lobpcg.h"

#include <math.h>
#include <string.h>

#include "../comm/comm.h"
#include "../core/interrupt.h"
#include "../core/status.h"
#include "../core/trace.h"

/* ---- residuals ---- */

/* R = (A X - B X Lambda) Pi, Pi being the order. */
static void residuals(ptl__lobpcg *l)
{
    const int64_t k = l->R->columns;
    const int width = l->basis.width;
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(l->R);
    const ptl__run run = ptl__vector_run(l->R);
    const ptl_vector *parts[2] = {l->basis.AX, l->basis.BX};
    for (int part = 0; part < 2; part++) {
        memset(l->coefs, 0, (size_t)(k * k * width) * sizeof(double));
        for (int64_t j = 0; j < k; j++)
            l->coefs[(l->order[j] * k + j) * width] = part ? -l->log->values[l->order[j]] : 1;
        kernels->multiply(run, part, ptl__vector_block(parts[part]), l->coefs,
                          ptl__vector_block(l->R));
    }
}

/* This rank's part of their squared norms, into the reduction that has begun. */
static double *norms(ptl__lobpcg *l)
{
    double *sums = ptl__reducer_add(l->reducer, l->R->columns);
    ptl__vector_kernels_of(l->R)->norm2_squared(ptl__vector_run(l->R), ptl__vector_block(l->R),
                                                sums);
    return sums;
}

static double tolerance(const ptl__lobpcg *l, int64_t column)
{
    return l->options->relative ? l->tol * fabs(l->log->values[column]) : l->tol;
}

/* The reduced norms, into the log; which columns are active; returns how many. */
static int64_t judge(ptl__lobpcg *l, const double *squares)
{
    int64_t active = 0;
    for (int64_t j = 0; j < l->R->columns; j++)
        l->log->residual_norms[l->order[j]] = sqrt(squares[j]);
    for (int64_t j = 0; j < l->R->columns; j++) {
        l->active[j] = !(l->log->residual_norms[j] <= tolerance(l, j));
        active += l->active[j];
    }
    return active;
}

/* How many of the columns that are waited for are active. */
static int64_t missing(const ptl__lobpcg *l)
{
    int64_t count = 0;
    for (int64_t j = 0; j < l->wanted; j++)
        count += l->active[j];
    return count;
}

/* The operators make what they need for vectors like v. (C) where they were last made ready for
 * another number of columns: a solver has memory for one. */
static ptl_status make_ready(ptl__lobpcg *l, const ptl_vector *v)
{
    if (l->prepared == v->columns)
        return PTL_OK;
    l->prepared = v->columns;
    ptl_linop *operators[3] = {l->A, l->B, l->M};
    ptl_status status = PTL_OK;
    for (int i = 0; i < 3 && status == PTL_OK; i++)
        if (operators[i])
            status = ptl__linop_prepare(operators[i], PTL_OP_NONE, v);
    return ptl__agree(l->A->comm, status, 0, "calls");
}

/* Active columns come first in R from now on, and are what is searched with. (C) */
static ptl_status reorder(ptl__lobpcg *l, int64_t active)
{
    int64_t at[2] = {0, active};
    for (int64_t j = 0; j < l->R->columns; j++)
        l->order[at[!l->active[j]]++] = j;
    l->searched->columns = active;
    ptl__basis_search(&l->basis, active);
    return make_ready(l, l->basis.W);
}

/* ---- projections ---- */

/* This rank's part of v's products with the constraints and with X and P, into the reduction. */
static double *overlaps(ptl__lobpcg *l, const ptl_vector *v, int64_t against)
{
    const ptl__block with = ptl__vector_block(v);
    const int64_t fence = l->fence.X ? l->fence.X->columns : 0;
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(v);
    const ptl__run run = ptl__vector_run(v);
    double *sums = ptl__reducer_add(l->reducer, (fence + against) * with.columns * l->basis.width);
    if (fence > 0)
        kernels->gram(run, ptl__vector_block(l->fence.BX), with, sums);
    kernels->gram(run, ptl__basis_columns(l->basis.BS, 0, against), with,
                  sums + fence * with.columns * l->basis.width);
    return sums;
}

/* v loses what it has in common with them. */
static void project(ptl__lobpcg *l, const double *sums, int64_t against, ptl_vector *v)
{
    const ptl__block to = ptl__vector_block(v);
    const int64_t fence = l->fence.X ? l->fence.X->columns : 0;
    const int64_t row = to.columns * l->basis.width;
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(v);
    for (int64_t i = 0; i < (fence + against) * row; i++)
        l->overlaps[i] = -sums[i];
    if (fence > 0)
        kernels->multiply(ptl__vector_run(v), 1, ptl__vector_block(l->fence.X), l->overlaps, to);
    kernels->multiply(ptl__vector_run(v), 1, ptl__basis_columns(l->basis.S, 0, against),
                      l->overlaps + fence * row, to);
}

/* ---- one iteration ---- */

/* W = M R of the columns searched for; a failure is noted. */
static void search(ptl__lobpcg *l)
{
    ptl_vector *R = l->searched, *W = l->basis.W;
    if (l->M) {
        ptl__trace_begin(PTL_TRACE_PRECONDITION, l->M->cls->kind, 0);
        ptl__reducer_note(l->reducer, ptl__linop_apply(l->M, NULL, R, NULL, W));
        ptl__trace_end(PTL_TRACE_PRECONDITION, l->M->cls->kind, 0);
    } else {
        ptl__vector_kernels_of(R)->copy(ptl__vector_run(R), ptl__vector_block(R),
                                        ptl__vector_block(W));
    }
}

/* History and callback; a failure is noted for the next reduction. */
static void tell(ptl__lobpcg *l)
{
    const ptl_lobpcg_options *options = l->options;
    const ptl_eigen_event event = {l->iteration, l->R->columns, l->log->values,
                                   l->log->residual_norms, l->basis.X};
    ptl__reducer_note(l->reducer, ptl__eigen_log_record(l->log, l->iteration));
    if (l->iteration > 0)
        ptl__trace_point(PTL_TRACE_ITERATION, "lobpcg", l->iteration);
    ptl__reducer_note(l->reducer, ptl__interrupt());
    if (options->callback)
        ptl__reducer_note(l->reducer, options->callback(options->callback_ctx, &event));
}

static ptl_status reduce(ptl__lobpcg *l)
{
    PTL_TRY(ptl__reducer_post(l->reducer));
    return ptl__reducer_wait(l->reducer);
}

/* W, A W, B W and the Rayleigh-Ritz step, whose first half, `sums`, has been reduced. */
static ptl_status improve(ptl__lobpcg *l, const double *sums, int64_t against)
{
    project(l, sums, against, l->basis.W);
    ptl__reducer_begin(l->reducer);
    ptl__basis_products(&l->basis, l->basis.W, l->reducer);
    const double *grams = ptl__basis_grams(&l->basis, l->reducer);
    PTL_TRY(reduce(l));
    PTL_TRY(ptl__ritz_solve(&l->ritz, l->basis.sections, grams, l->active));
    if (l->ritz.trouble != PTL_REASON_RUNNING)
        return PTL_OK;
    ptl__basis_rotate(&l->basis, &l->ritz);
    memcpy(l->log->values, l->ritz.values, (size_t)l->R->columns * sizeof(double));
    l->iteration++;
    return PTL_OK;
}

/* Until every residual that matters is within tol, the iterations are used up, or the small problem
 * has no answer. A second run begins with an iteration that has been told. */
static ptl_status iterate(ptl__lobpcg *l, int again)
{
    int64_t active = again ? 0 : l->R->columns;
    for (int64_t j = 0; j < l->R->columns; j++) {
        l->active[j] = again ? l->active[j] : 1;
        active += again && l->active[j];
    }
    l->ritz.trouble = PTL_REASON_RUNNING;
    for (int first = 1;; first = 0) {
        PTL_TRY(reorder(l, active));
        const int64_t against = l->basis.sections.x + l->basis.sections.p;
        residuals(l);
        ptl__reducer_begin(l->reducer);
        const double *squares = norms(l);
        search(l);
        const double *sums = overlaps(l, l->basis.W, against);
        PTL_TRY(reduce(l));
        active = judge(l, squares);
        if (!(first && again))
            tell(l);
        if (missing(l) == 0 || l->iteration >= l->maxiter)
            return PTL_OK;
        PTL_TRY(improve(l, sums, against));
        if (l->ritz.trouble != PTL_REASON_RUNNING)
            return PTL_OK;
    }
}

/* ---- a whole run ---- */

/* The start, and the end: A X afresh. Where that is impossible at the end, X stays as it is. */
static ptl_status refresh(ptl__lobpcg *l)
{
    PTL_TRY(make_ready(l, l->basis.X));
    PTL_TRY(ptl__basis_start(&l->basis, &l->ritz, l->reducer));
    if (l->ritz.trouble != PTL_REASON_RUNNING)
        return PTL_OK;
    memcpy(l->log->values, l->ritz.values, (size_t)l->R->columns * sizeof(double));
    return PTL_OK;
}

/* The start within the constraints. */
static ptl_status start(ptl__lobpcg *l)
{
    for (int64_t j = 0; j < l->R->columns; j++)
        l->order[j] = j;
    if (l->fence.X) {
        PTL_TRY(ptl__basis_start(&l->fence, &l->fence_ritz, l->reducer));
        PTL_TRY(ptl__basis_explain(l->fence_ritz.trouble, l->fence.X, "constraints"));
        ptl__reducer_begin(l->reducer);
        const double *sums = overlaps(l, l->basis.X, 0);
        PTL_TRY(reduce(l));
        project(l, sums, 0, l->basis.X);
    }
    PTL_TRY(refresh(l));
    return ptl__basis_explain(l->ritz.trouble, l->basis.X, "X");
}

/* After `trouble` ended an iteration: true residuals, and each column's reason. Returns how many
 * columns seemed to have converged and have not. */
static ptl_status finish(ptl__lobpcg *l, int64_t *missed)
{
    const ptl_reason trouble = l->ritz.trouble;
    const int64_t before = missing(l);
    PTL_TRY(refresh(l));
    if (l->ritz.trouble == PTL_REASON_RUNNING) {
        residuals(l);
        ptl__reducer_begin(l->reducer);
        const double *squares = norms(l);
        PTL_TRY(reduce(l));
        judge(l, squares);
    }
    *missed = 0;
    for (int64_t j = 0; j < l->R->columns; j++) {
        ptl_reason reason = trouble;
        if (trouble == PTL_REASON_RUNNING && before)
            reason = PTL_REASON_MAXITER;
        else if (trouble == PTL_REASON_RUNNING && j < l->wanted)
            reason = PTL_REASON_ACCURACY_LIMIT;
        if (!l->active[j])
            reason = l->options->relative ? PTL_REASON_RTOL : PTL_REASON_ATOL;
        l->log->reasons[j] = reason;
        *missed += reason == PTL_REASON_ACCURACY_LIMIT;
    }
    return PTL_OK;
}

ptl_status ptl__lobpcg_run(ptl__lobpcg *l)
{
    l->ritz.largest = !l->options->smallest;
    PTL_TRY(start(l));
    for (int again = 0;; again = 1) {
        int64_t missed;
        PTL_TRY(iterate(l, again));
        PTL_TRY(finish(l, &missed));
        if (!missed || again || l->iteration >= l->maxiter)
            return PTL_OK;
    }
}

int64_t ptl__lobpcg_sums(const ptl__lobpcg *l)
{
    const int64_t k = l->R->columns, fence = l->fence.X ? l->fence.X->columns : 0;
    const int width = l->basis.width;
    const int64_t first = k + (fence + 2 * k) * k * width;
    const int64_t second = 2 * ptl__sections_grams((ptl__sections){k, k, k}) * width;
    const int64_t start = 2 * fence * fence * width;
    const int64_t larger = first > second ? first : second;
    return larger > start ? larger : start;
}
