/* The module's state, and what every object of ours begins with. Each Python object wraps one C
 * object and holds strong references to the Python objects that it is made of; none of them is
 * reached from C but through a `py_call` (py_errors.h). Limited API of Python 3.11. */
#ifndef PY_STATE_H
#define PY_STATE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <petiole/petiole.h>

/* What stands for a class in C: each is defined, `py_<name>_class`, in the file of its object,
 * and gets its place among the state's types when py_module.c adds the class to a module. */
typedef struct py_class {
    int slot; /* 0 before that */
} py_class;

enum { PY_MOST_CLASSES = 64 };

typedef struct py_state {
    PyObject *Error;
    PyObject *errors[PTL_STATUS_COUNT];   /* the class that stands for each code; [0] is Error */
    PyObject *numpy;                      /* NULL until it is needed */
    PyObject *dtypes[PTL_DTYPE_ALL];      /* numpy.dtype of each, NULL until it is needed */
    int mpi4py_fits;                      /* 1 once mpi4py is known to use the same MPI as we */
    PyTypeObject *types[PY_MOST_CLASSES]; /* by the slots of the classes */
    PyTypeObject **kinds;                 /* of the factories, in the order of ptl_kinds */
} py_state;

/* The type object of a class, borrowed: PY_TYPE(st, Vector). */
#define PY_TYPE(st, name) ((st)->types[py_##name##_class.slot])
/* Gives a class its type in this state, whose reference is taken; -1 with SystemError where there
 * are too many. */
int py_class_set(py_state *st, py_class *of, PyTypeObject *type);

/* The module's definition; py_module.c gives it its functions and what makes it. */
extern struct PyModuleDef py_module_def;

/* The state of the module that a class, or a base of it, belongs to; NULL, without an error, where
 * none does. Objects of ours know their state; this is for constructors and binary operators. */
py_state *py_state_of(PyObject *type);

/* A new object of a class, zeroed, its first field after the head being the state. */
void *py_new(py_state *st, PyTypeObject *type);
/* Frees an object and releases its class; the last act of every tp_dealloc. */
void py_free(PyObject *self);
/* Whether an object is of a class (or one derived from it). */
int py_is(PyObject *object, PyTypeObject *type);

/* Given and not None. */
static inline int py_given(PyObject *object)
{
    return object && object != Py_None;
}

#endif
