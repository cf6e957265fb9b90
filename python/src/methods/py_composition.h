/* Operators made of operators. */
#ifndef PY_COMPOSITION_H
#define PY_COMPOSITION_H

#include "../base/py_state.h"

/* Lazy products and sums; NotImplemented for operands that they do not know. */
PyObject *py_linop_compose(PyObject *a, PyObject *b);
PyObject *py_linop_add(PyObject *a, PyObject *b);
PyObject *py_linop_subtract(PyObject *a, PyObject *b);
PyObject *py_linop_multiply(PyObject *a, PyObject *b);
PyObject *py_linop_negative(PyObject *a);

#endif
