/* The arguments that every solver takes. */
#include "py_factory.h"

enum { RTOL, ATOL, MAXITER, M, STOP, CALLBACK, TRUE_RESIDUAL };

const char *const py_solver_args[PY_SOLVER_ARGS + 1] = {"rtol", "atol",     "maxiter",       "M",
                                                        "stop", "callback", "true_residual", NULL};

/* Any of rtol, atol, maxiter and stop, those that are given. */
static int to_stop(py_state *st, PyObject *const *given, ptl_stop **out)
{
    double rtol = 1e-5, atol = 0;
    int64_t maxiter = 0;
    ptl_stop *stop, *all[4] = {NULL};
    int count = 0, failed = -1;
    if (py_stop_arg(st, given[STOP], &stop) < 0 ||
        (py_given(given[RTOL]) && py_to_double(given[RTOL], "rtol", &rtol) < 0) ||
        (py_given(given[ATOL]) && py_to_double(given[ATOL], "atol", &atol) < 0) ||
        (py_given(given[MAXITER]) && py_to_int64(st, given[MAXITER], "maxiter", &maxiter) < 0))
        return -1;
    if (stop)
        all[count++] = ptl_stop_retain(stop);
    if ((!stop || py_given(given[RTOL])) &&
        PY_CALL(st, ptl_stop_residual(rtol, PTL_BASELINE_RHS, &all[count++])) < 0)
        goto end;
    if (atol != 0 && PY_CALL(st, ptl_stop_residual(atol, PTL_BASELINE_ABSOLUTE, &all[count++])) < 0)
        goto end;
    if (py_given(given[MAXITER]) && PY_CALL(st, ptl_stop_iterations(maxiter, &all[count++])) < 0)
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

int py_check_callback(PyObject *callback)
{
    if (!py_given(callback) || PyCallable_Check(callback))
        return 0;
    py_type_error("callback", "callable", callback);
    return -1;
}

static PyObject *kept(PyObject *object)
{
    return py_given(object) ? Py_NewRef(object) : NULL;
}

int py_solver_options_set(py_factory *self, PyObject *const *given, ptl_solver_options *options)
{
    py_state *st = self->state;
    int truly = given[TRUE_RESIDUAL] ? PyObject_IsTrue(given[TRUE_RESIDUAL]) : 1;
    if (truly < 0 || to_precond(st, given[M], options) < 0 ||
        py_check_callback(given[CALLBACK]) < 0)
        return -1;
    self->precond = kept(given[M]);
    self->stop = kept(given[STOP]);
    self->callback = kept(given[CALLBACK]);
    options->true_residual = truly;
    options->callback = py_factory_on_event;
    options->callback_ctx = self;
    options->norms_only = !self->callback; /* it is then there for signals alone */
    return to_stop(st, given, &options->stop);
}

void py_solver_options_end(ptl_solver_options *options)
{
    ptl_stop_release(&options->stop);
}
