/* One call of lobpcg, between its public face and its iteration. */
#ifndef PTL_EIGEN_LOBPCG_H
#define PTL_EIGEN_LOBPCG_H

#include "constraints.h"
#include "log.h"

typedef struct ptl__lobpcg {
    ptl_linop *A, *B, *M; /* borrowed; B and M may be NULL */
    const ptl_lobpcg_options *options;
    double tol;
    int64_t wanted; /* columns that are waited for */
    int64_t maxiter;
    ptl__basis basis;
    ptl__ritz ritz;
    ptl__constraints constraints;
    ptl__reducer *reducer;
    uint8_t *held;                   /* per column of X: the constraints hold */
    ptl_vector *R;                   /* residuals, those that are searched with first */
    ptl_vector *searched;            /* its columns that are */
    int64_t *order;                  /* which column of X each column of R belongs to */
    uint8_t *active;                 /* per column of X: its residual is not within tol */
    double *coefs;                   /* (constraints + columns) x columns entries, for R */
    double *theta, *norms, *weights; /* per column of X, in units: lambda, ||r||, ||B x|| */
    double radius;                   /* the largest |Ritz value| so far, in units */
    double radius_first;             /* the same after the first iteration */
    ptl_eigen_log *log;
    int64_t iteration;
    int64_t prepared; /* the columns that the operators are prepared for */
} ptl__lobpcg;

/* ---- residuals.c, (L) ---- */

/* Takes what the small problem has found, into the log too. */
void ptl__lobpcg_note_values(ptl__lobpcg *l);
/* R = (A X - B X Lambda - B Q Q^H A X) Pi, Pi being the order, in units. */
void ptl__lobpcg_residuals(ptl__lobpcg *l);
/* This rank's part of squared norms, into the reduction that has begun. */
double *ptl__lobpcg_norms(ptl__lobpcg *l, const ptl_vector *v);
/* Of the residuals, then, where it matters, of B X. */
double *ptl__lobpcg_norms_to_judge(ptl__lobpcg *l);
/* The reduced norms, into the log; which columns are active; returns how many. */
int64_t ptl__lobpcg_judge(ptl__lobpcg *l, const double *squares);

/* ---- lobpcg.c ---- */

/* (C) The iteration from a guess, on memory that is ready. Fails on every rank or on none. */
ptl_status ptl__lobpcg_run(ptl__lobpcg *l, const ptl_vector *guess) PTL_MUST_USE;
/* (L) How many doubles its largest reduction sums. */
int64_t ptl__lobpcg_sums(const ptl__lobpcg *l);

#endif
