/* What has elements that are no numbers. */
#ifndef PY_NUMBERS_H
#define PY_NUMBERS_H

#include "py_state.h"

/* Whether it is an array some of whose elements are masked, that is, not there; -1
 * with an exception. */
int py_is_masked(PyObject *object);
/* That an object's elements are numbers, and all there: DtypeError for bytes, masked arrays, and
 * lists of either. */
int py_numbers_check(py_state *st, PyObject *object, const char *name);
/* NumPy's array of any object, its memory where it has some, checked in the same way; a new
 * reference. */
PyObject *py_array_of(py_state *st, PyObject *object, const char *name);

#endif
