/* The shadow residual of Bicgstab and Cgs: the vector, fixed while all goes well, that their
 * residuals are made orthogonal to. A column whose residual is orthogonal to it already goes on
 * with its residual as the new one. */
#ifndef PTL_SOLVER_SHADOW_H
#define PTL_SOLVER_SHADOW_H

#include "scalars.h"
#include "solver.h"

/* One entry of W per column, zeros at the start. */
typedef struct ptl__shadow {
    ptl_vector *vector;
    double *norms; /* its squared norms */
    double *rho;   /* (shadow, r) of the iteration before; 0: a new shadow is due */
} ptl__shadow;

/* Takes column j's (shadow, r) and ||r||^2. Returns 1 and *ratio = rho / rho_old where the shadow
 * holds; 0 where r was made the new one: the column then begins afresh. */
int ptl__shadow_ratio(ptl__solve *s, ptl__shadow shadow, int64_t j, ptl__scalar rho, double rr,
                      ptl__scalar *ratio);
/* alpha = rho / sigma of column j, for sigma = (shadow, v). Where there is none it is 0 and a new
 * shadow is due, or, where sigma is no finite number, the column stops. */
ptl__scalar ptl__shadow_step(ptl__solve *s, ptl__shadow shadow, int64_t j, ptl__scalar sigma);

#endif
