/* Local formats: the constructors. */
#include "py_format.h"

static const py_storage *const storages[PTL_STORAGE_COUNT] = {
#define X(id, name, class, doc) [PTL_##id] = &py_##name##_storage,
    PY_FORMATS(X)
#undef X
};

static PyTypeObject *class_of(py_state *st, ptl_storage id)
{
    PyTypeObject *const classes[PTL_STORAGE_COUNT] = {
#define X(id, name, class, doc) [PTL_##id] = st->class,
        PY_FORMATS(X)
#undef X
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
    if (shape[0] < 0 || shape[1] < 0)
        return py_error(st, PTL_INVALID, "shape is (%lld, %lld), expected sizes of 0 or more",
                        (long long)shape[0], (long long)shape[1]);
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

PyObject *py_format_convert(PyObject *self, int id, int dtype)
{
    py_state *st = ((py_linop *)self)->state;
    ptl_linop *op;
    return PY_CALL(st, ptl_format_convert(own(self), (ptl_storage)id, dtype, &op)) < 0
               ? NULL
               : py_format_wrap(st, op);
}

static PyObject *from_scipy(py_state *st, const py_storage *storage, PyObject *matrix, int copy,
                            PyObject *exec)
{
    PyObject *parts[PY_PARTS_MAX];
    int64_t shape[2];
    if (py_scipy_parts(st, storage, matrix, parts, shape) < 0)
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
    PyObject *csr = py_format_convert(matrix, PTL_CSR, -1);
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
    int sparse = py_has(matrix, "tocsr");
    if (sparse)
        return sparse < 0 ? NULL : from_scipy(st, &py_csr_storage, matrix, 1, exec);
    return py_format_make(st, &py_dense_storage, &matrix, NULL, NULL, 1, exec);
}

PyObject *py_format_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PY_SIGNATURE(signature, "a local format", 1, 1, "matrix", "dtype", "exec");
    py_state *st = py_state_of((PyObject *)type);
    PyObject *given[3];
    ptl_dtype dtype = PTL_F64; /* read where one is given */
    const py_storage *storage = storage_of(st, type);
    if (!storage || py_args_tuple(&signature, args, kwargs, given) < 0 ||
        (py_given(given[1]) && py_to_dtype(st, given[1], &dtype) < 0))
        return NULL;
    PyObject *source = source_of(st, given[0], given[2]);
    if (!source || (source != given[0] && Py_TYPE(source) == type && !py_given(given[1])))
        return source;
    PyObject *self = py_format_convert(source, storage->id, py_given(given[1]) ? (int)dtype : -1);
    Py_DECREF(source);
    return self;
}

PyObject *py_format_from_scipy(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
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
    PyObject *self = csr ? py_format_convert(csr, storage->id, -1) : NULL;
    Py_XDECREF(csr);
    return self;
}
