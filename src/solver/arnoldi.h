/* The Krylov space of gmres and fgmres: Arnoldi's process on all columns at once.
 *
 * The basis vectors stay as the process leaves them, orthogonal but not normalised; their norms are
 * kept and go into the coefficients. That saves a pass over each, and it lets the norm of a cycle's
 * first vector, the residual, travel with the cycle's first inner products. The first is a power of
 * two times the residual (ptl__power_root), the others are about as long as it. */
#ifndef PTL_SOLVER_ARNOLDI_H
#define PTL_SOLVER_ARNOLDI_H

#include "hessenberg.h"
#include "solver.h"

typedef struct ptl__krylov {
    ptl__solve *s;
    int64_t most;   /* directions */
    ptl_vector **v; /* the basis: most + 1 */
    ptl_vector **z; /* M v: most where they are kept, else one; NULL: there is no M */
    int kept;
    double tiny;       /* what is rounding in a number of size 1 */
    double *coefs;     /* for ptl__solve_combine: (most + 1) x columns entries of W */
    double *small;     /* the columns' Hessenberg matrices */
    double *inverse;   /* a coefficient per column */
    double *first;     /* the same: what v[0] is, so many times the residual */
    double *residuals; /* squared, one double per column, as ptl__solve_check wants them */
} ptl__krylov;

/* How many doubles per column of s->scratch it needs; and the space over s->scratch and two
 * coefficients, v and z being left to the caller. */
int64_t ptl__krylov_doubles(int64_t most);
ptl__krylov ptl__krylov_of(ptl__solve *s, int64_t most);
/* Column j's matrix; it begins with ptl__hessenberg_lay. */
ptl__hessenberg *ptl__krylov_column(const ptl__krylov *p, int64_t j);

/* (C) One step, in a reduction that has begun: v[k + 1], which has the product A M v[k], becomes
 * orthogonal to v[0 .. k], and each column's least-squares problem grows. `norms`: v[0]'s squared
 * norms are among the sums of that reduction (k is 0, and a column that the cycle before brought
 * nowhere stops); else NULL. *running: how many columns go on. */
ptl_status ptl__arnoldi_step(const ptl__krylov *p, int64_t k, const double *norms,
                             int64_t *running) PTL_MUST_USE;

#endif
