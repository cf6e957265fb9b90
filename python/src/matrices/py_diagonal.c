/* Diagonal operators, and the identity. */
#include "../base/py_args.h"
#include "../base/py_errors.h"
#include "../base/py_numpy.h"
#include "../objects/py_collective.h"
#include "../objects/py_comm.h"
#include "../objects/py_exec.h"
#include "../objects/py_linop.h"
#include "../objects/py_vector.h"

py_class py_Diagonal_class, py_Identity_class;

/* ---- Diagonal ---------------------------------------------------------------------------------
 */

/* A Vector on one process with the values of an array; new reference. */
static PyObject *vector_of(py_state *st, PyObject *array, PyObject *exec)
{
    PyObject *call = PyObject_GetAttrString((PyObject *)PY_TYPE(st, Vector), "from_local");
    PyObject *v =
        call ? PyObject_CallFunction(call, "OOOO", Py_None, array, Py_None, exec ? exec : Py_None)
             : NULL;
    Py_XDECREF(call);
    return v;
}

static PyObject *diagonal_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PY_SIGNATURE(signature, "Diagonal", 1, 1, "diagonal", "exec");
    py_state *st = py_state_of((PyObject *)type);
    PyObject *given[2];
    if (py_args_tuple(&signature, args, kwargs, given) < 0)
        return NULL;
    int is_vector = py_is(given[0], PY_TYPE(st, Vector));
    if (is_vector && py_given(given[1]))
        return py_error(st, PTL_INVALID, "exec is given, but a Vector has its own executor");
    PyObject *d = is_vector ? Py_NewRef(given[0]) : vector_of(st, given[0], given[1]);
    ptl_vector *v = d ? py_vector_get(st, d, "diagonal") : NULL;
    ptl_linop *op;
    PyObject *self = NULL, *comm = NULL;
    if (v && PY_CALL(st, ptl_diagonal_create(v, &op)) == 0) {
        comm = PyObject_GetAttrString(d, "comm");
        if (comm)
            self = py_linop_wrap(st, type, op, comm, d);
        else
            ptl_linop_release(&op);
    }
    Py_XDECREF(comm);
    Py_XDECREF(d);
    return self;
}

static PyObject *diagonal_vector(PyObject *self, void *unused)
{
    (void)unused;
    return Py_NewRef(((py_linop *)self)->made_of);
}

static PyGetSetDef diagonal_getset[] = {
    {"vector", diagonal_vector, NULL,
     "The Vector with the diagonal; new values in it are new values of the operator (local).",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(
    diagonal_doc,
    "Diagonal(diagonal, *, exec=None)\n--\n\n"
    "The operator that multiplies each row of x by a number (local). diagonal: a Vector of\n"
    "one column, which is kept, on its communicator; or an array of shape (n,), which is\n"
    "copied, on one process. DimensionError where there are several columns, DtypeError.");

static PyType_Slot diagonal_slots[] = {
    {Py_tp_new, diagonal_new},         {Py_tp_init, py_linop_made},
    {Py_tp_dealloc, py_linop_dealloc}, {Py_tp_traverse, py_linop_traverse},
    {Py_tp_clear, py_linop_clear},     {Py_tp_getset, diagonal_getset},
    {Py_tp_doc, (void *)diagonal_doc}, {0, NULL},
};

PyType_Spec py_Diagonal_spec = {"petiole.Diagonal", sizeof(py_linop), 0,
                                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, diagonal_slots};

/* ---- Identity ---------------------------------------------------------------------------------
 */

typedef struct identity_args {
    int64_t rows, local_rows;
    ptl_dtype dtype;
    ptl_exec *exec;
} identity_args;

/* Rows in all, -1 for None. */
static int convert_size(py_state *st, PyObject *shape, int64_t *rows)
{
    int64_t sizes[2] = {-1, -1};
    if (py_given(shape) && py_to_shape(st, shape, "shape", sizes) < 0)
        return -1;
    *rows = sizes[0];
    if (sizes[0] == sizes[1] && (sizes[0] >= 0 || !py_given(shape)))
        return 0;
    py_error(st, PTL_INVALID, "shape is (%lld, %lld), expected a square that is not negative",
             (long long)sizes[0], (long long)sizes[1]);
    return -1;
}

/* Where nobody says how the rows are divided: evenly, as by Partition.uniform. */
static int divide(py_state *st, ptl_comm *comm, identity_args *a)
{
    ptl_partition *even;
    if (a->rows < 0) {
        py_error(st, PTL_INVALID, "shape or local_size must be given");
        return -1;
    }
    if (PY_CALL(st, ptl_partition_uniform(ptl_comm_size(comm), a->rows, &even)) < 0)
        return -1;
    int failed = PY_CALL(st, ptl_partition_part_size(even, ptl_comm_rank(comm), &a->local_rows));
    ptl_partition_release(&even);
    return failed;
}

/* given: shape, comm, local_size, dtype, exec */
static int convert_identity(py_state *st, PyObject *const *given, ptl_comm *comm, identity_args *a)
{
    a->dtype = PTL_F64;
    if (convert_size(st, given[0], &a->rows) < 0 ||
        (py_given(given[3]) && py_to_dtype(st, given[3], &a->dtype) < 0) ||
        py_exec_arg(st, given[4], &a->exec) < 0)
        return -1;
    return py_given(given[2]) ? py_to_int64(st, given[2], "local_size", &a->local_rows)
                              : divide(st, comm, a);
}

static PyObject *identity_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PY_SIGNATURE(signature, "Identity", 1, 5, "shape", "comm", "local_size", "dtype", "exec");
    py_state *st = py_state_of((PyObject *)type);
    PyObject *given[5];
    identity_args a;
    ptl_linop *op = NULL;
    PyObject *comm = py_args_tuple_comm(st, &signature, 1, args, kwargs, given);
    if (!comm)
        return NULL;
    ptl_comm *c = py_comm_get(comm);
    int failed =
        convert_identity(st, given, c, &a) < 0
            ? py_fail_together(st, c)
            : PY_CALL(st, ptl_identity_create(c, a.exec, a.rows, a.local_rows, a.dtype, &op));
    PyObject *self = failed < 0 ? NULL : py_linop_wrap(st, type, op, comm, NULL);
    Py_DECREF(comm);
    return self;
}

PyDoc_STRVAR(
    identity_doc,
    "Identity(shape, comm=None, local_size=None, dtype='float64', exec=None)\n--\n\n"
    "The operator that copies x (collective). shape: N, or (N, N), over all ranks, or None for\n"
    "the sum; local_size: rows on this rank, else they are divided evenly, as by\n"
    "Partition.uniform. dtype: of what it is combined with; vectors may have another, as for a\n"
    "matrix.\n"
    "DimensionError where the sum is another, InvalidArgument, DtypeError.");

static PyType_Slot identity_slots[] = {
    {Py_tp_new, identity_new},
    {Py_tp_init, py_linop_made},
    {Py_tp_dealloc, py_linop_dealloc},
    {Py_tp_traverse, py_linop_traverse},
    {Py_tp_clear, py_linop_clear},
    {Py_tp_doc, (void *)identity_doc},
    {0, NULL},
};

PyType_Spec py_Identity_spec = {"petiole.Identity", sizeof(py_linop), 0,
                                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, identity_slots};
