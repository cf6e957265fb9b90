/* Factories: what generates an operator from an operator. Their classes are in py_kinds.c. */
#include <time.h>

#include "../objects/py_factory.h"

/* ---- during a solve -------------------------------------------------------------------------- */

/* 1 at most every 50 ms on a thread: often enough for Ctrl-C, seldom enough to cost nothing. */
static int signals_are_due(void)
{
    static _Thread_local double next;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double seconds = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
    if (seconds < next)
        return 0;
    next = seconds + 0.05;
    return 1;
}

static int call_back(py_state *st, PyObject *callback, const ptl_event *event)
{
    PyObject *result = py_event_call(st, callback, event);
    Py_XDECREF(result);
    return result ? 0 : -1;
}

ptl_status py_factory_on_event(void *ctx, const ptl_event *event)
{
    py_factory *factory = ctx;
    int due = signals_are_due();
    if (!factory->callback && !due)
        return PTL_OK;
    int taken = py_gil_take();
    ptl_status status = PTL_OK;
    PyObject *callback = Py_XNewRef(factory->callback);
    if ((due && PyErr_CheckSignals() < 0) ||
        (callback && call_back(factory->state, callback, event) < 0))
        status = py_callback_failed();
    Py_XDECREF(callback);
    py_gil_drop(taken);
    return status;
}

/* ---- generating ------------------------------------------------------------------------------ */

static const ptl_kind *kind_of(PyObject *self)
{
    return ptl_factory_kind(((py_factory *)self)->factory);
}

static PyObject *factory_generate(PyObject *self, PyObject *matrix)
{
    py_factory *factory = (py_factory *)self;
    py_state *st = factory->state;
    PyObject *const both[2] = {factory->precond, matrix};
    ptl_linop *A = py_linop_get(st, matrix, "A"), *op = NULL;
    if (!A)
        return py_fail_among(st, 2, both);
    if (py_check_comms(st, 2, both) < 0 ||
        PY_CALL(st, ptl_factory_generate(factory->factory, A, &op)) < 0)
        return NULL;
    PyTypeObject *type = py_kind_is_solver(kind_of(self)) ? st->Solver
                         : ptl_linop_as_factorization(op) ? st->Factorization
                                                          : st->LinOp;
    PyObject *made_of = PyTuple_Pack(2, self, matrix);
    PyObject *made = NULL;
    if (made_of) /* factors hold nothing of A */
        made = py_linop_wrap(st, type, op, ((py_linop *)matrix)->comm,
                             type == st->Factorization ? NULL : made_of);
    else
        ptl_linop_release(&op);
    Py_XDECREF(made_of);
    return made;
}

static PyObject *factory_kind(PyObject *self, void *unused)
{
    (void)unused;
    return PyUnicode_FromString(kind_of(self)->name);
}

static PyObject *factory_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<petiole.%s factory>", kind_of(self)->title);
}

static int factory_clear(PyObject *self)
{
    py_factory *factory = (py_factory *)self;
    Py_CLEAR(factory->precond);
    Py_CLEAR(factory->stop);
    Py_CLEAR(factory->inner);
    Py_CLEAR(factory->callback);
    return 0;
}

static int factory_traverse(PyObject *self, visitproc visit, void *arg)
{
    py_factory *factory = (py_factory *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(factory->precond);
    Py_VISIT(factory->stop);
    Py_VISIT(factory->inner);
    Py_VISIT(factory->callback);
    return 0;
}

void py_factory_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    ptl_factory_release(&((py_factory *)self)->factory);
    factory_clear(self);
    py_free(self);
}

PY_COUNT(1, factory_generate)

static PyMethodDef factory_methods[] = {
    PY_COUNTED("generate", factory_generate,
               "generate($self, A, /)\n--\n\n"
               "Makes the operator for A, a LinOp, which is kept (collective)."),
    {"to_dict", py_factory_to_dict, METH_NOARGS,
     "to_dict($self, /)\n--\n\n"
     "Its configuration (local): `petiole.factory` of it is an equal factory. NotSupported, naming "
     "it,\n"
     "for what a configuration cannot hold: a callback, a predicate, an operator."},
    {"to_json", py_factory_to_json, METH_NOARGS,
     "to_json($self, /)\n--\n\nThe same as JSON text (local)."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef factory_getset[] = {
    {"kind", factory_kind, NULL, "What it makes, as a configuration names it: \"cg\" (local).",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot factory_slots[] = {
    {Py_tp_dealloc, py_factory_dealloc},
    {Py_tp_traverse, factory_traverse},
    {Py_tp_clear, factory_clear},
    {Py_tp_repr, factory_repr},
    {Py_tp_methods, factory_methods},
    {Py_tp_getset, factory_getset},
    {Py_tp_doc, "Parameters that generate a linear operator from a linear operator."},
    {0, NULL},
};

PyType_Spec py_Factory_spec = {"petiole.Factory", sizeof(py_factory), 0,
                               Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC |
                                   Py_TPFLAGS_DISALLOW_INSTANTIATION,
                               factory_slots};
