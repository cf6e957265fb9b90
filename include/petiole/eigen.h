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
 * Hermitian positive definite or NULL, which is the identity; both N x N like X's rows, and of X's
 * dtype unless their class mixes (ptl_linop_apply). That they are Hermitian is not checked: half
 * of each Gram matrix is looked at. One product with each, one reduction, one broadcast; where X is
 * far from 1, another product and two reductions. A, B and X may be scaled by any powers of two, as
 * long as A, B and X can be represented: `values` and X are scaled along. On failure
 * X is as it was. PTL_INVALID where X's columns are not linearly independent, B is not positive
 * definite, or a product is not finite; PTL_DIMENSION, PTL_DTYPE, PTL_NOT_SUPPORTED, PTL_BUSY, or
 * what user code returns. */
PTL_API ptl_status ptl_rayleigh_ritz(ptl_linop *A, ptl_linop *B, ptl_vector *X,
                                     double *values) PTL_MUST_USE;

/* What lobpcg tells after each iteration, and once before the first. Valid during the call. */
typedef struct ptl_eigen_event {
    int64_t iteration; /* 0 before the first */
    int64_t columns;
    const double *values;         /* one per column: the Ritz values, best first */
    const double *residual_norms; /* ||A x - lambda B x|| */
    ptl_vector *vectors;          /* the Ritz vectors, to be read; borrowed */
} ptl_eigen_event;

/* Called on every rank. Returns PTL_OK, or ptl_fail(...)'s code to end the call on every rank. */
typedef ptl_status (*ptl_eigen_event_fn)(void *ctx, const ptl_eigen_event *event);

/* What lobpcg is told. Begin with PTL_LOBPCG_OPTIONS_INIT and set what matters (kind.h). */
typedef struct ptl_lobpcg_options {
    size_t size;
    ptl_linop *B;                 /* Hermitian positive definite; NULL: the identity */
    ptl_linop *precond;           /* Hermitian positive definite, about A^-1; NULL: none */
    ptl_factory *precond_factory; /* generates it from A; at most one of the two */
    ptl_vector *constraints;      /* columns Y: all happens in the space B-orthogonal to them; NULL:
                                     none */
    double tol;                   /* ||A x - lambda B x|| <= tol |lambda| ||B x||; NAN: 10
                                     sqrt(epsilon of X's dtype) */
    int absolute;                 /* 1: <= tol, by default N sqrt(epsilon); 0: as above */
    int64_t wanted;               /* so many columns, the first, are waited for; 0: all */
    int64_t maxiter;              /* 0: the Rayleigh-Ritz procedure alone */
    int smallest; /* 1: the smallest eigenvalues, ascending; 0: the largest, descending */
    ptl_eigen_event_fn callback;
    void *callback_ctx;
} ptl_lobpcg_options;
#define PTL_LOBPCG_OPTIONS_INIT                                                                    \
    {                                                                                              \
        sizeof(ptl_lobpcg_options), NULL, NULL, NULL, NULL, NAN, 0, 0, 20, /* maxiter */           \
            0, NULL, NULL                                                                          \
    }

typedef struct ptl_eigen_log ptl_eigen_log;

/* (C) As many eigenpairs A x = lambda B x as X has columns, at one end of the spectrum, from the
 * guess in X, by the locally optimal block preconditioned conjugate gradient method (Knyazev, SIAM
 * J. Sci. Comput. 23, 2001), with the basis chosen as by Hetmaniuk and Lehoucq (J. Comput. Phys.
 * 218, 2006). X becomes eigenvectors, X^H B X = I; `values`, one double per column, is in the same
 * order. A, B as for ptl_rayleigh_ritz. Columns whose residual is within tol are no longer
 * searched for, but go on improving with the others (soft locking). The others after the first
 * `wanted` columns are there to speed them up: whether they have converged does not matter. At the
 * end A X is computed afresh; where a residual then misses tol the iteration goes on once from
 * there. Two reductions and one broadcast an iteration. Not converging is no error: the log says
 * so.
 *
 * tol is relative, so scaling A, B or X changes nothing but the scale of values and vectors. An
 * eigenvalue that is 0 to rounding (within 10 epsilon of the largest Ritz value that was seen) has
 * no size of its own: its residual is judged beside the smallest |lambda| of X's columns that is
 * not, or where there is none, beside that largest one.
 *
 * Constraints Y need not be invariant: what is solved is the problem on their B-orthogonal
 * complement, of which A x - lambda B x - B Y c, the residual without its part along B Y, is the
 * residual. Y's columns may depend on one another, and be of any size. At the end |y^H B x| is
 * compared with sqrt(epsilon) |y| |x|, norms in B's inner product: less than that changes a value
 * by no more than rounding does. With q constraints: 2 q words a row more (3 q with B), q products
 * with B, one of q columns with A, and q reductions or a few more before the first iteration; none
 * more in an iteration.
 *
 * On failure X is as it was. `options` may be NULL, and `out`. PTL_INVALID for bad options, and
 * where X's columns are not linearly independent (which includes more columns than rows) or lie in
 * the space of the constraints, B is not positive definite on X or the constraints, or a first
 * product is not finite; else as for ptl_rayleigh_ritz. */
PTL_API ptl_status ptl_lobpcg(ptl_linop *A, ptl_vector *X, const ptl_lobpcg_options *options,
                              double *values, ptl_eigen_log **out) PTL_MUST_USE;

/* (L) All of it is the same on every rank, times apart. Arrays are borrowed from the log. */
/* 1 where every column has that was waited for. */
PTL_API int ptl_eigen_log_converged(const ptl_eigen_log *log);
PTL_API int64_t ptl_eigen_log_columns(const ptl_eigen_log *log);
PTL_API int64_t ptl_eigen_log_iterations(const ptl_eigen_log *log);
/* One per column, at the end, computed afresh; the norms are those of A x - lambda B x, where there
 * are constraints without its part along B Y. */
PTL_API const double *ptl_eigen_log_values(const ptl_eigen_log *log);
PTL_API const double *ptl_eigen_log_residual_norms(const ptl_eigen_log *log);
/* One per column: PTL_REASON_RTOL, or _ATOL of an absolute tol, where it converged, else
 * PTL_REASON_MAXITER, _ACCURACY_LIMIT (the residual was within tol by recurrence, A x - lambda B x
 * is not, not even after more iterations), _CONSTRAINTS (X is not B-orthogonal to the constraints),
 * _NON_FINITE (a product gave NaN or infinity), _INDEFINITE (B is not positive definite),
 * _BREAKDOWN (the vectors lost their independence) or _RUNNING (it was not waited for). */
PTL_API const ptl_reason *ptl_eigen_log_reasons(const ptl_eigen_log *log);
/* (iterations + 1) x columns, row-major, the initial ones first: as the iteration had them. */
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
