/* Solvers, and the events of a solve. */
#ifndef PY_SOLVER_H
#define PY_SOLVER_H

#include "../base/py_state.h"

extern py_class py_Solver_class;

/* fn(event), a new reference; the event's vectors are usable during the call. */
PyObject *py_event_call(py_state *st, PyObject *fn, const ptl_event *event);

#endif
