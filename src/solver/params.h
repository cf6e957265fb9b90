/* The parameters that only some methods take, each written once: a method's table lists those that
 * it has, ended by PTL__PARAM_END. */
#ifndef PTL_SOLVER_PARAMS_H
#define PTL_SOLVER_PARAMS_H

#include <math.h>
#include <stddef.h>

#include "../base/params.h"
#include <petiole/solver.h>

#define PTL__SOLVER_PARAM(field, alias, doc, type, least, choices)                                 \
    {                                                                                              \
#field, alias, doc, type, offsetof(ptl_solver_options, field), least, choices              \
    }

extern const char *const ptl__orthogonalizations[];

#define PTL__PARAM_RESTART                                                                         \
    PTL__SOLVER_PARAM(restart, "krylov_dim", "the number of directions that are kept",             \
                      PTL_PARAM_INT, 1, NULL)
#define PTL__PARAM_ORTHOGONALIZATION                                                               \
    PTL__SOLVER_PARAM(orthogonalization, "ortho_method",                                           \
                      "Gram-Schmidt: classical twice, classical, or modified", PTL_PARAM_CHOICE,   \
                      0, ptl__orthogonalizations)
#define PTL__PARAM_S                                                                               \
    PTL__SOLVER_PARAM(s, "subspace_dim", "the dimension of the shadow space", PTL_PARAM_INT, 1,    \
                      NULL)
#define PTL__PARAM_KAPPA                                                                           \
    PTL__SOLVER_PARAM(                                                                             \
        kappa, NULL,                                                                               \
        "steps are lengthened if the cosine between r and A M r is smaller than this",             \
        PTL_PARAM_REAL, 0, NULL)
#define PTL__PARAM_RELAXATION                                                                      \
    PTL__SOLVER_PARAM(relaxation, "relaxation_factor", "the factor of each step, not 0",           \
                      PTL_PARAM_REAL, -INFINITY, NULL)
#define PTL__PARAM_LOWER_PRECISION                                                                 \
    PTL__SOLVER_PARAM(lower_precision, NULL,                                                       \
                      "whether M works in float and is generated from a float copy of A",          \
                      PTL_PARAM_BOOL, 0, NULL)
#define PTL__PARAM_BOUNDS                                                                          \
    PTL__SOLVER_PARAM(bounds, "foci",                                                              \
                      "the least and the largest eigenvalue of M A; None: estimated",              \
                      PTL_PARAM_BOUNDS, 0, NULL)
#define PTL__PARAM_STEPS                                                                           \
    PTL__SOLVER_PARAM(steps, NULL, "number of Lanczos steps for the estimation", PTL_PARAM_INT, 1, \
                      NULL)
#define PTL__PARAM_GATHER_LIMIT                                                                    \
    PTL__SOLVER_PARAM(                                                                             \
        gather_limit, NULL,                                                                        \
        "the largest number of rows for which a matrix on several ranks is gathered on one",       \
        PTL_PARAM_INT, 0, NULL)
#define PTL__PARAM_UNIT_DIAGONAL                                                                   \
    PTL__SOLVER_PARAM(unit_diagonal, NULL, "whether the diagonal is taken to be ones",             \
                      PTL_PARAM_BOOL, 0, NULL)
#define PTL__PARAM_END                                                                             \
    {                                                                                              \
        0                                                                                          \
    }

/* (L) Whether a callback or a predicate may ask for x and r within a solve. */
int ptl__solver_watched(const ptl_solver_options *options);
/* (L) That the parameters can be, and that no other method's are given: PTL_INVALID. */
ptl_status ptl__solver_check_params(const ptl_kind *kind,
                                    const ptl_solver_options *options) PTL_MUST_USE;

#endif
