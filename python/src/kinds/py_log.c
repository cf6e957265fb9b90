/* The log of a solve. */
#include <string.h>

#include "py_log.h"

#include "../base/py_array.h"

py_class py_Log_class;

typedef struct py_log {
    PyObject_HEAD py_state *state;
    ptl_log *log;
    int ndim; /* of the right-hand side: 1 gives numbers, 2 arrays */
} py_log;

PyObject *py_log_wrap(py_state *st, ptl_log *log, int ndim)
{
    py_log *self = py_new(st, PY_TYPE(st, Log));
    if (self) {
        self->log = log;
        self->ndim = ndim;
    } else {
        ptl_log_release(&log);
    }
    return (PyObject *)self;
}

static const ptl_log *get(PyObject *self)
{
    return ((py_log *)self)->log;
}

/* A float, or an array with one per column. */
static PyObject *per_column(PyObject *self, const double *values)
{
    py_log *log = (py_log *)self;
    int64_t columns = ptl_log_columns(log->log);
    return log->ndim == 1 ? PyFloat_FromDouble(values[0])
                          : py_array_of_doubles(log->state, 1, &columns, values);
}

static PyObject *log_converged(PyObject *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(ptl_log_converged(get(self)));
}

static PyObject *log_iterations(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromLongLong(ptl_log_iterations(get(self)));
}

static PyObject *log_residual_norm(PyObject *self, void *unused)
{
    (void)unused;
    return per_column(self, ptl_log_residual_norms(get(self)));
}

static PyObject *log_true_residual_norm(PyObject *self, void *unused)
{
    (void)unused;
    return per_column(self, ptl_log_true_residual_norms(get(self)));
}

static PyObject *log_rhs_norm(PyObject *self, void *unused)
{
    (void)unused;
    return per_column(self, ptl_log_rhs_norms(get(self)));
}

static PyObject *log_history(PyObject *self, void *unused)
{
    (void)unused;
    py_log *log = (py_log *)self;
    int64_t shape[2] = {ptl_log_iterations(log->log) + 1, ptl_log_columns(log->log)};
    return py_array_of_doubles(log->state, log->ndim, shape, ptl_log_history(log->log));
}

/* The first that did not converge, or else the first. */
static PyObject *log_reason(PyObject *self, void *unused)
{
    (void)unused;
    const ptl_reason *reasons = ptl_log_reasons(get(self));
    ptl_reason reason = reasons[0];
    for (int64_t j = 0; ptl_reason_converged(reason) && j < ptl_log_columns(get(self)); j++)
        if (!ptl_reason_converged(reasons[j]))
            reason = reasons[j];
    return PyUnicode_FromString(ptl_reason_text(reason));
}

static PyObject *log_reasons(PyObject *self, void *unused)
{
    (void)unused;
    int64_t columns = ptl_log_columns(get(self));
    PyObject *tuple = PyTuple_New((Py_ssize_t)columns);
    for (int64_t j = 0; tuple && j < columns; j++) {
        PyObject *text = PyUnicode_FromString(ptl_reason_text(ptl_log_reasons(get(self))[j]));
        if (!text || PyTuple_SetItem(tuple, (Py_ssize_t)j, text) < 0)
            Py_CLEAR(tuple);
    }
    return tuple;
}

static PyObject *log_column_iterations(PyObject *self, void *unused)
{
    (void)unused;
    py_log *log = (py_log *)self;
    int64_t columns = ptl_log_columns(log->log);
    const int64_t *counts = ptl_log_column_iterations(log->log);
    if (log->ndim == 1)
        return PyLong_FromLongLong(counts[0]);
    void *data;
    PyObject *array = py_array_new(log->state, 1, &columns, "int64", &data);
    if (array)
        memcpy(data, counts, (size_t)columns * sizeof *counts);
    return array;
}

static PyObject *log_time(PyObject *self, void *unused)
{
    (void)unused;
    return PyFloat_FromDouble(ptl_log_time(get(self)));
}

static PyObject *log_str(PyObject *self)
{
    return PyUnicode_FromString(ptl_log_text(get(self)));
}

static PyObject *log_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<petiole.Log: %s>", ptl_log_text(get(self)));
}

static void log_dealloc(PyObject *self)
{
    ptl_log_release(&((py_log *)self)->log);
    py_free(self);
}

static PyGetSetDef log_getset[] = {
    {"converged", log_converged, NULL, "True where every column converged (local).", NULL},
    {"iterations", log_iterations, NULL, "How many iterations were made (local).", NULL},
    {"residual_norm", log_residual_norm, NULL,
     "The recurrence's residual norm at the end: a float, or an array with one per column (local).",
     NULL},
    {"true_residual_norm", log_true_residual_norm, NULL,
     "The norm of b - A x, computed afresh: a float, or an array with one per column; NaN where\n"
     "true_residual was False (local).",
     NULL},
    {"rhs_norm", log_rhs_norm, NULL,
     "The norm of b: a float, or an array with one per column (local).", NULL},
    {"history", log_history, NULL,
     "Residual norms, the initial one first: an array of shape (iterations + 1,), or\n"
     "(iterations + 1, columns) (local).",
     NULL},
    {"reason", log_reason, NULL,
     "Why it stopped (local); of several columns the first that did not converge. Converged:\n"
     "\"rtol\", \"atol\", \"implicit\", \"predicate\". Not converged: \"maxiter\"; \"time\";\n"
     "\"divergence\"; \"stagnation\"; \"breakdown\", the method would divide by zero;\n"
     "\"indefinite\", it needs a definite A or M; \"non_finite\", infinities or NaN;\n"
     "\"accuracy_limit\", the recurrence's residual reached the tolerance, b - A x did not, not\n"
     "even after a restart.",
     NULL},
    {"reasons", log_reasons, NULL, "Why each column stopped, a tuple of strings (local).", NULL},
    {"column_iterations", log_column_iterations, NULL,
     "After how many iterations each column stopped: an int, or an array (local).", NULL},
    {"time", log_time, NULL, "Seconds of wall time on this rank (local).", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot log_slots[] = {
    {Py_tp_dealloc, log_dealloc},
    {Py_tp_getset, log_getset},
    {Py_tp_str, log_str},
    {Py_tp_repr, log_repr},
    {Py_tp_doc, "The log of a solve, the same on every rank but for the time. str() is one line."},
    {0, NULL},
};

PyType_Spec py_Log_spec = {"petiole.Log", sizeof(py_log), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, log_slots};
