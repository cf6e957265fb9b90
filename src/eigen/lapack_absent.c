/* In place of lapack.c where the build has no LAPACK. */
#include <stdlib.h>

#include "../core/status.h"
#include "dense.h"

ptl_status ptl__dense_available(void)
{
    return ptl_fail(PTL_NOT_SUPPORTED,
                    "this Petiole was built without LAPACK, which eigenvalues need: install it "
                    "(Debian: liblapack-dev) and build again with -Dlapack=enabled");
}

/* Nobody comes here without having asked ptl__dense_available. */
int64_t ptl__dense_work(int width, int64_t n)
{
    (void)width, (void)n;
    abort();
}

int ptl__dense_eigh(int width, int64_t n, double *a, double *values, double *work)
{
    (void)width, (void)n, (void)a, (void)values, (void)work;
    abort();
}

void ptl__dense_multiply(int width, int64_t rows, int64_t cols, int64_t depth, double scale,
                         ptl__dense_operand a, ptl__dense_operand b, double beta, double *c,
                         int64_t ldc)
{
    (void)width, (void)rows, (void)cols, (void)depth, (void)scale, (void)a, (void)b;
    (void)beta, (void)c, (void)ldc;
    abort();
}
