/* The methods of Matrix, from the files that they are in to the table of its class. */
#ifndef PY_MATRIX_H
#define PY_MATRIX_H

#include "../base/py_common.h"

/* py_matrix_make.c */
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

/* py_files.c */
PyObject *py_matrix_read(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                         PyObject *kwnames);
PyObject *py_matrix_write(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                          PyObject *kwnames);

/* py_matrix_algebra.c */
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

/* py_matrix_algebra.c: operators */
PyObject *py_matrix_add(PyObject *a, PyObject *b);
PyObject *py_matrix_subtract(PyObject *a, PyObject *b);
PyObject *py_matrix_multiply(PyObject *a, PyObject *b);
PyObject *py_matrix_divide(PyObject *a, PyObject *b);
PyObject *py_matrix_negative(PyObject *a);
PyObject *py_matrix_matmul(PyObject *a, PyObject *b);

#endif
