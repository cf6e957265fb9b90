/* Products of operators with vectors. */
#ifndef PY_APPLY_H
#define PY_APPLY_H

#include "../base/py_state.h"

/* apply(x, y) and apply(alpha, x, beta, y), collective. */
PyObject *py_linop_apply(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                         PyObject *kwnames);
/* A @ x, and of two operators their composition. */
PyObject *py_linop_matmul(PyObject *a, PyObject *b);

#endif
