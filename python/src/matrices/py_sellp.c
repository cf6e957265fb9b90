/* Sliced ELLPACK on one process. */
#include "../base/py_args.h"
#include "../base/py_errors.h"
#include "../objects/py_linop.h"
#include "py_format_make.h"
#include "py_parts.h"

py_class py_Sellp_class;

extern const py_storage py_sellp_storage; /* below */

enum { SETS, INDICES, VALUES };

static ptl_sellp_arrays arrays(PyObject *self)
{
    return ptl_sellp_get_arrays(ptl_linop_as_sellp(((py_linop *)self)->op));
}

/* The slices of so many rows. */
static int64_t slices_of(int64_t rows, int64_t slice_size)
{
    return rows / slice_size + (rows % slice_size != 0);
}

static int check_lengths(py_state *st, const int64_t shape[2], int64_t slice_size,
                         const py_parts *parts)
{
    int64_t sets = py_parts_count(parts, SETS), slices = slices_of(shape[0], slice_size);
    if (sets != slices + 1) {
        py_error(st, PTL_DIMENSION, "slice_sets has %lld entries, expected %lld for %lld slices",
                 (long long)sets, (long long)(slices + 1), (long long)slices);
        return -1;
    }
    if (py_parts_same(st, &py_sellp_storage, parts, VALUES, INDICES) < 0)
        return -1;
    int64_t last = ((const int64_t *)parts->arrays[SETS].buffer.buf)[slices];
    if (last <= py_parts_count(parts, VALUES) / slice_size)
        return 0;
    py_error(st, PTL_DIMENSION,
             "slice_sets ends with %lld, of %lld rows each, but there are %lld values",
             (long long)last, (long long)slice_size, (long long)py_parts_count(parts, VALUES));
    return -1;
}

static int complete(py_state *st, const int64_t shape[2], PyObject *extra, py_parts *parts)
{
    int64_t slice_size;
    if (py_to_int64(st, extra, "slice_size", &slice_size) < 0)
        return -1;
    if (slice_size < 1) {
        py_error(st, PTL_INVALID, "slice_size is %lld, expected at least 1", (long long)slice_size);
        return -1;
    }
    if (check_lengths(st, shape, slice_size, parts) < 0)
        return -1;
    parts->as.sellp = (ptl_sellp_arrays){.rows = shape[0],
                                         .cols = shape[1],
                                         .slice_size = slice_size,
                                         .dtype = parts->dtype,
                                         .itype = parts->itype,
                                         .slice_sets = parts->arrays[SETS].buffer.buf,
                                         .indices = parts->arrays[INDICES].buffer.buf,
                                         .values = parts->arrays[VALUES].buffer.buf};
    return 0;
}

static ptl_status create(ptl_exec *exec, const py_parts *parts, void (*release)(void *ctx),
                         void *ctx, ptl_linop **out)
{
    ptl_sellp *A;
    ptl_status status = release ? ptl_sellp_view(exec, &parts->as.sellp, release, ctx, &A)
                                : ptl_sellp_copy_of(exec, &parts->as.sellp, &A);
    *out = A ? ptl_sellp_linop(A) : NULL;
    return status;
}

static const char *const names[] = {"shape",      "slice_sets", "indices", "values",
                                    "slice_size", "copy",       "exec"};

const py_storage py_sellp_storage = {
    .id = PTL_SELLP,
    .type = &py_Sellp_class,
    .signature = {"from_arrays", 5, 5, sizeof names / sizeof *names, names},
    .count = 3,
    .parts = {{"slice_sets", PY_INT64, 1}, {"indices", PY_INDICES, 1}, {"values", PY_VALUES, 1}},
    .copier = "copy=True",
    .complete = complete,
    .create = create,
};

static PyObject *sellp_from_arrays(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                                   PyObject *kwnames)
{
    return py_format_from_arrays(&py_sellp_storage, type, args, nargs, kwnames);
}

/* ---- arrays out -------------------------------------------------------------------------------
 */

static int64_t slices(const ptl_sellp_arrays *a)
{
    return slices_of(a->rows, a->slice_size);
}

static py_extent padded(const ptl_sellp_arrays *a)
{
    return (py_extent){1, .rows = a->slice_sets[slices(a)] * a->slice_size};
}

static PyObject *sellp_slice_size(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromLongLong(arrays(self).slice_size);
}

static PyObject *sellp_slice_sets(PyObject *self, void *unused)
{
    (void)unused;
    ptl_sellp_arrays a = arrays(self);
    return py_format_indices(self, a.slice_sets, PTL_I64, (py_extent){1, .rows = slices(&a) + 1});
}

static PyObject *sellp_indices(PyObject *self, void *unused)
{
    (void)unused;
    ptl_sellp_arrays a = arrays(self);
    return py_format_indices(self, a.indices, a.itype, padded(&a));
}

static PyObject *sellp_values(PyObject *self, void *unused)
{
    (void)unused;
    ptl_sellp_arrays a = arrays(self);
    return py_format_values(self, a.values, padded(&a));
}

static PyMethodDef sellp_methods[] = {
    PY_CLASS_METHOD(
        "from_arrays", sellp_from_arrays,
        "from_arrays($type, /, shape, slice_sets, indices, values, slice_size, *, copy=True,\n"
        "            exec=None)\n--\n\n"
        "From padded arrays (local). Slice s holds slice_size rows from s * slice_size; entry k "
        "of\n"
        "its row i is at (slice_sets[s] + k) * slice_size + i - s * slice_size of indices and\n"
        "values, for k < slice_sets[s + 1] - slice_sets[s]; column -1 is padding, whose value is\n"
        "never read. copy False makes it look at the caller's own arrays, which are kept alive:\n"
        "int64 slice_sets, int32 or int64 indices, all contiguous. InvalidArgument,\n"
        "IndexOutOfRange, DimensionError, DtypeError."),
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef sellp_getset[] = {
    {"slice_size", sellp_slice_size, NULL, "Rows of a slice (local).", NULL},
    {"slice_sets", sellp_slice_sets, NULL,
     "Where each slice begins, in columns of slice_size entries: a read-only int64 view (local).",
     NULL},
    {"indices", sellp_indices, NULL, "The columns, -1 for padding: a read-only NumPy view (local).",
     NULL},
    {"values", sellp_values, NULL,
     "The values, in the places of `indices`: a NumPy view; writing to it writes to the matrix\n"
     "(local).",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(sellp_doc,
             "Sellp(matrix, *, dtype=None, exec=None)\n--\n\n"
             "A matrix on one process in sliced ELLPACK: slices of rows, each as wide as its\n"
             "longest row (local). From a local format, a SciPy sparse array or a 2-D array;\n"
             "from_arrays can look at the caller's arrays.");

static PyType_Slot sellp_slots[] = {
    {Py_tp_dealloc, py_linop_dealloc},
    {Py_tp_traverse, py_linop_traverse},
    {Py_tp_clear, py_linop_clear},
    {Py_tp_methods, sellp_methods},
    {Py_tp_getset, sellp_getset},
    {Py_tp_doc, (void *)sellp_doc},
    {0, NULL},
};

PyType_Spec py_Sellp_spec = {"petiole.Sellp", sizeof(py_linop), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, sellp_slots};
