/* The local solver of Schwarz: A_i^-1 of this rank's extended block. */
#ifndef PTL_PRECOND_LOCAL_SOLVER_H
#define PTL_PRECOND_LOCAL_SOLVER_H

#include <petiole/index_map.h>
#include <petiole/precond.h>

typedef struct ptl__local_solver {
    ptl_linop *op;    /* on one process */
    uint64_t pattern; /* of the block that it was generated from */
} ptl__local_solver;

/* (C) where `overlap`, the index map of the overlap's rows, is not NULL. Both may fail on this rank
 * alone at the end; messages then say whose block it was. What is made is the caller's, on failure
 * too. An operator that the options give is taken as it is, and stays. */
ptl_status ptl__local_solver_make(const ptl_schwarz_options *options, ptl_linop *A,
                                  const ptl_index_map *overlap,
                                  ptl__local_solver *out) PTL_MUST_USE;
ptl_status ptl__local_solver_renew(const ptl_schwarz_options *options, ptl_linop *A,
                                   const ptl_index_map *overlap,
                                   ptl__local_solver *solver) PTL_MUST_USE;

#endif
