/* A generated solver: a method with its matrix, preconditioner, criteria and memory. */
#ifndef PTL_SOLVER_GENERATED_H
#define PTL_SOLVER_GENERATED_H

#include "workspace.h"

typedef struct ptl__solver {
    ptl_linop base;
    const ptl__method *method;
    ptl_linop *A, *M;
    ptl_stop *stop;
    ptl_factory *factory; /* whose options these are */
    const ptl_solver_options *options;
    int64_t predicates; /* how many the criteria have */
    ptl__workspace space;
    void *cache; /* what a method keeps from solve to solve, ended by ptl__free */
} ptl__solver;

/* (C) One solve, of a prepared solver: fails on every rank or on none. limit: where x will be kept,
 * an entry that is not smaller is infinite. */
ptl_status ptl__solve_run(ptl__solver *solver, ptl_vector *b, ptl_vector *x, double limit,
                          ptl_log *log) PTL_MUST_USE;

#endif
