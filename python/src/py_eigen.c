/* Eigenvalues: lobpcg, the Rayleigh-Ritz procedure, and what lobpcg tells. */
#include <string.h>

#include "py_eigen.h"
#include "py_factory.h"

/* ---- events ---------------------------------------------------------------------------------- */

typedef struct py_eigen_event {
    PyObject_HEAD py_state *state;
    const ptl_eigen_event *event; /* NULL once the callback has returned */
    int64_t iteration;
    PyObject *values, *norms;
    PyObject *lent; /* the vectors, where they were asked for */
} py_eigen_event;

static PyObject *event_new(py_state *st, const ptl_eigen_event *event)
{
    py_eigen_event *self = py_new(st, st->EigenEvent);
    if (!self)
        return NULL;
    self->event = event;
    self->iteration = event->iteration;
    self->values = py_array_of_doubles(st, 1, &event->columns, event->values);
    self->norms = py_array_of_doubles(st, 1, &event->columns, event->residual_norms);
    if (!self->values || !self->norms)
        Py_CLEAR(self);
    return (PyObject *)self;
}

static void event_end(PyObject *self)
{
    py_eigen_event *event = (py_eigen_event *)self;
    if (!event)
        return;
    event->event = NULL;
    py_vector_end(event->lent);
    event->lent = NULL;
    Py_DECREF(self);
}

static PyObject *event_iteration(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromLongLong(((py_eigen_event *)self)->iteration);
}

static PyObject *event_values(PyObject *self, void *unused)
{
    (void)unused;
    return Py_NewRef(((py_eigen_event *)self)->values);
}

static PyObject *event_norms(PyObject *self, void *unused)
{
    (void)unused;
    return Py_NewRef(((py_eigen_event *)self)->norms);
}

static PyObject *event_vectors(PyObject *self, void *unused)
{
    (void)unused;
    py_eigen_event *e = (py_eigen_event *)self;
    if (!e->event)
        return py_error(e->state, PTL_EXPIRED,
                        "the callback has returned: keep a copy of what it needs later, "
                        "event.vectors.copy()");
    if (!e->lent)
        e->lent = py_vector_lend(e->state, e->event->vectors, NULL, 1);
    return Py_XNewRef(e->lent);
}

static PyObject *event_repr(PyObject *self)
{
    const py_eigen_event *e = (py_eigen_event *)self;
    return PyUnicode_FromFormat("<petiole.EigenEvent iteration %lld, values %R>",
                                (long long)e->iteration, e->values);
}

static void event_dealloc(PyObject *self)
{
    py_eigen_event *e = (py_eigen_event *)self;
    Py_XDECREF(e->values);
    Py_XDECREF(e->norms);
    py_vector_end(e->lent);
    py_free(self);
}

static PyGetSetDef event_getset[] = {
    {"iteration", event_iteration, NULL, "0 before the first iteration (local).", NULL},
    {"values", event_values, NULL, "The Ritz values, an array of shape (columns,) (local).", NULL},
    {"residual_norms", event_norms, NULL,
     "The norms of A x - lambda B x, an array of shape (columns,) (local).", NULL},
    {"vectors", event_vectors, NULL, "The Ritz vectors, to be read during the callback (local).",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot event_slots[] = {
    {Py_tp_dealloc, event_dealloc},
    {Py_tp_repr, event_repr},
    {Py_tp_getset, event_getset},
    {Py_tp_doc,
     "What lobpcg's callback gets, before the first iteration and after each. `vectors` is valid\n"
     "during the callback; a NumPy view taken from it keeps its memory."},
    {0, NULL},
};

PyType_Spec py_EigenEvent_spec = {"petiole.EigenEvent", sizeof(py_eigen_event), 0,
                                  Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                  event_slots};

/* ---- arguments ------------------------------------------------------------------------------- */

/* One call: what C gets, and what its callback needs. */
typedef struct eigen_call {
    py_state *state;
    ptl_linop *A;
    ptl_vector *X; /* a copy of the caller's */
    PyObject *comm;
    ptl_lobpcg_options options;
    PyObject *callback; /* borrowed, or NULL */
} eigen_call;

/* Looks at signals, and calls the callback. */
static ptl_status on_event(void *ctx, const ptl_eigen_event *event)
{
    eigen_call *call = ctx;
    int taken = py_gil_take();
    int failed = PyErr_CheckSignals();
    if (failed == 0 && call->callback) {
        PyObject *shown = event_new(call->state, event);
        PyObject *result = shown ? PyObject_CallFunctionObjArgs(call->callback, shown, NULL) : NULL;
        failed = result ? 0 : -1;
        event_end(shown);
        Py_XDECREF(result);
    }
    ptl_status status = failed < 0 ? py_callback_failed() : PTL_OK;
    py_gil_drop(taken);
    return status;
}

/* A and a copy of X; and B. */
static int to_problem(eigen_call *call, PyObject *A, PyObject *X, PyObject *B)
{
    py_state *st = call->state;
    call->A = py_linop_get(st, A, "A");
    ptl_vector *guess = call->A ? py_vector_get(st, X, "X") : NULL;
    if (!guess)
        return -1;
    call->comm = ((py_linop *)A)->comm;
    if (py_given(B) && !(call->options.B = py_linop_get(st, B, "B")))
        return -1;
    return PY_CALL(st, ptl_vector_clone(guess, &call->X));
}

static int to_precond(eigen_call *call, PyObject *M)
{
    py_state *st = call->state;
    if (!py_given(M))
        return 0;
    if (py_is(M, st->Factory)) {
        call->options.precond_factory = ((py_factory *)M)->factory;
        return 0;
    }
    if (!py_is(M, st->LinOp)) {
        py_type_error("M", "a LinOp, a factory or None", M);
        return -1;
    }
    call->options.precond = py_linop_get(st, M, "M");
    return call->options.precond ? 0 : -1;
}

/* How many columns are waited for. */
static int to_wanted(eigen_call *call, PyObject *wanted)
{
    int64_t *count = &call->options.wanted;
    if (!py_given(wanted))
        return 0;
    if (py_to_int64(call->state, wanted, "wanted", count) < 0)
        return -1;
    if (*count > 0)
        return 0;
    py_error(call->state, PTL_INVALID, "wanted is %lld: expected 1 or more", (long long)*count);
    return -1;
}

static int to_limits(eigen_call *call, PyObject *tol, PyObject *maxiter)
{
    ptl_lobpcg_options *o = &call->options;
    if (py_given(tol) && py_to_open_double(call->state, tol, "tol", &o->tol) < 0)
        return -1;
    return py_given(maxiter) ? py_to_int64(call->state, maxiter, "maxiter", &o->maxiter) : 0;
}

enum { A, X, B, M, Y, TOL, MAXITER, LARGEST, CALLBACK, RELATIVE, WANTED, GIVEN };

static int to_call(eigen_call *call, PyObject *const *given)
{
    const int largest = given[LARGEST] ? PyObject_IsTrue(given[LARGEST]) : 1;
    const int relative = given[RELATIVE] ? PyObject_IsTrue(given[RELATIVE]) : 1;
    if (largest < 0 || relative < 0 || to_wanted(call, given[WANTED]) < 0 ||
        to_problem(call, given[A], given[X], given[B]) < 0 || to_precond(call, given[M]) < 0 ||
        to_limits(call, given[TOL], given[MAXITER]) < 0)
        return -1;
    if (py_given(given[Y]) &&
        !(call->options.constraints = py_vector_get(call->state, given[Y], "Y")))
        return -1;
    if (py_given(given[CALLBACK]) && !PyCallable_Check(given[CALLBACK])) {
        py_type_error("callback", "callable", given[CALLBACK]);
        return -1;
    }
    call->callback = py_given(given[CALLBACK]) ? given[CALLBACK] : NULL;
    call->options.smallest = !largest;
    call->options.absolute = !relative;
    call->options.callback = on_event;
    call->options.callback_ctx = call;
    return 0;
}

/* ---- the functions --------------------------------------------------------------------------- */

/* (values, vectors) and, where there is one, the log; takes what it is given. */
static PyObject *result(eigen_call *call, const double *values, ptl_eigen_log *log)
{
    py_state *st = call->state;
    const int64_t columns = ptl_vector_columns(call->X);
    PyObject *first = py_array_of_doubles(st, 1, &columns, values);
    PyObject *second = py_vector_wrap(st, call->X, call->comm);
    call->X = NULL;
    PyObject *third = log ? py_eigen_log_wrap(st, log) : NULL;
    PyObject *made = NULL;
    if (first && second && (third || !log))
        made = third ? PyTuple_Pack(3, first, second, third) : PyTuple_Pack(2, first, second);
    Py_XDECREF(first);
    Py_XDECREF(second);
    Py_XDECREF(third);
    return made;
}

static double *values_for(const ptl_vector *v)
{
    double *values = PyMem_Malloc((size_t)ptl_vector_columns(v) * sizeof(double));
    if (!values)
        PyErr_NoMemory();
    return values;
}

PyObject *py_lobpcg(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PY_SIGNATURE(signature, "lobpcg", 2, 8, "A", "X", "B", "M", "Y", "tol", "maxiter", "largest",
                 "callback", "relative", "wanted");
    PyObject *given[GIVEN];
    eigen_call call = {.state = PyModule_GetState(module), .options = PTL_LOBPCG_OPTIONS_INIT};
    ptl_eigen_log *log = NULL;
    PyObject *made = NULL;
    int failed = py_args(&signature, args, nargs, kwnames, given) < 0 || to_call(&call, given) < 0;
    double *values = failed ? NULL : values_for(call.X);
    if (!values)
        py_fail_among(call.state, GIVEN, given);
    else if (py_check_comms(call.state, GIVEN, given) == 0 &&
             PY_CALL(call.state, ptl_lobpcg(call.A, call.X, &call.options, values, &log)) == 0)
        made = result(&call, values, log);
    PyMem_Free(values);
    ptl_vector_release(&call.X);
    return made;
}

PyObject *py_rayleigh_ritz(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                           PyObject *kwnames)
{
    PY_SIGNATURE(signature, "rayleigh_ritz", 2, 3, "A", "X", "B");
    PyObject *given[3];
    eigen_call call = {.state = PyModule_GetState(module)};
    PyObject *made = NULL;
    int failed = py_args(&signature, args, nargs, kwnames, given) < 0 ||
                 to_problem(&call, given[A], given[X], given[B]) < 0;
    double *values = failed ? NULL : values_for(call.X);
    if (!values)
        py_fail_among(call.state, 3, given);
    else if (py_check_comms(call.state, 3, given) == 0 &&
             PY_CALL(call.state, ptl_rayleigh_ritz(call.A, call.options.B, call.X, values)) == 0)
        made = result(&call, values, NULL);
    PyMem_Free(values);
    ptl_vector_release(&call.X);
    return made;
}
