/* Stopping criteria: what the files of the classes share. */
#ifndef PY_STOP_H
#define PY_STOP_H

#include "../base/py_common.h"

typedef struct py_stop {
    PyObject_HEAD py_state *state;
    ptl_stop *stop;
    PyObject *made_of;      /* what stop uses: a predicate's function, the parts of `|` and `&` */
    struct py_asked *asked; /* how C finds a predicate; else NULL */
} py_stop;

/* A Criterion of a class that takes *stop's reference; NULL where `failed`. A pointer to stop,
 * since C may look at it before it makes the call that `failed` is of. */
PyObject *py_stop_wrap(py_state *st, PyTypeObject *type, int failed, ptl_stop **stop);

/* py_predicate.c: what C knows of a Predicate, and the end of that. */
void py_asked_end(struct py_asked *asked);

#endif
