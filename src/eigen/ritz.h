/* The small problem of a Rayleigh-Ritz step: from the Gram matrices S^H A S and S^H B S of a basis
 * S, the coefficients of Ritz vectors, B-orthogonal to the constraints. Rank 0 solves it and sends
 * the others what it found: ranks whose LAPACKs differ in a bit (another processor, another number
 * of threads) would else choose other vectors, of a cluster altogether other ones. */
#ifndef PTL_EIGEN_RITZ_H
#define PTL_EIGEN_RITZ_H

#include <petiole/comm.h>
#include <petiole/stop.h>
#include <petiole/types.h>

/* A basis is Q, the constraints, orthonormal, then S: X, the wanted vectors, then P, the
 * directions, then W, the new ones: so many columns each. */
typedef struct ptl__sections {
    int64_t q, x, p, w;
} ptl__sections;

static inline int64_t ptl__sections_sum(ptl__sections s)
{
    return s.x + s.p + s.w;
}
/* How many entries Q^H A S and the blocks on and above the diagonal of S^H A S have. */
static inline int64_t ptl__sections_grams(ptl__sections s)
{
    const int64_t all = ptl__sections_sum(s);
    return s.q * all + s.x * all + s.p * (s.p + s.w) + s.w * s.w;
}

/* The small problem is that of 2^-a A and 2^-b B, and X^H B X = 2^b: so that neither squares nor
 * vectors over- or underflow where A and B are far from 1. 0 in usual cases; b is even. */
typedef struct ptl__units {
    int a, b;
} ptl__units;

typedef struct ptl__ritz {
    ptl_comm *comm; /* borrowed */
    int width;
    ptl__units units;
    int64_t wanted;            /* columns of X */
    int64_t most;              /* columns of S, at most */
    int64_t fence;             /* columns of Q, at most */
    int largest;               /* which end of the spectrum comes first */
    double least;              /* eigenvalues of S^H B S below it, S being scaled, are dropped */
    double *matrices;          /* on rank 0: all that follow */
    double *a, *b, *t, *u, *y; /* most x most */
    double *z;                 /* most x 2 wanted */
    double *theta_q;           /* fence x fence: Q^H A Q, for the caller to set */
    double *e, *h;             /* fence x most: Q^H B S, Q^H A S */
    double *g;                 /* fence x 2 wanted */
    double *v;                 /* wanted x wanted */
    double *theta, *scale, *work;
    double *message; /* from rank 0 */
    /* What was found. */
    ptl_reason trouble; /* RUNNING: none. BREAKDOWN: X's columns depend on one another; INDEFINITE:
                           B is; NON_FINITE */
    int64_t directions; /* columns of the new P */
    double radius;      /* the largest |eigenvalue| of all of the small problem */
    double *values;     /* one per column of X */
    double *pushes;     /* Q's columns x wanted, row-major: Q^H A X of the new X */
    double *coefs; /* the basis's columns x (wanted + directions), row-major: (Q, S) times this is
                      X, P */
} ptl__ritz;

/* (L) For bases of at most `most` columns of a dtype, after at most `fence` constraints. */
ptl_status ptl__ritz_init(ptl__ritz *ritz, ptl_comm *comm, ptl_dtype dtype, int64_t wanted,
                          int64_t most, int64_t fence) PTL_MUST_USE;
void ptl__ritz_clear(ptl__ritz *ritz);

/* (C) Solves. grams: Q^H A S, and S^H A S, its blocks on and above the diagonal, each section's row
 * of blocks as one row-major matrix, then with B likewise. moving: per column of X, whether the new
 * P has its direction, the part of the new X from P and W; NULL: there is no new P. PTL_MPI. */
ptl_status ptl__ritz_solve(ptl__ritz *ritz, ptl__sections s, const double *grams,
                           const uint8_t *moving) PTL_MUST_USE;

#endif
