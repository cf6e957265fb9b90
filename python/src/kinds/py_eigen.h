/* Eigenvalues: what their files and the module share. */
#ifndef PY_EIGEN_H
#define PY_EIGEN_H

#include "../base/py_common.h"

PyObject *py_eigen_log_wrap(py_state *st, ptl_eigen_log *log); /* takes the reference */

PyObject *py_lobpcg(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *py_rayleigh_ritz(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                           PyObject *kwnames);
extern const char py_lobpcg_doc[], py_rayleigh_ritz_doc[];

#endif
