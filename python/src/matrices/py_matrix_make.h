/* Constructors of Matrix. */
#ifndef PY_MATRIX_MAKE_H
#define PY_MATRIX_MAKE_H

#include "../base/py_state.h"

PyObject *py_matrix_from_coo(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                             PyObject *kwnames);
PyObject *py_matrix_from_csr(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                             PyObject *kwnames);
PyObject *py_matrix_from_scipy(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                               PyObject *kwnames);
PyObject *py_matrix_from_blocks(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                                PyObject *kwnames);
PyObject *py_matrix_from_local(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                               PyObject *kwnames);

#endif
