/* Stopping by a function of the user's. */
#include "../base/py_args.h"
#include "../base/py_errors.h"
#include "py_solver.h"
#include "py_stop.h"

py_class py_Predicate_class;

static void asked_release(void *ctx)
{
    int taken = py_gil_take();
    PyMem_Free(ctx);
    py_gil_drop(taken);
}

static int ask(py_state *st, PyObject *fn, const ptl_event *event, int *stop)
{
    PyObject *answer = py_event_call(st, fn, event);
    *stop = answer ? PyObject_IsTrue(answer) : -1;
    Py_XDECREF(answer);
    return *stop < 0 ? -1 : 0;
}

static ptl_status on_ask(void *ctx, const ptl_event *event, int *stop)
{
    const py_asked *asked = ctx;
    int taken = py_gil_take();
    ptl_status status = PTL_OK;
    py_stop *self = (py_stop *)Py_XNewRef(asked->self);
    PyObject *fn = self ? Py_XNewRef(self->made_of) : NULL;
    if (!fn)
        status = ptl_fail(PTL_CALLBACK, "the Python object of a predicate has ended");
    else if (ask(self->state, fn, event, stop) < 0)
        status = py_callback_failed();
    Py_XDECREF(fn);
    Py_XDECREF((PyObject *)self);
    py_gil_drop(taken);
    return status;
}

static PyObject *predicate_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PY_SIGNATURE(signature, "Predicate", 1, 1, "fn");
    py_state *st = py_state_of((PyObject *)type);
    PyObject *given[1];
    if (py_args_tuple(&signature, args, kwargs, given) < 0)
        return NULL;
    if (!PyCallable_Check(given[0]))
        return py_type_error("fn", "callable", given[0]);
    py_asked *asked = PyMem_Calloc(1, sizeof *asked);
    if (!asked)
        return PyErr_NoMemory();
    ptl_stop *stop = NULL;
    if (PY_CALL(st, ptl_stop_predicate(on_ask, asked, asked_release, &stop)) < 0) {
        PyMem_Free(asked);
        return NULL;
    }
    py_stop *self = (py_stop *)py_stop_wrap(st, type, 0, &stop);
    if (self) {
        asked->self = (PyObject *)self;
        self->asked = asked;
        self->made_of = Py_NewRef(given[0]);
    }
    return (PyObject *)self;
}

PyDoc_STRVAR(
    predicate_doc,
    "Predicate(fn)\n--\n\n"
    "Stops all columns where fn(event) is true on any rank (local). fn is called on every rank, as "
    "a\n"
    "solver's callback is: before the first iteration and after each. Costs one more reduction an\n"
    "iteration. An exception in it ends the solve on every rank, as RemoteError on the others.");

static PyType_Slot predicate_slots[] = {
    {Py_tp_new, predicate_new},
    {Py_tp_doc, (void *)predicate_doc},
    {0, NULL},
};

PyType_Spec py_Predicate_spec = {"petiole.stop.Predicate", sizeof(py_stop), 0, Py_TPFLAGS_DEFAULT,
                                 predicate_slots};
