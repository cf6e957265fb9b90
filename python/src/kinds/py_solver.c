/* Solvers that a factory has generated, and the events that a solve tells of. */
#include "py_solver.h"

#include "../base/py_args.h"
#include "../base/py_errors.h"
#include "../methods/py_apply.h"
#include "../objects/py_coefs.h"
#include "../objects/py_collective.h"
#include "../objects/py_linop.h"
#include "../objects/py_vector.h"
#include "py_log.h"

py_class py_Solver_class, py_Event_class;

/* apply(b, x) solves and gives the log; apply(alpha, b, beta, x) is that of every operator. */
static PyObject *solver_apply(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                              PyObject *kwnames)
{
    if (nargs != 2 || kwnames)
        return py_linop_apply(self, args, nargs, kwnames);
    py_linop *linop = (py_linop *)self;
    py_state *st = linop->state;
    ptl_log *log = NULL;
    PyObject *const all[3] = {self, args[0], args[1]};
    ptl_vector *b = py_vector_get(st, args[0], "b");
    ptl_vector *x = b ? py_vector_get_writable(st, args[1], "x") : NULL;
    if (!x)
        return py_fail_among(st, 3, all);
    if (py_check_comms(st, 3, all) < 0 || PY_CALL(st, ptl_solver_solve(linop->op, b, x, &log)) < 0)
        return NULL;
    return py_log_wrap(st, log, ptl_vector_ndim(b));
}

static PyMethodDef solver_methods[] = {
    PY_METHOD(
        "apply", solver_apply,
        "apply(b, x): solves A x = b from the guess in x and returns the Log (collective).\n\n"
        "apply(alpha, b, beta, x): x = alpha A^-1 b + beta x, from the guess zero.\n"
        "An exception in user code ends the solve on every rank, as RemoteError on the others.\n"
        "DimensionError, DtypeError, InvalidArgument."),
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(solver_doc, "A solver that a factory has generated for one operator A: x = A^-1 b.");

static PyType_Slot solver_slots[] = {
    {Py_tp_dealloc, py_linop_dealloc}, {Py_tp_traverse, py_linop_traverse},
    {Py_tp_clear, py_linop_clear},     {Py_tp_methods, solver_methods},
    {Py_tp_doc, (void *)solver_doc},   {0, NULL},
};

PyType_Spec py_Solver_spec = {
    "petiole.Solver", sizeof(py_linop), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION, solver_slots};

/* ---- events ---------------------------------------------------------------------------------- */

typedef struct py_event {
    PyObject_HEAD py_state *state;
    const ptl_event *event; /* NULL once the callback has returned */
    int64_t iteration;
    PyObject *norm;
    PyObject *lent[2]; /* x and r, where they were asked for */
} py_event;

static PyObject *event_new(py_state *st, const ptl_event *event)
{
    py_event *self = py_new(st, PY_TYPE(st, Event));
    if (!self)
        return NULL;
    self->event = event;
    self->iteration = event->iteration;
    self->norm = py_result(st, event->b, event->residual_norms, 0);
    if (!self->norm)
        Py_CLEAR(self);
    return (PyObject *)self;
}

static void event_end(PyObject *self)
{
    py_event *event = (py_event *)self;
    if (!event)
        return;
    event->event = NULL;
    for (int i = 0; i < 2; i++) {
        py_vector_end(event->lent[i]);
        event->lent[i] = NULL;
    }
    Py_DECREF(self);
}

PyObject *py_event_call(py_state *st, PyObject *fn, const ptl_event *event)
{
    PyObject *shown = event_new(st, event);
    PyObject *result = shown ? PyObject_CallFunctionObjArgs(fn, shown, NULL) : NULL;
    event_end(shown);
    return result;
}

static PyObject *event_vector(PyObject *self, void *which)
{
    py_event *e = (py_event *)self;
    int i = which != NULL;
    if (!e->event)
        return py_error(e->state, PTL_EXPIRED,
                        "the callback has returned: keep a copy of what it needs later, "
                        "event.%s.copy()",
                        i ? "r" : "x");
    if (!e->lent[i])
        e->lent[i] =
            py_vector_lend(e->state, i ? ptl_event_r(e->event) : ptl_event_x(e->event), NULL, 1);
    return Py_XNewRef(e->lent[i]);
}

static PyObject *event_iteration(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromLongLong(((py_event *)self)->iteration);
}

static PyObject *event_norm(PyObject *self, void *unused)
{
    (void)unused;
    return Py_NewRef(((py_event *)self)->norm);
}

static PyObject *event_repr(PyObject *self)
{
    const py_event *e = (py_event *)self;
    return PyUnicode_FromFormat("<petiole.Event iteration %lld, residual norm %R>",
                                (long long)e->iteration, e->norm);
}

static void event_dealloc(PyObject *self)
{
    py_event *e = (py_event *)self;
    Py_XDECREF(e->norm);
    for (int i = 0; i < 2; i++)
        py_vector_end(e->lent[i]);
    py_free(self);
}

static PyGetSetDef event_getset[] = {
    {"iteration", event_iteration, NULL, "0 before the first iteration (local).", NULL},
    {"residual_norm", event_norm, NULL, "A float, or an array with one per column (local).", NULL},
    {"x", event_vector, NULL, "The iterate, to be read during the callback (local).", NULL},
    {"r", event_vector, NULL, "The residual, to be read during the callback (local).", "r"},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot event_slots[] = {
    {Py_tp_dealloc, event_dealloc},
    {Py_tp_repr, event_repr},
    {Py_tp_getset, event_getset},
    {Py_tp_doc,
     "What a solver's callback gets, before the first iteration and after each. x and r are\n"
     "valid during the callback; a NumPy view taken from one keeps its memory."},
    {0, NULL},
};

PyType_Spec py_Event_spec = {"petiole.Event", sizeof(py_event), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, event_slots};
