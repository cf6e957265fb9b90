/* The methods: a new one is one line here, and finds its way into the configuration, into Python
 * and into the tests. */
#ifndef PTL_SOLVER_KINDS_H
#define PTL_SOLVER_KINDS_H

#include "solver.h"

/* clang-format off */
#define PTL__METHODS(X) \
    X(cg) \
    X(fcg) \
    X(pipecg) \
    X(bicgstab) \
    X(cgs) \
    X(gmres) \
    X(fgmres) \
    X(gcr) \
    X(idr) \
    X(minres) \
    X(ir) \
    X(chebyshev) \
    X(direct) \
    X(lower_trs) \
    X(upper_trs)
/* clang-format on */

#define X(name) extern const ptl__method ptl__##name##_method;
PTL__METHODS(X)
#undef X

#endif
