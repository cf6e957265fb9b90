/* Careful norms: where a sum of squares has underflowed or overflowed, it is made again of numbers
 * that are scaled by a power of two (Blue, A Portable Fortran Program to Find the Euclidean Norm of
 * a Vector, ACM Trans. Math. Softw. 4, 1978). One that no entry needs to be known for: times 2^537
 * the least number, 2^-1074, has a square that is a double; times 2^-537 the squares of 2^49 of the
 * largest ones add up to one. Which sums are suspicious is read off the reduced ones, so the ranks
 * agree on it. */
#include "careful_norm.h"

#include <math.h>

#include "../comm/comm.h"
#include "../core/status.h"
#include "../core/trace.h"

enum { AT_ONCE = 64, EXPONENT = 537 };

/* Each square below the least normal number is wrong by at most 2^-1075: in a sum above this, 2^50
 * of them do not show. */
static const double accurate = 0x1p-970;

static int exponent_for(double square)
{
    if (square < accurate)
        return EXPONENT;
    return isfinite(square) ? 0 : -EXPONENT;
}

/* (C) Columns first .. first + count of v, at most AT_ONCE; the arrays are theirs. */
static ptl_status mend(ptl_vector *v, int64_t first, int64_t count, double *squares, int *exponents)
{
    double scales[AT_ONCE], sums[AT_ONCE];
    int suspicious = 0;
    for (int64_t j = 0; j < count; j++) {
        exponents[j] = exponent_for(squares[j]);
        scales[j] = ldexp(1, exponents[j]);
        suspicious += exponents[j] != 0;
    }
    if (!suspicious)
        return PTL_OK;
    ptl__block block = ptl__vector_column(v, first);
    block.columns = count;
    ptl__vector_kernels_of(v)->scaled_squares(ptl__vector_run(v), scales, block, sums);
    const ptl_status waited = ptl__exec_wait(v->exec);
    ptl__trace_begin(PTL_TRACE_REDUCTION, "norm", count);
    ptl_status status = ptl__comm_allreduce(v->comm, sums, count, PTL_MTYPE_DOUBLE, PTL_REDUCE_SUM);
    ptl__trace_end(PTL_TRACE_REDUCTION, "norm", count);
    for (int64_t j = 0; j < count; j++)
        if (exponents[j] != 0)
            squares[j] = sums[j];
    return waited != PTL_OK ? waited : status;
}

/* (C) The squares of floats and halves are doubles, and their sums accurate: what is 0 or not
 * finite is so. */
static ptl_status mend_some(ptl_vector *v, int64_t first, int64_t count, double *squares,
                            int *exponents)
{
    if (ptl_dtype_real(v->dtype) == PTL_F64)
        return mend(v, first, count, squares, exponents);
    for (int64_t j = 0; j < count; j++)
        exponents[j] = 0;
    return PTL_OK;
}

static int64_t some_of(const ptl_vector *v, int64_t first)
{
    return v->columns - first < AT_ONCE ? v->columns - first : AT_ONCE;
}

ptl_status ptl__careful_squares(ptl_vector *v, double *squares, int *exponents)
{
    for (int64_t first = 0; first < v->columns; first += AT_ONCE)
        PTL_TRY(mend_some(v, first, some_of(v, first), squares + first, exponents + first));
    return PTL_OK;
}

ptl_status ptl__careful_norms(ptl_vector *v, double *squares)
{
    int exponents[AT_ONCE];
    for (int64_t first = 0; first < v->columns; first += AT_ONCE) {
        const int64_t count = some_of(v, first);
        double *own = squares + first;
        PTL_TRY(mend_some(v, first, count, own, exponents));
        for (int64_t j = 0; j < count; j++)
            own[j] = ldexp(sqrt(own[j]), -exponents[j]);
    }
    return PTL_OK;
}
