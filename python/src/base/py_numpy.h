/* NumPy, and its dtypes. */
#ifndef PY_NUMPY_H
#define PY_NUMPY_H

#include "py_state.h"

/* numpy, imported at the first call; borrowed. */
PyObject *py_numpy(py_state *st);
/* What numpy.dtype makes of an object: strings, types and dtypes. */
int py_to_dtype(py_state *st, PyObject *object, ptl_dtype *out);
/* The numpy.dtype of a dtype; a new reference. */
PyObject *py_dtype(py_state *st, ptl_dtype dtype);

#endif
