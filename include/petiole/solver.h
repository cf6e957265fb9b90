/* Iterative solvers: factories that generate an operator x = A^-1 b, and the log of a solve. */
#ifndef PETIOLE_SOLVER_H
#define PETIOLE_SOLVER_H

#include <stddef.h>

#include <petiole/event.h>
#include <petiole/export.h>
#include <petiole/factory.h>
#include <petiole/linop.h>
#include <petiole/status.h>
#include <petiole/stop.h>
#include <petiole/vector.h>

PTL_BEGIN_DECLS

/* How gmres and fgmres make a new vector orthogonal to the earlier ones. CGS2: classical
 * Gram-Schmidt, done twice; two reductions in all. CGS: classical Gram-Schmidt, done once; two
 * reductions and less vector work, but it loses orthogonality on hard systems. MGS: modified
 * Gram-Schmidt, as stable as CGS2, with one reduction for each earlier vector. */
typedef enum ptl_orthogonalization {
    PTL_ORTHO_CGS2,
    PTL_ORTHO_CGS,
    PTL_ORTHO_MGS
} ptl_orthogonalization;

/* Options of all solvers. Initialise them with PTL_SOLVER_OPTIONS_INIT, then set fields (see
 * kind.h). */
typedef struct ptl_solver_options {
    size_t size;
    /* For every method. */
    ptl_stop *stop; /* retained; NULL: ||r|| <= 1e-5 ||b||. Without a bound on the iterations there
                       are at most 10 N */
    ptl_linop *precond;           /* retained; z = M r */
    ptl_factory *precond_factory; /* retained; generates M from A; at most one of the two */
    ptl_event_fn callback;
    void *callback_ctx; /* must outlive the factory and what it generates */
    int norms_only; /* 1: the callback uses neither ptl_event_x nor ptl_event_r, which saves memory
                       in gmres and fgmres */
    int true_residual; /* 0: b - A x is not computed at the end, which saves a product; the log's
                          true residual norms are then NaN, and accuracy_limit does not occur */
    /* A column of b is scaled by a power of two for the solve if its norm is at least 2^256 (float:
     * 2^48) or at most its inverse. The bits of the result do not change. Callbacks, absolute
     * tolerances and the log use b's scale; operators see the scaled vectors. */

    /* For the methods that are named; with others, a value that is not the default is PTL_INVALID.
     */
    int64_t restart;       /* gmres, fgmres, gcr: the number of directions kept */
    int orthogonalization; /* gmres, fgmres: a ptl_orthogonalization */
    int64_t s;             /* idr: the dimension of the shadow space */
    double relaxation;     /* ir: the step's length, not 0 */
    int lower_precision;   /* ir: 1: M works in float (complex float), and is generated from a float
                              copy of A */
    double bounds[2];      /* chebyshev: least and largest eigenvalue of M A; both 0: estimated */
    int64_t steps;         /* chebyshev: steps of the estimation */
    int64_t gather_limit;  /* direct, lower_trs, upper_trs: the largest number of rows for which a
                              matrix on several ranks is gathered on one */
    int unit_diagonal;     /* lower_trs, upper_trs: 1: the diagonal is taken to be ones */
    double kappa; /* idr: steps are lengthened if the cosine between r and A M r is smaller, between
                     0 and 1 */
} ptl_solver_options;

#define PTL_SOLVER_OPTIONS_INIT                                                                    \
    {                                                                                              \
        sizeof(ptl_solver_options), NULL, NULL, NULL, NULL, NULL, 0, /* norms_only */              \
            1,                                                       /* true_residual */           \
            30,                                                      /* restart */                 \
            PTL_ORTHO_CGS2, 4,                                       /* s */                       \
            1,                                                       /* relaxation */              \
            0, {0, 0}, 12,                                           /* steps */                   \
            100000,                                                  /* gather_limit */            \
            0, 0.7                                                   /* kappa */                   \
    }

/* (L) Conjugate gradients, for symmetric (Hermitian) positive definite A and M (Hestenes and
 * Stiefel 1952; Saad, Iterative Methods for Sparse Linear Systems, 2nd ed., algorithm 9.1). Two
 * reductions an iteration, the convergence check included. options may be NULL. */
PTL_API ptl_status ptl_cg_factory(const ptl_solver_options *options,
                                  ptl_factory **out) PTL_MUST_USE;

/* (L) Flexible conjugate gradients, for symmetric (Hermitian) positive definite A and an M that may
 * change from one application to the next, such as a solver (Notay, SIAM J. Sci. Comput. 22, 2000:
 * FCG(1)). Two reductions an iteration. options may be NULL. */
PTL_API ptl_status ptl_fcg_factory(const ptl_solver_options *options,
                                   ptl_factory **out) PTL_MUST_USE;

/* (L) Pipelined conjugate gradients, for symmetric (Hermitian) positive definite A and M (Ghysels
 * and Vanroose 2014, algorithm 4). One reduction an iteration, which does not block: it is under
 * way while M and A are applied. Rounding errors grow faster than with ptl_cg_factory: with a small
 * tolerance the solve may end with ACCURACY_LIMIT. options may be NULL. */
PTL_API ptl_status ptl_pipecg_factory(const ptl_solver_options *options,
                                      ptl_factory **out) PTL_MUST_USE;

/* (L) The stabilised bi-conjugate gradient method, for any A (van der Vorst 1992; Saad, 2nd ed.,
 * algorithm 7.7), preconditioned from the right, so the residual is that of the unpreconditioned
 * system, b - A x. Two products, two applications of M and three reductions an iteration. BREAKDOWN
 * if A M r is orthogonal to r, which is always so for skew-symmetric A M. options may be NULL. */
PTL_API ptl_status ptl_bicgstab_factory(const ptl_solver_options *options,
                                        ptl_factory **out) PTL_MUST_USE;

/* (L) Conjugate gradients squared, for any A (Sonneveld 1989; Saad, 2nd ed., algorithm 7.6),
 * preconditioned from the right. Two products, two applications of M and two reductions an
 * iteration. Sometimes faster than bicgstab; the residual decreases less smoothly. options may be
 * NULL. */
PTL_API ptl_status ptl_cgs_factory(const ptl_solver_options *options,
                                   ptl_factory **out) PTL_MUST_USE;

/* (L) The minimal residual method, for symmetric (Hermitian) A, indefinite or not, and positive
 * definite M (Paige and Saunders 1975; Elman, Silvester and Wathen, 2nd ed., algorithm 4.1). Two
 * reductions an iteration, including the convergence check on ||r||_2. The method minimises the
 * implicit norm, sqrt(conj(r) M r). For a singular A it ends where the residual is smallest:
 * converged, or with BREAKDOWN if b is not in the range of A. options may be NULL. */
PTL_API ptl_status ptl_minres_factory(const ptl_solver_options *options,
                                      ptl_factory **out) PTL_MUST_USE;

/* (L) Richardson's iteration x += relaxation M (b - A x) (Saad, 2nd ed., section 4.1), for any A
 * and M for which the spectral radius of I - relaxation M A is below 1; without a preconditioner M
 * is the identity. If M is a solver this is iterative refinement, since each iteration computes the
 * residual from b - A x. With options->lower_precision M works in float (complex float) on vectors
 * of A's dtype: options->precond_factory generates it from a float copy of A. PTL_INVALID without a
 * precond_factory; PTL_NOT_SUPPORTED, from generate, for operators without entries, such as user
 * code. One reduction an iteration. options may be NULL. */
PTL_API ptl_status ptl_ir_factory(const ptl_solver_options *options,
                                  ptl_factory **out) PTL_MUST_USE;

/* (L) Chebyshev's iteration, for symmetric (Hermitian) positive definite A and M (Saad, 2nd ed.,
 * algorithm 12.1). options->bounds hold the eigenvalues of M A: an upper one that is too small
 * makes it diverge, a lower one that is too large makes it slow. If none are given, the first solve
 * estimates them by options->steps steps of conjugate gradients (two reductions each, and one more
 * product), and the solver keeps them. One reduction an iteration, for the residual's norm. options
 * may be NULL; PTL_INVALID for bounds that are not positive. */
PTL_API ptl_status ptl_chebyshev_factory(const ptl_solver_options *options,
                                         ptl_factory **out) PTL_MUST_USE;

/* (L) LU factorization by SuperLU on one process, with iterative refinement: normally one
 * iteration. A is a matrix or a local format. A matrix on several ranks is gathered on rank 0 if it
 * has at most options->gather_limit rows; each solve then gathers the residual there. It takes no
 * preconditioner (PTL_INVALID). options may be NULL. generate is PTL_INVALID if A is singular up to
 * rounding (the message gives the column whose pivot is at most a few eps times the largest entry
 * of its row; scaling rows by powers of two makes no difference) or an entry is not finite;
 * PTL_NOT_SUPPORTED for a larger matrix on several ranks, for more entries than SuperLU can count,
 * for user code, and in a build without SuperLU. */
PTL_API ptl_status ptl_direct_factory(const ptl_solver_options *options,
                                      ptl_factory **out) PTL_MUST_USE;

/* (L) Substitution for lower or upper triangular A, a matrix or a local format, gathered as for
 * ptl_direct_factory; on several threads by levels (Saad, 2nd ed., section 11.6.3). With
 * options->unit_diagonal A's diagonal is taken to be ones, whatever is stored. They take no
 * preconditioner (PTL_INVALID). options may be NULL. generate is PTL_INVALID if A has an entry in
 * the other triangle (the message gives its row and column), or a diagonal entry that is zero or
 * missing (the message gives its row); PTL_NOT_SUPPORTED as for ptl_direct_factory. */
PTL_API ptl_status ptl_lower_trs_factory(const ptl_solver_options *options,
                                         ptl_factory **out) PTL_MUST_USE;
PTL_API ptl_status ptl_upper_trs_factory(const ptl_solver_options *options,
                                         ptl_factory **out) PTL_MUST_USE;

/* (L) Generalised minimal residuals, for any A: restarted after options->restart iterations,
 * preconditioned from the right, with the Gram-Schmidt process that options->orthogonalization
 * names (Saad and Schultz 1986; Saad, algorithms 6.9 and 9.5). Two reductions an iteration; with
 * modified Gram-Schmidt one for each direction and one more. A column whose residual a whole cycle
 * does not reduce stops with PTL_REASON_STAGNATION. The solver keeps restart + 1 vectors, and as
 * many again if there are both a preconditioner and a callback or predicate. options may be NULL.
 */
PTL_API ptl_status ptl_gmres_factory(const ptl_solver_options *options,
                                     ptl_factory **out) PTL_MUST_USE;
/* (L) The same for an M that may differ from step to step, such as a solver that stops by a
 * tolerance (Saad 1993; Saad, algorithm 9.6). With M, 2 restart + 1 vectors are kept. */
PTL_API ptl_status ptl_fgmres_factory(const ptl_solver_options *options,
                                      ptl_factory **out) PTL_MUST_USE;

/* (L) Generalised conjugate residuals, for any A: restarted after options->restart iterations; M
 * may differ from step to step (Eisenstat, Elman and Schultz 1983; Saad, algorithm 6.21). Two
 * reductions an iteration. As many products as fgmres and more vector work, but x and r are
 * available after each iteration. The solver keeps 2 restart vectors. It stagnates when GMRES does.
 * options may be NULL. */
PTL_API ptl_status ptl_gcr_factory(const ptl_solver_options *options,
                                   ptl_factory **out) PTL_MUST_USE;
/* (L) Induced dimension reduction with options->s shadow vectors, for any A (van Gijzen and
 * Sonneveld 2011, algorithm 2). s + 2 reductions in s + 1 iterations, of one product each. A solve
 * makes one product more than it makes iterations, and s reductions before its first iteration. The
 * solver keeps 3 s + 2 vectors. options may be NULL. */
PTL_API ptl_status ptl_idr_factory(const ptl_solver_options *options,
                                   ptl_factory **out) PTL_MUST_USE;

typedef struct ptl_log ptl_log;

/* (C) Solves A x = b from the guess in x, one right-hand side per column. `solver` was generated by
 * a solver's factory (else PTL_INVALID). b and x are as for ptl_linop_apply; for b or x of PTL_F16
 * the solve uses vectors of the solver's dtype, and x is rounded at the end. A solve that does not
 * converge is not an error: the log says why it stopped. `out` may be NULL. ptl_linop_apply of a
 * solver starts from x = 0. */
PTL_API ptl_status ptl_solver_solve(ptl_linop *solver, ptl_vector *b, ptl_vector *x,
                                    ptl_log **out) PTL_MUST_USE;

/* (L) Except for times, all results are the same on every rank. Arrays are borrowed from the log.
 */
PTL_API int ptl_log_converged(const ptl_log *log); /* 1 if every column converged */
PTL_API int64_t ptl_log_columns(const ptl_log *log);
PTL_API int64_t ptl_log_iterations(const ptl_log *log);
/* One per column: the final residual norm of the method's recurrence, and ||b - A x|| computed from
 * x (NaN if options->true_residual is 0). */
PTL_API const double *ptl_log_residual_norms(const ptl_log *log);
PTL_API const double *ptl_log_true_residual_norms(const ptl_log *log);
/* One per column: ||b||, why the column stopped, and after how many iterations. */
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
