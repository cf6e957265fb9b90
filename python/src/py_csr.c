/* Compressed sparse rows on one process. */
#include "py_common.h"

static ptl_csr *get(PyObject *self)
{
    return ptl_linop_as_csr(((py_linop *)self)->op);
}

PyObject *py_csr_wrap(py_state *st, ptl_csr *A, PyObject *comm)
{
    return py_linop_wrap(st, st->Csr, ptl_linop_retain(ptl_csr_linop(A)), comm, NULL);
}

/* ---- arrays in
 * ----------------------------------------------------------------------------------- */

int py_scipy_parts(PyObject *matrix, PyObject *parts[3], int64_t shape[2])
{
    parts[0] = parts[1] = parts[2] = NULL;
    if (!PyObject_HasAttrString(matrix, "tocsr")) {
        py_type_error("the matrix", "a SciPy sparse array", matrix);
        return -1;
    }
    long long rows, cols;
    PyObject *csr = PyObject_CallMethod(matrix, "tocsr", NULL);
    PyObject *sizes = csr ? PyObject_GetAttrString(csr, "shape") : NULL;
    int failed = !sizes || !PyArg_ParseTuple(sizes, "LL", &rows, &cols) ||
                 !(parts[0] = PyObject_GetAttrString(csr, "indptr")) ||
                 !(parts[1] = PyObject_GetAttrString(csr, "indices")) ||
                 !(parts[2] = PyObject_GetAttrString(csr, "data"));
    Py_XDECREF(sizes);
    Py_XDECREF(csr);
    if (!failed) {
        shape[0] = rows;
        shape[1] = cols;
        return 0;
    }
    for (int i = 0; i < 3; i++)
        Py_CLEAR(parts[i]);
    return -1;
}

void py_csr_arrays_end(py_csr_arrays *a)
{
    py_array_end(&a->indptr);
    py_array_end(&a->indices);
    py_array_end(&a->values);
}

static int64_t last_bound(const py_csr_arrays *a)
{
    int64_t at = py_array_count(&a->indptr) - 1;
    return a->arrays.itype == PTL_I32 ? ((const int32_t *)a->indptr.buffer.buf)[at]
                                      : ((const int64_t *)a->indptr.buffer.buf)[at];
}

/* That the lengths fit each other, so that C can trust them; fills the rest of a->arrays. */
static int complete(py_state *st, py_csr_arrays *a)
{
    int64_t bounds = py_array_count(&a->indptr), entries = py_array_count(&a->indices);
    if (bounds < 1) {
        py_error(st, PTL_DIMENSION, "indptr is empty, expected rows + 1 entries");
        return -1;
    }
    a->arrays.itype = a->indptr.size == 4 ? PTL_I32 : PTL_I64;
    a->arrays.rows = bounds - 1;
    a->arrays.indptr = a->indptr.buffer.buf;
    a->arrays.indices = a->indices.buffer.buf;
    a->arrays.values = a->values.buffer.buf;
    if (py_array_count(&a->values) != entries) {
        py_error(st, PTL_DIMENSION, "values has %lld entries, indices %lld",
                 (long long)py_array_count(&a->values), (long long)entries);
        return -1;
    }
    if (last_bound(a) > entries) {
        py_error(st, PTL_DIMENSION, "indptr ends with %lld, but there are %lld indices",
                 (long long)last_bound(a), (long long)entries);
        return -1;
    }
    return 0;
}

static int is_int32(py_state *st, PyObject *object, const char *name)
{
    py_array array;
    if (py_array_view(st, object, name, &array) < 0)
        return -1;
    int is = array.kind == 'i' && array.size == 4;
    py_array_end(&array);
    return is;
}

int py_csr_arrays_get(py_state *st, PyObject *const parts[3], py_csr_arrays *out)
{
    int narrow = is_int32(st, parts[0], "indptr");
    if (narrow > 0)
        narrow = is_int32(st, parts[1], "indices");
    int size = narrow > 0 ? 4 : 8;
    if (narrow < 0 || py_array_indices(st, parts[0], "indptr", size, &out->indptr) < 0 ||
        py_array_indices(st, parts[1], "indices", size, &out->indices) < 0 ||
        py_array_values(st, parts[2], "values", 1, -1, &out->values, &out->arrays.dtype) < 0)
        return -1;
    return complete(st, out);
}

/* The arrays as they are: none may need a copy. */
static int view_arrays(py_state *st, PyObject *const parts[3], py_csr_arrays *out)
{
    if (py_array_view(st, parts[0], "indptr", &out->indptr) < 0 ||
        py_array_view(st, parts[1], "indices", &out->indices) < 0 ||
        py_array_view(st, parts[2], "values", &out->values) < 0 ||
        py_array_dtype(st, &out->values, "values", &out->arrays.dtype) < 0)
        return -1;
    const py_array *p = &out->indptr, *i = &out->indices;
    if (p->kind != 'i' || i->kind != 'i' || p->size != i->size || (p->size != 4 && p->size != 8)) {
        py_error(st, PTL_DTYPE,
                 "indptr and indices can be viewed where both are int32 or both int64; else copy");
        return -1;
    }
    const py_array *all[3] = {p, i, &out->values};
    for (int k = 0; k < 3; k++)
        if (all[k]->buffer.ndim != 1 || !PyBuffer_IsContiguous(&all[k]->buffer, 'C')) {
            py_error(st, PTL_INVALID,
                     "%s cannot be viewed: it must be contiguous, of one dimension",
                     k == 0   ? "indptr"
                     : k == 1 ? "indices"
                              : "values");
            return -1;
        }
    return complete(st, out);
}

static void release_arrays(void *ctx)
{
    int taken = py_gil_take();
    py_csr_arrays_end(ctx);
    PyMem_Free(ctx);
    py_gil_drop(taken);
}

/* A Csr from three arrays; local. */
static PyObject *make(py_state *st, PyObject *const parts[3], const int64_t shape[2],
                      PyObject *copy_given, PyObject *exec_given)
{
    ptl_exec *exec;
    ptl_csr *A = NULL;
    int copy = copy_given ? PyObject_IsTrue(copy_given) : 1;
    py_csr_arrays *a = PyMem_Calloc(1, sizeof *a);
    if (!a)
        return PyErr_NoMemory();
    int ready = copy >= 0 && py_exec_arg(st, exec_given, &exec) == 0 &&
                (copy ? py_csr_arrays_get(st, parts, a) : view_arrays(st, parts, a)) == 0;
    if (ready && a->arrays.rows != shape[0]) {
        py_error(st, PTL_DIMENSION, "indptr has %lld entries, expected %lld for %lld rows",
                 (long long)(a->arrays.rows + 1), (long long)(shape[0] + 1), (long long)shape[0]);
        ready = 0;
    }
    a->arrays.cols = shape[1];
    ptl_csr_arrays arrays = a->arrays;
    int readonly = !copy && a->values.buffer.readonly, failed = -1;
    if (ready && !copy) { /* from here the arrays are the matrix's to release */
        failed = PY_CALL(st, ptl_csr_view(exec, &arrays, release_arrays, a, &A));
    } else {
        if (ready)
            failed = PY_CALL(st, ptl_csr_copy_of(exec, &arrays, &A));
        release_arrays(a);
    }
    PyObject *comm = failed < 0 ? NULL : py_comm_from(st, NULL);
    PyObject *self = comm ? py_csr_wrap(st, A, comm) : NULL;
    if (self)
        ((py_linop *)self)->readonly = readonly;
    Py_XDECREF(comm);
    ptl_csr_release(&A);
    return self;
}

static PyObject *csr_from_arrays(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                                 PyObject *kwnames)
{
    PY_SIGNATURE(signature, "from_arrays", 4, 4, "shape", "indptr", "indices", "values", "copy",
                 "exec");
    py_state *st = py_state_of(type);
    PyObject *given[6];
    int64_t shape[2];
    if (py_args(&signature, args, nargs, kwnames, given) < 0 ||
        py_to_shape(st, given[0], "shape", shape) < 0)
        return NULL;
    return make(st, given + 1, shape, given[4], given[5]);
}

static PyObject *csr_from_scipy(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                                PyObject *kwnames)
{
    PY_SIGNATURE(signature, "from_scipy", 1, 1, "matrix", "copy", "exec");
    PyObject *given[3], *parts[3];
    int64_t shape[2];
    if (py_args(&signature, args, nargs, kwnames, given) < 0 ||
        py_scipy_parts(given[0], parts, shape) < 0)
        return NULL;
    PyObject *self = make(py_state_of(type), parts, shape, given[1], given[2]);
    for (int i = 0; i < 3; i++)
        Py_DECREF(parts[i]);
    return self;
}

/* ---- arrays out
 * ---------------------------------------------------------------------------------- */

static void release_capsule(PyObject *capsule)
{
    ptl_csr *A = PyCapsule_GetPointer(capsule, NULL);
    ptl_csr_release(&A);
}

/* A NumPy array over one of the arrays, which keeps the C matrix alive. */
static PyObject *view_out(PyObject *self, const void *data, int64_t count, const char *format,
                          size_t size, int readonly)
{
    ptl_csr *A = get(self);
    PyObject *keep = PyCapsule_New(A, NULL, NULL);
    if (!keep)
        return NULL;
    ptl_csr_retain(A);
    PyCapsule_SetDestructor(keep, release_capsule);
    py_memory memory = {.data = (void *)data,
                        .ndim = 1,
                        .shape = {count},
                        .stride = (int64_t)size,
                        .format = format,
                        .size = (int)size,
                        .readonly = readonly};
    PyObject *array = py_array_over(((py_linop *)self)->state, &memory, keep);
    Py_DECREF(keep);
    return array;
}

static const char *index_format(ptl_itype itype)
{
    return itype == PTL_I32 ? "i" : "q";
}

static PyObject *csr_indptr(PyObject *self, void *unused)
{
    (void)unused;
    ptl_csr_arrays a = ptl_csr_get_arrays(get(self));
    return view_out(self, a.indptr, a.rows + 1, index_format(a.itype), ptl_itype_size(a.itype), 1);
}

static PyObject *csr_indices(PyObject *self, void *unused)
{
    (void)unused;
    ptl_csr_arrays a = ptl_csr_get_arrays(get(self));
    return view_out(self, a.indices, ptl_csr_nnz(get(self)), index_format(a.itype),
                    ptl_itype_size(a.itype), 1);
}

static PyObject *csr_values(PyObject *self, void *unused)
{
    (void)unused;
    ptl_csr_arrays a = ptl_csr_get_arrays(get(self));
    return view_out(self, a.values, ptl_csr_nnz(get(self)), py_format(a.dtype),
                    ptl_dtype_size(a.dtype), ((py_linop *)self)->readonly);
}

static PyObject *csr_nnz(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromLongLong(ptl_csr_nnz(get(self)));
}

static PyObject *csr_to_scipy(PyObject *self, PyObject *unused)
{
    (void)unused;
    PyObject *module = PyImport_ImportModule("petiole._scipy");
    PyObject *result = module ? PyObject_CallMethod(module, "from_csr", "O", self) : NULL;
    Py_XDECREF(module);
    return result;
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
    PY_CLASS_METHOD("from_scipy", csr_from_scipy,
                    "from_scipy($type, /, matrix, *, copy=True, exec=None)\n--\n\n"
                    "From a SciPy sparse array (local); copy as for from_arrays."),
    {"to_scipy", csr_to_scipy, METH_NOARGS,
     "to_scipy($self, /)\n--\n\nA copy as a scipy.sparse.csr_array (local)."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef csr_getset[] = {
    {"nnz", csr_nnz, NULL, "Stored entries (local).", NULL},
    {"indptr", csr_indptr, NULL, "Where each row begins: a read-only NumPy view (local).", NULL},
    {"indices", csr_indices, NULL, "The columns: a read-only NumPy view (local).", NULL},
    {"values", csr_values, NULL,
     "The values: a NumPy view; writing to it writes to the matrix (local).", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(
    csr_doc,
    "A matrix of compressed sparse rows on one process, and an operator over one process.\n\n"
    "Made by from_arrays and from_scipy. Columns need not be sorted within a row.");

static PyType_Slot csr_slots[] = {
    {Py_tp_dealloc, py_linop_dealloc},
    {Py_tp_traverse, py_linop_traverse},
    {Py_tp_clear, py_linop_clear},
    {Py_tp_methods, csr_methods},
    {Py_tp_getset, csr_getset},
    {Py_tp_doc, (void *)csr_doc},
    {0, NULL},
};

PyType_Spec py_Csr_spec = {
    "petiole.Csr", sizeof(py_linop), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION, csr_slots};
