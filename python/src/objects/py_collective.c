/* What is wrong with the arguments of a collective call on one rank, said on every rank: over the
 * communicator of whatever argument has one. */
#include "py_collective.h"

#include "../base/py_args.h"
#include "../base/py_errors.h"
#include "py_comm.h"
#include "py_factory.h"
#include "py_linop.h"
#include "py_vector.h"

PyObject *py_comm_of(py_state *st, PyObject *object)
{
    PyObject *comm = NULL;
    if (py_is(object, PY_TYPE(st, LinOp)))
        comm = Py_XNewRef(((py_linop *)object)->comm);
    else if (py_is(object, PY_TYPE(st, Vector)))
        comm = ((py_vector *)object)->v ? PyObject_GetAttrString(object, "comm")
                                        : Py_XNewRef(((py_vector *)object)->comm);
    else if (py_is(object, PY_TYPE(st, Factory)) && ((py_factory *)object)->precond)
        comm = py_comm_of(st, ((py_factory *)object)->precond);
    else if (py_is(object, PY_TYPE(st, Communicator)) || py_comm_is_mpi4py(object) > 0)
        comm = py_comm_from(st, object);
    PyErr_Clear();
    return comm;
}

/* Of an operator or vector; else NULL. */
static const ptl_comm *home(py_state *st, PyObject *object)
{
    if (py_is(object, PY_TYPE(st, LinOp)) && ((py_linop *)object)->op)
        return ptl_linop_comm(((py_linop *)object)->op);
    if (py_is(object, PY_TYPE(st, Vector)) && ((py_vector *)object)->v)
        return ptl_vector_comm(((py_vector *)object)->v);
    return NULL;
}

void *py_fail_among(py_state *st, int count, PyObject *const *objects)
{
    PyObject *type, *value, *trace, *comm = NULL;
    PyErr_Fetch(&type, &value, &trace);
    for (int i = 0; i < count; i++) {
        PyObject *found = objects[i] ? py_comm_of(st, objects[i]) : NULL;
        if (found && !ptl_comm_freed(py_comm_get(found)) &&
            (!comm || ptl_comm_size(py_comm_get(found)) > ptl_comm_size(py_comm_get(comm)))) {
            Py_XDECREF(comm);
            comm = found;
        } else {
            Py_XDECREF(found);
        }
    }
    PyErr_Restore(type, value, trace);
    if (comm)
        py_fail_together(st, py_comm_get(comm));
    Py_XDECREF(comm);
    return NULL;
}

int py_check_comms(py_state *st, int count, PyObject *const *objects)
{
    const ptl_comm *first = NULL;
    for (int i = 0; i < count; i++) {
        const ptl_comm *comm = objects[i] ? home(st, objects[i]) : NULL;
        first = first ? first : comm;
        if (comm && !ptl_comm_equal(first, comm)) {
            py_error(st, PTL_INVALID, "the operands live on different communicators");
            py_fail_among(st, count, objects);
            return -1;
        }
    }
    return 0;
}

int py_args_count(PyObject *self, int count, PyObject *const *args, Py_ssize_t nargs,
                  PyObject *kwnames)
{
    const Py_ssize_t keywords = kwnames ? PyTuple_Size(kwnames) : 0;
    if (nargs == count && keywords == 0)
        return 0;
    PyErr_Format(PyExc_TypeError, "the method takes %d arguments, none by name (%zd and %zd given)",
                 count, nargs, keywords);
    PyObject *const objects[2] = {self, nargs > 0 ? args[0] : NULL};
    py_fail_among(py_state_of((PyObject *)Py_TYPE(self)), 2, objects);
    return -1;
}

PyObject *py_args_comm(py_state *st, const py_signature *s, int at, PyObject *const *args,
                       Py_ssize_t nargs, PyObject *kwnames, PyObject **out)
{
    int failed = py_args(s, args, nargs, kwnames, out);
    PyObject *comm = failed ? NULL : py_comm_from(st, out[at]);
    return comm ? comm : py_fail_among(st, s->count, out);
}

PyObject *py_args_tuple_comm(py_state *st, const py_signature *s, int at, PyObject *args,
                             PyObject *kwargs, PyObject **out)
{
    int failed = py_args_tuple(s, args, kwargs, out);
    PyObject *comm = failed ? NULL : py_comm_from(st, out[at]);
    return comm ? comm : py_fail_among(st, s->count, out);
}
