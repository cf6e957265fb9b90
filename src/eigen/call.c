/* What the public calls for eigenvalues share. */
#include "call.h"

#include "../comm/comm.h"
#include "../core/status.h"
#include "dense.h"

/* That an operator that the caller calls `name` maps vectors like X to such. */
static ptl_status check_operator(const ptl_linop *A, const char *name, const ptl_vector *X)
{
    PTL_CHECK(A->rows == A->cols && A->local_rows == A->local_cols, PTL_DIMENSION,
              "%s is %lld x %lld (%lld x %lld on rank %d): eigenvalues need a square operator",
              name, (long long)A->rows, (long long)A->cols, (long long)A->local_rows,
              (long long)A->local_cols, ptl_comm_rank(A->comm));
    ptl_vector product = *X; /* stands for A X, which has memory of its own */
    product.data = NULL;
    return ptl__linop_check(A, PTL_OP_NONE, X, &product, (const char *const[]){"X", "A X"});
}

ptl_status ptl__eigen_check(const ptl_linop *A, const ptl_linop *B, const ptl_vector *X)
{
    PTL_CHECK(X, PTL_INVALID, "X is NULL");
    PTL_TRY(ptl__dense_available());
    PTL_TRY(check_operator(A, "A", X));
    return B ? check_operator(B, "B", X) : PTL_OK;
}

int64_t ptl__eigen_sign(int64_t signature, const ptl_linop *A, const ptl_linop *B,
                        const ptl_vector *X)
{
    return ptl__vector_sign(ptl__linop_sign(ptl__linop_sign(signature, A), B), X);
}

void ptl__eigen_deliver(const ptl__basis *basis, ptl__units units, ptl_vector *X)
{
    ptl__vector_kernels_of(X)->copy(ptl__vector_run(X), ptl__vector_block(basis->X),
                                    ptl__vector_block(X));
    for (int64_t j = 0; j < X->columns; j++)
        ptl__basis_scale(X, j, -units.b / 2);
}
