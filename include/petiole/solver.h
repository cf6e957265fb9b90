/* Iterative solvers: factories that generate an operator x = A^-1 b, and the log of a solve. */
#ifndef PETIOLE_SOLVER_H
#define PETIOLE_SOLVER_H

#include <petiole/export.h>
#include <petiole/factory.h>
#include <petiole/linop.h>
#include <petiole/status.h>
#include <petiole/stop.h>
#include <petiole/vector.h>

PTL_BEGIN_DECLS

/* What a callback sees after each iteration, and once before the first. Valid during the call. */
typedef struct ptl_event {
    int64_t iteration; /* 0 before the first */
    int64_t columns;
    const double *residual_norms; /* one per column, of the recurrence's residual */
    ptl_vector *x;                /* the iterate, to be read; borrowed */
    ptl_vector *r;                /* the residual, to be read; borrowed */
} ptl_event;

/* Called on every rank. Returns PTL_OK, or ptl_fail(...)'s code to end the solve on every rank. */
typedef ptl_status (*ptl_event_fn)(void *ctx, const ptl_event *event);

/* What all solvers are told. Zero-initialise it and set what matters. */
typedef struct ptl_solver_options {
    ptl_stop *stop;     /* retained; NULL: ||r|| <= 1e-5 ||b||; at most 10 N iterations where it
                           has no bound of its own */
    ptl_linop *precond; /* retained; z = M r */
    ptl_factory *precond_factory; /* retained; generates M from A; at most one of the two */
    ptl_event_fn callback;
    void *callback_ctx; /* must outlive the factory and what it generates */
} ptl_solver_options;

/* (L) Conjugate gradients, for symmetric (Hermitian) positive definite A and M (Hestenes and
 * Stiefel 1952; Saad, Iterative Methods for Sparse Linear Systems, 2nd ed., algorithm 9.1). Two
 * reductions an iteration, the convergence check included. options may be NULL. */
PTL_API ptl_status ptl_cg_factory(const ptl_solver_options *options,
                                  ptl_factory **out) PTL_MUST_USE;

typedef struct ptl_log ptl_log;

/* (C) Solves A x = b from the guess in x, one right-hand side per column. `solver` is what a
 * solver's factory generated (else PTL_INVALID); b and x as for ptl_linop_apply. Not converging is
 * no error: the log says so. `out` may be NULL. ptl_linop_apply of a solver starts from zero
 * instead. */
PTL_API ptl_status ptl_solver_solve(ptl_linop *solver, ptl_vector *b, ptl_vector *x,
                                    ptl_log **out) PTL_MUST_USE;

/* (L) All of it is the same on every rank, times apart. Arrays are borrowed from the log. */
PTL_API int ptl_log_converged(const ptl_log *log); /* 1 where every column converged */
PTL_API int64_t ptl_log_columns(const ptl_log *log);
PTL_API int64_t ptl_log_iterations(const ptl_log *log);
/* One per column: the recurrence's residual norm at the end, and ||b - A x|| computed afresh. */
PTL_API const double *ptl_log_residual_norms(const ptl_log *log);
PTL_API const double *ptl_log_true_residual_norms(const ptl_log *log);
/* One per column: ||b||, why it stopped, and after how many iterations. */
PTL_API const double *ptl_log_rhs_norms(const ptl_log *log);
PTL_API const ptl_reason *ptl_log_reasons(const ptl_log *log);
PTL_API const int64_t *ptl_log_column_iterations(const ptl_log *log);
/* (iterations + 1) x columns residual norms, row-major, the initial ones first. */
PTL_API const double *ptl_log_history(const ptl_log *log);
/* Seconds of wall time in ptl_solver_solve on this rank. */
PTL_API double ptl_log_time(const ptl_log *log);
/* One line, such as "converged (rtol) after 64 iterations, residual 1.2e-09, 0.53 s". */
PTL_API const char *ptl_log_text(const ptl_log *log);

PTL_API ptl_log *ptl_log_retain(ptl_log *log);
PTL_API void ptl_log_release(ptl_log **log);

PTL_END_DECLS

#endif
