/* Partitions. */
#ifndef PY_PARTITION_H
#define PY_PARTITION_H

#include "../base/py_state.h"

/* The partition of an argument, borrowed; NULL for None. */
int py_partition_arg(py_state *st, PyObject *object, const char *name, ptl_partition **out);
PyObject *py_partition_wrap(py_state *st, ptl_partition *p); /* takes the reference */

#endif
