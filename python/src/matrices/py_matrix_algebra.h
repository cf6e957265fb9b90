/* Methods of Matrix that make matrices, and its operators. */
#ifndef PY_MATRIX_ALGEBRA_H
#define PY_MATRIX_ALGEBRA_H

#include "../base/py_state.h"

PyObject *py_matrix_copy(PyObject *self, PyObject *argument);
PyObject *py_matrix_astype(PyObject *self, PyObject *argument);
PyObject *py_matrix_row_scale(PyObject *self, PyObject *argument);
PyObject *py_matrix_col_scale(PyObject *self, PyObject *argument);
PyObject *py_matrix_transpose(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                              PyObject *kwnames);
PyObject *py_matrix_redistribute(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                                 PyObject *kwnames);
PyObject *py_matrix_submatrix(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                              PyObject *kwnames);

PyObject *py_matrix_add(PyObject *a, PyObject *b);
PyObject *py_matrix_subtract(PyObject *a, PyObject *b);
PyObject *py_matrix_multiply(PyObject *a, PyObject *b);
PyObject *py_matrix_divide(PyObject *a, PyObject *b);
PyObject *py_matrix_negative(PyObject *a);
PyObject *py_matrix_matmul(PyObject *a, PyObject *b);

#endif
