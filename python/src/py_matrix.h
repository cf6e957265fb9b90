/* The constructors of Matrix, from py_matrix_make.c to the table of its class. */
#ifndef PY_MATRIX_H
#define PY_MATRIX_H

#include "py_common.h"

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
PyObject *py_matrix_read(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                         PyObject *kwnames);

#endif
