/* The log of lobpcg, and the docstrings of the functions for eigenvalues. */
#include <string.h>

#include "py_eigen_log.h"

#include "../base/py_array.h"

py_class py_EigenLog_class;

typedef struct py_eigen_log {
    PyObject_HEAD py_state *state;
    ptl_eigen_log *log;
} py_eigen_log;

PyObject *py_eigen_log_wrap(py_state *st, ptl_eigen_log *log)
{
    py_eigen_log *self = py_new(st, PY_TYPE(st, EigenLog));
    if (self)
        self->log = log;
    else
        ptl_eigen_log_release(&log);
    return (PyObject *)self;
}

static const ptl_eigen_log *get(PyObject *self)
{
    return ((py_eigen_log *)self)->log;
}

/* (columns,) where iterations is NULL, else (iterations + 1, columns). */
static PyObject *array(PyObject *self, int ndim, const double *values)
{
    const int64_t columns = ptl_eigen_log_columns(get(self));
    const int64_t shape[2] = {ndim == 1 ? columns : ptl_eigen_log_iterations(get(self)) + 1,
                              columns};
    return py_array_of_doubles(((py_eigen_log *)self)->state, ndim, shape, values);
}

static PyObject *log_converged(PyObject *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(ptl_eigen_log_converged(get(self)));
}

static PyObject *log_iterations(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromLongLong(ptl_eigen_log_iterations(get(self)));
}

static PyObject *log_values(PyObject *self, void *unused)
{
    (void)unused;
    return array(self, 1, ptl_eigen_log_values(get(self)));
}

static PyObject *log_residual_norms(PyObject *self, void *unused)
{
    (void)unused;
    return array(self, 1, ptl_eigen_log_residual_norms(get(self)));
}

static PyObject *log_values_history(PyObject *self, void *unused)
{
    (void)unused;
    return array(self, 2, ptl_eigen_log_values_history(get(self)));
}

static PyObject *log_history(PyObject *self, void *unused)
{
    (void)unused;
    return array(self, 2, ptl_eigen_log_history(get(self)));
}

static PyObject *log_reasons(PyObject *self, void *unused)
{
    (void)unused;
    const int64_t columns = ptl_eigen_log_columns(get(self));
    const ptl_reason *reasons = ptl_eigen_log_reasons(get(self));
    PyObject *tuple = PyTuple_New((Py_ssize_t)columns);
    for (int64_t j = 0; tuple && j < columns; j++) {
        PyObject *text = PyUnicode_FromString(ptl_reason_text(reasons[j]));
        if (!text || PyTuple_SetItem(tuple, (Py_ssize_t)j, text) < 0)
            Py_CLEAR(tuple);
    }
    return tuple;
}

static PyObject *log_time(PyObject *self, void *unused)
{
    (void)unused;
    return PyFloat_FromDouble(ptl_eigen_log_time(get(self)));
}

static PyObject *log_str(PyObject *self)
{
    return PyUnicode_FromString(ptl_eigen_log_text(get(self)));
}

static PyObject *log_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<petiole.EigenLog: %s>", ptl_eigen_log_text(get(self)));
}

static void log_dealloc(PyObject *self)
{
    ptl_eigen_log_release(&((py_eigen_log *)self)->log);
    py_free(self);
}

static PyGetSetDef log_getset[] = {
    {"converged", log_converged, NULL,
     "True where every column that was waited for converged (local).", NULL},
    {"iterations", log_iterations, NULL, "How many iterations were made (local).", NULL},
    {"values", log_values, NULL, "The eigenvalues, an array of shape (columns,) (local).", NULL},
    {"residual_norms", log_residual_norms, NULL,
     "The norms of A x - lambda B x (without its part along B Y, where there is a Y) at the end,\n"
     "computed afresh: an array of shape (columns,) (local).",
     NULL},
    {"reasons", log_reasons, NULL,
     "Why each column stopped, a tuple of strings: \"rtol\", or \"atol\" of an absolute tol, where "
     "it\n"
     "converged, else \"maxiter\", \"accuracy_limit\", \"constraints\" (not B-orthogonal to Y),\n"
     "\"non_finite\", \"indefinite\", \"breakdown\", or \"running\" where it was not waited for\n"
     "(local).",
     NULL},
    {"values_history", log_values_history, NULL,
     "The Ritz values, the initial ones first: an array of shape (iterations + 1, columns)\n"
     "(local).",
     NULL},
    {"history", log_history, NULL,
     "The residual norms, likewise: an array of shape (iterations + 1, columns) (local).", NULL},
    {"time", log_time, NULL, "Seconds of wall time on this rank (local).", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot log_slots[] = {
    {Py_tp_dealloc, log_dealloc},
    {Py_tp_getset, log_getset},
    {Py_tp_str, log_str},
    {Py_tp_repr, log_repr},
    {Py_tp_doc, "The log of lobpcg, the same on every rank but for the time. str() is one line."},
    {0, NULL},
};

PyType_Spec py_EigenLog_spec = {"petiole.EigenLog", sizeof(py_eigen_log), 0,
                                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, log_slots};

const char py_lobpcg_doc[] =
    "lobpcg($module, /, A, X, B=None, M=None, Y=None, tol=None, maxiter=None,\n"
    "       largest=True, *, callback=None, relative=True, wanted=None)\n"
    "--\n"
    "\n"
    "Eigenpairs A x = lambda B x at one end of the spectrum, as many as X has columns\n"
    "(collective).\n"
    "\n"
    "The locally optimal block preconditioned conjugate gradient method (Knyazev 2001), with the\n"
    "arguments of scipy.sparse.linalg.lobpcg. A is Hermitian, B Hermitian positive definite "
    "(None:\n"
    "the identity), LinOps, user code included; neither is checked for it. X: the guess, a Vector\n"
    "of linearly independent columns (random ones do well), which stays as it is. M: a\n"
    "preconditioner, about A^-1 and positive definite, a LinOp or a factory.\n"
    "Y: a Vector of any columns; the eigenvectors are those of the problem on the space that is\n"
    "B-orthogonal to them, whether Y is invariant or not.\n"
    "tol: a column has converged where the norm of A x - lambda B x (without its part along B Y) "
    "is\n"
    "at most tol |lambda| times the norm of B x; None is 10 sqrt(eps) of X's dtype. Where lambda "
    "is\n"
    "0 to rounding, the smallest |lambda| of X's columns that is not takes its place, or else the\n"
    "largest Ritz value. With `relative` False at most tol, None being N sqrt(eps), SciPy's.\n"
    "maxiter: None is 20. wanted: so many columns, the first, are waited for; the others speed "
    "them\n"
    "up. None: all.\n"
    "largest: the largest eigenvalues, descending, or else the smallest, ascending. callback is\n"
    "called with an EigenEvent before the first iteration and after each.\n"
    "\n"
    "Returns the values, a float64 array of shape (columns,), the vectors, a new Vector like X "
    "with\n"
    "X^H B X = I, and an EigenLog. Not converging is no error: the log says so. InvalidArgument\n"
    "where X's columns depend on one another or lie in Y's space, or B is not positive definite;\n"
    "DimensionError, DtypeError; NotSupported in a build without LAPACK. An exception in user "
    "code\n"
    "ends the call on every rank, as RemoteError on the others.";

const char py_rayleigh_ritz_doc[] =
    "rayleigh_ritz($module, /, A, X, B=None)\n--\n\n"
    "The eigenvalues of A on the space that X's columns span (collective).\n\n"
    "A is Hermitian, B Hermitian positive definite (None: the identity), LinOps; neither is "
    "checked\n"
    "for it. X, a Vector of linearly independent columns, stays as it is.\n\n"
    "Returns the Ritz values, ascending, a float64 array of shape (columns,), and the Ritz "
    "vectors,\n"
    "a new Vector like X with X^H B X = I. InvalidArgument where X's columns depend on one "
    "another\n"
    "or B is not positive definite; DimensionError, DtypeError; NotSupported in a build without\n"
    "LAPACK. An exception in user code ends the call on every rank, as RemoteError on the others.";
