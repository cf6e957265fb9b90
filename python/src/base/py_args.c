/* Arguments: one table-driven helper that sorts them, and the conversions. */
#include <limits.h>
#include <string.h>

#include "py_args.h"

#include "py_errors.h"
#include "py_numbers.h"

static int find_name(const py_signature *s, PyObject *name)
{
    for (int i = 0; i < s->count; i++)
        if (PyUnicode_CompareWithASCIIString(name, s->names[i]) == 0)
            return i;
    PyErr_Format(PyExc_TypeError, "%s() got an unexpected keyword argument '%U'", s->function,
                 name);
    return -1;
}

static int put_keyword(const py_signature *s, PyObject *name, PyObject *value, PyObject **out)
{
    int i = find_name(s, name);
    if (i < 0)
        return -1;
    if (out[i]) {
        PyErr_Format(PyExc_TypeError, "%s() got multiple values for argument '%s'", s->function,
                     s->names[i]);
        return -1;
    }
    out[i] = value;
    return 0;
}

static int check_count(const py_signature *s, Py_ssize_t given)
{
    if (given <= s->positional)
        return 0;
    PyErr_Format(PyExc_TypeError, "%s() takes at most %d positional arguments (%zd given)",
                 s->function, s->positional, given);
    return -1;
}

static int check_required(const py_signature *s, PyObject *const *out)
{
    for (int i = 0; i < s->required; i++)
        if (!out[i]) {
            PyErr_Format(PyExc_TypeError, "%s() missing required argument '%s'", s->function,
                         s->names[i]);
            return -1;
        }
    return 0;
}

int py_args(const py_signature *s, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
            PyObject **out)
{
    memset(out, 0, (size_t)s->count * sizeof *out);
    int failed = check_count(s, nargs) < 0;
    for (Py_ssize_t i = 0; i < nargs && i < s->positional; i++)
        out[i] = args[i];
    Py_ssize_t keywords = kwnames ? PyTuple_Size(kwnames) : 0;
    for (Py_ssize_t k = 0; k < keywords; k++)
        failed |= put_keyword(s, PyTuple_GetItem(kwnames, k), args[nargs + k], out) < 0;
    return failed ? -1 : check_required(s, out);
}

int py_args_tuple(const py_signature *s, PyObject *args, PyObject *kwargs, PyObject **out)
{
    memset(out, 0, (size_t)s->count * sizeof *out);
    Py_ssize_t given = PyTuple_Size(args), at = 0;
    int failed = check_count(s, given) < 0;
    for (Py_ssize_t i = 0; i < given && i < s->positional; i++)
        out[i] = PyTuple_GetItem(args, i);
    PyObject *name, *value;
    while (kwargs && PyDict_Next(kwargs, &at, &name, &value))
        failed |= put_keyword(s, name, value, out) < 0;
    return failed ? -1 : check_required(s, out);
}

int py_to_int64(py_state *st, PyObject *object, const char *name, int64_t *out)
{
    int masked = PyLong_Check(object) ? 0 : py_is_masked(object);
    PyObject *index = masked ? NULL : PyNumber_Index(object);
    if (!index) {
        if (masked > 0 || PyErr_ExceptionMatches(PyExc_TypeError))
            py_type_error(name, "an integer", object);
        return -1;
    }
    int overflow;
    *out = PyLong_AsLongLongAndOverflow(index, &overflow);
    if (overflow)
        py_error(st, PTL_INVALID, "%s is %R, which does not fit 64 bits", name, index);
    Py_DECREF(index);
    return overflow || PyErr_Occurred() ? -1 : 0;
}

int py_to_int(py_state *st, PyObject *object, const char *name, int *out)
{
    int64_t value;
    if (py_to_int64(st, object, name, &value) < 0)
        return -1;
    if (value < INT_MIN || value > INT_MAX) {
        py_error(st, PTL_INVALID, "%s is %lld, which does not fit 32 bits", name, (long long)value);
        return -1;
    }
    *out = (int)value;
    return 0;
}

int py_is_pair(PyObject *object)
{
    if (!PySequence_Check(object) || PyBytes_Check(object) || PyByteArray_Check(object))
        return 0;
    Py_ssize_t size = PySequence_Size(object);
    if (size < 0 && py_must_pass())
        return -1;
    PyErr_Clear();
    return size == 2;
}

int py_to_shape(py_state *st, PyObject *object, const char *name, int64_t shape[2])
{
    if (PyIndex_Check(object) && !PySequence_Check(object)) {
        if (py_to_int64(st, object, name, &shape[0]) < 0)
            return -1;
        shape[1] = shape[0];
        return 0;
    }
    int is = py_is_pair(object);
    if (is < 0)
        return -1;
    if (!is) {
        py_type_error(name, "an integer or a pair of integers", object);
        return -1;
    }
    for (int i = 0; i < 2; i++) {
        PyObject *item = PySequence_GetItem(object, i);
        int failed = item ? py_to_int64(st, item, name, &shape[i]) : -1;
        Py_XDECREF(item);
        if (failed)
            return -1;
    }
    return 0;
}

int py_to_double(PyObject *object, const char *name, double *out)
{
    int masked = PyFloat_Check(object) ? 0 : py_is_masked(object);
    *out = masked ? -1 : PyFloat_AsDouble(object);
    if (*out != -1 || (!masked && !PyErr_Occurred()))
        return 0;
    if (masked > 0 || PyErr_ExceptionMatches(PyExc_TypeError))
        py_type_error(name, "a number", object);
    return -1;
}

int py_to_choice(py_state *st, PyObject *object, const char *name, const char *const *choices,
                 int *out)
{
    if (!PyUnicode_Check(object)) {
        py_type_error(name, "a string", object);
        return -1;
    }
    char known[128] = "";
    for (int i = 0; choices[i]; i++) {
        if (PyUnicode_CompareWithASCIIString(object, choices[i]) == 0) {
            *out = i;
            return 0;
        }
        size_t used = strlen(known);
        PyOS_snprintf(known + used, sizeof known - used, "%s\"%s\"", i ? ", " : "", choices[i]);
    }
    py_error(st, PTL_INVALID, "%s is %R, expected one of %s", name, object, known);
    return -1;
}

PyObject *py_shape(int ndim, int64_t first, int64_t second)
{
    return ndim == 1 ? Py_BuildValue("(L)", (long long)first)
                     : Py_BuildValue("(LL)", (long long)first, (long long)second);
}
