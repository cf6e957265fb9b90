/* Vectors, below their methods. */
#ifndef PY_VECTOR_H
#define PY_VECTOR_H

#include "../base/py_state.h"

typedef struct py_vector {
    PyObject_HEAD py_state *state;
    ptl_vector *v;  /* NULL once what it was lent to has returned */
    PyObject *comm; /* a Communicator, or NULL until asked for */
    int readonly;   /* lent to be read */
} py_vector;

extern py_class py_Vector_class;

/* takes the reference; comm is borrowed, or NULL */
PyObject *py_vector_wrap(py_state *st, ptl_vector *v, PyObject *comm);
/* A Vector over one that is borrowed for the time of a callback, and what ends that time. */
PyObject *py_vector_lend(py_state *st, ptl_vector *v, PyObject *comm, int readonly);
void py_vector_end(PyObject *lent);
/* The C vector of a Vector, borrowed; NULL with an exception where it is none or its time is over.
 */
ptl_vector *py_vector_get(py_state *st, PyObject *object, const char *name);
ptl_vector *py_vector_get_writable(py_state *st, PyObject *object, const char *name);

#endif
