/* The small problem of one column in GMRES: min |beta e_1 - H y|, where H, the Hessenberg matrix of
 * Arnoldi's process, is kept triangular by plane rotations as it grows (Saad, Iterative Methods for
 * Sparse Linear Systems, 2nd ed., section 6.5.3; complex: section 6.5.9). Numbers alone, no
 * vectors. */
#ifndef PTL_SOLVER_HESSENBERG_H
#define PTL_SOLVER_HESSENBERG_H

#include <petiole/stop.h>

#include "scalars.h"

typedef struct ptl__hessenberg {
    int64_t steps;   /* how many columns H has */
    double begin;    /* beta: the residual's norm when the cycle began */
    double residual; /* and now */
    double first;    /* what the first basis vector is, so many times the residual */
    double length;   /* what the others are, so many times what Arnoldi's process leaves of them */
    double size;     /* of H's last column that was taken in; 0 before there was one */
    double *norm;    /* of the basis vectors, which are not normalised: most + 1 */
    double *cosine;  /* the rotations: most; the sines are complex */
    ptl__scalar *sine;
    ptl__scalar *g; /* the rotated right-hand side: most + 1 */
    ptl__scalar *h; /* the triangle, column after column; what is below is
                       norm[k + 1] / length */
} ptl__hessenberg;

/* How many doubles one takes that has at most so many columns; and one at such memory. */
int64_t ptl__hessenberg_doubles(int64_t most);
ptl__hessenberg *ptl__hessenberg_lay(double *memory, int64_t most);

/* No columns, and the residual's norm. */
void ptl__hessenberg_begin(ptl__hessenberg *h, double beta, double first);
/* The next basis vector is to be as long as the first one is, but for a power of two that is the
 * same for all A: its length by the last column's size, or, where there is none, by `part`, an
 * entry of the first one. */
void ptl__hessenberg_measure(ptl__hessenberg *h, double part);
/* The k-th column, where the next inner products go. */
static inline ptl__scalar *ptl__hessenberg_column(const ptl__hessenberg *h, int64_t k)
{
    return h->h + k * (k + 1) / 2;
}
/* Takes the next column in, which is in its place, and norm[steps + 1] below it. RUNNING, or why
 * not: BREAKDOWN where but `tiny` of the column is linearly independent of those before it. */
ptl_reason ptl__hessenberg_extend(ptl__hessenberg *h, double tiny);

/* The coefficients, over the basis as it is kept, of the correction and of the residual: `count`
 * entries of W at out[0], out[stride], ..., zeros behind those that there are. */
void ptl__hessenberg_solve(const ptl__hessenberg *h, int64_t count, double *out, int64_t stride,
                           int width);
void ptl__hessenberg_residual(const ptl__hessenberg *h, int64_t count, double *out, int64_t stride,
                              int width);

#endif
