/* NumPy, imported when it is first needed, and its dtypes. */
#include "py_numpy.h"

#include "py_errors.h"

PyObject *py_numpy(py_state *st)
{
    if (!st->numpy)
        st->numpy = PyImport_ImportModule("numpy");
    return st->numpy;
}

PyObject *py_dtype(py_state *st, ptl_dtype dtype)
{
    if (!st->dtypes[dtype]) {
        PyObject *numpy = py_numpy(st);
        if (!numpy)
            return NULL;
        st->dtypes[dtype] = PyObject_CallMethod(numpy, "dtype", "s", ptl_dtype_name(dtype));
    }
    return Py_XNewRef(st->dtypes[dtype]);
}

/* By what numpy.dtype makes of it: strings, types and dtypes. */
int py_to_dtype(py_state *st, PyObject *object, ptl_dtype *out)
{
    PyObject *numpy = py_numpy(st);
    PyObject *given = numpy ? PyObject_CallMethod(numpy, "dtype", "(O)", object) : NULL;
    if (!given && PyErr_ExceptionMatches(PyExc_UnicodeError)) /* a lone surrogate */
        PyErr_Format(PyExc_TypeError, "data type %R not understood", object);
    if (!given)
        return -1;
    for (int d = 0; d < PTL_DTYPE_ALL; d++) {
        PyObject *ours = py_dtype(st, (ptl_dtype)d);
        int same = ours ? PyObject_RichCompareBool(given, ours, Py_EQ) : -1;
        Py_XDECREF(ours);
        if (same) {
            *out = (ptl_dtype)d;
            Py_DECREF(given);
            return same < 0 ? -1 : 0;
        }
    }
    py_error(st, PTL_DTYPE,
             "dtype is %S, expected float32, float64, complex64, complex128 or float16", given);
    Py_DECREF(given);
    return -1;
}
