/* Executors. */
#ifndef PY_EXEC_H
#define PY_EXEC_H

#include "../base/py_state.h"

extern py_class py_Executor_class;

/* The executor of an `exec` argument, borrowed; NULL, the default, for None. */
int py_exec_arg(py_state *st, PyObject *object, ptl_exec **out);
PyObject *py_exec_wrap(py_state *st, ptl_exec *exec); /* retains */
/* The class with `Executor.default`. */
PyTypeObject *py_exec_class(py_state *st);

#endif
