/* Coordinates on one process. */
#include "../base/py_args.h"
#include "../objects/py_linop.h"
#include "py_format_make.h"
#include "py_parts.h"

py_class py_Coo_class;

extern const py_storage py_coo_storage; /* below */

enum { ROWS, COLS, VALUES };

static ptl_coo_arrays arrays(PyObject *self)
{
    return ptl_coo_get_arrays(ptl_linop_as_coo(((py_linop *)self)->op));
}

static int complete(py_state *st, const int64_t shape[2], PyObject *extra, py_parts *parts)
{
    (void)extra;
    if (py_parts_same(st, &py_coo_storage, parts, ROWS, COLS) < 0 ||
        py_parts_same(st, &py_coo_storage, parts, ROWS, VALUES) < 0)
        return -1;
    parts->as.coo = (ptl_coo_arrays){.rows = shape[0],
                                     .cols = shape[1],
                                     .nnz = py_parts_count(parts, VALUES),
                                     .dtype = parts->dtype,
                                     .itype = parts->itype,
                                     .row_indices = parts->arrays[ROWS].buffer.buf,
                                     .col_indices = parts->arrays[COLS].buffer.buf,
                                     .values = parts->arrays[VALUES].buffer.buf};
    return 0;
}

static ptl_status create(ptl_exec *exec, const py_parts *parts, void (*release)(void *ctx),
                         void *ctx, ptl_linop **out)
{
    ptl_coo *A;
    ptl_status status = release ? ptl_coo_view(exec, &parts->as.coo, release, ctx, &A)
                                : ptl_coo_copy_of(exec, &parts->as.coo, &A);
    *out = A ? ptl_coo_linop(A) : NULL;
    return status;
}

static const char *const names[] = {"shape",  "row_indices", "col_indices",
                                    "values", "copy",        "exec"};

const py_storage py_coo_storage = {
    .id = PTL_COO,
    .type = &py_Coo_class,
    .signature = {"from_arrays", 4, 4, sizeof names / sizeof *names, names},
    .count = 3,
    .parts = {{"row_indices", PY_INDICES, 1},
              {"col_indices", PY_INDICES, 1},
              {"values", PY_VALUES, 1}},
    .copier = "copy=True",
    .scipy = "tocoo",
    .scipy_names = {"row", "col", "data"},
    .complete = complete,
    .create = create,
};

static PyObject *coo_from_arrays(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                                 PyObject *kwnames)
{
    return py_format_from_arrays(&py_coo_storage, type, args, nargs, kwnames);
}

static PyObject *coo_row_indices(PyObject *self, void *unused)
{
    (void)unused;
    ptl_coo_arrays a = arrays(self);
    return py_format_indices(self, a.row_indices, a.itype, (py_extent){1, .rows = a.nnz});
}

static PyObject *coo_col_indices(PyObject *self, void *unused)
{
    (void)unused;
    ptl_coo_arrays a = arrays(self);
    return py_format_indices(self, a.col_indices, a.itype, (py_extent){1, .rows = a.nnz});
}

static PyObject *coo_values(PyObject *self, void *unused)
{
    (void)unused;
    ptl_coo_arrays a = arrays(self);
    return py_format_values(self, a.values, (py_extent){1, .rows = a.nnz});
}

static PyMethodDef coo_methods[] = {
    PY_CLASS_METHOD(
        "from_arrays", coo_from_arrays,
        "from_arrays($type, /, shape, row_indices, col_indices, values, *, copy=True,\n"
        "            exec=None)\n--\n\n"
        "From a row, a column and a value per entry (local). copy False makes it look at the\n"
        "caller's own arrays, which are kept alive: both index arrays int32 or both int64, all\n"
        "contiguous. InvalidArgument, IndexOutOfRange, DimensionError, DtypeError."),
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef coo_getset[] = {
    {"row_indices", coo_row_indices, NULL, "The rows: a read-only NumPy view (local).", NULL},
    {"col_indices", coo_col_indices, NULL, "The columns: a read-only NumPy view (local).", NULL},
    {"values", coo_values, NULL,
     "The values: a NumPy view; writing to it writes to the matrix (local).", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(
    coo_doc,
    "Coo(matrix, *, dtype=None, exec=None)\n--\n\n"
    "A matrix on one process as a row, a column and a value per entry (local). From a local\n"
    "format, a SciPy sparse array or a 2-D array; from_arrays and from_scipy can look at the\n"
    "caller's arrays. Entries may come in any order; duplicates count twice.");

static PyType_Slot coo_slots[] = {
    {Py_tp_dealloc, py_linop_dealloc},
    {Py_tp_traverse, py_linop_traverse},
    {Py_tp_clear, py_linop_clear},
    {Py_tp_methods, coo_methods},
    {Py_tp_getset, coo_getset},
    {Py_tp_doc, (void *)coo_doc},
    {0, NULL},
};

PyType_Spec py_Coo_spec = {"petiole.Coo", sizeof(py_linop), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, coo_slots};
