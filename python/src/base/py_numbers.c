/* What has elements, but not numbers in all of them: masked arrays and bytes. NumPy makes numbers
 * of both without a word. */
#include "py_numbers.h"

#include "py_errors.h"
#include "py_numpy.h"

/* MaskedArray, and what other libraries derive from NumPy's arrays in its likeness: an exporter of
 * memory with a `mask` beside it. Only classes made at run time can be such. */
int py_is_masked(PyObject *object)
{
    if (!(PyType_GetFlags(Py_TYPE(object)) & Py_TPFLAGS_HEAPTYPE) || !PyObject_CheckBuffer(object))
        return 0;
    int masked = py_has(object, "mask");
    return masked > 0 ? py_has(object, "__array_interface__") : masked;
}

/* The key "mask" of an __array_interface__, which NumPy does not look at. */
static int interface_is_masked(PyObject *object)
{
    PyObject *interface = PyObject_GetAttrString(object, "__array_interface__");
    if (!interface && py_must_pass())
        return -1;
    PyErr_Clear();
    int masked =
        interface && PyDict_Check(interface) && py_given(PyDict_GetItemString(interface, "mask"));
    Py_XDECREF(interface);
    return masked;
}

/* bytes, bytearray, and a memoryview of them that was not cast to another format. */
static int is_bytes(PyObject *object)
{
    if (PyBytes_Check(object) || PyByteArray_Check(object))
        return 1;
    if (!PyObject_TypeCheck(object, &PyMemoryView_Type))
        return 0;
    PyObject *of = PyObject_GetAttrString(object, "obj");
    PyObject *format = of ? PyObject_GetAttrString(object, "format") : NULL;
    int is = format && PyUnicode_CompareWithASCIIString(format, "B") == 0 &&
             (PyBytes_Check(of) || PyByteArray_Check(of));
    Py_XDECREF(format);
    Py_XDECREF(of);
    PyErr_Clear(); /* a memoryview that was released: an error of its own, later */
    return is;
}

static int masked(py_state *st, const char *name)
{
    py_error(st, PTL_DTYPE,
             "%s is masked, and what is masked has no value: give array.filled(value), or "
             "array.compressed() without the masked elements",
             name);
    return -1;
}

/* As py_numbers_check; NumPy looks 64 lists deep. */
static int check(py_state *st, PyObject *object, const char *name, int depth)
{
    if (is_bytes(object)) {
        py_error(st, PTL_DTYPE,
                 "%s is bytes, not numbers: numpy.frombuffer(%s, dtype) says what they stand for",
                 name, name);
        return -1;
    }
    int is = py_is_masked(object);
    if (is)
        return is < 0 ? -1 : masked(st, name);
    if (depth == 64 || !(PyList_Check(object) || PyTuple_Check(object)))
        return 0;
    for (Py_ssize_t i = 0; i < PySequence_Size(object); i++) {
        PyObject *item = PySequence_GetItem(object, i);
        if (!item || check(st, item, name, depth + 1) < 0) {
            Py_XDECREF(item);
            return -1;
        }
        Py_DECREF(item);
    }
    return 0;
}

int py_numbers_check(py_state *st, PyObject *object, const char *name)
{
    return check(st, object, name, 0);
}

PyObject *py_array_of(py_state *st, PyObject *object, const char *name)
{
    int is = py_numbers_check(st, object, name) < 0 ? -1 : interface_is_masked(object);
    PyObject *numpy = is < 0 ? NULL : py_numpy(st);
    if (!numpy)
        return NULL;
    PyObject *array = is ? NULL : PyObject_CallMethod(numpy, "asanyarray", "(O)", object);
    if (array)
        is = py_is_masked(array);
    if (is) {
        Py_CLEAR(array);
        if (is > 0)
            masked(st, name);
    }
    return array;
}
