/* Constructors of Vector. */
#ifndef PY_VECTOR_MAKE_H
#define PY_VECTOR_MAKE_H

#include "../base/py_state.h"

PyObject *py_vector_zeros(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                          PyObject *kwnames);
PyObject *py_vector_from_local(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                               PyObject *kwnames);
PyObject *py_vector_view(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                         PyObject *kwnames);
PyObject *py_vector_from_global(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                                PyObject *kwnames);

PyObject *py_vector_redistribute(PyObject *self, PyObject *partition);

#endif
