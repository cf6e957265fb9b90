/* Arguments of collective calls: errors on one rank that every rank must hear of. */
#ifndef PY_COLLECTIVE_H
#define PY_COLLECTIVE_H

#include "../base/py_args.h"

/* The same over the communicator that one of the objects is, or that an operator or vector, or what
 * a factory preconditions with, lives on: the largest of them. Where there is none, nobody can be
 * told, and this rank fails alone. NULLs are skipped. Always NULL. */
void *py_fail_among(py_state *st, int count, PyObject *const *objects);
/* That the operators and vectors among the objects live on one communicator; else fails among them.
 */
int py_check_comms(py_state *st, int count, PyObject *const *objects);

/* The Communicator that an object is or lives on, a new reference; NULL, without an exception,
 * where none is known. */
PyObject *py_comm_of(py_state *st, PyObject *object);

/* Those of a collective constructor: the Communicator of out[at], a new reference. Fails among what
 * is given. */
PyObject *py_args_comm(py_state *st, const py_signature *signature, int at, PyObject *const *args,
                       Py_ssize_t nargs, PyObject *kwnames, PyObject **out);
PyObject *py_args_tuple_comm(py_state *st, const py_signature *signature, int at, PyObject *args,
                             PyObject *kwargs, PyObject **out);

/* A collective method of `count` arguments, 0 or 1, without names: where one rank gives more or
 * fewer, every rank fails. PY_COUNTED is its entry. */
#define PY_COUNT(count, function)                                                                  \
    static PyObject *function##_counted(PyObject *self, PyObject *const *args, Py_ssize_t nargs,   \
                                        PyObject *kwnames)                                         \
    {                                                                                              \
        return py_args_count(self, count, args, nargs, kwnames) < 0                                \
                   ? NULL                                                                          \
                   : function(self, (count) ? args[0] : NULL);                                     \
    }
#define PY_COUNTED(name, function, doc) PY_METHOD(name, function##_counted, doc)
int py_args_count(PyObject *self, int count, PyObject *const *args, Py_ssize_t nargs,
                  PyObject *kwnames);

#endif
