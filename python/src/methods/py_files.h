/* Files of vectors and matrices. */
#ifndef PY_FILES_H
#define PY_FILES_H

#include "../base/py_state.h"

PyObject *py_vector_read(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                         PyObject *kwnames);
PyObject *py_vector_write(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                          PyObject *kwnames);

PyObject *py_matrix_read(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                         PyObject *kwnames);
PyObject *py_matrix_write(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                          PyObject *kwnames);

#endif
