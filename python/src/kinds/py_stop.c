/* Stopping criteria. */
#include "py_stop.h"

#include "../base/py_args.h"
#include "../base/py_errors.h"

py_class py_Criterion_class;

int py_stop_arg(py_state *st, PyObject *object, ptl_stop **out)
{
    *out = NULL;
    if (!py_given(object))
        return 0;
    if (!py_is(object, PY_TYPE(st, Criterion))) {
        py_type_error("stop", "a criterion of petiole.stop", object);
        return -1;
    }
    *out = ((py_stop *)object)->stop;
    return 0;
}

PyObject *py_stop_wrap(py_state *st, PyTypeObject *type, int failed, ptl_stop **stop)
{
    py_stop *self = failed < 0 ? NULL : py_new(st, type);
    if (self)
        self->stop = *stop;
    else
        ptl_stop_release(stop);
    return (PyObject *)self;
}

/* ---- constructors ---------------------------------------------------------------------------- */

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
    return py_stop_wrap(st, type, PY_CALL(st, ptl_stop_iterations(n, &stop)), &stop);
}

/* Of a norm, factor and baseline. */
static PyObject *norm_new(PyTypeObject *type, PyObject *args, PyObject *kwargs, const char *name,
                          ptl_status (*create)(double, ptl_baseline, ptl_stop **))
{
    static const char *const names[] = {"factor", "baseline"};
    static const char *const baselines[] = {"rhs", "initial", "absolute", NULL};
    const py_signature signature = {name, 1, 2, 2, names};
    py_state *st = py_state_of((PyObject *)type);
    PyObject *given[2];
    double factor;
    int baseline = PTL_BASELINE_RHS;
    ptl_stop *stop = NULL;
    if (py_args_tuple(&signature, args, kwargs, given) < 0 ||
        py_to_double(given[0], "factor", &factor) < 0 ||
        (given[1] && py_to_choice(st, given[1], "baseline", baselines, &baseline) < 0))
        return NULL;
    return py_stop_wrap(st, type, PY_CALL(st, create(factor, (ptl_baseline)baseline, &stop)),
                        &stop);
}

static PyObject *residual_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    return norm_new(type, args, kwargs, "Residual", ptl_stop_residual);
}

static PyObject *implicit_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    return norm_new(type, args, kwargs, "ImplicitResidual", ptl_stop_implicit_residual);
}

static PyObject *time_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PY_SIGNATURE(signature, "Time", 1, 1, "seconds");
    py_state *st = py_state_of((PyObject *)type);
    PyObject *given[1];
    double seconds;
    ptl_stop *stop = NULL;
    if (py_args_tuple(&signature, args, kwargs, given) < 0 ||
        py_to_double(given[0], "seconds", &seconds) < 0)
        return NULL;
    return py_stop_wrap(st, type, PY_CALL(st, ptl_stop_time(seconds, &stop)), &stop);
}

static PyObject *divergence_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PY_SIGNATURE(signature, "Divergence", 1, 1, "factor");
    py_state *st = py_state_of((PyObject *)type);
    PyObject *given[1];
    double factor;
    ptl_stop *stop = NULL;
    if (py_args_tuple(&signature, args, kwargs, given) < 0 ||
        py_to_double(given[0], "factor", &factor) < 0)
        return NULL;
    return py_stop_wrap(st, type, PY_CALL(st, ptl_stop_divergence(factor, &stop)), &stop);
}

static PyObject *stagnation_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PY_SIGNATURE(signature, "Stagnation", 2, 2, "window", "factor");
    py_state *st = py_state_of((PyObject *)type);
    PyObject *given[2];
    int64_t window;
    double factor;
    ptl_stop *stop = NULL;
    if (py_args_tuple(&signature, args, kwargs, given) < 0 ||
        py_to_int64(st, given[0], "window", &window) < 0 ||
        py_to_double(given[1], "factor", &factor) < 0)
        return NULL;
    return py_stop_wrap(st, type, PY_CALL(st, ptl_stop_stagnation(window, factor, &stop)), &stop);
}

/* ---- the base -------------------------------------------------------------------------------- */

static PyObject *combine(PyObject *a, PyObject *b,
                         ptl_status (*create)(int64_t, ptl_stop *const *, ptl_stop **))
{
    py_state *st = py_state_of((PyObject *)Py_TYPE(a));
    if (!st || !py_is(a, PY_TYPE(st, Criterion)) || !py_is(b, PY_TYPE(st, Criterion)))
        return Py_NewRef(Py_NotImplemented);
    PyObject *made_of = PyTuple_Pack(2, a, b);
    if (!made_of)
        return NULL;
    ptl_stop *both[2] = {((py_stop *)a)->stop, ((py_stop *)b)->stop}, *made = NULL;
    PyObject *self =
        py_stop_wrap(st, PY_TYPE(st, Criterion), PY_CALL(st, create(2, both, &made)), &made);
    if (self)
        ((py_stop *)self)->made_of = made_of;
    else
        Py_DECREF(made_of);
    return self;
}

static PyObject *criterion_or(PyObject *a, PyObject *b)
{
    return combine(a, b, ptl_stop_any);
}

static PyObject *criterion_and(PyObject *a, PyObject *b)
{
    return combine(a, b, ptl_stop_all);
}

static int criterion_clear(PyObject *self)
{
    Py_CLEAR(((py_stop *)self)->made_of);
    return 0;
}

static int criterion_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((py_stop *)self)->made_of);
    return 0;
}

static void criterion_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    py_asked *asked = ((py_stop *)self)->asked;
    if (asked)
        asked->self = NULL;
    ptl_stop_release(&((py_stop *)self)->stop);
    criterion_clear(self);
    py_free(self);
}

PyDoc_STRVAR(
    criterion_doc,
    "When a solve stops. `a | b` stops where a or b does, `a & b` where both do; columns stop one "
    "by\n"
    "one. Immutable.");
PyDoc_STRVAR(
    iteration_doc,
    "Iteration(n)\n--\n\nStops after n iterations (local). InvalidArgument where negative.");
PyDoc_STRVAR(
    residual_doc,
    "Residual(factor, baseline='rhs')\n--\n\n"
    "Stops where the residual's norm is at most factor times the norm of b (\"rhs\"), of the "
    "first\n"
    "residual (\"initial\"), or 1 (\"absolute\") (local). InvalidArgument for a negative factor.");
PyDoc_STRVAR(
    implicit_doc,
    "ImplicitResidual(factor, baseline='rhs')\n--\n\n"
    "The same for the norm that the method has at hand (local): of preconditioned conjugate\n"
    "gradients sqrt(r* M r), of other methods the residual's. The true residual is not looked at.");
PyDoc_STRVAR(
    time_doc,
    "Time(seconds)\n--\n\n"
    "Stops after so much wall time, by rank 0's clock (local). InvalidArgument where negative.");
PyDoc_STRVAR(
    divergence_doc,
    "Divergence(factor)\n--\n\n"
    "Stops where the residual's norm is above factor times the larger of b's and the first\n"
    "residual's (local). A solve without this criterion has it with 1e10. InvalidArgument where\n"
    "factor is not above 0.");
PyDoc_STRVAR(
    stagnation_doc,
    "Stagnation(window, factor)\n--\n\n"
    "Stops where the residual's norm is above factor times what it was `window` iterations ago\n"
    "(local). InvalidArgument where window < 1 or factor is not above 0.");

static PyType_Slot criterion_slots[] = {
    {Py_tp_dealloc, criterion_dealloc},
    {Py_tp_traverse, criterion_traverse},
    {Py_tp_clear, criterion_clear},
    {Py_nb_or, criterion_or},
    {Py_nb_and, criterion_and},
    {Py_tp_doc, (void *)criterion_doc},
    {0, NULL},
};

PyType_Spec py_Criterion_spec = {"petiole.stop.Criterion", sizeof(py_stop), 0,
                                 Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC |
                                     Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                 criterion_slots};

/* A criterion's class, from its constructor and its docstring. */
#define CRITERION(title, create, doc)                                                              \
    py_class py_##title##_class;                                                                   \
    static PyType_Slot create##_slots[] = {                                                        \
        {Py_tp_new, create},                                                                       \
        {Py_tp_doc, (void *)(doc)},                                                                \
        {0, NULL},                                                                                 \
    };                                                                                             \
    PyType_Spec py_##title##_spec = {"petiole.stop." #title, sizeof(py_stop), 0,                   \
                                     Py_TPFLAGS_DEFAULT, create##_slots};

CRITERION(Iteration, iteration_new, iteration_doc)
CRITERION(Residual, residual_new, residual_doc)
CRITERION(ImplicitResidual, implicit_new, implicit_doc)
CRITERION(Time, time_new, time_doc)
CRITERION(Divergence, divergence_new, divergence_doc)
CRITERION(Stagnation, stagnation_new, stagnation_doc)
