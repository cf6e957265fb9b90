/* Linear operators map vectors to vectors. Matrices, solvers, preconditioners and operators in user
 * code are all ptl_linop. */
#ifndef PETIOLE_LINOP_H
#define PETIOLE_LINOP_H

#include <petiole/comm.h>
#include <petiole/exec.h>
#include <petiole/export.h>
#include <petiole/status.h>
#include <petiole/types.h>
#include <petiole/vector.h>

PTL_BEGIN_DECLS

typedef struct ptl_linop ptl_linop;

/* op(A): A, its transpose, or its conjugate transpose. */
typedef enum ptl_op { PTL_OP_NONE, PTL_OP_TRANSPOSE, PTL_OP_HERMITIAN, PTL_OP_COUNT } ptl_op;

/* (C) y = alpha A x + beta y. alpha, beta: one coefficient per column; NULL alpha is 1, NULL beta
 * is 0 (y is then not read, so NaN in it does not matter). alpha must be NULL on every rank or on
 * none, and beta likewise. x: (cols, k) and y: (rows, k), of one dtype, on A's communicator, and
 * not the same vector: else PTL_DIMENSION, PTL_DTYPE or PTL_INVALID. PTL_BUSY if A is in use; or
 * the code that user code returns. The vectors have A's dtype. Matrices, local formats, diagonals,
 * the identity, and products and sums of these alone also take vectors of another dtype, and
 * compute in it; a complex operator needs complex vectors. Either vector, or both, may be of
 * PTL_F16 with any A, unless a complex number would have to be stored in it. The product is then
 * made with a temporary vector in its place, which A keeps for the next call: of the other vector's
 * dtype or, if both are of PTL_F16, of A's dtype (PTL_F32 if A takes vectors of other dtypes). y is
 * rounded once at the end. */
PTL_API ptl_status ptl_linop_apply(ptl_linop *A, const void *alpha, ptl_vector *x, const void *beta,
                                   ptl_vector *y) PTL_MUST_USE;

/* (C) The same with op(A) for A: y = alpha op(A) x + beta y. op must be the same on every rank.
 * PTL_NOT_SUPPORTED if A's class has no such product. The first transposed product of a matrix
 * makes the pattern of its transpose (8 or 16 bytes per entry), which A keeps. */
PTL_API ptl_status ptl_linop_apply_op(ptl_linop *A, ptl_op op, const void *alpha, ptl_vector *x,
                                      const void *beta, ptl_vector *y) PTL_MUST_USE;

/* (L) op(A) as a new operator, which retains A and copies no entries; for the transpose of a
 * transpose it is the original operator. PTL_NOT_SUPPORTED if A's class has no such product. */
PTL_API ptl_status ptl_linop_transposed(ptl_linop *A, ptl_op op, ptl_linop **out) PTL_MUST_USE;

/* (C) Updates M, which was generated from a matrix, to the values of A: another matrix of the same
 * pattern and partition, or the same matrix with new values (ptl_matrix_update_values). Everything
 * that depends on the pattern alone is kept. A solver then solves with A, and refreshes the
 * preconditioner that its factory generated. PTL_NOT_SUPPORTED if M was not generated from a
 * matrix, or a part of M cannot be refreshed; PTL_DIMENSION, PTL_DTYPE; PTL_INVALID if A has
 * another pattern, or for the reasons for which generating M fails. Do not apply M after a failure.
 */
PTL_API ptl_status ptl_linop_refresh(ptl_linop *M, ptl_linop *A) PTL_MUST_USE;

/* Callbacks of an operator that is user code. */
typedef struct ptl_linop_callbacks {
    /* y = A x, called on every rank; required. y's old values are arbitrary. A rank that fails
     * returns ptl_fail(...)'s code. If it then leaves out a collective call of its own that the
     * other ranks make, those hang: Petiole cannot prevent that. */
    ptl_status (*apply)(void *ctx, ptl_vector *x, ptl_vector *y);
    /* y = alpha A x + beta y; NULL: made from apply. Coefficients as for ptl_linop_apply, but never
     * NULL. */
    ptl_status (*apply_scaled)(void *ctx, const void *alpha, ptl_vector *x, const void *beta,
                               ptl_vector *y);
    /* y = op(A) x for PTL_OP_TRANSPOSE and PTL_OP_HERMITIAN; NULL: not supported. */
    ptl_status (*apply_op)(void *ctx, ptl_op op, ptl_vector *x, ptl_vector *y);
    /* Called once, when the operator is destroyed; may be NULL. */
    void (*destroy)(void *ctx);
} ptl_linop_callbacks;

/* (C) An operator of rows x cols (global) that calls `callbacks` (copied) with ctx. On failure
 * destroy is not called. PTL_INVALID if a size is negative or apply is NULL, PTL_DTYPE if dtype is
 * unknown, PTL_NOT_SUPPORTED for PTL_F16 (user code gets float vectors in place of half precision),
 * PTL_DIMENSION if ranks differ in shape or dtype. */
PTL_API ptl_status ptl_linop_create(ptl_comm *comm, ptl_exec *exec, int64_t rows, int64_t cols,
                                    ptl_dtype dtype, const ptl_linop_callbacks *callbacks,
                                    void *ctx, ptl_linop **out) PTL_MUST_USE;

/* (L) Global and local sizes; local sizes are -1 if the operator takes any (user code). */
PTL_API int64_t ptl_linop_rows(const ptl_linop *A);
PTL_API int64_t ptl_linop_cols(const ptl_linop *A);
PTL_API int64_t ptl_linop_local_rows(const ptl_linop *A);
PTL_API int64_t ptl_linop_local_cols(const ptl_linop *A);
PTL_API ptl_dtype ptl_linop_dtype(const ptl_linop *A);
/* (L) The class's name, a static string: "csr", "matrix", "transpose", "solver", "jacobi",
 * "callback" and so on. */
PTL_API const char *ptl_linop_kind(const ptl_linop *A);
/* (L) Borrowed: they live as long as A. */
PTL_API ptl_comm *ptl_linop_comm(const ptl_linop *A);
PTL_API ptl_exec *ptl_linop_exec(const ptl_linop *A);

PTL_API ptl_linop *ptl_linop_retain(ptl_linop *A);
PTL_API void ptl_linop_release(ptl_linop **A);

PTL_END_DECLS

#endif
