/* Arrays in the memory of a GPU. */
#ifndef PY_DEVICE_H
#define PY_DEVICE_H

#include "py_state.h"

/* That an object is not in a GPU's memory: NotSupported with the cure, or DtypeError
 * where what it says of that cannot be. */
int py_host_check(py_state *st, PyObject *object, const char *name);

#endif
