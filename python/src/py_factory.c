/* Factories: the parameters of solvers and preconditioners, which generate operators. */
#include <time.h>

#include "py_common.h"

/* It is also what the library's callback gets, so what it generates keeps it alive. */
typedef struct py_factory {
    PyObject_HEAD py_state *state;
    ptl_factory *factory;
    PyObject *precond;  /* a LinOp or a Factory, or NULL */
    PyObject *callback; /* or NULL */
    int is_solver;
} py_factory;

/* ---- during a solve
 * ------------------------------------------------------------------------------ */

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
    PyObject *shown = py_event_new(st, event);
    PyObject *result = shown ? PyObject_CallFunctionObjArgs(callback, shown, NULL) : NULL;
    py_event_end(shown);
    Py_XDECREF(result);
    return result ? 0 : -1;
}

static ptl_status on_event(void *ctx, const ptl_event *event)
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

/* ---- parameters
 * ---------------------------------------------------------------------------------- */

/* given: rtol, atol, maxiter, stop; any of those that are given. */
static int to_stop(py_state *st, PyObject *const *given, ptl_stop **out)
{
    double rtol = 1e-5, atol = 0;
    int64_t maxiter = 0;
    ptl_stop *stop, *all[4] = {NULL};
    int count = 0, failed = -1;
    if (py_stop_arg(st, given[3], &stop) < 0 ||
        (py_given(given[0]) && py_to_double(given[0], "rtol", &rtol) < 0) ||
        (py_given(given[1]) && py_to_double(given[1], "atol", &atol) < 0) ||
        (py_given(given[2]) && py_to_int64(st, given[2], "maxiter", &maxiter) < 0))
        return -1;
    if (stop)
        all[count++] = ptl_stop_retain(stop);
    if ((!stop || py_given(given[0])) &&
        PY_CALL(st, ptl_stop_residual(rtol, PTL_BASELINE_RHS, &all[count++])) < 0)
        goto end;
    if (atol != 0 && PY_CALL(st, ptl_stop_residual(atol, PTL_BASELINE_ABSOLUTE, &all[count++])) < 0)
        goto end;
    if (py_given(given[2]) && PY_CALL(st, ptl_stop_iterations(maxiter, &all[count++])) < 0)
        goto end;
    failed = PY_CALL(st, ptl_stop_any(count, all, out));
end:
    for (int i = 0; i < count; i++)
        ptl_stop_release(&all[i]);
    return failed;
}

/* What preconditions: a LinOp or a Factory. */
static int to_precond(py_state *st, PyObject *object, ptl_solver_options *options)
{
    if (!py_given(object))
        return 0;
    if (py_is(object, st->Factory)) {
        options->precond_factory = ((py_factory *)object)->factory;
        return 0;
    }
    if (!py_is(object, st->LinOp)) {
        py_type_error("M", "a LinOp, a factory or None", object);
        return -1;
    }
    options->precond = py_linop_get(st, object, "M");
    return options->precond ? 0 : -1;
}

static int check_callback(PyObject *callback)
{
    if (!py_given(callback) || PyCallable_Check(callback))
        return 0;
    py_type_error("callback", "callable", callback);
    return -1;
}

/* The constructor of every solver's class: its name, and the library's function. */
static PyObject *solver_new(PyTypeObject *type, PyObject *args, PyObject *kwargs,
                            ptl_status (*create)(const ptl_solver_options *, ptl_factory **))
{
    PY_SIGNATURE(signature, "a solver", 0, 0, "rtol", "atol", "maxiter", "stop", "M", "callback");
    py_state *st = py_state_of((PyObject *)type);
    PyObject *given[6];
    ptl_solver_options options = {.callback = on_event};
    if (py_args_tuple(&signature, args, kwargs, given) < 0 ||
        to_precond(st, given[4], &options) < 0 || check_callback(given[5]) < 0)
        return NULL;
    py_factory *self = py_new(st, type);
    if (!self)
        return NULL;
    self->is_solver = 1;
    self->precond = py_given(given[4]) ? Py_NewRef(given[4]) : NULL;
    self->callback = py_given(given[5]) ? Py_NewRef(given[5]) : NULL;
    options.callback_ctx = self;
    int failed = to_stop(st, given, &options.stop);
    if (failed == 0)
        failed = PY_CALL(st, create(&options, &self->factory));
    ptl_stop_release(&options.stop);
    if (failed < 0)
        Py_CLEAR(self);
    return (PyObject *)self;
}

static PyObject *cg_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    return solver_new(type, args, kwargs, ptl_cg_factory);
}

static PyObject *jacobi_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PY_SIGNATURE(signature, "Jacobi", 0, 1, "block_size");
    py_state *st = py_state_of((PyObject *)type);
    PyObject *given[1];
    int64_t block_size = 1;
    if (py_args_tuple(&signature, args, kwargs, given) < 0 ||
        (given[0] && py_to_int64(st, given[0], "block_size", &block_size) < 0))
        return NULL;
    if (block_size != 1)
        return py_error(st, block_size < 1 ? PTL_INVALID : PTL_NOT_SUPPORTED,
                        "block_size is %lld, expected 1", (long long)block_size);
    py_factory *self = py_new(st, type);
    if (self && PY_CALL(st, ptl_jacobi_factory(NULL, &self->factory)) < 0)
        Py_CLEAR(self);
    return (PyObject *)self;
}

/* ---- generating
 * ---------------------------------------------------------------------------------- */

static PyObject *factory_generate(PyObject *self, PyObject *matrix)
{
    py_factory *factory = (py_factory *)self;
    py_state *st = factory->state;
    ptl_linop *A = py_linop_get(st, matrix, "A"), *op = NULL;
    if (!A || PY_CALL(st, ptl_factory_generate(factory->factory, A, &op)) < 0)
        return NULL;
    PyObject *made_of = PyTuple_Pack(2, self, matrix);
    PyObject *made = NULL;
    if (made_of)
        made = py_linop_wrap(st, factory->is_solver ? st->Solver : st->LinOp, op,
                             ((py_linop *)matrix)->comm, made_of);
    else
        ptl_linop_release(&op);
    Py_XDECREF(made_of);
    return made;
}

static int factory_clear(PyObject *self)
{
    Py_CLEAR(((py_factory *)self)->precond);
    Py_CLEAR(((py_factory *)self)->callback);
    return 0;
}

static int factory_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((py_factory *)self)->precond);
    Py_VISIT(((py_factory *)self)->callback);
    return 0;
}

static void factory_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    ptl_factory_release(&((py_factory *)self)->factory);
    factory_clear(self);
    py_free(self);
}

static PyObject *factory_repr(PyObject *self)
{
    PyObject *name = PyType_GetName(Py_TYPE(self));
    PyObject *text = name ? PyUnicode_FromFormat("<petiole.%U factory>", name) : NULL;
    Py_XDECREF(name);
    return text;
}

static PyMethodDef factory_methods[] = {
    {"generate", factory_generate, METH_O,
     "generate($self, A, /)\n--\n\n"
     "Makes the operator for A, a LinOp, which is kept (collective)."},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(factory_doc, "Parameters that generate a linear operator from a linear operator.");
PyDoc_STRVAR(
    cg_doc,
    "Cg(*, rtol=1e-05, atol=0.0, maxiter=None, M=None, stop=None, callback=None)\n--\n\n"
    "Conjugate gradients, for symmetric (Hermitian) positive definite A and M (local).\n\n"
    "A solve stops where the residual's norm is at most rtol times b's, or at most atol, or after\n"
    "maxiter iterations (None: ten per row). stop: a criterion of petiole.stop besides those, in\n"
    "place of rtol's default. M: the preconditioner z = M r, a LinOp or a factory that generates "
    "it.\n"
    "callback(event) is called before the first iteration and after each, with `iteration`,\n"
    "`residual_norm`, `x` and `r`. InvalidArgument for negative numbers.");
PyDoc_STRVAR(
    jacobi_doc,
    "Jacobi(block_size=1)\n--\n\n"
    "The inverse of A's diagonal (local). generate is InvalidArgument, with the row, where the\n"
    "diagonal has a 0; NotSupported for an operator without a diagonal, such as user code.");

static PyType_Slot factory_slots[] = {
    {Py_tp_dealloc, factory_dealloc},
    {Py_tp_traverse, factory_traverse},
    {Py_tp_clear, factory_clear},
    {Py_tp_repr, factory_repr},
    {Py_tp_methods, factory_methods},
    {Py_tp_doc, (void *)factory_doc},
    {0, NULL},
};
static PyType_Slot cg_slots[] = {
    {Py_tp_new, cg_new},
    {Py_tp_dealloc, factory_dealloc},
    {Py_tp_traverse, factory_traverse},
    {Py_tp_clear, factory_clear},
    {Py_tp_doc, (void *)cg_doc},
    {0, NULL},
};
static PyType_Slot jacobi_slots[] = {
    {Py_tp_new, jacobi_new},
    {Py_tp_dealloc, factory_dealloc},
    {Py_tp_traverse, factory_traverse},
    {Py_tp_clear, factory_clear},
    {Py_tp_doc, (void *)jacobi_doc},
    {0, NULL},
};

PyType_Spec py_Factory_spec = {"petiole.Factory", sizeof(py_factory), 0,
                               Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC |
                                   Py_TPFLAGS_DISALLOW_INSTANTIATION,
                               factory_slots};
PyType_Spec py_Cg_spec = {"petiole.Cg", sizeof(py_factory), 0,
                          Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, cg_slots};
PyType_Spec py_Jacobi_spec = {"petiole.Jacobi", sizeof(py_factory), 0,
                              Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, jacobi_slots};
