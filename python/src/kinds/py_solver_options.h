/* The arguments that every solver takes. */
#ifndef PY_SOLVER_OPTIONS_H
#define PY_SOLVER_OPTIONS_H

#include "../objects/py_factory.h"

/* The arguments that every solver takes, in this order, ended by NULL. */
enum { PY_SOLVER_ARGS = 7 };
extern const char *const py_solver_args[PY_SOLVER_ARGS + 1];
/* Those that are given into `self` and options; what options then holds is borrowed from self, but
 * for the criterion, which py_solver_options_end releases. */
int py_solver_options_set(py_factory *self, PyObject *const *given, ptl_solver_options *options);
void py_solver_options_end(ptl_solver_options *options);
/* That a callback is callable, or not given. */
int py_check_callback(PyObject *callback);

#endif
