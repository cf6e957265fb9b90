/* The class Communicator: its methods and attributes. */
#include <string.h>

#include "../base/py_args.h"
#include "../base/py_array.h"
#include "../base/py_errors.h"
#include "../objects/py_collective.h"
#include "../objects/py_comm.h"

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
    PyObject *self =
        py_comm_wrap(st, ptl_comm_retain(py_comm_get(from)), ((py_comm *)from)->caller);
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
    return PY_CALL(st, ptl_comm_world(&comm)) < 0 ? NULL : py_comm_wrap(st, comm, NULL);
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
    if ((op != Py_EQ && op != Py_NE) ||
        !py_is(other, PY_TYPE(((py_comm *)self)->state, Communicator)))
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
