/* The methods of Vector, from the files that they are in to the table of its class. */
#ifndef PY_VECTOR_H
#define PY_VECTOR_H

#include "../base/py_common.h"

/* py_vector_make.c */
PyObject *py_vector_zeros(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                          PyObject *kwnames);
PyObject *py_vector_from_local(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                               PyObject *kwnames);
PyObject *py_vector_view(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                         PyObject *kwnames);
PyObject *py_vector_from_global(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                                PyObject *kwnames);

PyObject *py_vector_redistribute(PyObject *self, PyObject *partition);

/* py_files.c */
PyObject *py_vector_read(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                         PyObject *kwnames);
PyObject *py_vector_write(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                          PyObject *kwnames);

/* py_vector_ops.c */
PyObject *py_vector_fill(PyObject *self, PyObject *argument);
PyObject *py_vector_copy(PyObject *self, PyObject *argument);
PyObject *py_vector_copy_from(PyObject *self, PyObject *argument);
PyObject *py_vector_zeros_like(PyObject *self, PyObject *argument);
PyObject *py_vector_astype(PyObject *self, PyObject *argument);
PyObject *py_vector_scale(PyObject *self, PyObject *argument);
PyObject *py_vector_inv_scale(PyObject *self, PyObject *argument);
PyObject *py_vector_abs(PyObject *self, PyObject *argument);
PyObject *py_vector_conj(PyObject *self, PyObject *argument);
PyObject *py_vector_dot(PyObject *self, PyObject *argument);
PyObject *py_vector_conj_dot(PyObject *self, PyObject *argument);
PyObject *py_vector_sum(PyObject *self, PyObject *argument);
PyObject *py_vector_mean(PyObject *self, PyObject *argument);
PyObject *py_vector_allgather(PyObject *self, PyObject *argument);
PyObject *py_vector_add_scaled(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                               PyObject *kwnames);
PyObject *py_vector_sub_scaled(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                               PyObject *kwnames);
PyObject *py_vector_norm(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                         PyObject *kwnames);
PyObject *py_vector_gather(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                           PyObject *kwnames);

/* py_vector_ops.c: operators; the attributes real and imag, by what `map` (a ptl_map) says */
PyObject *py_vector_add(PyObject *a, PyObject *b);
PyObject *py_vector_subtract(PyObject *a, PyObject *b);
PyObject *py_vector_multiply(PyObject *a, PyObject *b);
PyObject *py_vector_divide(PyObject *a, PyObject *b);
PyObject *py_vector_iadd(PyObject *a, PyObject *b);
PyObject *py_vector_isubtract(PyObject *a, PyObject *b);
PyObject *py_vector_imultiply(PyObject *a, PyObject *b);
PyObject *py_vector_idivide(PyObject *a, PyObject *b);
PyObject *py_vector_matmul(PyObject *a, PyObject *b);
PyObject *py_vector_negative(PyObject *a);
PyObject *py_vector_absolute(PyObject *a);
PyObject *py_vector_map(PyObject *self, void *map);

#endif
