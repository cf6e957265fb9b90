/* The base of every operator. The struct comes first in each class's own. */
#ifndef PTL_BASE_LINOP_H
#define PTL_BASE_LINOP_H

#include "../core/object.h"
#include <petiole/linop.h>

typedef struct ptl__format_class ptl__format_class; /* see matrix/format.h */

/* One class's table. `apply` and `apply_dot` are the inner calls: arguments are checked already,
 * nothing is agreed, and they complete all of their communication whatever happens on this rank,
 * whose status they return. */
typedef struct ptl__linop_class {
    const char *kind;
    /* 1 where an apply can fail after its arguments are checked (user code, solvers). */
    int fallible;
    /* 1 where vectors may have another dtype than A (ptl_linop_apply says which). */
    int mixes;
    /* Where A is a local format: what it does with bare blocks. Else NULL. */
    const ptl__format_class *format;
    /* Required. */
    ptl_status (*apply)(ptl_linop *A, const void *alpha, ptl_vector *x, const void *beta,
                        ptl_vector *y);
    void (*destroy)(ptl_linop *A); /* what the class holds; the base frees itself and A */
    /* Optional. */
    /* y = alpha op(A) x + beta y, op not PTL_OP_NONE; else there is no transposed product. */
    ptl_status (*apply_op)(ptl_linop *A, ptl_op op, const void *alpha, ptl_vector *x,
                           const void *beta, ptl_vector *y);
    /* (L) 1 where apply_op is there for this A; NULL: wherever apply_op is. */
    int (*has_op)(const ptl_linop *A, ptl_op op);
    /* y = A x and, in the same pass, this rank's part of sum conj(x) y per column (of W). */
    ptl_status (*apply_dot)(ptl_linop *A, ptl_vector *x, ptl_vector *y, double *sums);
    /* (L) Makes what products op(A) x with vectors like x will need (persistent messages, the
     * pattern of the transpose), so that none of them allocates. */
    ptl_status (*prepare)(ptl_linop *A, ptl_op op, const ptl_vector *x);
    /* (L) A new vector with the owned diagonal. */
    ptl_status (*diagonal)(ptl_linop *A, ptl_vector **out);
    /* M takes the values of A, which has M's sizes, dtype and communicator: (C) if generating M
     * was; completes its communication whatever happens on this rank, whose status it returns. */
    ptl_status (*refresh)(ptl_linop *M, ptl_linop *A);
    /* (C) A new operator with A's entries, halves, as floats. */
    ptl_status (*widen)(ptl_linop *A, ptl_linop **out);
    /* 1 where refresh takes A as it is, halves or not. */
    int takes_halves;
} ptl__linop_class;

/* Vectors of a computing dtype in the place of halves: see wide.h. */
typedef struct ptl__wide {
    ptl_vector *x, *y; /* NULL until they are needed */
} ptl__wide;

struct ptl_linop {
    ptl__object object;
    const ptl__linop_class *cls;
    ptl_comm *comm;
    ptl_exec *exec;
    int64_t rows, cols;             /* global */
    int64_t local_rows, local_cols; /* -1: any */
    ptl_dtype dtype;
    int64_t number; /* see ../comm/comm.h */
    ptl__wide wide; /* for products with vectors of halves; kept from call to call */
};

/* What a class tells the base. comm and exec are retained (NULL is not let through here). */
typedef struct ptl__linop_spec {
    ptl_comm *comm;
    ptl_exec *exec;
    int64_t rows, cols, local_rows, local_cols;
    ptl_dtype dtype;
} ptl__linop_spec;
/* A has no number yet: what makes it collectively gives it one, from ptl__agreed, and what makes it
 * locally by ptl__derived. */
void ptl__linop_init(ptl_linop *A, const ptl__linop_class *cls, const ptl__linop_spec *spec);
/* Mixes what A is into a signature (see ptl__agree); NULL is let through. */
int64_t ptl__linop_sign(int64_t signature, const ptl_linop *A);

/* (L) That operators compute in dtype: PTL_NOT_SUPPORTED for PTL_F16, else PTL_DTYPE. */
ptl_status ptl__check_computing(ptl_dtype dtype) PTL_MUST_USE;
/* (L) That x and y, which the caller calls by these names, fit op(A), and share its communicator.
 */
ptl_status ptl__linop_check(const ptl_linop *A, ptl_op op, const ptl_vector *x, const ptl_vector *y,
                            const char *const names[2]) PTL_MUST_USE;
/* (L) prepare, where the class has it. PTL_BUSY where A is in use: before the ranks agree, so that
 * all of them learn of it. */
ptl_status ptl__linop_prepare(ptl_linop *A, ptl_op op, const ptl_vector *x) PTL_MUST_USE;
/* (L) 1 where op(A) has a product; that it has: PTL_NOT_SUPPORTED, or PTL_INVALID for no op. */
int ptl__linop_has_op(const ptl_linop *A, ptl_op op);
ptl_status ptl__linop_check_op(const ptl_linop *A, ptl_op op) PTL_MUST_USE;
/* (C) The inner calls: no checks, no agreement; a status of this rank alone. The last falls back to
 * apply and a dot. sums: columns x ptl__coef_doubles of x's dtype. */
ptl_status ptl__linop_apply(ptl_linop *A, const void *alpha, ptl_vector *x, const void *beta,
                            ptl_vector *y) PTL_MUST_USE;
ptl_status ptl__linop_apply_op(ptl_linop *A, ptl_op op, const void *alpha, ptl_vector *x,
                               const void *beta, ptl_vector *y) PTL_MUST_USE;
ptl_status ptl__linop_apply_dot(ptl_linop *A, ptl_vector *x, ptl_vector *y,
                                double *sums) PTL_MUST_USE;
/* The inner call of ptl_linop_refresh. */
ptl_status ptl__linop_refresh(ptl_linop *M, ptl_linop *A) PTL_MUST_USE;
/* (C) A itself, retained, or where its entries are halves a copy of it with floats: what is
 * generated from A is generated from that. Fails on every rank or on none. */
ptl_status ptl__linop_computing(ptl_linop *A, ptl_linop **out) PTL_MUST_USE;
/* (L) In the dtype that A's is computed in. PTL_NOT_SUPPORTED where the class has no diagonal. */
ptl_status ptl__linop_diagonal(ptl_linop *A, ptl_vector **out) PTL_MUST_USE;

#endif
