/* Scaling by powers of two, which changes no digit, and what makes a pivot too small.
 *
 * A pivot is a difference, whose rounding is some eps times the largest entry of its own row of A:
 * one that is no larger is 0 as far as anyone can know. Rounding errors of n rows add up as their
 * root does, and where A's rows sum to zero, so that it is singular for certain, as n in the last
 * pivot. How large the rows are decides which of them pivots are taken from, and so how entries
 * grow: scaled rows make the verdict, and the order, that of A whatever it was scaled by. */
#include "equilibrated.h"

#include <float.h>
#include <limits.h>
#include <math.h>

#include "../base/vector.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../matrix/values.h"

/* In eps: a pivot beside the largest entry of its row, of a matrix of n rows; and a sum of entries
 * beside the sum of their moduli. */
enum { SMALL_SUM = 4 };
static double small_pivot(int n, int sums_vanish)
{
    return fmax(16, 4 * (sums_vanish ? n : sqrt(n)));
}

/* Where exponents end: factors are doubles. */
enum { MOST = 1000 };

typedef struct entries {
    int64_t begin, end;
} entries;

static entries column_of(const ptl__by_columns *A, int j)
{
    if (A->starts)
        return (entries){A->starts[j], A->starts[j + 1]};
    return (entries){(int64_t)j * A->n, (int64_t)(j + 1) * A->n};
}

static int row_of(const ptl__by_columns *A, int j, int64_t k)
{
    return A->rows ? A->rows[k] : (int)(k - (int64_t)j * A->n);
}

static const void *value_at(const ptl__by_columns *A, int64_t k)
{
    return (const char *)A->values + (size_t)k * ptl_dtype_size(A->dtype);
}

/* The larger of both parts. */
static double size_of(const ptl__by_columns *A, int64_t k)
{
    double size = 0;
    for (int part = 0; part < ptl__coef_doubles(A->dtype); part++)
        size = fmax(size, fabs(ptl__value_part(A->dtype, value_at(A, k), part)));
    return size;
}

/* The exponent that takes a size, a double times 2^exponent, to between 1 and 2. */
static int exponent_for(double size, int exponent)
{
    const int all = size > 0 ? -(ilogb(size) + exponent) : 0;
    return all > MOST ? MOST : all < -MOST ? -MOST : all;
}

static void find_rows(const ptl__by_columns *A, double *largest, int *rows)
{
    for (int i = 0; i < A->n; i++)
        largest[i] = 0;
    for (int j = 0; j < A->n; j++) {
        const entries e = column_of(A, j);
        for (int64_t k = e.begin; k < e.end; k++) {
            const int i = row_of(A, j, k);
            largest[i] = fmax(largest[i], size_of(A, k));
        }
    }
    for (int i = 0; i < A->n; i++)
        rows[i] = exponent_for(largest[i], 0);
}

static void find_cols(const ptl__by_columns *A, const int *rows, int *cols)
{
    for (int j = 0; j < A->n; j++) {
        const entries e = column_of(A, j);
        int most = INT_MIN;
        for (int64_t k = e.begin; k < e.end; k++) {
            const double size = size_of(A, k);
            const int exponent = size > 0 ? ilogb(size) + rows[row_of(A, j, k)] : INT_MIN;
            most = exponent > most ? exponent : most;
        }
        cols[j] = most == INT_MIN ? 0 : exponent_for(1, most);
    }
}

/* Of A as it was: work has room for three numbers a row. */
static int sums_vanish(const ptl__by_columns *A, double eps, double *work)
{
    double *re = work, *im = re + A->n, *moduli = im + A->n;
    for (int64_t i = 0; i < 3 * (int64_t)A->n; i++)
        work[i] = 0;
    for (int j = 0; j < A->n; j++) {
        const entries e = column_of(A, j);
        for (int64_t k = e.begin; k < e.end; k++) {
            const int i = row_of(A, j, k);
            re[i] += ptl__value_part(A->dtype, value_at(A, k), 0);
            if (ptl_dtype_is_complex(A->dtype))
                im[i] += ptl__value_part(A->dtype, value_at(A, k), 1);
            moduli[i] += size_of(A, k);
        }
    }
    for (int i = 0; i < A->n; i++)
        if (!(fmax(fabs(re[i]), fabs(im[i])) <= SMALL_SUM * eps * moduli[i]))
            return 0;
    return 1;
}

static void scale(const ptl__by_columns *A, const ptl__equilibrated *scaled)
{
    for (int j = 0; j < A->n; j++) {
        const entries e = column_of(A, j);
        for (int64_t k = e.begin; k < e.end; k++)
            ptl__value_scale(A->dtype, (void *)value_at(A, k),
                             scaled->rows[row_of(A, j, k)] + scaled->cols[j]);
    }
}

ptl_status ptl__equilibrate(ptl__by_columns A, ptl__equilibrated *out)
{
    const double eps = ptl_dtype_real(A.dtype) == PTL_F32 ? FLT_EPSILON : DBL_EPSILON;
    double *work;
    *out = (ptl__equilibrated){0};
    PTL_TRY(PTL_NEW(A.n, int, &out->rows));
    PTL_TRY(PTL_NEW(A.n, int, &out->cols));
    PTL_TRY(PTL_NEW(3 * (int64_t)A.n, double, &work));
    find_rows(&A, work, out->rows);
    find_cols(&A, out->rows, out->cols);
    out->sums_vanish = sums_vanish(&A, eps, work);
    out->tiny = small_pivot(A.n, out->sums_vanish) * eps;
    scale(&A, out);
    ptl__free(work);
    return PTL_OK;
}

void ptl__equilibrated_clear(ptl__equilibrated *scaled)
{
    ptl__free(scaled->rows);
    ptl__free(scaled->cols);
    *scaled = (ptl__equilibrated){0};
}

ptl_status ptl__check_pivot(const ptl_linop *whole, const ptl__equilibrated *scaled, double size,
                            int column)
{
    if (size > scaled->tiny)
        return PTL_OK;
    return ptl_fail(PTL_INVALID,
                    "the matrix is singular%s: the pivot of column %lld is zero, up to rounding, "
                    "compared with the largest entry of its row. Fix the unknowns that the "
                    "equations leave free, or shift the diagonal. For a consistent b, cg and "
                    "minres need neither; nor does Cg as a coarse solver",
                    scaled->sums_vanish ? " (its rows sum to zero, as in a Neumann problem)" : "",
                    (long long)ptl__global_row(whole, column));
}

ptl_status ptl__check_factors(int overflow)
{
    PTL_CHECK(!overflow, PTL_INVALID,
              "the factors overflow, since the rows differ too much in size: scale the rows of the "
              "matrix first");
    return PTL_OK;
}
