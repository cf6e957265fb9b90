/* Dense matrices on one process. */
#include "../base/py_args.h"
#include "../base/py_array.h"
#include "../base/py_block.h"
#include "../objects/py_linop.h"
#include "py_format_make.h"
#include "py_parts.h"

py_class py_Dense_class;

/* shape is the array's own. */
static int complete(py_state *st, const int64_t shape[2], PyObject *extra, py_parts *parts)
{
    (void)st;
    (void)shape;
    (void)extra;
    const py_array *values = &parts->arrays[0];
    parts->as.dense = (ptl_dense_arrays){.rows = values->buffer.shape[0],
                                         .cols = values->buffer.shape[1],
                                         .ld = py_array_ld(values),
                                         .dtype = parts->dtype,
                                         .values = values->buffer.buf};
    return 0;
}

static ptl_status create(ptl_exec *exec, const py_parts *parts, void (*release)(void *ctx),
                         void *ctx, ptl_linop **out)
{
    ptl_dense *A;
    ptl_status status = release ? ptl_dense_view(exec, &parts->as.dense, release, ctx, &A)
                                : ptl_dense_copy_of(exec, &parts->as.dense, &A);
    *out = A ? ptl_dense_linop(A) : NULL;
    return status;
}

const py_storage py_dense_storage = {
    .id = PTL_DENSE,
    .type = &py_Dense_class,
    .count = 1,
    .parts = {{"array", PY_VALUES, 2}},
    .copier = "Dense(array)",
    .complete = complete,
    .create = create,
};

static PyObject *dense_view(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                            PyObject *kwnames)
{
    PY_SIGNATURE(signature, "view", 1, 2, "array", "exec");
    PyObject *given[2];
    if (py_args(&signature, args, nargs, kwnames, given) < 0)
        return NULL;
    return py_format_make(py_state_of(type), &py_dense_storage, given, NULL, NULL, 0, given[1]);
}

static PyObject *dense_array(PyObject *self, void *unused)
{
    (void)unused;
    ptl_dense_arrays a = ptl_dense_get_arrays(ptl_linop_as_dense(((py_linop *)self)->op));
    return py_format_values(self, a.values, (py_extent){2, a.rows, a.cols, a.ld});
}

static PyObject *dense_as_array(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                                PyObject *kwnames)
{
    PyObject *array = dense_array(self, NULL);
    PyObject *result =
        array ? py_array_protocol(((py_linop *)self)->state, array, args, nargs, kwnames) : NULL;
    Py_XDECREF(array);
    return result;
}

static PyMethodDef dense_methods[] = {
    PY_CLASS_METHOD(
        "view", dense_view,
        "view($type, /, array, exec=None)\n--\n\n"
        "Over the same memory as a 2-D array, which is kept alive (local). float32, float64,\n"
        "complex64, complex128 or float16, the elements of a row neighbours; else DtypeError,\n"
        "DimensionError or InvalidArgument with the reason, never a copy."),
    PY_METHOD("__array__", dense_as_array,
              "__array__($self, /, dtype=None, copy=None)\n--\n\n"
              "The values as a NumPy array, the same memory where dtype allows (local)."),
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef dense_getset[] = {
    {"array", dense_array, NULL,
     "The values: a NumPy view of shape (rows, columns); writing to it writes to the matrix\n"
     "(local).",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(dense_doc,
             "Dense(matrix, *, dtype=None, exec=None)\n--\n\n"
             "A dense matrix on one process, row by row: a copy of a 2-D array, a local format or\n"
             "a SciPy sparse array (local). Integers become float64. Dense.view copies nothing.");

static PyType_Slot dense_slots[] = {
    {Py_tp_dealloc, py_linop_dealloc},
    {Py_tp_traverse, py_linop_traverse},
    {Py_tp_clear, py_linop_clear},
    {Py_tp_methods, dense_methods},
    {Py_tp_getset, dense_getset},
    {Py_tp_doc, (void *)dense_doc},
    {0, NULL},
};

PyType_Spec py_Dense_spec = {"petiole.Dense", sizeof(py_linop), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, dense_slots};
