/* Python code as an operator. */
#ifndef PY_BRIDGE_H
#define PY_BRIDGE_H

#include "../base/py_state.h"

/* LinOp(shape, comm, dtype, exec) of a Python class. */
PyObject *py_linop_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);
int py_linop_init(PyObject *self, PyObject *args, PyObject *kwargs);

#endif
