/* Local formats: how they are made. */
#ifndef PY_FORMAT_MAKE_H
#define PY_FORMAT_MAKE_H

#include "py_parts.h"

extern py_class py_Format_class;

/* Makes a format known; its id is its place. */
void py_format_add(const py_storage *storage);
/* The storage of this id. */
const py_storage *py_format_storage(ptl_storage id);
/* The class of its matrices, borrowed. */
PyTypeObject *py_format_class(py_state *st, ptl_storage id);

/* An object of a format from its parts; `exec` is the argument of this name. */
PyObject *py_format_make(py_state *st, const py_storage *storage, PyObject *const *given,
                         const int64_t shape[2], PyObject *extra, int copy, PyObject *exec);
/* The class method from_arrays of a format. */
PyObject *py_format_from_arrays(const py_storage *storage, PyObject *type, PyObject *const *args,
                                Py_ssize_t nargs, PyObject *kwnames);

/* An object over one of the library's, whose reference it takes: of the class of its storage, or a
 * plain LinOp where it has none. */
PyObject *py_format_wrap(py_state *st, ptl_linop *op);

/* Its entries in another storage or the same, of dtype `dtype` (-1: its own): a new object. */
PyObject *py_format_convert(PyObject *self, int id, int dtype);

/* Of the class Format: its constructor, and the class method from_scipy. */
PyObject *py_format_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);
PyObject *py_format_from_scipy(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                               PyObject *kwnames);

#endif
