/* The log of a solve. */
#ifndef PY_LOG_H
#define PY_LOG_H

#include "../base/py_state.h"

/* Takes the reference; ndim is that of the right-hand side. */
PyObject *py_log_wrap(py_state *st, ptl_log *log, int ndim);

#endif
