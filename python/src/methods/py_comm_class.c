/* Communicators: one process, the world, and mpi4py's. */
#include <string.h>

#include "../objects/py_factory.h"

typedef struct py_comm {
    PyObject_HEAD py_state *state;
    ptl_comm *comm;
    PyObject *caller; /* the mpi4py communicator, or NULL */
    int node[2];      /* rank and size on the node; size 0 until asked for */
    int force_host_buffer;
} py_comm;

static PyObject *wrap(py_state *st, ptl_comm *comm, PyObject *caller)
{
    py_comm *self = comm ? py_new(st, st->Communicator) : NULL;
    if (!self) {
        ptl_comm_release(&comm);
        return NULL;
    }
    self->comm = comm;
    self->caller = Py_XNewRef(caller);
    return (PyObject *)self;
}

PyObject *py_comm_wrap(py_state *st, ptl_comm *comm)
{
    return wrap(st, comm, NULL);
}

ptl_comm *py_comm_get(PyObject *communicator)
{
    return ((py_comm *)communicator)->comm;
}

/* mpi4py.MPI where it has been imported (borrowed): an mpi4py communicator cannot be without it. */
static PyObject *mpi4py(void)
{
    PyObject *modules = PySys_GetObject("modules");
    return modules ? PyDict_GetItemString(modules, "mpi4py.MPI") : NULL;
}

static int is_mpi4py(PyObject *object)
{
    PyObject *module = mpi4py();
    PyObject *type = module ? PyObject_GetAttrString(module, "Comm") : NULL;
    int is = type ? PyObject_IsInstance(object, type) : 0;
    Py_XDECREF(type);
    return is;
}

/* The number that a method or function of one optional argument returns. */
static int ask(PyObject *object, const char *method, PyObject *argument, void **out)
{
    PyObject *number = argument ? PyObject_CallMethod(object, method, "(O)", argument)
                                : PyObject_CallMethod(object, method, NULL);
    *out = number ? PyLong_AsVoidPtr(number) : NULL;
    Py_XDECREF(number);
    return PyErr_Occurred() ? -1 : 0;
}

/* Fails where mpi4py is bound to another MPI than Petiole. Asked once: neither can change. */
static int check_mpi4py(py_state *st, PyObject *module)
{
    if (st->mpi4py_fits)
        return 0;
    PyObject *theirs = PyObject_CallMethod(module, "Get_library_version", NULL);
    const char *text = theirs ? PyUnicode_AsUTF8AndSize(theirs, NULL) : NULL;
    st->mpi4py_fits = text && PY_CALL(st, ptl_mpi_expect(text)) == 0;
    Py_XDECREF(theirs);
    return st->mpi4py_fits ? 0 : -1;
}

/* Over mpi4py's handle, compared with what mpi4py says of it. */
static ptl_comm *from_mpi4py(py_state *st, PyObject *object)
{
    PyObject *module = mpi4py();
    PyObject *type = PyObject_GetAttrString(module, "Comm");
    void *handle, *bytes, *rank, *size;
    ptl_comm *comm = NULL;
    int failed =
        !type || check_mpi4py(st, module) < 0 || ask(module, "_addressof", object, &handle) < 0 ||
        ask(module, "_sizeof", type, &bytes) < 0 ||
        PY_CALL(st, ptl_comm_from_handle(handle, (size_t)bytes, &comm)) < 0 ||
        ask(object, "Get_rank", NULL, &rank) < 0 || ask(object, "Get_size", NULL, &size) < 0 ||
        PY_CALL(st, ptl_comm_expect(comm, (int)(intptr_t)rank, (int)(intptr_t)size)) < 0;
    Py_XDECREF(type);
    if (failed)
        ptl_comm_release(&comm);
    return comm;
}

PyObject *py_comm_from(py_state *st, PyObject *object)
{
    if (object && py_is(object, st->Communicator))
        return Py_NewRef(object);
    ptl_comm *comm = NULL;
    if (!py_given(object))
        return PY_CALL(st, ptl_comm_self(&comm)) < 0 ? NULL : wrap(st, comm, NULL);
    int is = is_mpi4py(object);
    if (is == 0)
        py_type_error("comm", "an mpi4py communicator, a petiole.Communicator or None", object);
    return is <= 0 ? NULL : wrap(st, from_mpi4py(st, object), object);
}

PyObject *py_comm_of(py_state *st, PyObject *object)
{
    PyObject *comm = NULL;
    if (py_is(object, st->LinOp))
        comm = Py_XNewRef(((py_linop *)object)->comm);
    else if (py_is(object, st->Vector))
        comm = ((py_vector *)object)->v ? PyObject_GetAttrString(object, "comm")
                                        : Py_XNewRef(((py_vector *)object)->comm);
    else if (py_is(object, st->Factory) && ((py_factory *)object)->precond)
        comm = py_comm_of(st, ((py_factory *)object)->precond);
    else if (py_is(object, st->Communicator) || is_mpi4py(object) > 0)
        comm = py_comm_from(st, object);
    PyErr_Clear();
    return comm;
}

/* Of an operator or vector; else NULL. */
static const ptl_comm *home(py_state *st, PyObject *object)
{
    if (py_is(object, st->LinOp) && ((py_linop *)object)->op)
        return ptl_linop_comm(((py_linop *)object)->op);
    if (py_is(object, st->Vector) && ((py_vector *)object)->v)
        return ptl_vector_comm(((py_vector *)object)->v);
    return NULL;
}

int py_check_comms(py_state *st, int count, PyObject *const *objects)
{
    const ptl_comm *first = NULL;
    for (int i = 0; i < count; i++) {
        const ptl_comm *comm = objects[i] ? home(st, objects[i]) : NULL;
        first = first ? first : comm;
        if (comm && !ptl_comm_equal(first, comm)) {
            py_error(st, PTL_INVALID, "the operands live on different communicators");
            py_fail_among(st, count, objects);
            return -1;
        }
    }
    return 0;
}

static PyObject *comm_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PY_SIGNATURE(signature, "Communicator", 1, 2, "comm", "force_host_buffer");
    py_state *st = py_state_of((PyObject *)type);
    PyObject *given[2];
    if (py_args_tuple(&signature, args, kwargs, given) < 0)
        return NULL;
    int force = given[1] ? PyObject_IsTrue(given[1]) : 0;
    PyObject *from = force < 0 ? NULL : py_comm_from(st, given[0]);
    if (!from)
        return NULL;
    PyObject *self = wrap(st, ptl_comm_retain(py_comm_get(from)), ((py_comm *)from)->caller);
    if (self)
        ((py_comm *)self)->force_host_buffer = force;
    Py_DECREF(from);
    return self;
}

static PyObject *comm_world(PyObject *type, PyObject *unused)
{
    (void)unused;
    py_state *st = py_state_of(type);
    ptl_comm *comm;
    return PY_CALL(st, ptl_comm_world(&comm)) < 0 ? NULL : wrap(st, comm, NULL);
}

static PyObject *comm_self(PyObject *type, PyObject *unused)
{
    (void)unused;
    return py_comm_from(py_state_of(type), NULL);
}

static PyObject *comm_barrier(PyObject *self, PyObject *unused)
{
    (void)unused;
    py_comm *c = (py_comm *)self;
    return PY_CALL(c->state, ptl_comm_barrier(c->comm)) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *comm_abort(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                            PyObject *kwnames)
{
    PY_SIGNATURE(signature, "abort", 0, 1, "code");
    py_comm *c = (py_comm *)self;
    PyObject *given[1];
    int code = 1;
    if (py_args(&signature, args, nargs, kwnames, given) < 0 ||
        (given[0] && py_to_int(c->state, given[0], "code", &code) < 0))
        return NULL;
    ptl_comm_abort(c->comm, code);
    Py_RETURN_NONE; /* not reached */
}

/* Raises an exception on every rank: this one cannot make the collective call of the others. */
static PyObject *comm_fail(PyObject *self, PyObject *error)
{
    py_comm *c = (py_comm *)self;
    if (PyExceptionInstance_Check(error))
        PyErr_SetObject((PyObject *)Py_TYPE(error), error);
    else
        py_type_error("error", "an exception", error);
    py_fail_together(c->state, c->comm);
    return NULL;
}

/* ---- allreduce ------------------------------------------------------------------------------- */

static const struct {
    char kind;
    int size;
    const char *name;
} mtypes[PTL_MTYPE_COUNT] = {
    [PTL_MTYPE_INT8] = {'i', 1, "int8"},          [PTL_MTYPE_INT32] = {'i', 4, "int32"},
    [PTL_MTYPE_INT64] = {'i', 8, "int64"},        [PTL_MTYPE_FLOAT] = {'f', 4, "float32"},
    [PTL_MTYPE_DOUBLE] = {'f', 8, "float64"},     [PTL_MTYPE_CFLOAT] = {'c', 8, "complex64"},
    [PTL_MTYPE_CDOUBLE] = {'c', 16, "complex128"}};

static int mtype_of(py_state *st, const py_array *array)
{
    for (int i = 0; i < PTL_MTYPE_COUNT; i++)
        if (array->kind == mtypes[i].kind && array->size == mtypes[i].size)
            return i;
    py_error(st, PTL_DTYPE,
             "array has elements of format '%s', expected int8, int32, int64, float32, float64, "
             "complex64 or complex128",
             array->buffer.format ? array->buffer.format : "B");
    return -1;
}

/* A contiguous copy of any array, to be reduced in place; its memory, count and type. */
static PyObject *copy_for_reduction(py_state *st, PyObject *object, void **data, int64_t *count,
                                    int *type)
{
    py_array array;
    if (py_array_view(st, object, "array", &array) < 0)
        return NULL;
    *count = py_array_count(&array);
    *type = mtype_of(st, &array);
    PyObject *copy = NULL;
    if (*type >= 0) {
        int64_t shape[64];
        for (int d = 0; d < array.buffer.ndim; d++)
            shape[d] = array.buffer.shape[d];
        copy = py_array_new(st, array.buffer.ndim, shape, mtypes[*type].name, data);
    }
    if (copy && PyBuffer_ToContiguous(*data, &array.buffer, array.buffer.len, 'C') < 0)
        Py_CLEAR(copy);
    py_array_end(&array);
    return copy;
}

static PyObject *comm_allreduce(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                                PyObject *kwnames)
{
    PY_SIGNATURE(signature, "allreduce", 1, 2, "array", "op");
    static const char *const ops[] = {"sum", "prod", "min", "max", NULL};
    py_comm *c = (py_comm *)self;
    py_state *st = c->state;
    PyObject *given[2], *copy = NULL;
    void *data = NULL;
    int64_t count = 0;
    int op = PTL_REDUCE_SUM, type = 0;
    if (py_args(&signature, args, nargs, kwnames, given) == 0 &&
        (!given[1] || py_to_choice(st, given[1], "op", ops, &op) == 0))
        copy = copy_for_reduction(st, given[0], &data, &count, &type);
    int failed = !copy ? py_fail_together(st, c->comm)
                       : PY_CALL(st, ptl_comm_allreduce(c->comm, data, count, (ptl_mtype)type,
                                                        (ptl_reduce_op)op));
    if (failed < 0)
        Py_CLEAR(copy);
    if (!copy)
        return NULL;
    PyObject *empty = PyTuple_New(0); /* copy[()]: a number where it has no dimensions */
    PyObject *result = empty ? PyObject_GetItem(copy, empty) : NULL;
    Py_XDECREF(empty);
    Py_DECREF(copy);
    return result;
}

/* ---- attributes ------------------------------------------------------------------------------ */

static PyObject *comm_rank(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromLong(ptl_comm_rank(((py_comm *)self)->comm));
}

static PyObject *comm_size(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromLong(ptl_comm_size(((py_comm *)self)->comm));
}

static PyObject *comm_node(PyObject *self, void *which)
{
    py_comm *c = (py_comm *)self;
    if (c->node[1] == 0 && PY_CALL(c->state, ptl_comm_node(c->comm, &c->node[0], &c->node[1])) < 0)
        return NULL;
    return PyLong_FromLong(c->node[which != NULL]);
}

static PyObject *comm_handle(PyObject *self, void *unused)
{
    (void)unused;
    size_t size;
    uint64_t value = 0;
    const void *handle = ptl_comm_handle(((py_comm *)self)->comm, &size);
    if (handle && size == sizeof(uint32_t)) {
        uint32_t small;
        memcpy(&small, handle, sizeof small);
        value = small;
    } else if (handle && size == sizeof value) {
        memcpy(&value, handle, sizeof value);
    }
    return PyLong_FromUnsignedLongLong(value);
}

static PyObject *comm_library(PyObject *self, void *unused)
{
    (void)unused;
    return PyUnicode_FromString(ptl_comm_library(((py_comm *)self)->comm));
}

static PyObject *comm_force(PyObject *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(((py_comm *)self)->force_host_buffer);
}

static PyObject *comm_repr(PyObject *self)
{
    const ptl_comm *comm = ((py_comm *)self)->comm;
    return PyUnicode_FromFormat("<petiole.Communicator rank %d of %d>", ptl_comm_rank(comm),
                                ptl_comm_size(comm));
}

static PyObject *comm_compare(PyObject *self, PyObject *other, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !py_is(other, ((py_comm *)self)->state->Communicator))
        return Py_NewRef(Py_NotImplemented);
    int equal = ptl_comm_equal(((py_comm *)self)->comm, ((py_comm *)other)->comm);
    return PyBool_FromLong(equal == (op == Py_EQ));
}

/* Where Petiole keeps the handle: equal communicators share that. */
static Py_hash_t comm_hash(PyObject *self)
{
    size_t size;
    Py_hash_t hash = (Py_hash_t)((uintptr_t)ptl_comm_handle(((py_comm *)self)->comm, &size) >> 4);
    return hash == -1 ? 0 : hash;
}

static void comm_dealloc(PyObject *self)
{
    py_comm *c = (py_comm *)self;
    PyObject_GC_UnTrack(self);
    ptl_comm_release(&c->comm);
    Py_CLEAR(c->caller);
    py_free(self);
}

static int comm_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((py_comm *)self)->caller);
    return 0;
}

static int comm_clear(PyObject *self)
{
    Py_CLEAR(((py_comm *)self)->caller);
    return 0;
}

PY_COUNT(0, comm_barrier)
PY_COUNT(1, comm_fail)

static PyMethodDef comm_methods[] = {
    {"world", comm_world, METH_NOARGS | METH_CLASS,
     "world($type, /)\n--\n\n"
     "All processes (collective at its first call, local after): MPI_COMM_WORLD of the MPI in the\n"
     "process. Where none is, one is found and started (PETIOLE_MPI, else the launcher's, else an\n"
     "installed one) and ended at exit; where none can be found and no launcher is at work, one\n"
     "process. MpiError where launcher and library don't fit."},
    {"self", comm_self, METH_NOARGS | METH_CLASS,
     "self($type, /)\n--\n\nOne process; needs no MPI (local)."},
    PY_COUNTED("barrier", comm_barrier,
               "barrier($self, /)\n--\n\nReturns when every rank has called it (collective)."),
    PY_METHOD(
        "allreduce", comm_allreduce,
        "allreduce($self, /, array, op='sum')\n--\n\n"
        "Reduces an array element by element over the ranks (collective), with \"sum\", \"prod\",\n"
        "\"min\" or \"max\". Every rank gets the same new array of the same dtype (int8, int32,\n"
        "int64, float32, float64, complex64 or complex128); a number for a number. DimensionError\n"
        "where ranks differ in size, dtype or op; InvalidArgument for another op, or min and max\n"
        "of complex numbers; DtypeError."),
    PY_COUNTED("_fail", comm_fail,
               "_fail($self, error, /)\n--\n\n"
               "Raises an exception where the other ranks make a collective call, which fails on "
               "them too\n"
               "(collective)."),
    PY_METHOD("abort", comm_abort,
              "abort($self, /, code=1)\n--\n\n"
              "Ends every process of the job at once (local). Does not return."),
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef comm_getset[] = {
    {"rank", comm_rank, NULL, "This process's number (local).", NULL},
    {"size", comm_size, NULL, "How many processes there are (local).", NULL},
    {"node_rank", comm_node, NULL,
     "This process's number among those of the same node (collective at its first use).", NULL},
    {"node_size", comm_node, NULL,
     "How many processes the same node has (collective at its first use).", "size"},
    {"handle", comm_handle, NULL, "The caller's MPI_Comm as an integer; 0 without MPI (local).",
     NULL},
    {"mpi_library", comm_library, NULL,
     "The version text of the MPI in use; \"none\" without MPI (local).", NULL},
    {"force_host_buffer", comm_force, NULL,
     "True where messages of GPU arrays shall go through host memory (local).", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(
    comm_doc,
    "Communicator(comm, force_host_buffer=False)\n--\n\n"
    "The processes that hold a distributed object together (local).\n\n"
    "comm: an mpi4py communicator, which stays the caller's and is kept alive; another\n"
    "Communicator; or None for one process. Petiole talks on a private duplicate, made at the\n"
    "first collective call. Two are equal where they are of the same communicator. MpiError where\n"
    "it is null, freed or an intercommunicator, or no adaptor fits the MPI.");

static PyType_Slot comm_slots[] = {
    {Py_tp_new, comm_new},
    {Py_tp_dealloc, comm_dealloc},
    {Py_tp_traverse, comm_traverse},
    {Py_tp_clear, comm_clear},
    {Py_tp_repr, comm_repr},
    {Py_tp_methods, comm_methods},
    {Py_tp_richcompare, comm_compare},
    {Py_tp_hash, comm_hash},
    {Py_tp_getset, comm_getset},
    {Py_tp_doc, (void *)comm_doc},
    {0, NULL},
};

PyType_Spec py_Communicator_spec = {"petiole.Communicator", sizeof(py_comm), 0,
                                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, comm_slots};
