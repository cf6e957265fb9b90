/* Inner products, sums and norms: one agreement and one reduction each. */
#include <math.h>

#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../core/trace.h"
#include "careful_norm.h"
#include "vector.h"

/* What a reduction is, for the signature that the ranks agree on. */
enum reduction { DOT = 1, CONJ_DOT, SUM, MEAN, NORM };

static ptl_status check_operand(const ptl_vector *x, const ptl_vector *y)
{
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

static int64_t signature_of(const ptl_vector *x, enum reduction reduction)
{
    int64_t signature = ptl__sign(ptl__sign(0, (int64_t)reduction), (int64_t)x->dtype);
    return ptl__sign(ptl__sign(signature, x->columns), x->rows);
}

/* The ranks agree on x's reduction and this rank's status. Marks x as in use; where it fails, it no
 * longer does. */
static ptl_status begin(ptl_vector *x, ptl_status status, int64_t signature)
{
    status = ptl__agree(x->comm, status, signature, "operations or vectors");
    if (status != PTL_OK)
        ptl__busy_end(x);
    return status;
}

static ptl_status reduce(ptl_comm *comm, const char *name, double *numbers, int64_t count,
                         ptl_reduce_op op)
{
    ptl__trace_begin(PTL_TRACE_REDUCTION, name, count);
    ptl_status status = ptl__comm_allreduce(comm, numbers, count, PTL_MTYPE_DOUBLE, op);
    ptl__trace_end(PTL_TRACE_REDUCTION, name, count);
    return status;
}

/* Sums `result`, one coefficient per column of x, over the ranks. */
static ptl_status finish(ptl_vector *x, const char *name, double *result)
{
    const int64_t count = x->columns * ptl__coef_doubles(x->dtype);
    ptl_status status = reduce(x->comm, name, result, count, PTL_REDUCE_SUM);
    ptl__busy_end(x);
    return status;
}

static ptl_status dot(ptl_vector *x, ptl_vector *y, enum reduction reduction, void *result)
{
    PTL_TRY(ptl__busy_begin(x, "vector"));
    PTL_TRY(begin(x, check_operand(x, y), signature_of(x, reduction)));
    ptl__vector_kernels_of(x)->dot(ptl__vector_run(x), reduction == CONJ_DOT, ptl__vector_block(x),
                                   ptl__vector_block(y), result);
    return finish(x, "dot", result);
}

ptl_status ptl_vector_dot(ptl_vector *x, ptl_vector *y, void *result)
{
    return dot(x, y, DOT, result);
}

ptl_status ptl_vector_conj_dot(ptl_vector *x, ptl_vector *y, void *result)
{
    return dot(x, y, CONJ_DOT, result);
}

static ptl_status sum(ptl_vector *v, enum reduction reduction, void *result)
{
    PTL_TRY(ptl__busy_begin(v, "vector"));
    PTL_TRY(begin(v, PTL_OK, signature_of(v, reduction)));
    ptl__vector_kernels_of(v)->sum(ptl__vector_run(v), ptl__vector_block(v), result);
    return finish(v, "sum of a vector", result);
}

ptl_status ptl_vector_sum(ptl_vector *v, void *result)
{
    return sum(v, SUM, result);
}

ptl_status ptl_vector_mean(ptl_vector *v, void *result)
{
    PTL_TRY(sum(v, MEAN, result));
    double *means = result;
    for (int64_t i = 0; i < v->columns * ptl__coef_doubles(v->dtype); ++i)
        means[i] /= (double)v->rows;
    return PTL_OK;
}

/* The maximum over the ranks. Libraries differ in what the maximum with NaN is, so NaN travels as a
 * mark beside the numbers. `work` has room for two numbers per column. */
static ptl_status max_over_ranks(ptl_comm *comm, int64_t columns, double *work, double *maxima)
{
    for (int64_t j = 0; j < columns; ++j) {
        work[2 * j] = isnan(maxima[j]) ? 0 : maxima[j];
        work[2 * j + 1] = isnan(maxima[j]) ? 1 : 0;
    }
    PTL_TRY(reduce(comm, "norm", work, 2 * columns, PTL_REDUCE_MAX));
    for (int64_t j = 0; j < columns; ++j)
        maxima[j] = work[2 * j + 1] > 0 ? NAN : work[2 * j];
    return PTL_OK;
}

/* The agreed part of a norm. */
static ptl_status norm(ptl_vector *v, ptl_norm kind, double *work, double *result)
{
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(v);
    if (kind == PTL_NORM_INF) {
        kernels->norm_inf(ptl__vector_run(v), ptl__vector_block(v), result);
        return max_over_ranks(v->comm, v->columns, work, result);
    }
    if (kind == PTL_NORM_1)
        kernels->norm1(ptl__vector_run(v), ptl__vector_block(v), result);
    else
        kernels->norm2_squared(ptl__vector_run(v), ptl__vector_block(v), result);
    PTL_TRY(reduce(v->comm, "norm", result, v->columns, PTL_REDUCE_SUM));
    return kind == PTL_NORM_2 ? ptl__careful_norms(v, result) : PTL_OK;
}

static ptl_status check_norm(ptl_norm kind)
{
    PTL_CHECK((int)kind >= PTL_NORM_1 && kind <= PTL_NORM_INF, PTL_INVALID,
              "kind is %d: expected a ptl_norm", (int)kind);
    return PTL_OK;
}

ptl_status ptl_vector_norm(ptl_vector *v, ptl_norm kind, double *result)
{
    double *work = NULL;
    PTL_TRY(ptl__busy_begin(v, "vector"));
    ptl_status status = check_norm(kind);
    if (status == PTL_OK && kind == PTL_NORM_INF)
        status = PTL_NEW(2 * v->columns, double, &work);
    status = begin(v, status, ptl__sign(signature_of(v, NORM), (int64_t)kind));
    if (status == PTL_OK) {
        status = norm(v, kind, work, result);
        ptl__busy_end(v);
    }
    ptl__free(work);
    return status;
}
