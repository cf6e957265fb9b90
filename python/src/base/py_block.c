/* Memory of ours that NumPy looks at: an exporter of the buffer protocol, and what is made by it.
 */
#include "py_block.h"

#include "py_args.h"
#include "py_numpy.h"

py_class py_Block_class;

const char *py_format(ptl_dtype dtype)
{
    static const char *const formats[PTL_DTYPE_ALL] = {"f", "d", "Zf", "Zd", "e"};
    return formats[dtype];
}

typedef struct py_block {
    PyObject_HEAD py_state *state;
    py_memory memory;
    Py_ssize_t shape[2], strides[2];
    PyObject *keep;
} py_block;

static int block_getbuffer(PyObject *self, Py_buffer *view, int flags)
{
    static char nothing[16]; /* where empty memory is */
    py_block *block = (py_block *)self;
    const py_memory *m = &block->memory;
    if ((flags & PyBUF_WRITABLE) && m->readonly) {
        PyErr_SetString(PyExc_BufferError, "the memory is read-only");
        view->obj = NULL;
        return -1;
    }
    *view = (Py_buffer){
        .buf = m->data ? m->data : nothing,
        .obj = Py_NewRef(self),
        .len = m->size * block->shape[0] * (m->ndim == 2 ? block->shape[1] : 1),
        .itemsize = m->size,
        .readonly = m->readonly,
        .ndim = m->ndim,
        .format = (flags & PyBUF_FORMAT) ? (char *)m->format : NULL,
        .shape = block->shape,
        .strides = block->strides,
    };
    return 0;
}

static void block_dealloc(PyObject *self)
{
    Py_XDECREF(((py_block *)self)->keep);
    py_free(self);
}

static PyType_Slot block_slots[] = {
    {Py_tp_dealloc, block_dealloc},
    {Py_bf_getbuffer, block_getbuffer},
    {Py_tp_doc, "Memory of an object of Petiole's, kept alive for the NumPy array over it."},
    {0, NULL},
};

PyType_Spec py_Block_spec = {"petiole._core._Block", sizeof(py_block), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, block_slots};

PyObject *py_array_over(py_state *st, const py_memory *memory, PyObject *keep)
{
    PyObject *numpy = py_numpy(st);
    py_block *block = numpy ? py_new(st, PY_TYPE(st, Block)) : NULL;
    if (!block)
        return NULL;
    block->memory = *memory;
    block->shape[0] = (Py_ssize_t)memory->shape[0];
    block->shape[1] = (Py_ssize_t)memory->shape[1];
    block->strides[0] = (Py_ssize_t)memory->stride;
    block->strides[1] = memory->size;
    block->keep = Py_NewRef(keep);
    PyObject *array = PyObject_CallMethod(numpy, "asarray", "(O)", (PyObject *)block);
    Py_DECREF(block);
    return array;
}

PyObject *py_array_protocol(py_state *st, PyObject *array, PyObject *const *args, Py_ssize_t nargs,
                            PyObject *kwnames)
{
    PY_SIGNATURE(signature, "__array__", 0, 2, "dtype", "copy");
    PyObject *given[2];
    if (py_args(&signature, args, nargs, kwnames, given) < 0)
        return NULL;
    PyObject *result = py_given(given[0])
                           ? PyObject_CallMethod(py_numpy(st), "asarray", "OO", array, given[0])
                           : Py_NewRef(array);
    int same = result == array;
    if (result && given[1] == Py_True && same) {
        PyObject *copy = PyObject_CallMethod(result, "copy", NULL);
        Py_DECREF(result);
        result = copy;
    }
    if (result && given[1] == Py_False && !same) {
        Py_CLEAR(result);
        PyErr_SetString(PyExc_ValueError, "another dtype cannot be had without a copy");
    }
    return result;
}
