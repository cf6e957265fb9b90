/* A base class for classes in Python that are buffers: PEP 688 for Python 3.11, which has it from
 * 3.12 on. It has no field, so it joins any other base. */
#include "py_exporter.h"

#include "py_errors.h"

py_class py_Exporter_class;

/* What __buffer__ gives exports in the object's place, and is kept alive by whoever asked. */
static int get_buffer(PyObject *self, Py_buffer *buffer, int flags)
{
    buffer->obj = NULL;
    if (!PyObject_HasAttrString((PyObject *)Py_TYPE(self), "__buffer__")) {
        PyErr_SetString(PyExc_TypeError, "an Exporter's class must define __buffer__");
        return -1;
    }
    PyObject *view = PyObject_CallMethod(self, "__buffer__", "i", flags);
    if (!view)
        return -1;
    int got = -1;
    if (PyObject_TypeCheck(view, &PyMemoryView_Type))
        got = PyObject_GetBuffer(view, buffer, flags);
    else
        py_type_error("what __buffer__ returns", "a memoryview", view);
    Py_DECREF(view);
    return got;
}

PyDoc_STRVAR(
    doc, "Exporter()\n--\n\n"
         "Base of classes with ``__buffer__(self, flags)``, which returns a memoryview: their\n"
         "objects are buffers, which `memoryview`, `bytes` and `numpy.asarray` take.\n\n"
         "From Python 3.12 on every class with that method is one, and this base adds nothing.\n"
         "Python 3.11 calls no ``__release_buffer__``: the memoryview is let go instead.");

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *)doc},
    {Py_bf_getbuffer, get_buffer}, /* the last, see py_exporter_init */
    {0, NULL},
};

PyType_Spec py_Exporter_spec = {
    .name = "petiole._core.Exporter",
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = slots,
};

void py_exporter_init(void)
{
    /* A slot of ours would appear as the method that it looks for. */
    if (Py_Version >= 0x030C0000)
        slots[1] = (PyType_Slot){0, NULL};
}
