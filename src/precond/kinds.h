/* The kinds of preconditioners: a new one is one line here, and finds its way into the
 * configuration, into Python and into the tests. */
#ifndef PTL_PRECOND_KINDS_H
#define PTL_PRECOND_KINDS_H

#include "precond.h"

/* clang-format off */
#define PTL__PRECONDITIONERS(X) \
    X(jacobi) \
    X(ilu) \
    X(ic) \
    X(ilut) \
    X(isai) \
    X(sor) \
    X(gauss_seidel) \
    X(schwarz)
/* clang-format on */

#define X(name) extern const ptl__preconditioner ptl__##name##_preconditioner;
PTL__PRECONDITIONERS(X)
#undef X

#endif
