/* Local formats: what all of them do, as the class that they derive from. */
#include "py_format.h"

static const py_storage *const storages[PTL_STORAGE_COUNT] = {
    [PTL_CSR] = &py_csr_storage,     [PTL_COO] = &py_coo_storage,     [PTL_ELL] = &py_ell_storage,
    [PTL_SELLP] = &py_sellp_storage, [PTL_DENSE] = &py_dense_storage,
};

static PyTypeObject *class_of(py_state *st, ptl_storage id)
{
    PyTypeObject *const classes[PTL_STORAGE_COUNT] = {
        [PTL_CSR] = st->Csr,     [PTL_COO] = st->Coo,     [PTL_ELL] = st->Ell,
        [PTL_SELLP] = st->Sellp, [PTL_DENSE] = st->Dense,
    };
    return classes[id];
}

/* The storage of a class; NULL with TypeError where it is the class of all. */
static const py_storage *storage_of(py_state *st, PyTypeObject *type)
{
    for (int id = 0; id < PTL_STORAGE_COUNT; id++)
        if (class_of(st, (ptl_storage)id) == type)
            return storages[id];
    PyErr_SetString(PyExc_TypeError,
                    "Format is what the local formats share: use Csr, Coo, Ell, Sellp or Dense");
    return NULL;
}

static py_state *state(PyObject *self)
{
    return ((py_linop *)self)->state;
}

static ptl_linop *own(PyObject *self)
{
    return ((py_linop *)self)->op;
}

PyObject *py_format_wrap(py_state *st, ptl_linop *op)
{
    PyObject *alone = py_comm_from(st, NULL);
    if (!alone) {
        ptl_linop_release(&op);
        return NULL;
    }
    int id = ptl_format_storage(op);
    PyTypeObject *type = id < 0 ? st->LinOp : class_of(st, (ptl_storage)id);
    PyObject *self = py_linop_wrap(st, type, op, alone, NULL);
    Py_DECREF(alone);
    return self;
}

/* ---- from arrays ------------------------------------------------------------------------------
 */

/* Lets the viewed arrays go, from whatever thread and state the matrix ends in. */
static void release_parts(void *ctx)
{
    int taken = py_gil_take();
    py_parts_end(ctx);
    PyMem_Free(ctx);
    py_gil_drop(taken);
}

PyObject *py_format_make(py_state *st, const py_storage *storage, PyObject *const *given,
                         const int64_t shape[2], PyObject *extra, int copy, PyObject *exec)
{
    ptl_exec *on;
    ptl_linop *op = NULL;
    py_parts *held = PyMem_Calloc(1, sizeof *held);
    if (!held)
        return PyErr_NoMemory();
    int ready = py_exec_arg(st, exec, &on) == 0 &&
                py_parts_get(st, storage, given, copy, held) == 0 &&
                storage->complete(st, shape, extra, held) == 0;
    py_parts parts = *held;
    int failed = -1;
    if (ready && !copy) { /* from here they are the matrix's to release */
        failed = PY_CALL(st, storage->create(on, &parts, release_parts, held, &op));
    } else {
        if (ready)
            failed = PY_CALL(st, storage->create(on, &parts, NULL, NULL, &op));
        release_parts(held);
    }
    PyObject *self = failed < 0 ? NULL : py_format_wrap(st, op);
    if (self)
        ((py_linop *)self)->readonly = !copy && parts.arrays[storage->count - 1].buffer.readonly;
    return self;
}

PyObject *py_format_from_arrays(const py_storage *storage, PyObject *type, PyObject *const *args,
                                Py_ssize_t nargs, PyObject *kwnames)
{
    enum { MOST = PY_PARTS_MAX + 4 };
    py_state *st = py_state_of(type);
    PyObject *given[MOST];
    int64_t shape[2];
    if (py_args(&storage->signature, args, nargs, kwnames, given) < 0 ||
        py_to_shape(st, given[0], "shape", shape) < 0)
        return NULL;
    PyObject *const *rest = given + 1 + storage->count;
    PyObject *const *last = given + storage->signature.count - 2;
    int copy = last[0] ? PyObject_IsTrue(last[0]) : 1;
    if (copy < 0)
        return NULL;
    return py_format_make(st, storage, given + 1, shape, rest == last ? NULL : *rest, copy,
                          last[1]);
}

/* ---- from other matrices ----------------------------------------------------------------------
 */

/* A's entries in another storage or the same, of dtype `dtype` (-1: A's); local. */
static PyObject *convert(PyObject *self, int id, int dtype)
{
    ptl_linop *op;
    return PY_CALL(state(self), ptl_format_convert(own(self), (ptl_storage)id, dtype, &op)) < 0
               ? NULL
               : py_format_wrap(state(self), op);
}

static PyObject *from_scipy(py_state *st, const py_storage *storage, PyObject *matrix, int copy,
                            PyObject *exec)
{
    PyObject *parts[PY_PARTS_MAX];
    int64_t shape[2];
    if (py_scipy_parts(storage, matrix, parts, shape) < 0)
        return NULL;
    PyObject *self = py_format_make(st, storage, parts, shape, NULL, copy, exec);
    for (int i = 0; i < PY_PARTS_MAX; i++)
        Py_XDECREF(parts[i]);
    return self;
}

/* A Csr with the entries of a local format, on another executor of this host. */
static PyObject *on_executor(py_state *st, PyObject *matrix, ptl_exec *exec)
{
    ptl_csr *moved = NULL;
    PyObject *csr = convert(matrix, PTL_CSR, -1);
    if (!csr)
        return NULL;
    ptl_csr_arrays arrays = ptl_csr_get_arrays(ptl_linop_as_csr(own(csr)));
    int failed = PY_CALL(st, ptl_csr_copy_of(exec, &arrays, &moved));
    Py_DECREF(csr);
    return failed < 0 ? NULL : py_format_wrap(st, ptl_csr_linop(moved));
}

/* What the constructor converts, on the wanted executor: the matrix itself, or a new object. */
static PyObject *source_of(py_state *st, PyObject *matrix, PyObject *exec)
{
    ptl_exec *on;
    if (py_exec_arg(st, exec, &on) < 0)
        return NULL;
    if (py_is(matrix, st->Format))
        return !on || on == ptl_linop_exec(own(matrix)) ? Py_NewRef(matrix)
                                                        : on_executor(st, matrix, on);
    if (py_is(matrix, st->LinOp))
        return py_type_error("matrix", "a local format, a SciPy sparse array or a 2-D array",
                             matrix);
    if (PyObject_HasAttrString(matrix, "tocsr"))
        return from_scipy(st, &py_csr_storage, matrix, 1, exec);
    return py_format_make(st, &py_dense_storage, &matrix, NULL, NULL, 1, exec);
}

static PyObject *format_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PY_SIGNATURE(signature, "a local format", 1, 1, "matrix", "dtype", "exec");
    py_state *st = py_state_of((PyObject *)type);
    PyObject *given[3];
    ptl_dtype dtype;
    const py_storage *storage = storage_of(st, type);
    if (!storage || py_args_tuple(&signature, args, kwargs, given) < 0 ||
        (py_given(given[1]) && py_to_dtype(st, given[1], &dtype) < 0))
        return NULL;
    PyObject *source = source_of(st, given[0], given[2]);
    if (!source || (source != given[0] && Py_TYPE(source) == type && !py_given(given[1])))
        return source;
    PyObject *self = convert(source, storage->id, py_given(given[1]) ? (int)dtype : -1);
    Py_DECREF(source);
    return self;
}

static PyObject *format_from_scipy(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                                   PyObject *kwnames)
{
    PY_SIGNATURE(signature, "from_scipy", 1, 1, "matrix", "copy", "exec");
    py_state *st = py_state_of(type);
    PyObject *given[3];
    const py_storage *storage = storage_of(st, (PyTypeObject *)type);
    if (!storage || py_args(&signature, args, nargs, kwnames, given) < 0)
        return NULL;
    int copy = given[1] ? PyObject_IsTrue(given[1]) : 1;
    if (copy < 0)
        return NULL;
    if (storage->scipy)
        return from_scipy(st, storage, given[0], copy, given[2]);
    if (!copy)
        return py_error(st, PTL_INVALID,
                        "copy is False, but SciPy has no arrays of this format to look at");
    PyObject *csr = from_scipy(st, &py_csr_storage, given[0], 1, given[2]);
    PyObject *self = csr ? convert(csr, storage->id, -1) : NULL;
    Py_XDECREF(csr);
    return self;
}

/* ---- to other matrices ------------------------------------------------------------------------
 */

static PyObject *format_to_csr(PyObject *self, PyObject *unused)
{
    (void)unused;
    return convert(self, PTL_CSR, -1);
}

static PyObject *format_to_coo(PyObject *self, PyObject *unused)
{
    (void)unused;
    return convert(self, PTL_COO, -1);
}

static PyObject *format_to_ell(PyObject *self, PyObject *unused)
{
    (void)unused;
    return convert(self, PTL_ELL, -1);
}

static PyObject *format_to_sellp(PyObject *self, PyObject *unused)
{
    (void)unused;
    return convert(self, PTL_SELLP, -1);
}

static PyObject *format_to_dense(PyObject *self, PyObject *unused)
{
    (void)unused;
    return convert(self, PTL_DENSE, -1);
}

static PyObject *format_copy(PyObject *self, PyObject *unused)
{
    (void)unused;
    return convert(self, ptl_format_storage(own(self)), -1);
}

static PyObject *format_astype(PyObject *self, PyObject *given)
{
    ptl_dtype dtype;
    return py_to_dtype(state(self), given, &dtype) < 0
               ? NULL
               : convert(self, ptl_format_storage(own(self)), (int)dtype);
}

static PyObject *format_transpose(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                                  PyObject *kwnames)
{
    PY_SIGNATURE(signature, "transpose", 0, 1, "conjugate");
    PyObject *given[1];
    ptl_linop *op;
    if (py_args(&signature, args, nargs, kwnames, given) < 0)
        return NULL;
    int conjugate = given[0] ? PyObject_IsTrue(given[0]) : 0;
    ptl_op form = conjugate ? PTL_OP_HERMITIAN : PTL_OP_TRANSPOSE;
    return conjugate < 0 || PY_CALL(state(self), ptl_format_transpose(own(self), form, &op)) < 0
               ? NULL
               : py_format_wrap(state(self), op);
}

static PyObject *format_to_scipy(PyObject *self, PyObject *unused)
{
    (void)unused;
    PyObject *module = PyImport_ImportModule("petiole._scipy");
    PyObject *result = module ? PyObject_CallMethod(module, "from_format", "O", self) : NULL;
    Py_XDECREF(module);
    return result;
}

static PyObject *format_nnz(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromLongLong(ptl_format_nnz(own(self)));
}

static PyObject *format_format(PyObject *self, void *unused)
{
    (void)unused;
    return PyUnicode_FromString(ptl_linop_kind(own(self)));
}

static PyMethodDef format_methods[] = {
    PY_CLASS_METHOD(
        "from_scipy", format_from_scipy,
        "from_scipy($type, /, matrix, *, copy=True, exec=None)\n--\n\n"
        "From a SciPy sparse array (local). copy False makes a Csr or Coo look at the arrays of\n"
        "SciPy's matrix of the same format, which are kept alive; the others are always copies\n"
        "(InvalidArgument)."),
    {"to_csr", format_to_csr, METH_NOARGS,
     "to_csr($self, /)\n--\n\nA new Csr with the same entries, in their order within a row "
     "(local)."},
    {"to_coo", format_to_coo, METH_NOARGS,
     "to_coo($self, /)\n--\n\nA new Coo with the same entries (local)."},
    {"to_ell", format_to_ell, METH_NOARGS,
     "to_ell($self, /)\n--\n\nA new Ell with the same entries (local)."},
    {"to_sellp", format_to_sellp, METH_NOARGS,
     "to_sellp($self, /)\n--\n\nA new Sellp with the same entries (local)."},
    {"to_dense", format_to_dense, METH_NOARGS,
     "to_dense($self, /)\n--\n\nA new Dense; duplicates are summed (local)."},
    {"to_scipy", format_to_scipy, METH_NOARGS,
     "to_scipy($self, /)\n--\n\n"
     "A copy as a scipy.sparse.coo_array of a Coo, else a csr_array (local)."},
    {"copy", format_copy, METH_NOARGS,
     "copy($self, /)\n--\n\nA new matrix of the same format and entries (local)."},
    {"astype", format_astype, METH_O,
     "astype($self, dtype, /)\n--\n\n"
     "A new matrix of the same format, its values converted (local). DtypeError from complex to\n"
     "real."},
    PY_METHOD("transpose", format_transpose,
              "transpose($self, /, conjugate=False)\n--\n\n"
              "The transpose, or with conjugate the conjugate transpose, as a new matrix of the\n"
              "same format (local). T and H are operators that copy nothing."),
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef format_getset[] = {
    {"nnz", format_nnz, NULL,
     "Stored entries: padding is not counted, zeros and duplicates are (local).", NULL},
    {"format", format_format, NULL, "\"csr\", \"coo\", \"ell\", \"sellp\" or \"dense\" (local).",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(format_doc,
             "A matrix on one process, given by its entries: what Csr, Coo, Ell, Sellp and Dense "
             "share.\n\n"
             "Each is an operator over one process, and can be the local block of a distributed\n"
             "Matrix. Csr(matrix, *, dtype=None, exec=None), and so for the others, converts a "
             "local\n"
             "format, a SciPy sparse array or a 2-D array, always to a copy (local).");

static PyType_Slot format_slots[] = {
    {Py_tp_new, format_new},
    {Py_tp_init, py_linop_made},
    {Py_tp_dealloc, py_linop_dealloc},
    {Py_tp_traverse, py_linop_traverse},
    {Py_tp_clear, py_linop_clear},
    {Py_tp_methods, format_methods},
    {Py_tp_getset, format_getset},
    {Py_tp_doc, (void *)format_doc},
    {0, NULL},
};

PyType_Spec py_Format_spec = {"petiole.Format", sizeof(py_linop), 0,
                              Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
                              format_slots};
