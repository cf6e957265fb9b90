/* The log of lobpcg. */
#ifndef PY_EIGEN_LOG_H
#define PY_EIGEN_LOG_H

#include "../base/py_state.h"

PyObject *py_eigen_log_wrap(py_state *st, ptl_eigen_log *log); /* takes the reference */

/* The documentation of the module's functions. */
extern const char py_lobpcg_doc[], py_rayleigh_ritz_doc[];

#endif
