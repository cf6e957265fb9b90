/* ELLPACK on one process. */
#include "../base/py_args.h"
#include "../base/py_array.h"
#include "../base/py_errors.h"
#include "../objects/py_linop.h"
#include "py_format_make.h"
#include "py_parts.h"

py_class py_Ell_class;

enum { INDICES, VALUES };

static ptl_ell_arrays arrays(PyObject *self)
{
    return ptl_ell_get_arrays(ptl_linop_as_ell(((py_linop *)self)->op));
}

/* Both are (width, rows), with one distance from row to row. */
static int complete(py_state *st, const int64_t shape[2], PyObject *extra, py_parts *parts)
{
    (void)extra;
    const py_array *indices = &parts->arrays[INDICES], *values = &parts->arrays[VALUES];
    const Py_ssize_t *size = indices->buffer.shape, *other = values->buffer.shape;
    if (size[0] != other[0] || size[1] != other[1] || size[1] != shape[0]) {
        py_error(st, PTL_DIMENSION,
                 "indices is %zd x %zd and values %zd x %zd, expected both to be width x %lld",
                 size[0], size[1], other[0], other[1], (long long)shape[0]);
        return -1;
    }
    if (py_array_ld(indices) != py_array_ld(values)) {
        py_error(st, PTL_INVALID,
                 "the rows of indices are %lld elements apart, those of values %lld: a view needs "
                 "one distance",
                 (long long)py_array_ld(indices), (long long)py_array_ld(values));
        return -1;
    }
    parts->as.ell = (ptl_ell_arrays){.rows = shape[0],
                                     .cols = shape[1],
                                     .width = size[0],
                                     .stride = py_array_ld(indices),
                                     .dtype = parts->dtype,
                                     .itype = parts->itype,
                                     .indices = indices->buffer.buf,
                                     .values = values->buffer.buf};
    return 0;
}

static ptl_status create(ptl_exec *exec, const py_parts *parts, void (*release)(void *ctx),
                         void *ctx, ptl_linop **out)
{
    ptl_ell *A;
    ptl_status status = release ? ptl_ell_view(exec, &parts->as.ell, release, ctx, &A)
                                : ptl_ell_copy_of(exec, &parts->as.ell, &A);
    *out = A ? ptl_ell_linop(A) : NULL;
    return status;
}

static const char *const names[] = {"shape", "indices", "values", "copy", "exec"};

const py_storage py_ell_storage = {
    .id = PTL_ELL,
    .type = &py_Ell_class,
    .signature = {"from_arrays", 3, 3, sizeof names / sizeof *names, names},
    .count = 2,
    .parts = {{"indices", PY_INDICES, 2}, {"values", PY_VALUES, 2}},
    .copier = "copy=True",
    .complete = complete,
    .create = create,
};

static PyObject *ell_from_arrays(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                                 PyObject *kwnames)
{
    return py_format_from_arrays(&py_ell_storage, type, args, nargs, kwnames);
}

static PyObject *ell_indices(PyObject *self, void *unused)
{
    (void)unused;
    ptl_ell_arrays a = arrays(self);
    return py_format_indices(self, a.indices, a.itype, (py_extent){2, a.width, a.rows, a.stride});
}

static PyObject *ell_values(PyObject *self, void *unused)
{
    (void)unused;
    ptl_ell_arrays a = arrays(self);
    return py_format_values(self, a.values, (py_extent){2, a.width, a.rows, a.stride});
}

static PyMethodDef ell_methods[] = {
    PY_CLASS_METHOD(
        "from_arrays", ell_from_arrays,
        "from_arrays($type, /, shape, indices, values, *, copy=True, exec=None)\n--\n\n"
        "From arrays of shape (width, rows): entry k of row i is values[k, i] in column\n"
        "indices[k, i]; column -1 is padding, whose value is never read (local). copy False makes\n"
        "it look at the caller's own arrays, which are kept alive: int32 or int64 indices, the\n"
        "rows of both contiguous and equally far apart. InvalidArgument, IndexOutOfRange,\n"
        "DimensionError, DtypeError."),
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef ell_getset[] = {
    {"indices", ell_indices, NULL,
     "The columns, -1 for padding: a read-only NumPy view of shape (width, rows) (local).", NULL},
    {"values", ell_values, NULL,
     "The values, in the places of `indices`: a NumPy view; writing to it writes to the matrix\n"
     "(local).",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(ell_doc,
             "Ell(matrix, *, dtype=None, exec=None)\n--\n\n"
             "A matrix on one process in ELLPACK: every row has room for as many entries as the\n"
             "longest (local). From a local format, a SciPy sparse array or a 2-D array;\n"
             "from_arrays can look at the caller's arrays.");

static PyType_Slot ell_slots[] = {
    {Py_tp_dealloc, py_linop_dealloc},
    {Py_tp_traverse, py_linop_traverse},
    {Py_tp_clear, py_linop_clear},
    {Py_tp_methods, ell_methods},
    {Py_tp_getset, ell_getset},
    {Py_tp_doc, (void *)ell_doc},
    {0, NULL},
};

PyType_Spec py_Ell_spec = {"petiole.Ell", sizeof(py_linop), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, ell_slots};
