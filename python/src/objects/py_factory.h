/* Factories, below their methods. */
#ifndef PY_FACTORY_H
#define PY_FACTORY_H

#include "../base/py_state.h"

/* It is also what the library's callback gets, so what it generates keeps it alive. */
typedef struct py_factory {
    PyObject_HEAD py_state *state;
    ptl_factory *factory;
    PyObject *precond;  /* a LinOp or a Factory, or NULL */
    PyObject *stop;     /* a Criterion, or NULL */
    PyObject *inner;    /* a list of the factories and operators among its parameters, or NULL */
    PyObject *callback; /* or NULL */
} py_factory;

extern py_class py_Factory_class;

/* The slots of Factory and of the kinds' classes. */
void py_factory_dealloc(PyObject *self);
int py_factory_traverse(PyObject *self, visitproc visit, void *arg);
int py_factory_clear(PyObject *self);

#endif
