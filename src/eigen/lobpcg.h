/* One call of lobpcg, between its public face and its iteration. */
#ifndef PTL_EIGEN_LOBPCG_H
#define PTL_EIGEN_LOBPCG_H

#include "basis.h"
#include "log.h"

typedef struct ptl__lobpcg {
    ptl_linop *A, *B, *M; /* borrowed; B and M may be NULL */
    const ptl_lobpcg_options *options;
    double tol;
    int64_t wanted; /* columns that are waited for */
    int64_t maxiter;
    ptl__basis basis;
    ptl__ritz ritz;
    ptl__basis fence; /* the constraints, orthonormal; its X is NULL where there are none */
    ptl__ritz fence_ritz;
    ptl__reducer *reducer;
    ptl_vector *R;        /* residuals, those that are searched with first */
    ptl_vector *searched; /* its columns that are */
    int64_t *order;       /* which column of X each column of R belongs to */
    uint8_t *active;      /* per column of X: its residual is not within tol */
    double *coefs;        /* columns x columns entries, for R */
    double *overlaps;     /* where the sums of projections wait, negated */
    ptl_eigen_log *log;
    int64_t iteration;
    int64_t prepared; /* the columns that the operators are prepared for */
} ptl__lobpcg;

/* (C) The iteration, on memory that is ready. Fails on every rank or on none. */
ptl_status ptl__lobpcg_run(ptl__lobpcg *l) PTL_MUST_USE;
/* (L) How many doubles its largest reduction sums. */
int64_t ptl__lobpcg_sums(const ptl__lobpcg *l);

#endif
