/* Functions of the module that find eigenvalues. */
#ifndef PY_EIGEN_H
#define PY_EIGEN_H

#include "../base/py_state.h"

PyObject *py_lobpcg(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *py_rayleigh_ritz(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                           PyObject *kwnames);

#endif
