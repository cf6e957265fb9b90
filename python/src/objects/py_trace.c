/* Callbacks that hear what happens inside the library. */
#include <stddef.h>

#include "../base/py_args.h"
#include "../base/py_errors.h"

#include <structmember.h>

py_class py_trace_class, py_TraceEvent_class;

/* ---- what a callback gets -------------------------------------------------------------------- */

typedef struct py_trace_event {
    PyObject_HEAD py_state *state;
    const char *kind, *phase, *name; /* static strings */
    long long amount;
    double seconds;
} py_trace_event;

static PyObject *event_new(py_state *st, const ptl_trace_event *event)
{
    static const char *const phases[] = {
        [PTL_TRACE_BEGIN] = "begin", [PTL_TRACE_END] = "end", [PTL_TRACE_POINT] = "point"};
    py_trace_event *self = py_new(st, PY_TYPE(st, TraceEvent));
    if (!self)
        return NULL;
    self->kind = ptl_trace_kind_text(event->kind);
    self->phase = phases[event->phase];
    self->name = event->name;
    self->amount = event->amount;
    self->seconds = event->seconds;
    return (PyObject *)self;
}

static PyObject *event_repr(PyObject *self)
{
    const py_trace_event *e = (py_trace_event *)self;
    return PyUnicode_FromFormat("<petiole.TraceEvent %s %s %s, amount %lld>", e->kind, e->name,
                                e->phase, e->amount);
}

static void event_dealloc(PyObject *self)
{
    py_free(self);
}

#define MEMBER(name, type, doc)                                                                    \
    {                                                                                              \
#name, type, offsetof(py_trace_event, name), READONLY, doc                                 \
    }
static PyMemberDef event_members[] = {
    MEMBER(kind, T_STRING, "What happens: one of the kinds of `trace` (local)."),
    MEMBER(phase, T_STRING, "\"begin\", \"end\", or \"point\" where it takes no time (local)."),
    MEMBER(name, T_STRING, "A method, a class of operators, a kernel (local)."),
    MEMBER(amount, T_LONGLONG, "How many numbers, words or bytes, by kind (local)."),
    MEMBER(seconds, T_DOUBLE, "When, on the clock of time.monotonic() (local)."),
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot event_slots[] = {
    {Py_tp_dealloc, event_dealloc},
    {Py_tp_repr, event_repr},
    {Py_tp_members, event_members},
    {Py_tp_doc, "What the callback of a `trace` gets."},
    {0, NULL},
};

PyType_Spec py_TraceEvent_spec = {"petiole.TraceEvent", sizeof(py_trace_event), 0,
                                  Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                  event_slots};

/* ---- a trace --------------------------------------------------------------------------------- */

/* While it is at work it holds a reference to itself. */
typedef struct py_trace {
    PyObject_HEAD py_state *state;
    PyObject *callback;
    unsigned kinds;
    ptl_tracer *tracer;                 /* NULL while it is not at work */
    PyObject *type, *value, *traceback; /* the exception of the callback, or NULL */
} py_trace;

/* An exception of the caller's may be set meanwhile: it stays. */
static void call_back(py_trace *t, const ptl_trace_event *event)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *shown = event_new(t->state, event);
    PyObject *result = shown ? PyObject_CallFunctionObjArgs(t->callback, shown, NULL) : NULL;
    if (!result && !t->type)
        PyErr_Fetch(&t->type, &t->value, &t->traceback);
    PyErr_Clear(); /* of a call in another thread */
    Py_XDECREF(shown);
    Py_XDECREF(result);
    PyErr_Restore(type, value, traceback);
}

/* In any thread, with the GIL or without. */
static void on_event(void *ctx, const ptl_trace_event *event)
{
    py_trace *t = ctx;
    if (!Py_IsInitialized())
        return;
    const int taken = py_gil_take();
    const PyGILState_STATE state = PyGILState_Ensure();
    if (!t->type)
        call_back(t, event);
    PyGILState_Release(state);
    py_gil_drop(taken);
}

static int to_kinds(py_state *st, PyObject *object, unsigned *out)
{
    static const char *const texts[] = {
#define X(name, text) text,
        PTL_TRACE_MAP(X)
#undef X
            NULL};
    PyObject *names = PyUnicode_Check(object) ? PyTuple_Pack(1, object) : PySequence_Tuple(object);
    int failed = names ? 0 : -1;
    *out = 0;
    for (Py_ssize_t i = 0; failed == 0 && i < PyTuple_Size(names); i++) {
        int kind;
        failed = py_to_choice(st, PyTuple_GetItem(names, i), "kinds", texts, &kind);
        if (failed == 0)
            *out |= 1u << kind;
    }
    Py_XDECREF(names);
    return failed;
}

static PyObject *trace_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PY_SIGNATURE(signature, "trace", 1, 2, "callback", "kinds");
    py_state *st = py_state_of((PyObject *)type);
    PyObject *given[2];
    unsigned kinds = 0;
    if (py_args_tuple(&signature, args, kwargs, given) < 0)
        return NULL;
    if (!PyCallable_Check(given[0]))
        return py_type_error("callback", "callable", given[0]);
    if (py_given(given[1]) && to_kinds(st, given[1], &kinds) < 0)
        return NULL;
    py_trace *self = py_new(st, type);
    if (!self)
        return NULL;
    self->callback = Py_NewRef(given[0]);
    self->kinds = kinds;
    return (PyObject *)self;
}

static PyObject *trace_enter(PyObject *self, PyObject *unused)
{
    (void)unused;
    py_trace *t = (py_trace *)self;
    if (t->tracer)
        return py_error(t->state, PTL_INVALID, "the trace is at work");
    if (PY_CALL(t->state, ptl_trace_start(on_event, t, t->kinds, &t->tracer)) < 0)
        return NULL;
    Py_INCREF(self);
    return Py_NewRef(self);
}

static ptl_status end_trace(ptl_tracer *tracer)
{
    ptl_trace_end(&tracer);
    return PTL_OK;
}

/* An exception that ends the block goes on; the callback's is then told as one that nobody gets. */
static PyObject *trace_exit(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    py_trace *t = (py_trace *)self;
    ptl_tracer *tracer = t->tracer;
    if (!tracer)
        Py_RETURN_NONE;
    t->tracer = NULL;
    (void)PY_CALL(t->state, end_trace(tracer));
    PyObject *type = t->type, *value = t->value, *traceback = t->traceback;
    t->type = t->value = t->traceback = NULL;
    if (type) {
        PyErr_Restore(type, value, traceback);
        if (nargs > 0 && args[0] != Py_None)
            PyErr_WriteUnraisable(t->callback);
    }
    Py_DECREF(self);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

static int trace_clear(PyObject *self)
{
    py_trace *t = (py_trace *)self;
    if (t->tracer)
        return 0;
    Py_CLEAR(t->callback);
    Py_CLEAR(t->type);
    Py_CLEAR(t->value);
    Py_CLEAR(t->traceback);
    return 0;
}

static int trace_traverse(PyObject *self, visitproc visit, void *arg)
{
    py_trace *t = (py_trace *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(t->callback);
    Py_VISIT(t->type);
    Py_VISIT(t->value);
    Py_VISIT(t->traceback);
    return 0;
}

static void trace_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    trace_clear(self);
    py_free(self);
}

static PyMethodDef trace_methods[] = {
    {"__enter__", trace_enter, METH_NOARGS,
     "__enter__($self, /)\n--\n\nFrom here on the callback is called (local)."},
    {"__exit__", (PyCFunction)(void (*)(void))trace_exit, METH_FASTCALL,
     "__exit__($self, /, *exception)\n--\n\n"
     "The end of it; raises what the callback has raised (local)."},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(
    trace_doc,
    "trace(callback, kinds=())\n--\n\n"
    "Within `with trace(callback):` the callback is called for what happens inside the library in\n"
    "this process, with a TraceEvent (local). Where nobody traces it costs nothing.\n\n"
    "kinds: which of \"solve\", \"generate\", \"iteration\", \"product\", \"precondition\", "
    "\"vector\" "
    "(a pass\n"
    "over vectors; words per row and column), \"apply\", \"reduction\" (how many numbers), "
    "\"halo\" "
    "(bytes\n"
    "sent by this rank), \"wait\" (for other ranks) and \"allocation\" (bytes); none is all of "
    "them.\n"
    "The callback runs in the thread where it happens; what it does itself is not told. Where it\n"
    "raises, it is not called again, and the exception comes out at the end of the block.\n"
    "InvalidArgument for an unknown kind; NotSupported where 16 are at work.");

static PyType_Slot trace_slots[] = {
    {Py_tp_new, trace_new},
    {Py_tp_dealloc, trace_dealloc},
    {Py_tp_traverse, trace_traverse},
    {Py_tp_clear, trace_clear},
    {Py_tp_methods, trace_methods},
    {Py_tp_doc, (void *)trace_doc},
    {0, NULL},
};

PyType_Spec py_trace_spec = {"petiole.trace", sizeof(py_trace), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, trace_slots};
