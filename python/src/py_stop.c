/* Stopping criteria. */
#include "py_common.h"

typedef struct py_stop {
    PyObject_HEAD py_state *state;
    ptl_stop *stop;
} py_stop;

int py_stop_arg(py_state *st, PyObject *object, ptl_stop **out)
{
    *out = NULL;
    if (!py_given(object))
        return 0;
    if (!py_is(object, st->Criterion)) {
        py_type_error("stop", "a criterion of petiole.stop", object);
        return -1;
    }
    *out = ((py_stop *)object)->stop;
    return 0;
}

/* A pointer to stop: C may look at it before it makes the call that `failed` is of. */
static PyObject *wrap(py_state *st, PyTypeObject *type, int failed, ptl_stop **stop)
{
    py_stop *self = failed < 0 ? NULL : py_new(st, type);
    if (self)
        self->stop = *stop;
    else
        ptl_stop_release(stop);
    return (PyObject *)self;
}

static PyObject *iteration_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PY_SIGNATURE(signature, "Iteration", 1, 1, "n");
    py_state *st = py_state_of((PyObject *)type);
    PyObject *given[1];
    int64_t n;
    ptl_stop *stop = NULL;
    if (py_args_tuple(&signature, args, kwargs, given) < 0 ||
        py_to_int64(st, given[0], "n", &n) < 0)
        return NULL;
    return wrap(st, type, PY_CALL(st, ptl_stop_iterations(n, &stop)), &stop);
}

static PyObject *residual_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PY_SIGNATURE(signature, "Residual", 1, 2, "factor", "baseline");
    static const char *const baselines[] = {"rhs", "initial", "absolute", NULL};
    py_state *st = py_state_of((PyObject *)type);
    PyObject *given[2];
    double factor;
    int baseline = PTL_BASELINE_RHS;
    ptl_stop *stop = NULL;
    if (py_args_tuple(&signature, args, kwargs, given) < 0 ||
        py_to_double(given[0], "factor", &factor) < 0 ||
        (given[1] && py_to_choice(st, given[1], "baseline", baselines, &baseline) < 0))
        return NULL;
    return wrap(st, type, PY_CALL(st, ptl_stop_residual(factor, (ptl_baseline)baseline, &stop)),
                &stop);
}

static PyObject *criterion_or(PyObject *a, PyObject *b)
{
    py_state *st = py_state_of((PyObject *)Py_TYPE(a));
    if (!st || !py_is(a, st->Criterion) || !py_is(b, st->Criterion))
        return Py_NewRef(Py_NotImplemented);
    ptl_stop *both[2] = {((py_stop *)a)->stop, ((py_stop *)b)->stop}, *any = NULL;
    return wrap(st, st->Criterion, PY_CALL(st, ptl_stop_any(2, both, &any)), &any);
}

static void criterion_dealloc(PyObject *self)
{
    ptl_stop_release(&((py_stop *)self)->stop);
    py_free(self);
}

PyDoc_STRVAR(
    criterion_doc,
    "When a solve stops. `a | b` stops where a or b does; columns stop one by one. Immutable.");
PyDoc_STRVAR(
    iteration_doc,
    "Iteration(n)\n--\n\nStops after n iterations (local). InvalidArgument where negative.");
PyDoc_STRVAR(
    residual_doc,
    "Residual(factor, baseline='rhs')\n--\n\n"
    "Stops where the residual's norm is at most factor times the norm of b (\"rhs\"), of the "
    "first\n"
    "residual (\"initial\"), or 1 (\"absolute\") (local). InvalidArgument for a negative factor.");

static PyType_Slot criterion_slots[] = {
    {Py_tp_dealloc, criterion_dealloc},
    {Py_nb_or, criterion_or},
    {Py_tp_doc, (void *)criterion_doc},
    {0, NULL},
};
static PyType_Slot iteration_slots[] = {
    {Py_tp_new, iteration_new},
    {Py_tp_dealloc, criterion_dealloc},
    {Py_tp_doc, (void *)iteration_doc},
    {0, NULL},
};
static PyType_Slot residual_slots[] = {
    {Py_tp_new, residual_new},
    {Py_tp_dealloc, criterion_dealloc},
    {Py_tp_doc, (void *)residual_doc},
    {0, NULL},
};

PyType_Spec py_Criterion_spec = {
    "petiole.stop.Criterion", sizeof(py_stop), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION, criterion_slots};
PyType_Spec py_Iteration_spec = {"petiole.stop.Iteration", sizeof(py_stop), 0, Py_TPFLAGS_DEFAULT,
                                 iteration_slots};
PyType_Spec py_Residual_spec = {"petiole.stop.Residual", sizeof(py_stop), 0, Py_TPFLAGS_DEFAULT,
                                residual_slots};
