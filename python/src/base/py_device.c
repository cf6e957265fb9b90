/* Arrays in the memory of a GPU, which no executor that there is can look at: found by what they
 * say of themselves, without a look at their memory. */
#include "py_device.h"

#include "py_errors.h"

/* DLPack's kinds of devices whose memory the host can read: its own, and its own that a GPU reads
 * as well (CUDA's and ROCm's). */
enum { CPU = 1, CUDA_HOST = 3, ROCM_HOST = 11 };

static int refuse(py_state *st, const char *name)
{
    py_error(st, PTL_NOT_SUPPORTED,
             "%s is in a GPU's memory and the executor works in the host's: copy it to the "
             "host first (cupy.asnumpy, tensor.cpu)",
             name);
    return -1;
}

/* The CUDA array interface, version 3: what must be in it. */
static int is_interface(PyObject *object)
{
    if (!PyDict_Check(object))
        return 0;
    PyObject *shape = PyDict_GetItemString(object, "shape");
    PyObject *typestr = PyDict_GetItemString(object, "typestr");
    PyObject *data = PyDict_GetItemString(object, "data");
    return shape && PyTuple_Check(shape) && typestr && PyUnicode_Check(typestr) && data &&
           PyTuple_Check(data) && PyTuple_Size(data) == 2 && PyLong_Check(PyTuple_GetItem(data, 0));
}

/* Where the property raises an error there is no interface: that is how libraries say so of host
 * arrays. */
static int check_interface(py_state *st, PyObject *object, const char *name)
{
    PyObject *interface = PyObject_GetAttrString(object, "__cuda_array_interface__");
    if (!interface && py_must_pass())
        return -1;
    PyErr_Clear();
    if (!py_given(interface)) {
        Py_XDECREF(interface);
        return 0;
    }
    int is = is_interface(interface);
    Py_DECREF(interface);
    if (is)
        return refuse(st, name);
    py_error(st, PTL_DTYPE,
             "%s has a __cuda_array_interface__ that is none: expected a dict with the tuple "
             "shape, the string typestr, and in data an address and a flag",
             name);
    return -1;
}

static int check_dlpack(py_state *st, PyObject *object, const char *name)
{
    int has = py_has(object, "__dlpack__");
    if (has <= 0)
        return has;
    int kind, id;
    PyObject *device = PyObject_CallMethod(object, "__dlpack_device__", NULL);
    int got = device && PyTuple_Check(device) && PyArg_ParseTuple(device, "ii", &kind, &id);
    Py_XDECREF(device);
    if (got)
        return kind == CPU || kind == CUDA_HOST || kind == ROCM_HOST ? 0 : refuse(st, name);
    if (!PyErr_Occurred() || PyErr_ExceptionMatches(PyExc_AttributeError) ||
        PyErr_ExceptionMatches(PyExc_TypeError) || PyErr_ExceptionMatches(PyExc_OverflowError)) {
        PyErr_Clear();
        py_error(st, PTL_DTYPE,
                 "%s has a __dlpack__, but no __dlpack_device__ that says where it is by two "
                 "integers",
                 name);
    }
    return -1;
}

int py_host_check(py_state *st, PyObject *object, const char *name)
{
    int host = PyObject_CheckBuffer(object) ? 1 : py_has(object, "__array_interface__");
    if (host)
        return host < 0 ? -1 : 0;
    return check_interface(st, object, name) < 0 ? -1 : check_dlpack(st, object, name);
}
