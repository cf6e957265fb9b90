/* Linear operators: everything that maps vectors to vectors. A matrix, a solver, a preconditioner
 * and user code are all ptl_linop. */
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

/* Which of an operator's forms: itself, its transpose, its conjugate transpose. */
typedef enum ptl_op { PTL_OP_NONE, PTL_OP_TRANSPOSE, PTL_OP_HERMITIAN, PTL_OP_COUNT } ptl_op;

/* (C) y = alpha A x + beta y. alpha, beta: one coefficient per column; NULL alpha is 1, NULL beta
 * is 0 (and y is then not read, so NaN in it does not matter); which of them are NULL is the same
 * on every rank. x: (cols, k) and y: (rows, k), of one dtype, on A's communicator, and not the same
 * vector: else PTL_DIMENSION, PTL_DTYPE or PTL_INVALID. The vectors' dtype is A's; a matrix, a
 * local format, a diagonal, the identity, and what is composed of these alone take vectors of any
 * other dtype too, as long as a complex operator has complex vectors: the product is then computed
 * in the vectors' dtype. Either vector, or both, may be of PTL_F16, whatever A is, where no complex
 * number would have to go into it: the product is then made with a vector of the other's dtype in
 * its place, or where both are of PTL_F16 of A's (PTL_F32 where A takes others), and y is rounded
 * once at the end; A keeps that memory for the next call. PTL_BUSY; or what user code returns. */
PTL_API ptl_status ptl_linop_apply(ptl_linop *A, const void *alpha, ptl_vector *x, const void *beta,
                                   ptl_vector *y) PTL_MUST_USE;

/* (C) The same with op(A) for A: y = alpha op(A) x + beta y. op is the same on every rank.
 * PTL_NOT_SUPPORTED where A's class has no such product. The first transposed product of a matrix
 * makes the pattern of its transpose (8 or 16 bytes an entry), which A keeps. */
PTL_API ptl_status ptl_linop_apply_op(ptl_linop *A, ptl_op op, const void *alpha, ptl_vector *x,
                                      const void *beta, ptl_vector *y) PTL_MUST_USE;

/* (L) op(A) as an operator of its own, which retains A and copies no entry; of a transpose's
 * transpose, A itself again. PTL_NOT_SUPPORTED where A's class has no such product. */
PTL_API ptl_status ptl_linop_transposed(ptl_linop *A, ptl_op op, ptl_linop **out) PTL_MUST_USE;

/* (C) M, which was generated from a matrix, takes the values of A, another matrix of the same
 * pattern and partition, or the same one with new values (ptl_matrix_update_values): what depends
 * on the pattern alone is kept. A solver then solves with A, and refreshes the preconditioner that
 * its factory generated. PTL_NOT_SUPPORTED for operators that are generated from nothing, and where
 * a part of M cannot; PTL_DIMENSION, PTL_DTYPE; PTL_INVALID where the pattern is another, or as for
 * generating it. M is not to be applied after a failure. */
PTL_API ptl_status ptl_linop_refresh(ptl_linop *M, ptl_linop *A) PTL_MUST_USE;

/* User code as an operator. */
typedef struct ptl_linop_callbacks {
    /* y = A x, on every rank; required. y's old values are arbitrary. A rank that fails returns
     * ptl_fail(...)'s code; collective calls that it then misses cannot be made up for. */
    ptl_status (*apply)(void *ctx, ptl_vector *x, ptl_vector *y);
    /* y = alpha A x + beta y; or NULL: derived from apply. Coefficients as for ptl_linop_apply,
     * never NULL. */
    ptl_status (*apply_scaled)(void *ctx, const void *alpha, ptl_vector *x, const void *beta,
                               ptl_vector *y);
    /* y = op(A) x for PTL_OP_TRANSPOSE and PTL_OP_HERMITIAN; or NULL: not supported. */
    ptl_status (*apply_op)(void *ctx, ptl_op op, ptl_vector *x, ptl_vector *y);
    /* Called once, when the operator ends; or NULL. */
    void (*destroy)(void *ctx);
} ptl_linop_callbacks;

/* (C) An operator of rows x cols (global) that calls `callbacks` (copied) with ctx. On failure
 * destroy is not called. PTL_INVALID where a size is negative or apply is NULL, PTL_DTYPE where
 * dtype is unknown, PTL_NOT_SUPPORTED where it is PTL_F16 (user code gets floats for halves),
 * PTL_DIMENSION where ranks differ in shape or dtype. */
PTL_API ptl_status ptl_linop_create(ptl_comm *comm, ptl_exec *exec, int64_t rows, int64_t cols,
                                    ptl_dtype dtype, const ptl_linop_callbacks *callbacks,
                                    void *ctx, ptl_linop **out) PTL_MUST_USE;

/* (L) Global sizes; local sizes are -1 where the operator takes any (user code). */
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
