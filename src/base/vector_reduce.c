/* Inner products, sums and norms: the agreement of the ranks and the sum are one reduction. */
#include <math.h>

#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../core/trace.h"
#include "careful_norm.h"
#include "operation.h"
#include "vector.h"

static ptl_status check_operand(const ptl_vector *x, const ptl_vector *y)
{
    PTL_TRY(ptl__exec_check(x->exec, "x", y->exec, "y"));
    PTL_CHECK(y->dtype == x->dtype, PTL_DTYPE, "y has dtype %s: expected x's, %s",
              ptl_dtype_name(y->dtype), ptl_dtype_name(x->dtype));
    PTL_CHECK(y->local_rows == x->local_rows && y->columns == x->columns && y->rows == x->rows,
              PTL_DIMENSION,
              "y is %lld x %lld with %lld local rows: expected x's %lld x %lld with %lld",
              (long long)y->rows, (long long)y->columns, (long long)y->local_rows,
              (long long)x->rows, (long long)x->columns, (long long)x->local_rows);
    PTL_CHECK(ptl__comm_same(x->comm, y->comm), PTL_INVALID,
              "y is on another communicator than x: expected the same");
    return PTL_OK;
}

/* (C) The agreement on v's reduction and this rank's status, with which `numbers`, this rank's
 * sums, are added up. Ends v's mark. */
static ptl_status finish(ptl_vector *v, ptl_status status, int64_t signature, const char *name,
                         int64_t count, double *numbers)
{
    if (status == PTL_OK)
        status = ptl__exec_wait(v->exec);
    ptl__trace_begin(PTL_TRACE_REDUCTION, name, count);
    status = ptl__agree_sum(v->comm, status, signature, "operations or vectors", count, numbers);
    ptl__trace_end(PTL_TRACE_REDUCTION, name, count);
    ptl__busy_end(v);
    return status;
}

/* The doubles of one coefficient per column. */
static int64_t numbers_of(const ptl_vector *v)
{
    return v->columns * ptl__coef_doubles(v->dtype);
}

static ptl_status dot(ptl_vector *x, ptl_vector *y, ptl__operation operation, void *result)
{
    PTL_TRY(ptl__busy_begin(x, "vector"));
    const ptl_status status = check_operand(x, y);
    if (status == PTL_OK)
        ptl__vector_kernels_of(x)->dot(ptl__vector_run(x), operation == PTL__CONJ_DOT,
                                       ptl__vector_block(x), ptl__vector_block(y), result);
    const int64_t signature = ptl__vector_sign(ptl__vector_sign(operation, x), y);
    return finish(x, status, signature, "dot", numbers_of(x), result);
}

ptl_status ptl_vector_dot(ptl_vector *x, ptl_vector *y, void *result)
{
    return dot(x, y, PTL__DOT, result);
}

ptl_status ptl_vector_conj_dot(ptl_vector *x, ptl_vector *y, void *result)
{
    return dot(x, y, PTL__CONJ_DOT, result);
}

static ptl_status sum(ptl_vector *v, ptl__operation operation, void *result)
{
    PTL_TRY(ptl__busy_begin(v, "vector"));
    ptl__vector_kernels_of(v)->sum(ptl__vector_run(v), ptl__vector_block(v), result);
    return finish(v, PTL_OK, ptl__vector_sign(operation, v), "sum of a vector", numbers_of(v),
                  result);
}

ptl_status ptl_vector_sum(ptl_vector *v, void *result)
{
    return sum(v, PTL__SUM, result);
}

ptl_status ptl_vector_mean(ptl_vector *v, void *result)
{
    PTL_TRY(sum(v, PTL__MEAN, result));
    double *means = result;
    for (int64_t i = 0; i < numbers_of(v); ++i)
        means[i] /= (double)v->rows;
    return PTL_OK;
}

/* (C) The maximum over the ranks, which have agreed. Libraries differ in what the maximum with NaN
 * is, so NaN travels as a mark beside the numbers. `work` has room for two numbers per column. */
static ptl_status max_over_ranks(ptl_comm *comm, int64_t columns, double *work, double *maxima)
{
    for (int64_t j = 0; j < columns; ++j) {
        work[2 * j] = isnan(maxima[j]) ? 0 : maxima[j];
        work[2 * j + 1] = isnan(maxima[j]) ? 1 : 0;
    }
    PTL_TRY(ptl__comm_allreduce(comm, work, 2 * columns, PTL_MTYPE_DOUBLE, PTL_REDUCE_MAX));
    for (int64_t j = 0; j < columns; ++j)
        maxima[j] = work[2 * j + 1] > 0 ? NAN : work[2 * j];
    return PTL_OK;
}

static ptl_status norm_inf(ptl_vector *v, int64_t signature, double *result)
{
    double *work = NULL;
    ptl_status status = PTL_NEW(2 * v->columns, double, &work);
    ptl__vector_kernels_of(v)->norm_inf(ptl__vector_run(v), ptl__vector_block(v), result);
    status = finish(v, status, signature, "norm", 0, NULL);
    if (status == PTL_OK)
        status = max_over_ranks(v->comm, v->columns, work, result);
    ptl__free(work);
    return status;
}

static ptl_status check_norm(ptl_norm kind)
{
    PTL_CHECK((int)kind >= PTL_NORM_1 && kind <= PTL_NORM_INF, PTL_INVALID,
              "kind is %d: expected a ptl_norm", (int)kind);
    return PTL_OK;
}

ptl_status ptl_vector_norm(ptl_vector *v, ptl_norm kind, double *result)
{
    const int64_t signature = ptl__vector_sign(ptl__sign(PTL__NORM, (int64_t)kind), v);
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(v);
    PTL_TRY(ptl__busy_begin(v, "vector"));
    if (kind == PTL_NORM_INF)
        return norm_inf(v, signature, result);
    ptl_status status = check_norm(kind);
    if (status == PTL_OK && kind == PTL_NORM_1)
        kernels->norm1(ptl__vector_run(v), ptl__vector_block(v), result);
    else if (status == PTL_OK)
        kernels->norm2_squared(ptl__vector_run(v), ptl__vector_block(v), result);
    PTL_TRY(finish(v, status, signature, "norm", v->columns, result));
    return kind == PTL_NORM_2 ? ptl__careful_norms(v, result) : PTL_OK;
}
