/* What solves call after each iteration: signals, and the user's callback. */
#include <time.h>

#include "py_callback.h"

#include "../base/py_errors.h"
#include "../objects/py_factory.h"
#include "py_solver.h"

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
