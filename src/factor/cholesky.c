/* Cholesky factorization: the incomplete one (ic.c) with all of its fill, in an order that makes
 * little, or LAPACK's where the block is dense. */
#include <stddef.h>

#include "../core/status.h"
#include "incomplete.h"
#include "lu.h"

typedef struct cholesky_options {
    size_t size;
    int ordering; /* a ptl_ordering */
} cholesky_options;
#define CHOLESKY_OPTIONS_INIT                                                                      \
    {                                                                                              \
        sizeof(cholesky_options), PTL_ORDERING_NATURAL                                             \
    }

/* IC of every level, whose pivots need only be positive. */
static ptl_ilu_options all_fill(const cholesky_options *options)
{
    return (ptl_ilu_options){
        .level = INT64_MAX, .ordering = options->ordering, .pivot_tolerance = 0x1p-1000};
}

static ptl_status cholesky_factorize(const ptl__local_block *block, const void *options,
                                     ptl__factors *out)
{
    const ptl_ilu_options fill = all_fill(options);
    ptl_dense *dense = ptl__dense_block(block);
    return dense ? ptl__dense_cholesky(block, dense, out)
                 : ptl__incomplete_factorize(&ptl__cholesky_class, block, &fill, out);
}

static ptl_status cholesky_refresh(const ptl__local_block *block, const void *options,
                                   ptl__factors *factors)
{
    const ptl_ilu_options fill = all_fill(options);
    ptl_dense *dense = ptl__dense_block(block);
    if (!factors->symbolic == !dense) /* it is stored as what was factorized was not */
        return ptl_fail(PTL_INVALID,
                        "cholesky: the matrix is %s, unlike the one that was factorized",
                        dense ? "dense" : "sparse");
    if (!dense)
        return ptl__incomplete_refresh(&ptl__cholesky_class, block, &fill, factors);
    ptl__triangular_clear(&factors->lower);
    ptl__triangular_clear(&factors->upper);
    return ptl__dense_cholesky(block, dense, factors);
}

static const ptl_param params[] = {
    {"ordering", NULL, "ordering of the rows and columns", PTL_PARAM_CHOICE,
     offsetof(cholesky_options, ordering), 0, ptl__ordering_choices},
    {NULL},
};

static const ptl__factor_method cholesky_method = {
    .kind = PTL__FACTOR_KIND("cholesky", cholesky_options, CHOLESKY_OPTIONS_INIT, params),
    .factorize = cholesky_factorize,
    .refresh = cholesky_refresh,
    .forget = ptl__incomplete_forget,
};

ptl_status ptl_factorize_cholesky(ptl_linop *A, ptl_ordering ordering, ptl_factorization **out)
{
    const cholesky_options options = {sizeof options, (int)ordering};
    return ptl__factorize(&cholesky_method, A, &options, out);
}
