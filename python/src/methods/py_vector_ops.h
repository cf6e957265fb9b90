/* What vectors do: methods and operators of Vector. */
#ifndef PY_VECTOR_OPS_H
#define PY_VECTOR_OPS_H

#include "../base/py_state.h"

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

/* Operators; and the attributes real and imag, by what `map` (a ptl_map) says. */
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
