/* Operators: what the files of the base class share. */
#ifndef PY_LINOP_H
#define PY_LINOP_H

#include "../base/py_common.h"

/* What C knows of a Python operator: the object, borrowed, until it ends, and which of
 * apply_transpose_impl and apply_hermitian_impl it has. */
typedef struct py_bridge {
    PyObject *self;
    int has[PTL_OP_COUNT];
} py_bridge;

/* py_bridge.c: LinOp(shape, comm, dtype, exec) of a Python class */
PyObject *py_linop_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);
int py_linop_init(PyObject *self, PyObject *args, PyObject *kwargs);

/* py_composition.c: lazy products and sums; for what they do not know, NotImplemented */
PyObject *py_linop_compose(PyObject *a, PyObject *b);
PyObject *py_linop_add(PyObject *a, PyObject *b);
PyObject *py_linop_subtract(PyObject *a, PyObject *b);
PyObject *py_linop_multiply(PyObject *a, PyObject *b);
PyObject *py_linop_negative(PyObject *a);

/* py_apply.c: finds out where products with a new operator live, from its parts' places */
void py_linop_place(PyObject *A);
/* py_apply.c: A @ x, and of two operators their composition */
PyObject *py_linop_matmul(PyObject *a, PyObject *b);

#endif
