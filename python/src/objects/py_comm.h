/* Communicators, below their methods. */
#ifndef PY_COMM_H
#define PY_COMM_H

#include "../base/py_state.h"

typedef struct py_comm {
    PyObject_HEAD py_state *state;
    ptl_comm *comm;
    PyObject *caller; /* the mpi4py communicator, or NULL */
    int node[2];      /* rank and size on the node; size 0 until asked for */
    int force_host_buffer;
} py_comm;

extern py_class py_Communicator_class;

/* A Communicator, new reference, of what a `comm` argument may be. */
PyObject *py_comm_from(py_state *st, PyObject *object);
/* Whether mpi4py has been imported, and the object is one of its communicators. */
int py_comm_is_mpi4py(PyObject *object);
/* An object over a communicator, whose reference is taken; `caller` is mpi4py's, or NULL. */
PyObject *py_comm_wrap(py_state *st, ptl_comm *comm, PyObject *caller);
/* The C communicator of a Communicator, borrowed. */
ptl_comm *py_comm_get(PyObject *communicator);

#endif
