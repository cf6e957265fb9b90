/* Stopping criteria. */
#ifndef PY_STOP_H
#define PY_STOP_H

#include "../base/py_state.h"

/* How C finds a Predicate: the object is borrowed and cleared when it is freed, for whoever uses
 * the criterion keeps the object, so that a cycle through its function can be collected. */
typedef struct py_asked {
    PyObject *self;
} py_asked;

typedef struct py_stop {
    PyObject_HEAD py_state *state;
    ptl_stop *stop;
    PyObject *made_of; /* what stop uses: a predicate's function, the parts of `|` and `&` */
    py_asked *asked;   /* how C finds a predicate; else NULL */
} py_stop;

extern py_class py_Criterion_class;

/* The criterion of an argument, borrowed; NULL for None. */
int py_stop_arg(py_state *st, PyObject *object, ptl_stop **out);
/* A Criterion of a class that takes *stop's reference; NULL where `failed`. A pointer to stop,
 * since C may look at it before it makes the call that `failed` is of. */
PyObject *py_stop_wrap(py_state *st, PyTypeObject *type, int failed, ptl_stop **stop);

#endif
