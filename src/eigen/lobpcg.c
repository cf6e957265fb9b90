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
 * 17k with B.
 *
 * Constraints Y, q columns Q once they are orthonormal, make it the problem of P^H A P, where P = I
 * - Q Q^H B: the residual is P^H (A x - lambda B x), which is A x - lambda B x - B Q (Q^H A X), and
 * W is P M R. Q^H A S and Q^H B S come with the Gram matrices, and what S has of Q is taken away
 * where the small problem is solved (ritz.c); so each W is projected twice, X and P again each
 * time, and there are as many reductions as without. Words a row: R and W's projection read q more
 * each, Gram matrices 2q, new vectors 3q. Memory: 2q words a row, 3q with B. */
#include "lobpcg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../comm/comm.h"
#include "../core/interrupt.h"
#include "../core/status.h"
#include "../core/trace.h"

/* ---- readiness ---- */

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

/* Keeps W's columns within the range of their dtype: by powers of two, where they are far from 1.
 * squares, and their part of `rows` rows of overlaps, have been reduced. */
static void level(ptl__lobpcg *l, const double *squares, int64_t rows, double *overlaps)
{
    ptl_vector *W = l->basis.W;
    const int width = l->basis.width;
    for (int64_t j = 0; j < W->columns; j++) {
        const int usable = squares[j] > 0 && isfinite(squares[j]);
        const int exponent = usable ? ilogb(squares[j]) / 2 : 0;
        if (abs(exponent) <= PTL__FAR)
            continue;
        ptl__basis_scale(W, j, -exponent);
        for (int64_t i = 0; i < rows; i++)
            for (int part = 0; part < width; part++)
                overlaps[(i * W->columns + j) * width + part] *= ldexp(1, -exponent);
    }
}

/* History and callback; a failure is noted for the next reduction. */
static void tell(ptl__lobpcg *l)
{
    const ptl_lobpcg_options *options = l->options;
    const int lend = options->callback && l->ritz.units.b;
    const ptl_eigen_event event = {l->iteration, l->R->columns, l->log->values,
                                   l->log->residual_norms, l->basis.X};
    ptl__reducer_note(l->reducer, ptl__eigen_log_record(l->log, l->iteration));
    if (l->iteration > 0)
        ptl__trace_point(PTL_TRACE_ITERATION, "lobpcg", l->iteration);
    ptl__reducer_note(l->reducer, ptl__interrupt());
    for (int64_t j = 0; lend && j < l->R->columns; j++)
        ptl__basis_scale(l->basis.X, j, -l->ritz.units.b / 2);
    if (options->callback)
        ptl__reducer_note(l->reducer, options->callback(options->callback_ctx, &event));
    for (int64_t j = 0; lend && j < l->R->columns; j++)
        ptl__basis_scale(l->basis.X, j, l->ritz.units.b / 2);
}

static ptl_status reduce(ptl__lobpcg *l)
{
    return ptl__basis_reduce(&l->basis, l->reducer);
}

/* Ritz values that have grown by 1 / epsilon^2 go to infinity: B is singular. */
static void watch(ptl__lobpcg *l)
{
    const double epsilon = l->ritz.least / 100;
    if (l->iteration == 1)
        l->radius_first = l->radius;
    if (l->basis.B && l->radius * epsilon * epsilon > l->radius_first)
        l->ritz.trouble = PTL_REASON_INDEFINITE;
}

/* How many columns the basis has before W. */
static int64_t before_w(const ptl__lobpcg *l)
{
    return l->basis.sections.q + l->basis.sections.x + l->basis.sections.p;
}

/* W, A W, B W and the Rayleigh-Ritz step. W's overlaps with what is before it have been reduced. */
static ptl_status improve(ptl__lobpcg *l, const double *squares, double *overlaps)
{
    const int64_t before = before_w(l);
    level(l, squares, before, overlaps);
    ptl__basis_project(&l->basis, l->ritz.units, before, overlaps, l->basis.W);
    ptl__reducer_begin(l->reducer);
    ptl__basis_products(&l->basis, l->basis.W, l->reducer);
    const double *grams = ptl__basis_grams(&l->basis, l->reducer);
    PTL_TRY(reduce(l));
    PTL_TRY(ptl__ritz_solve(&l->ritz, l->basis.sections, grams, l->active));
    if (l->ritz.trouble != PTL_REASON_RUNNING)
        return PTL_OK;
    ptl__basis_rotate(&l->basis, &l->ritz);
    ptl__lobpcg_note_values(l);
    l->iteration++;
    watch(l);
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
        ptl__lobpcg_residuals(l);
        ptl__reducer_begin(l->reducer);
        const double *squares = ptl__lobpcg_norms_to_judge(l);
        search(l);
        const double *squares_of_w = ptl__lobpcg_norms(l, l->basis.W);
        double *overlaps = ptl__basis_overlaps(&l->basis, before_w(l), l->basis.W, l->reducer);
        PTL_TRY(reduce(l));
        active = ptl__lobpcg_judge(l, squares);
        if (!(first && again))
            tell(l);
        if (missing(l) == 0 || l->iteration >= l->maxiter)
            return PTL_OK;
        PTL_TRY(improve(l, squares_of_w, overlaps));
        if (l->ritz.trouble != PTL_REASON_RUNNING)
            return PTL_OK;
    }
}

/* ---- a whole run ---- */

/* The start, within the constraints. */
static ptl_status start(ptl__lobpcg *l, const ptl_vector *guess)
{
    for (int64_t j = 0; j < l->R->columns; j++)
        l->order[j] = j;
    if (l->constraints.Y)
        PTL_TRY(ptl__constraints_build(&l->constraints, &l->basis, &l->ritz, l->reducer));
    ptl__basis_guess(&l->basis, guess);
    PTL_TRY(make_ready(l, l->basis.X));
    if (l->basis.sections.q > 0)
        PTL_TRY(ptl__constraints_leave(&l->basis, &l->ritz, l->norms, l->reducer));
    PTL_TRY(ptl__basis_start(&l->basis, &l->ritz, l->reducer));
    PTL_TRY(ptl__basis_explain(l->ritz.trouble, l->basis.X,
                               l->basis.sections.q > 0 ? "X without the constraints" : "X"));
    ptl__lobpcg_note_values(l);
    return PTL_OK;
}

/* A X afresh, true residuals, and whether the constraints hold; where that is impossible, all stays
 * as it is. */
static ptl_status verify(ptl__lobpcg *l)
{
    PTL_TRY(make_ready(l, l->basis.X));
    PTL_TRY(ptl__basis_refresh(&l->basis, &l->ritz, l->reducer));
    if (l->ritz.trouble != PTL_REASON_RUNNING)
        return PTL_OK;
    ptl__lobpcg_note_values(l);
    ptl__lobpcg_residuals(l);
    ptl__reducer_begin(l->reducer);
    const double *squares = ptl__lobpcg_norms_to_judge(l);
    const double *overlaps = ptl__constraints_overlaps(&l->constraints, &l->basis, l->reducer);
    PTL_TRY(reduce(l));
    ptl__lobpcg_judge(l, squares);
    for (int64_t j = 0; j < l->R->columns; j++)
        l->held[j] =
            (uint8_t)ptl__constraints_hold(&l->constraints, &l->basis, l->ritz.units, overlaps, j);
    return PTL_OK;
}

/* After `trouble` ended an iteration: each column's reason, and how many columns seemed to have
 * converged and have not. */
static ptl_status finish(ptl__lobpcg *l, int64_t *missed)
{
    const ptl_reason trouble = l->ritz.trouble;
    const int64_t before = missing(l);
    memset(l->held, 1, (size_t)l->R->columns);
    PTL_TRY(verify(l));
    *missed = 0;
    for (int64_t j = 0; j < l->R->columns; j++) {
        ptl_reason reason = trouble;
        if (trouble == PTL_REASON_RUNNING && before)
            reason = PTL_REASON_MAXITER;
        else if (trouble == PTL_REASON_RUNNING && j < l->wanted)
            reason = PTL_REASON_ACCURACY_LIMIT;
        if (!l->active[j])
            reason = l->options->absolute ? PTL_REASON_ATOL : PTL_REASON_RTOL;
        if (trouble == PTL_REASON_INDEFINITE)
            reason = trouble;
        if (!l->held[j])
            reason = PTL_REASON_CONSTRAINTS;
        l->log->reasons[j] = reason;
        *missed += reason == PTL_REASON_ACCURACY_LIMIT;
    }
    return PTL_OK;
}

ptl_status ptl__lobpcg_run(ptl__lobpcg *l, const ptl_vector *guess)
{
    l->ritz.largest = !l->options->smallest;
    PTL_TRY(start(l, guess));
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
    const int64_t k = l->R->columns, fence = ptl__constraints_count(&l->constraints);
    const int width = l->basis.width;
    const int64_t search = 3 * k + (fence + 2 * k) * k * width;
    const int64_t step = k + 2 * ptl__sections_grams((ptl__sections){fence, k, k, k}) * width;
    const int64_t build = fence * fence * width + (fence + k + 1) * width + 1;
    const int64_t larger = search > step ? search : step;
    return larger > build ? larger : build;
}
