/* Compressed sparse rows on one process. */
#include "../base/py_args.h"
#include "../base/py_errors.h"
#include "../objects/py_linop.h"
#include "py_format_make.h"
#include "py_parts.h"

py_class py_Csr_class;

extern const py_storage py_csr_storage; /* below */

enum { INDPTR, INDICES, VALUES };

static ptl_csr_arrays arrays(PyObject *self)
{
    return ptl_csr_get_arrays(ptl_linop_as_csr(((py_linop *)self)->op));
}

/* ---- arrays in --------------------------------------------------------------------------------
 */

static int64_t last_bound(const py_parts *parts)
{
    const void *indptr = parts->arrays[INDPTR].buffer.buf;
    int64_t at = py_parts_count(parts, INDPTR) - 1;
    return parts->itype == PTL_I32 ? ((const int32_t *)indptr)[at] : ((const int64_t *)indptr)[at];
}

/* shape NULL: as many rows as indptr says, and no columns yet. */
static int complete(py_state *st, const int64_t shape[2], PyObject *extra, py_parts *parts)
{
    (void)extra;
    int64_t bounds = py_parts_count(parts, INDPTR), entries = py_parts_count(parts, INDICES);
    int64_t rows = shape ? shape[0] : bounds ? bounds - 1 : 0;
    if (bounds - 1 != rows) {
        py_error(st, PTL_DIMENSION, "indptr has %lld entries, expected %lld for %lld rows",
                 (long long)bounds, (long long)(rows + 1), (long long)rows);
        return -1;
    }
    if (py_parts_same(st, &py_csr_storage, parts, VALUES, INDICES) < 0)
        return -1;
    if (last_bound(parts) > entries) {
        py_error(st, PTL_DIMENSION, "indptr ends with %lld, but there are %lld indices",
                 (long long)last_bound(parts), (long long)entries);
        return -1;
    }
    parts->as.csr = (ptl_csr_arrays){.rows = rows,
                                     .cols = shape ? shape[1] : 0,
                                     .dtype = parts->dtype,
                                     .itype = parts->itype,
                                     .indptr = parts->arrays[INDPTR].buffer.buf,
                                     .indices = parts->arrays[INDICES].buffer.buf,
                                     .values = parts->arrays[VALUES].buffer.buf};
    return 0;
}

static ptl_status create(ptl_exec *exec, const py_parts *parts, void (*release)(void *ctx),
                         void *ctx, ptl_linop **out)
{
    ptl_csr *A;
    ptl_status status = release ? ptl_csr_view(exec, &parts->as.csr, release, ctx, &A)
                                : ptl_csr_copy_of(exec, &parts->as.csr, &A);
    *out = A ? ptl_csr_linop(A) : NULL;
    return status;
}

static const char *const names[] = {"shape", "indptr", "indices", "values", "copy", "exec"};

const py_storage py_csr_storage = {
    .id = PTL_CSR,
    .type = &py_Csr_class,
    .signature = {"from_arrays", 4, 4, sizeof names / sizeof *names, names},
    .count = 3,
    .parts = {{"indptr", PY_INDICES, 1}, {"indices", PY_INDICES, 1}, {"values", PY_VALUES, 1}},
    .copier = "copy=True",
    .scipy = "tocsr",
    .scipy_names = {"indptr", "indices", "data"},
    .complete = complete,
    .create = create,
};

static PyObject *csr_from_arrays(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                                 PyObject *kwnames)
{
    return py_format_from_arrays(&py_csr_storage, type, args, nargs, kwnames);
}

/* ---- arrays out -------------------------------------------------------------------------------
 */

static PyObject *csr_indptr(PyObject *self, void *unused)
{
    (void)unused;
    ptl_csr_arrays a = arrays(self);
    return py_format_indices(self, a.indptr, a.itype, (py_extent){1, .rows = a.rows + 1});
}

static py_extent entries(PyObject *self)
{
    return (py_extent){1, .rows = ptl_format_nnz(((py_linop *)self)->op)};
}

static PyObject *csr_indices(PyObject *self, void *unused)
{
    (void)unused;
    ptl_csr_arrays a = arrays(self);
    return py_format_indices(self, a.indices, a.itype, entries(self));
}

static PyObject *csr_values(PyObject *self, void *unused)
{
    (void)unused;
    return py_format_values(self, arrays(self).values, entries(self));
}

static PyMethodDef csr_methods[] = {
    PY_CLASS_METHOD(
        "from_arrays", csr_from_arrays,
        "from_arrays($type, /, shape, indptr, indices, values, *, copy=True, exec=None)\n--\n\n"
        "From the three arrays of a CSR matrix (local). copy False makes it look at the caller's "
        "own\n"
        "arrays, which are kept alive: indptr and indices both int32 or both int64, all "
        "contiguous.\n"
        "InvalidArgument, IndexOutOfRange, DimensionError, DtypeError."),
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef csr_getset[] = {
    {"indptr", csr_indptr, NULL, "Where each row begins: a read-only NumPy view (local).", NULL},
    {"indices", csr_indices, NULL, "The columns: a read-only NumPy view (local).", NULL},
    {"values", csr_values, NULL,
     "The values: a NumPy view; writing to it writes to the matrix (local).", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(
    csr_doc,
    "Csr(matrix, *, dtype=None, exec=None)\n--\n\n"
    "A matrix of compressed sparse rows on one process: row i's columns and values are at\n"
    "indptr[i] to indptr[i + 1] (local). From a local format, a SciPy sparse array or a 2-D\n"
    "array; from_arrays and from_scipy can look at the caller's arrays. Columns need not be\n"
    "sorted within a row; duplicates count twice.");

static PyType_Slot csr_slots[] = {
    {Py_tp_dealloc, py_linop_dealloc},
    {Py_tp_traverse, py_linop_traverse},
    {Py_tp_clear, py_linop_clear},
    {Py_tp_methods, csr_methods},
    {Py_tp_getset, csr_getset},
    {Py_tp_doc, (void *)csr_doc},
    {0, NULL},
};

PyType_Spec py_Csr_spec = {"petiole.Csr", sizeof(py_linop), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, csr_slots};
