/* Eigenvalues of Hermitian operators. Petiole built without LAPACK has these calls, and they are
 * PTL_NOT_SUPPORTED. */
#ifndef PETIOLE_EIGEN_H
#define PETIOLE_EIGEN_H

#include <math.h>
#include <stddef.h>

#include <petiole/export.h>
#include <petiole/factory.h>
#include <petiole/linop.h>
#include <petiole/status.h>
#include <petiole/stop.h>
#include <petiole/vector.h>

PTL_BEGIN_DECLS

/* (C) The Rayleigh-Ritz procedure (Saad, Numerical Methods for Large Eigenvalue Problems, 2nd ed.,
 * section 4.3.2): `values`, one double per column, ascending, are the eigenvalues of A on the space
 * that X's columns span, and X's columns become the Ritz vectors, X^H B X = I. A is Hermitian, B
 * Hermitian positive definite or NULL, which is the identity; both are N x N, where N is the number
 * of X's rows, and of X's dtype, unless their class takes vectors of other dtypes
 * (ptl_linop_apply). Petiole does not check that they are Hermitian: it reads half of each Gram
 * matrix. One product with each, one reduction and one broadcast; if the size of X is far from 1,
 * one more product and two more reductions. Scaling A, B or X by powers of two scales `values` and
 * X accordingly and changes nothing else, as long as all can be represented. On failure X is
 * unchanged. PTL_INVALID if X's columns are not linearly independent, B is not positive definite,
 * or a product is not finite; PTL_DIMENSION, PTL_DTYPE, PTL_NOT_SUPPORTED, PTL_BUSY, or the code
 * that user code returns. */
PTL_API ptl_status ptl_rayleigh_ritz(ptl_linop *A, ptl_linop *B, ptl_vector *X,
                                     double *values) PTL_MUST_USE;

/* The event that lobpcg's callback gets after each iteration, and once before the first. It is
 * valid during the call. */
typedef struct ptl_eigen_event {
    int64_t iteration; /* 0 before the first */
    int64_t columns;
    const double *values;         /* one per column: the Ritz values, best first */
    const double *residual_norms; /* ||A x - lambda B x|| */
    ptl_vector *vectors;          /* the Ritz vectors, to be read; borrowed */
} ptl_eigen_event;

/* Called on every rank. Returns PTL_OK, or ptl_fail(...)'s code to end the call on every rank. */
typedef ptl_status (*ptl_eigen_event_fn)(void *ctx, const ptl_eigen_event *event);

/* Options of lobpcg. Initialise them with PTL_LOBPCG_OPTIONS_INIT, then set fields (see kind.h). */
typedef struct ptl_lobpcg_options {
    size_t size;
    ptl_linop *B;                 /* Hermitian positive definite; NULL: the identity */
    ptl_linop *precond;           /* Hermitian positive definite, about A^-1; NULL: none */
    ptl_factory *precond_factory; /* generates it from A; at most one of the two */
    ptl_vector *constraints;      /* columns Y: eigenvectors are B-orthogonal to them; NULL: none */
    double tol;                   /* ||A x - lambda B x|| <= tol |lambda| ||B x||; NAN: 10
                                     sqrt(epsilon of X's dtype) */
    int absolute;    /* 1: ||A x - lambda B x|| <= tol, by default N sqrt(epsilon); 0: as above */
    int64_t wanted;  /* the number of first columns that must converge; 0: all */
    int64_t maxiter; /* 0: the Rayleigh-Ritz procedure alone */
    int smallest;    /* 1: the smallest eigenvalues, ascending; 0: the largest, descending */
    ptl_eigen_event_fn callback;
    void *callback_ctx;
} ptl_lobpcg_options;
#define PTL_LOBPCG_OPTIONS_INIT                                                                    \
    {                                                                                              \
        sizeof(ptl_lobpcg_options), NULL, NULL, NULL, NULL, NAN, 0, 0, 20, /* maxiter */           \
            0, NULL, NULL                                                                          \
    }

typedef struct ptl_eigen_log ptl_eigen_log;

/* (C) Computes as many eigenpairs A x = lambda B x as X has columns, at one end of the spectrum,
 * from the guess in X, by the locally optimal block preconditioned conjugate gradient method
 * (Knyazev, SIAM J. Sci. Comput. 23, 2001), with the basis chosen as by Hetmaniuk and Lehoucq (J.
 * Comput. Phys. 218, 2006). On return X holds the eigenvectors, X^H B X = I, and `values`, one
 * double per column, the eigenvalues in the same order. A and B are as for ptl_rayleigh_ritz. A
 * column whose residual is within tol gets no new search directions, but still improves with the
 * others (soft locking). Columns after the first `wanted` ones speed up the convergence of those;
 * they need not converge. At the end A X is computed from X; if a residual then exceeds tol, the
 * iteration continues once from there. Two reductions and one broadcast an iteration. A run that
 * does not converge is not an error: the log says why it stopped.
 *
 * tol is relative, so scaling A, B or X changes nothing but the scale of values and vectors. An
 * eigenvalue counts as 0 up to rounding if it is within 10 epsilon of the largest Ritz value that
 * occurred. Its residual is compared with tol times the smallest |lambda| of X's columns that is
 * not 0 up to rounding or, if there is none, with tol times that largest Ritz value.
 *
 * The constraints Y need not span an invariant space: the problem is solved on their B-orthogonal
 * complement, and its residual is A x - lambda B x - B Y c, that is, without its part along B Y.
 * Y's columns may be linearly dependent and of any size. At the end |y^H B x| is compared with
 * sqrt(epsilon) |y| |x|, in norms of B's inner product; a smaller value changes an eigenvalue by no
 * more than rounding does. q constraints cost 2 q words more per row (3 q with B) and, before the
 * first iteration, q products with B, one product of q columns with A and about q reductions; an
 * iteration needs no more reductions.
 *
 * On failure X is unchanged. `options` and `out` may be NULL. PTL_INVALID for bad options, and if
 * X's columns are linearly dependent (for example if there are more columns than rows) or lie in
 * the space of the constraints, B is not positive definite on X or the constraints, or a first
 * product is not finite; otherwise as for ptl_rayleigh_ritz. */
PTL_API ptl_status ptl_lobpcg(ptl_linop *A, ptl_vector *X, const ptl_lobpcg_options *options,
                              double *values, ptl_eigen_log **out) PTL_MUST_USE;

/* (L) Except for times, all results are the same on every rank. Arrays are borrowed from the log.
 */
/* 1 if every wanted column converged. */
PTL_API int ptl_eigen_log_converged(const ptl_eigen_log *log);
PTL_API int64_t ptl_eigen_log_columns(const ptl_eigen_log *log);
PTL_API int64_t ptl_eigen_log_iterations(const ptl_eigen_log *log);
/* One per column, computed from X at the end. The norms are those of A x - lambda B x; with
 * constraints, without its part along B Y. */
PTL_API const double *ptl_eigen_log_values(const ptl_eigen_log *log);
PTL_API const double *ptl_eigen_log_residual_norms(const ptl_eigen_log *log);
/* One per column: PTL_REASON_RTOL (_ATOL for an absolute tol) if it converged, else
 * PTL_REASON_MAXITER, _ACCURACY_LIMIT (the recurrence's residual was within tol, but A x - lambda B
 * x computed from x is not, even after more iterations), _CONSTRAINTS (X is not B-orthogonal to the
 * constraints), _NON_FINITE (a product gave NaN or infinity), _INDEFINITE (B is not positive
 * definite), _BREAKDOWN (the vectors became linearly dependent) or _RUNNING (it has not converged
 * and is not wanted). */
PTL_API const ptl_reason *ptl_eigen_log_reasons(const ptl_eigen_log *log);
/* (iterations + 1) x columns, row-major, the initial ones first, from the recurrence. */
PTL_API const double *ptl_eigen_log_values_history(const ptl_eigen_log *log);
PTL_API const double *ptl_eigen_log_history(const ptl_eigen_log *log); /* residual norms */
/* Seconds of wall time on this rank. */
PTL_API double ptl_eigen_log_time(const ptl_eigen_log *log);
/* One line, such as "converged after 12 iterations, largest residual 1.2e-09, 0.53 s". */
PTL_API const char *ptl_eigen_log_text(const ptl_eigen_log *log);

PTL_API ptl_eigen_log *ptl_eigen_log_retain(ptl_eigen_log *log);
PTL_API void ptl_eigen_log_release(ptl_eigen_log **log);

PTL_END_DECLS

#endif
