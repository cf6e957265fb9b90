/* LU factorization with partial pivoting: by SuperLU, or by LAPACK where the block is dense. */
#include "lu.h"

#include "../core/status.h"
#include <petiole/matrix.h>

ptl_dense *ptl__dense_block(const ptl__local_block *block)
{
    ptl_matrix *matrix = ptl_linop_as_matrix(block->whole);
    return ptl_linop_as_dense(matrix ? ptl_matrix_local(matrix) : block->whole);
}

static ptl_status lu_factorize(const ptl__local_block *block, const void *options,
                               ptl__factors *out)
{
    ptl_dense *dense = ptl__dense_block(block);
    (void)options; /* there are none */
    return dense ? ptl__dense_lu(block, dense, out) : ptl__sparse_lu(block, out);
}

/* Pivots, and so the permutations, are those of the values: nothing is kept for a refresh. */
static const ptl__factor_method lu_method = {
    .kind = {.family = "factorization", .name = "lu"},
    .factorize = lu_factorize,
};

ptl_status ptl_factorize_lu(ptl_linop *A, ptl_factorization **out)
{
    return ptl__factorize(&lu_method, A, NULL, out);
}
