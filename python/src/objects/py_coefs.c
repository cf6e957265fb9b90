/* Numbers of vectors: coefficients, one or one per column, in; the results of reductions out. */
#include "py_coefs.h"

#include "../base/py_array.h"
#include "../base/py_errors.h"

/* One number as a pair; 1 where it is complex, -1 where the object is no number of Python's. */
static int to_number(PyObject *object, double number[2])
{
    number[1] = 0;
    if (PyFloat_Check(object) || PyLong_Check(object)) {
        number[0] = PyFloat_AsDouble(object);
        return number[0] == -1 && PyErr_Occurred() ? -1 : 0;
    }
    if (!PyComplex_Check(object))
        return -1;
    number[0] = PyComplex_RealAsDouble(object);
    number[1] = PyComplex_ImagAsDouble(object);
    return 1;
}

/* Element j of an array, or its only one. */
static void array_number(const py_array *array, int64_t j, ptl_dtype dtype, double number[2])
{
    const char *at = array->buffer.buf;
    at += array->buffer.ndim ? j * array->buffer.strides[0] : 0;
    number[1] = 0;
    switch (dtype) {
    case PTL_F32:
        number[0] = *(const float *)at;
        break;
    case PTL_C64:
        number[0] = ((const ptl_c64 *)at)->re;
        number[1] = ((const ptl_c64 *)at)->im;
        break;
    case PTL_C128:
        number[1] = ((const ptl_c128 *)at)->im;
        number[0] = ((const ptl_c128 *)at)->re;
        break;
    default:
        number[0] = *(const double *)at;
    }
}

static int coefs_from_array(py_state *st, PyObject *object, const char *name, int64_t columns,
                            int width, double *values)
{
    py_array array;
    ptl_dtype dtype;
    if (PyUnicode_Check(object) || object == Py_None) {
        py_type_error(name, "a number or an array with one per column", object);
        return -1;
    }
    if (py_array_values(st, object, name, 1, -1, &array, &dtype) < 0)
        return -1;
    if (dtype == PTL_F16 && py_array_astype(st, name, "float64", &array) < 0)
        return -1;
    int64_t count = py_array_count(&array);
    int failed = 1;
    if (array.buffer.ndim == 1 && count != columns)
        py_error(st, PTL_DIMENSION, "%s has %lld numbers, but there are %lld columns", name,
                 (long long)count, (long long)columns);
    else if (ptl_dtype_is_complex(dtype) && width == 1)
        py_error(st, PTL_DTYPE, "%s is complex, expected real numbers", name);
    else
        failed = 0;
    for (int64_t j = 0; !failed && j < columns; j++) {
        double number[2];
        array_number(&array, j, dtype, number);
        for (int w = 0; w < width; w++)
            values[j * width + w] = number[w];
    }
    py_array_end(&array);
    return failed ? -1 : 0;
}

/* A number, or one per column, of `width` doubles each. */
static int fill(py_state *st, PyObject *object, const char *name, int64_t columns, int width,
                double *values)
{
    double number[2];
    int is_complex = to_number(object, number);
    if (is_complex < 0)
        return PyErr_Occurred() ? -1 : coefs_from_array(st, object, name, columns, width, values);
    if (is_complex && width == 1) {
        py_error(st, PTL_DTYPE, "%s is complex, expected a real number", name);
        return -1;
    }
    for (int64_t j = 0; j < columns; j++)
        for (int w = 0; w < width; w++)
            values[j * width + w] = number[w];
    return 0;
}

int py_coefs_get(py_state *st, PyObject *object, const char *name, const ptl_vector *v,
                 py_coefs *out)
{
    int width = ptl_dtype_is_complex(ptl_vector_dtype(v)) ? 2 : 1;
    int64_t columns = ptl_vector_columns(v);
    out->values = out->few;
    if (columns * width > (int64_t)(sizeof out->few / sizeof *out->few))
        out->values = PyMem_Malloc((size_t)(columns * width) * sizeof(double));
    if (!out->values) {
        PyErr_NoMemory();
        return -1;
    }
    if (fill(st, object, name, columns, width, out->values) == 0)
        return 0;
    py_coefs_end(out);
    return -1;
}

int py_is_number(PyObject *object)
{
    if (PyFloat_Check(object) || PyLong_Check(object) || PyComplex_Check(object))
        return 1;
    return PyNumber_Check(object) && !PySequence_Check(object);
}

int py_to_number(py_state *st, PyObject *object, const char *name, int is_complex, double *out)
{
    return fill(st, object, name, 1, is_complex ? 2 : 1, out);
}

void py_coefs_end(py_coefs *coefs)
{
    if (coefs->values != coefs->few)
        PyMem_Free(coefs->values);
    coefs->values = coefs->few;
}

PyObject *py_result(py_state *st, const ptl_vector *v, const double *values, int is_complex)
{
    if (ptl_vector_ndim(v) == 1)
        return is_complex ? PyComplex_FromDoubles(values[0], values[1])
                          : PyFloat_FromDouble(values[0]);
    int64_t columns = ptl_vector_columns(v);
    if (!is_complex)
        return py_array_of_doubles(st, 1, &columns, values);
    void *data;
    PyObject *array = py_array_new(st, 1, &columns, "complex128", &data);
    for (int64_t i = 0; array && i < 2 * columns; i++)
        ((double *)data)[i] = values[i];
    return array;
}
