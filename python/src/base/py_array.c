/* Arrays, in by the buffer protocol, __array_interface__ and DLPack; out as NumPy arrays, over
 * memory of ours or new. Elements are told apart by kind and size, never by their format's letter.
 */
#include <string.h>

#include "py_array.h"

#include "py_device.h"
#include "py_errors.h"
#include "py_numbers.h"
#include "py_numpy.h"

#define OTHER_ORDER (PY_LITTLE_ENDIAN ? '>' : '<')

/* NumPy's kind of a format of one native element; 0 for any other. */
static char kind_of(const char *format)
{
    if (!format)
        return 'u'; /* bytes */
    if (*format == '@' || *format == '=' || *format == (PY_LITTLE_ENDIAN ? '<' : '>'))
        format++;
    char kind = *format == 'Z' ? 'c' : 0;
    format += kind == 'c';
    if (!*format || format[1])
        return 0;
    if (strchr("efdg", *format))
        return kind ? kind : 'f';
    if (kind)
        return 0;
    if (strchr("bhilqn", *format))
        return 'i';
    if (strchr("BHILQN", *format))
        return 'u';
    return *format == '?' ? 'b' : 0;
}

int py_array_check(PyObject *object, const char *name, const char *copier)
{
    static const char *const protocols[] = {"__array_interface__", "__dlpack__",
                                            "__cuda_array_interface__"};
    int is = PyObject_CheckBuffer(object);
    for (int i = 0; !is && i < 3; i++)
        is = py_has(object, protocols[i]);
    if (is)
        return is < 0 ? -1 : 0;
    PyObject *type = PyType_GetName(Py_TYPE(object));
    if (type)
        PyErr_Format(PyExc_TypeError,
                     "%s must be an array (anything else can only be copied: %s), not %U", name,
                     copier, type);
    Py_XDECREF(type);
    return -1;
}

/* An object with the buffer protocol over the object's own memory; a new reference. */
static PyObject *exporter_of(py_state *st, PyObject *object, const char *name)
{
    if (py_numbers_check(st, object, name) < 0)
        return NULL;
    if (PyObject_CheckBuffer(object))
        return Py_NewRef(object);
    if (py_host_check(st, object, name) < 0)
        return NULL;
    int interface = py_has(object, "__array_interface__");
    int dlpack = interface ? 0 : py_has(object, "__dlpack__");
    if (interface < 0 || dlpack < 0)
        return NULL;
    PyObject *numpy = dlpack ? py_numpy(st) : NULL;
    if (!dlpack)
        return py_array_of(st, object, name);
    return numpy ? PyObject_CallMethod(numpy, "from_dlpack", "(O)", object) : NULL;
}

/* The exception of a buffer that cannot be had, as DtypeError with its text. */
static int no_buffer(py_state *st, const char *name)
{
    PyObject *type, *value, *trace;
    if (py_must_pass())
        return -1;
    PyErr_Fetch(&type, &value, &trace);
    py_error(st, PTL_DTYPE, "%s cannot be read as an array of numbers: %S", name,
             value ? value : type);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(trace);
    return -1;
}

/* DtypeError: what the elements are and what they should be; always -1. */
static int wrong_elements(py_state *st, const py_array *array, const char *name,
                          const char *expected)
{
    const char *format = array->buffer.format ? array->buffer.format : "B";
    py_error(st, PTL_DTYPE, "%s has elements of format '%s' (%d bytes%s), expected %s", name,
             format, array->size, *format == OTHER_ORDER ? ", in the other byte order" : "",
             expected);
    return -1;
}

/* Strides included: some leave them out (ctypes), and a memoryview of them does not. */
static int get_buffer(PyObject *exporter, Py_buffer *buffer)
{
    if (PyObject_GetBuffer(exporter, buffer, PyBUF_RECORDS_RO) < 0) {
        buffer->obj = NULL;
        return -1;
    }
    if (buffer->ndim == 0 || (buffer->shape && buffer->strides))
        return 0;
    PyBuffer_Release(buffer);
    PyObject *view = PyMemoryView_FromObject(exporter);
    int got = view ? PyObject_GetBuffer(view, buffer, PyBUF_RECORDS_RO) : -1;
    Py_XDECREF(view);
    if (got < 0)
        buffer->obj = NULL;
    return got;
}

int py_array_view(py_state *st, PyObject *object, const char *name, py_array *out)
{
    *out = (py_array){0};
    PyObject *exporter = exporter_of(st, object, name);
    if (!exporter)
        return -1;
    int got = get_buffer(exporter, &out->buffer);
    Py_DECREF(exporter);
    if (got < 0)
        return no_buffer(st, name);
    out->kind = kind_of(out->buffer.format);
    out->size = (int)out->buffer.itemsize;
    return 0;
}

void py_array_end(py_array *array)
{
    if (array->buffer.obj)
        PyBuffer_Release(&array->buffer);
}

int64_t py_array_count(const py_array *array)
{
    int64_t count = 1;
    for (int d = 0; d < array->buffer.ndim; d++)
        count *= array->buffer.shape[d];
    return count;
}

int py_array_dtype(py_state *st, const py_array *array, const char *name, ptl_dtype *out)
{
    for (int d = 0; d < PTL_DTYPE_ALL; d++)
        if (array->kind == (ptl_dtype_is_complex((ptl_dtype)d) ? 'c' : 'f') &&
            (size_t)array->size == ptl_dtype_size((ptl_dtype)d)) {
            *out = (ptl_dtype)d;
            return 0;
        }
    return wrong_elements(st, array, name,
                          "native float32, float64, complex64, complex128 or float16");
}

/* Whether the elements lie where the machine wants them: a buffer may begin anywhere. */
static int is_aligned(const py_array *array)
{
    size_t part = (size_t)(array->kind == 'c' ? array->size / 2 : array->size);
    return (uintptr_t)array->buffer.buf % part == 0;
}

int64_t py_array_ld(const py_array *array)
{
    const Py_buffer *b = &array->buffer;
    int64_t columns = b->ndim == 2 ? b->shape[1] : 1;
    int64_t row = b->ndim > 0 ? b->strides[0] : array->size;
    if (b->ndim == 2 && columns > 1 && b->strides[1] != array->size)
        return -1;
    if (b->ndim == 0 || b->shape[0] <= 1)
        return columns;
    if (row % array->size || row / array->size < columns || (b->ndim == 1 && row != array->size))
        return -1;
    return row / array->size;
}

int py_array_astype(py_state *st, const char *name, const char *dtype, py_array *array)
{
    PyObject *numpy = py_numpy(st);
    PyObject *view = numpy ? PyMemoryView_FromObject(array->buffer.obj) : NULL; /* bytes: no text */
    PyObject *copy = view ? PyObject_CallMethod(numpy, "require", "Oss", view, dtype,
                                                "CA" /* contiguous, aligned */)
                          : NULL;
    Py_XDECREF(view);
    py_array_end(array);
    int done = copy ? py_array_view(st, copy, name, array) : (*array = (py_array){0}, -1);
    Py_XDECREF(copy);
    return done;
}

int py_array_pack(py_state *st, const char *name, py_array *array)
{
    ptl_dtype dtype;
    if (array->buffer.ndim < 2 || py_array_ld(array) == array->buffer.shape[1])
        return 0;
    if (py_array_dtype(st, array, name, &dtype) < 0)
        return -1;
    return py_array_astype(st, name, ptl_dtype_name(dtype), array);
}

static int is_integer(char kind)
{
    return kind == 'i' || kind == 'u';
}

int py_array_values(py_state *st, PyObject *object, const char *name, int ndim_max, int wanted,
                    py_array *out, ptl_dtype *dtype)
{
    if (py_array_view(st, object, name, out) < 0)
        return -1;
    if (out->buffer.ndim > ndim_max) {
        py_error(st, PTL_DIMENSION, "%s has %d dimensions, expected at most %d", name,
                 out->buffer.ndim, ndim_max);
        goto failed;
    }
    if (is_integer(out->kind))
        *dtype = wanted < 0 ? PTL_F64 : (ptl_dtype)wanted;
    else if (py_array_dtype(st, out, name, dtype) < 0)
        goto failed;
    if ((is_integer(out->kind) || py_array_ld(out) < 0 || !is_aligned(out)) &&
        py_array_astype(st, name, ptl_dtype_name(*dtype), out) < 0)
        goto failed;
    return 0;
failed:
    py_array_end(out);
    *out = (py_array){0};
    return -1;
}

/* That int64s fit int32. */
static int check_narrow(py_state *st, const char *name, const py_array *array)
{
    const int64_t *values = array->buffer.buf;
    for (int64_t i = 0; i < py_array_count(array); i++)
        if (values[i] != (int32_t)values[i]) {
            py_error(st, PTL_INDEX, "%s[%lld] is %lld, which does not fit 32 bits", name,
                     (long long)i, (long long)values[i]);
            return -1;
        }
    return 0;
}

int py_array_indices(py_state *st, PyObject *object, const char *name, int size, py_array *out)
{
    if (py_array_view(st, object, name, out) < 0)
        return -1;
    int empty = py_array_count(out) == 0;
    if (!empty && !is_integer(out->kind)) {
        wrong_elements(st, out, name, "native integers");
        goto failed;
    }
    int ready = out->kind == 'i' && out->size == size && is_aligned(out) &&
                PyBuffer_IsContiguous(&out->buffer, 'C');
    if (!ready && py_array_astype(st, name, "int64", out) < 0)
        goto failed;
    if (!ready && size == 4 &&
        (check_narrow(st, name, out) < 0 || py_array_astype(st, name, "int32", out) < 0))
        goto failed;
    return 0;
failed:
    py_array_end(out);
    *out = (py_array){0};
    return -1;
}

PyObject *py_array_new(py_state *st, int ndim, const int64_t *shape, const char *dtype, void **data)
{
    PyObject *numpy = py_numpy(st);
    PyObject *sizes = numpy ? PyTuple_New(ndim) : NULL;
    for (int d = 0; sizes && d < ndim; d++)
        if (PyTuple_SetItem(sizes, d, PyLong_FromLongLong(shape[d])) < 0)
            Py_CLEAR(sizes);
    PyObject *array = sizes ? PyObject_CallMethod(numpy, "empty", "Os", sizes, dtype) : NULL;
    Py_XDECREF(sizes);
    Py_buffer buffer;
    if (!array)
        return NULL;
    if (PyObject_GetBuffer(array, &buffer, PyBUF_WRITABLE) < 0) {
        Py_DECREF(array);
        return NULL;
    }
    *data = buffer.buf; /* the array's own, as long as it lives */
    PyBuffer_Release(&buffer);
    return array;
}

PyObject *py_array_of_doubles(py_state *st, int ndim, const int64_t *shape, const double *values)
{
    void *data;
    size_t count = 1;
    for (int d = 0; d < ndim; d++)
        count *= (size_t)shape[d];
    PyObject *array = py_array_new(st, ndim, shape, "float64", &data);
    if (array && count > 0)
        memcpy(data, values, count * sizeof *values);
    return array;
}
