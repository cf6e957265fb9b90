/* Operators, below their methods. */
#ifndef PY_LINOP_H
#define PY_LINOP_H

#include "../base/py_state.h"

/* What C knows of a Python operator: the object, borrowed, until it ends, and which of
 * apply_transpose_impl and apply_hermitian_impl it has. */
typedef struct py_bridge {
    PyObject *self;
    int has[PTL_OP_COUNT];
} py_bridge;

typedef struct py_linop {
    PyObject_HEAD py_state *state;
    ptl_linop *op;     /* NULL where __init__ has not run */
    PyObject *comm;    /* a Communicator */
    PyObject *made_of; /* the Python objects that op uses, or NULL */
    py_bridge *bridge; /* how C finds a Python operator; else NULL */
    int readonly;      /* of a local format: its values are */
    /* Where a product lives (py_linop_place): the partitions of its rows and columns, borrowed from
     * op and made_of, NULL where none is known; and whether A x may be shaped like x. */
    ptl_partition *partitions[2];
    int maps_to_like;
} py_linop;

extern py_class py_LinOp_class;

/* An object of a class of operators; takes op's reference, borrows the others. */
PyObject *py_linop_wrap(py_state *st, PyTypeObject *type, ptl_linop *op, PyObject *comm,
                        PyObject *made_of);
/* The C operator of an object, borrowed; NULL with an exception. */
ptl_linop *py_linop_get(py_state *st, PyObject *object, const char *name);
/* The __init__ of classes whose objects __new__ makes. */
int py_linop_made(PyObject *self, PyObject *args, PyObject *kwargs);
/* Finds out where products with an operator live: what it says itself, or what it is the transpose
 * of. */
void py_linop_place(PyObject *A);
/* Whether its rows and columns are known to be distributed alike. */
int py_linop_is_square(const py_linop *A);
void py_linop_dealloc(PyObject *self);
int py_linop_traverse(PyObject *self, visitproc visit, void *arg);
int py_linop_clear(PyObject *self);

#endif
