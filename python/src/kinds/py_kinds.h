/* The factories' classes. */
#ifndef PY_KINDS_H
#define PY_KINDS_H

#include "../base/py_state.h"

/* Makes the classes and adds them to the module. */
int py_kinds_init(PyObject *module, py_state *st);
/* The class of a kind, borrowed. */
PyTypeObject *py_kind_class(const py_state *st, const ptl_kind *kind);
/* The module's function kinds(). */
PyObject *py_kinds_list(PyObject *module, PyObject *unused);

#endif
