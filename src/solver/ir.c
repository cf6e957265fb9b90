/* Richardson's iteration x += omega M (b - A x) (Saad, Iterative Methods for Sparse Linear Systems,
 * 2nd ed., section 4.1 and example 4.1); where M is a solver, iterative refinement (Wilkinson,
 * Rounding Errors in Algebraic Processes, 1963, chapter 3). It converges where the spectral radius
 * of I - omega M A is below 1.
 *
 * One iteration: one product, one preconditioner application, one reduction, of the residual's
 * norm. 6 words a row move beside those: x reads z and x and writes x; r, which is computed afresh
 * and so never drifts from the truth, reads b and A x and writes r. */
#include "ir.h"

#include "../base/vector.h"
#include "../comm/comm.h"
#include "../core/status.h"
#include "kinds.h"
#include "params.h"
#include "scalars.h"
#include <petiole/composition.h>
#include <petiole/diagonal.h>
#include <petiole/format.h>
#include <petiole/matrix.h>

/* r = b - A x, and its norms in the same pass. */
static void refresh(ptl__solve *s, const double *signs, double *norms)
{
    ptl_vector *q = s->work[0];
    ptl__solve_apply(s, s->x, q);
    ptl__solve_combine(s, 2, (ptl_vector *const[]){s->b, q}, signs, NULL, s->r, norms);
}

enum { OMEGA, SCALE };

/* r, or, where M works in float, what that can hold of it; and the relaxation that belongs to it.
 */
static ptl_vector *bounded(ptl__solve *s, double *omega)
{
    double *scale = s->coef[SCALE];
    const ptl_dtype dtype = s->options->lower_precision ? PTL_F32 : PTL_F64;
    ptl_vector *r = ptl__solve_bounded(s, dtype, ptl__power_near, s->work[0], scale);
    for (int64_t j = 0; j < s->columns; j++)
        ptl__set(omega, j, s->width, s->options->relaxation / scale[j * s->width]);
    return r;
}

ptl_status ptl__ir_run(ptl__solve *s)
{
    ptl_vector *z = s->work[1];
    double *omega = s->coef[OMEGA], *signs = s->scratch; /* 1 and -1 in every column */
    int64_t running;
    const int64_t size = s->columns * s->width;
    for (int64_t j = 0; j < size; j++) {
        signs[j] = s->one[j];
        signs[size + j] = -s->one[j];
    }
    for (int first = 1;; first = 0, s->iteration++) {
        ptl__solve_begin(s);
        double *rr = ptl__solve_norm_sums(s);
        if (first)
            ptl__solve_norms(s, s->r, rr);
        else
            refresh(s, signs, rr);
        PTL_TRY(ptl__solve_reduce(s));
        PTL_TRY(ptl__solve_check(s, rr, NULL, &running));
        if (!running)
            return PTL_OK;
        ptl_vector *Mr = ptl__solve_precondition(s, bounded(s, omega), z, NULL);
        ptl__solve_combine(s, 1, &Mr, omega, s->one, s->x, NULL);
    }
}

/* (L) A diagonal of another dtype. */
static ptl_status convert_diagonal(ptl_linop *A, ptl_dtype dtype, ptl_linop **out)
{
    ptl_vector *d;
    PTL_TRY(ptl_vector_astype(ptl_diagonal_vector(A), dtype, &d));
    ptl_status status = ptl_diagonal_create(d, out);
    ptl_vector_release(&d);
    return status;
}

/* (C) A with entries of another dtype. Fails on every rank or on none. */
static ptl_status convert_matrix(ptl_linop *A, ptl_dtype dtype, ptl_linop **out)
{
    ptl_matrix *matrix = ptl_linop_as_matrix(A), *converted;
    if (matrix) {
        PTL_TRY(ptl_matrix_astype(matrix, dtype, &converted));
        *out = ptl_matrix_linop(converted);
        return PTL_OK;
    }
    if (A->cls->format)
        return ptl_format_convert(A, (ptl_storage)ptl_format_storage(A), (int)dtype, out);
    PTL_CHECK(ptl_diagonal_vector(A), PTL_NOT_SUPPORTED,
              "ir: lower_precision needs a matrix or a diagonal: an operator of kind \"%s\" has no "
              "entries to convert",
              A->cls->kind);
    return ptl__agree(A->comm, convert_diagonal(A, dtype, out), 0, "calls");
}

/* (C) With lower_precision: generated from A in float, and cast to A's dtype. */
static ptl_status ir_precond(const ptl_solver_options *options, ptl_linop *A, ptl_linop **out)
{
    const ptl_dtype single = ptl_dtype_is_complex(A->dtype) ? PTL_C64 : PTL_F32;
    ptl_linop *lower = NULL, *M = NULL;
    if (!options->lower_precision || ptl_dtype_compute(A->dtype) == single)
        return ptl__solver_precond(options, A, out);
    *out = NULL;
    PTL_TRY(convert_matrix(A, single, &lower));
    ptl_status status = ptl__solver_precond(options, lower, &M);
    if (status == PTL_OK)
        status = ptl_cast(M, A->dtype, out);
    ptl_linop_release(&lower);
    ptl_linop_release(&M);
    return status;
}

static ptl_status ir_check(const ptl_solver_options *options)
{
    PTL_CHECK(options->relaxation != 0, PTL_INVALID, "ir: relaxation is 0: no step would be made");
    PTL_CHECK(!options->lower_precision || options->precond_factory, PTL_INVALID,
              "ir: lower_precision needs M as a factory, which generates it from A in float");
    return PTL_OK;
}

static const ptl_param params[] = {
    PTL__PARAM_RELAXATION,
    PTL__PARAM_LOWER_PRECISION,
    PTL__PARAM_END,
};

const ptl__method ptl__ir_method = {
    .kind = PTL__SOLVER_KIND("ir", "Ir",
                             "Richardson's iteration x += relaxation M (b - A x); if M is a "
                             "solver, this is iterative refinement.",
                             params),
    .needs = PTL__IR_NEEDS,
    .run = ptl__ir_run,
    .check = ir_check,
    .precond = ir_precond,
};

ptl_status ptl_ir_factory(const ptl_solver_options *options, ptl_factory **out)
{
    return ptl__solver_factory(&ptl__ir_method, options, out);
}
