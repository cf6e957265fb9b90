/* The coarse level. One apply: the products with R and with R^H, and whatever A_0^-1 takes. */
#include "coarse.h"

#include "../base/params.h"
#include "../base/vector.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../distributed/matrix.h"
#include "aggregates.h"
#include "coarse_rows.h"

struct ptl__coarse {
    ptl_factory *factory; /* of A_0^-1; borrowed */
    ptl_matrix *R, *R_H;
    int of_aggregates;  /* R is: its entries are ones */
    ptl_linop *inverse; /* A_0^-1 */
    ptl_vector *r, *z;  /* of the coarse rows */
};

void ptl__coarse_free(ptl__coarse *coarse)
{
    if (!coarse)
        return;
    ptl_matrix_release(&coarse->R);
    ptl_matrix_release(&coarse->R_H);
    ptl_linop_release(&coarse->inverse);
    ptl_vector_release(&coarse->r);
    ptl_vector_release(&coarse->z);
    ptl__free(coarse);
}

/* ---- products -------------------------------------------------------------------------------- */

static ptl_status make_vector(const ptl__coarse *coarse, const ptl_vector *x, ptl_vector **out)
{
    const ptl_linop *R = &coarse->R->base;
    const ptl_vector_shape shape = {R->rows, R->local_rows, x->columns, x->dtype};
    return ptl__vector_new(R->comm, x->exec, shape, out);
}

ptl_status ptl__coarse_prepare(ptl__coarse *coarse, const ptl_vector *x)
{
    if (!coarse->r || !coarse->z || coarse->r->columns != x->columns) {
        ptl_vector_release(&coarse->r);
        ptl_vector_release(&coarse->z);
        PTL_TRY(make_vector(coarse, x, &coarse->r));
        PTL_TRY(make_vector(coarse, x, &coarse->z));
    }
    coarse->r->ndim = coarse->z->ndim = x->ndim;
    PTL_TRY(ptl__linop_prepare(&coarse->R->base, PTL_OP_NONE, x));
    PTL_TRY(ptl__linop_prepare(coarse->inverse, PTL_OP_NONE, coarse->r));
    return ptl__linop_prepare(&coarse->R_H->base, PTL_OP_NONE, coarse->z);
}

void ptl__coarse_apply(ptl__coarse *coarse, const void *alpha, ptl_vector *x, const void *beta,
                       ptl_vector *y, ptl__first_failure *first)
{
    ptl_linop *R = &coarse->R->base, *R_H = &coarse->R_H->base;
    ptl__first_failure_note(first, ptl__linop_apply(R, NULL, x, NULL, coarse->r));
    ptl__first_failure_note(first,
                            ptl__linop_apply(coarse->inverse, NULL, coarse->r, NULL, coarse->z));
    ptl__first_failure_note(first, ptl__linop_apply(R_H, alpha, coarse->z, beta, y));
}

/* ---- making it ------------------------------------------------------------------------------- */

ptl_status ptl__coarse_check(const ptl_schwarz_options *options, const ptl_linop *A)
{
    const ptl_matrix *matrix = ptl_linop_as_matrix((ptl_linop *)A);
    ptl_linop *R = options->restriction;
    const ptl_matrix *R_matrix = R ? ptl_linop_as_matrix(R) : NULL;
    PTL_CHECK(!matrix || !matrix->partition ||
                  ptl_partition_equal(matrix->partition, matrix->col_partition),
              PTL_NOT_SUPPORTED,
              "a coarse level needs a matrix whose row and column partitions are the same");
    if (!R)
        return PTL_OK;
    PTL_CHECK(R_matrix || (R->cls->format && A->comm->size == 1), PTL_NOT_SUPPORTED,
              "restriction is an operator of kind \"%s\": expected a matrix", R->cls->kind);
    PTL_CHECK(R->cols == A->rows && R->local_cols == A->local_rows, PTL_DIMENSION,
              "restriction is %lld x %lld with %lld columns on rank %d, the matrix has %lld rows, "
              "%lld there",
              (long long)R->rows, (long long)R->cols, (long long)R->local_cols, A->comm->rank,
              (long long)A->rows, (long long)A->local_rows);
    PTL_CHECK(!R_matrix || ptl__comm_same(R->comm, A->comm), PTL_INVALID,
              "restriction and the matrix live on different communicators");
    PTL_CHECK(!R_matrix || !R_matrix->col_partition || !matrix || !matrix->partition ||
                  ptl_partition_equal(R_matrix->col_partition, matrix->partition),
              PTL_DIMENSION,
              "restriction's columns and the matrix's rows have different partitions");
    return PTL_OK;
}

/* (C) The operator as a matrix on `comm`: a new reference. */
static ptl_status as_matrix(ptl_comm *comm, ptl_linop *A, ptl_matrix **out)
{
    *out = ptl_matrix_retain(ptl_linop_as_matrix(A));
    return *out ? PTL_OK : ptl_matrix_from_local(comm, A, A->rows, A->cols, out);
}

/* (C) R as it is given, in A's dtype, or of aggregates. */
static ptl_status find_restriction(const ptl_schwarz_options *options, ptl_matrix *A,
                                   ptl_matrix **out)
{
    ptl_matrix *given;
    if (!options->restriction)
        return ptl__aggregates_restriction(A, options->aggregate_size, out);
    PTL_TRY(as_matrix(A->base.comm, options->restriction, &given));
    if (given->base.dtype == A->base.dtype) {
        *out = given;
        return PTL_OK;
    }
    ptl_status status = ptl_matrix_astype(given, A->base.dtype, out);
    ptl_matrix_release(&given);
    return status;
}

/* (C) A_0 = R A R^H. */
static ptl_status multiply(const ptl__coarse *coarse, ptl_linop *A, ptl_matrix **out)
{
    ptl_matrix *matrix, *half = NULL;
    *out = NULL;
    PTL_TRY(as_matrix(A->comm, A, &matrix));
    ptl_status status = ptl_matrix_multiply(coarse->R, matrix, &half);
    if (status == PTL_OK)
        status = ptl_matrix_multiply(half, coarse->R_H, out);
    if (status == PTL_OK && coarse->of_aggregates)
        status = ptl__coarse_drop_rounding(coarse->R, A, *out);
    if (status != PTL_OK)
        ptl_matrix_release(out);
    ptl_matrix_release(&matrix);
    ptl_matrix_release(&half);
    return status;
}

/* Says of a failure that it is the coarse level's; the rank stays. */
static ptl_status on_coarse_level(ptl_status status)
{
    if (status == PTL_OK)
        return status;
    const ptl__error before = *ptl__error_of(status);
    ptl_fail(status, "Schwarz, coarse level: %s", before.message);
    ptl__last_error()->rank = before.rank;
    ptl__last_error()->link = before.link;
    return status;
}

/* (C) */
static ptl_status generate(ptl__coarse *coarse, ptl_matrix *A_0)
{
    ptl_linop *inverse;
    PTL_TRY(
        on_coarse_level(ptl_factory_generate(coarse->factory, ptl_matrix_linop(A_0), &inverse)));
    ptl_linop_release(&coarse->inverse);
    coarse->inverse = inverse;
    return PTL_OK;
}

/* (C) */
static ptl_status fill(ptl__coarse *coarse, const ptl_schwarz_options *options, ptl_linop *A)
{
    ptl_matrix *matrix, *A_0 = NULL;
    PTL_TRY(as_matrix(A->comm, A, &matrix));
    ptl_status status = find_restriction(options, matrix, &coarse->R);
    ptl_matrix_release(&matrix);
    if (status == PTL_OK)
        status = ptl_matrix_transpose(coarse->R, PTL_OP_HERMITIAN, &coarse->R_H);
    if (status == PTL_OK)
        status = multiply(coarse, A, &A_0);
    if (status == PTL_OK)
        status = generate(coarse, A_0);
    ptl_matrix_release(&A_0);
    return status;
}

ptl_status ptl__coarse_create(const ptl_schwarz_options *options, ptl_linop *A, ptl__coarse **out)
{
    ptl__coarse *coarse = NULL;
    *out = NULL;
    ptl_status status = PTL_NEW_ZERO(1, ptl__coarse, &coarse);
    status = ptl__agree(A->comm, status, 0, "calls");
    if (status == PTL_OK) {
        coarse->factory = options->coarse;
        coarse->of_aggregates = !options->restriction;
        status = fill(coarse, options, A);
    }
    if (status == PTL_OK)
        *out = coarse;
    else
        ptl__coarse_free(coarse);
    return status;
}

ptl_status ptl__coarse_refresh(ptl__coarse *coarse, ptl_linop *A)
{
    ptl_matrix *A_0;
    PTL_TRY(multiply(coarse, A, &A_0));
    ptl_status status = on_coarse_level(ptl_linop_refresh(coarse->inverse, ptl_matrix_linop(A_0)));
    if (status == PTL_NOT_SUPPORTED)
        status = generate(coarse, A_0);
    ptl_matrix_release(&A_0);
    return status;
}
