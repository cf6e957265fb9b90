/* For the tests of kernels: blocks of any dtype as numbers of one type. */
#ifndef TEST_NUMBERS_H
#define TEST_NUMBERS_H

#include <complex.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/exec.h"
#include "kernels/half.h"
#include "kernels/kernels.h"

typedef double complex number;

/* A table and the threads that it runs on. */
typedef struct test_run {
    const ptl__kernels *kernels;
    ptl__run run;
} test_run;
enum { MAX_RUNS = 1 + 2 * PTL__ISAS_MAX };

/* Reference, and each openmp table of this processor on one thread and on three; returns how many.
 */
static inline int every_run(test_run runs[MAX_RUNS])
{
    const ptl__kernels *all[PTL__ISAS_MAX];
    const int isas = ptl__kernels_openmp_all(all);
    int count = 0;
    runs[count++] = (test_run){&ptl__kernels_reference, {.threads = 1}};
    for (int i = 0; i < isas; ++i) {
        runs[count++] = (test_run){all[i], {.threads = 1}};
        runs[count++] = (test_run){all[i], {.threads = 3}};
    }
    return count;
}

/* Whether there are kernels for entries of m and vectors of v. */
static inline int mixes(int m, int v)
{
    return !ptl_dtype_is_complex((ptl_dtype)m) || ptl_dtype_is_complex((ptl_dtype)v);
}

static inline number get(ptl_dtype dtype, const void *data, int64_t i)
{
    switch (dtype) {
    case PTL_F32:
        return ((const float *)data)[i];
    case PTL_F64:
        return ((const double *)data)[i];
    case PTL_C64:
        return ((const float complex *)data)[i];
    case PTL_F16:
        return half_to_float(((const uint16_t *)data)[i]);
    default:
        return ((const double complex *)data)[i];
    }
}

static inline void put(ptl_dtype dtype, void *data, int64_t i, number value)
{
    switch (dtype) {
    case PTL_F32:
        ((float *)data)[i] = (float)creal(value);
        break;
    case PTL_F64:
        ((double *)data)[i] = creal(value);
        break;
    case PTL_C64:
        ((float complex *)data)[i] = (float complex)value;
        break;
    case PTL_F16:
        ((uint16_t *)data)[i] = half_from_double(creal(value));
        break;
    default:
        ((double complex *)data)[i] = value;
    }
}

/* Coefficient or sum j: one double, or a pair for complex dtypes. */
static inline number coef(ptl_dtype dtype, const double *c, int64_t j)
{
    return ptl_dtype_is_complex(dtype) ? __builtin_complex(c[2 * j], c[2 * j + 1]) : c[j];
}

static inline double uniform(void)
{
    return 2.0 * rand() / RAND_MAX - 1;
}

static inline double tolerance(ptl_dtype dtype)
{
    return ptl_dtype_real(dtype) == PTL_F32 ? 1e-5 : 1e-13;
}

static inline void assert_near(number found, number expected, double bound, const char *what,
                               int64_t i, int64_t j)
{
    const int both_nan = isnan(creal(expected)) && isnan(creal(found));
    if (!both_nan && !(cabs(found - expected) <= bound * (1 + cabs(expected))))
        fail_msg("%s: element (%lld, %lld) is %g%+gi, expected %g%+gi", what, (long long)i,
                 (long long)j, creal(found), cimag(found), creal(expected), cimag(expected));
}

/* From now on the default executor is on the host, as what is private takes it. */
static inline void use_host(void)
{
    ptl_exec *exec;
    if (ptl_exec_default(&exec) != PTL_OK || ptl_exec_set_default(exec->host) != PTL_OK)
        abort();
    ptl_exec_release(&exec);
}

static inline void *allocate(size_t bytes)
{
    void *block = malloc(bytes + 1);
    assert_non_null(block);
    return block;
}

static inline ptl__block block_new(ptl_dtype dtype, int64_t rows, int64_t columns, int64_t ld)
{
    const ptl__block b = {allocate((size_t)(rows * ld) * ptl_dtype_size(dtype)), rows, columns, ld};
    for (int64_t i = 0; i < rows * ld; ++i)
        put(dtype, b.data, i, __builtin_complex(uniform(), uniform()));
    return b;
}

static inline ptl__block block_copy(ptl_dtype dtype, ptl__block b)
{
    const size_t bytes = (size_t)(b.rows * b.ld) * ptl_dtype_size(dtype);
    ptl__block copy = b;
    copy.data = memcpy(allocate(bytes), b.data, bytes);
    return copy;
}

static inline int same_bits(ptl_dtype dtype, ptl__block a, ptl__block b)
{
    return memcmp(a.data, b.data, (size_t)(a.rows * a.ld) * ptl_dtype_size(dtype)) == 0;
}

#endif
