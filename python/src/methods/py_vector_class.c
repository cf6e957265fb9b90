/* The class Vector: its attributes and its local block. Its constructors are in py_vector_make.c,
 * what vectors do is in py_vector_ops.c. */
#include "../base/py_args.h"
#include "../base/py_block.h"
#include "../base/py_device.h"
#include "../base/py_numbers.h"
#include "../base/py_numpy.h"
#include "../objects/py_collective.h"
#include "../objects/py_comm.h"
#include "../objects/py_exec.h"
#include "../objects/py_vector.h"
#include "py_files.h"
#include "py_vector_make.h"
#include "py_vector_ops.h"

/* Of a method or attribute of self. */
static ptl_vector *own(PyObject *self)
{
    return py_vector_get(((py_vector *)self)->state, self, "the vector");
}

/* ---- attributes ------------------------------------------------------------------------------ */

static PyObject *vector_shape(PyObject *self, void *unused)
{
    (void)unused;
    ptl_vector *v = own(self);
    return v ? py_shape(ptl_vector_ndim(v), ptl_vector_rows(v), ptl_vector_columns(v)) : NULL;
}

static PyObject *vector_local_shape(PyObject *self, void *unused)
{
    (void)unused;
    ptl_vector *v = own(self);
    return v ? py_shape(ptl_vector_ndim(v), ptl_vector_local_rows(v), ptl_vector_columns(v)) : NULL;
}

static PyObject *vector_dtype(PyObject *self, void *unused)
{
    (void)unused;
    ptl_vector *v = own(self);
    return v ? py_dtype(((py_vector *)self)->state, ptl_vector_dtype(v)) : NULL;
}

static PyObject *vector_comm(PyObject *self, void *unused)
{
    (void)unused;
    py_vector *vector = (py_vector *)self;
    ptl_vector *v = own(self);
    if (v && !vector->comm)
        vector->comm = py_comm_wrap(vector->state, ptl_comm_retain(ptl_vector_comm(v)), NULL);
    return v ? Py_XNewRef(vector->comm) : NULL;
}

static PyObject *vector_exec(PyObject *self, void *unused)
{
    (void)unused;
    ptl_vector *v = own(self);
    return v ? py_exec_wrap(((py_vector *)self)->state, ptl_vector_exec(v)) : NULL;
}

static void release_capsule(PyObject *capsule)
{
    ptl_vector *v = PyCapsule_GetPointer(capsule, NULL);
    ptl_vector_release(&v);
}

/* A NumPy array over the local block, which keeps the C vector alive, not this object. */
static PyObject *vector_local(PyObject *self, void *unused)
{
    (void)unused;
    py_state *st = ((py_vector *)self)->state;
    ptl_vector *v = own(self);
    PyObject *keep = v ? PyCapsule_New(v, NULL, NULL) : NULL;
    if (!keep)
        return NULL;
    ptl_vector_retain(v);
    PyCapsule_SetDestructor(keep, release_capsule);
    ptl_dtype dtype = ptl_vector_dtype(v);
    size_t size = ptl_dtype_size(dtype);
    py_memory memory = {
        .data = ptl_vector_data(v),
        .ndim = ptl_vector_ndim(v),
        .shape = {ptl_vector_local_rows(v), ptl_vector_columns(v)},
        .stride = ptl_vector_ld(v) * (int64_t)size,
        .format = py_format(dtype),
        .size = (int)size,
        .readonly = ((py_vector *)self)->readonly,
    };
    PyObject *array = py_array_over(st, &memory, keep);
    Py_DECREF(keep);
    return array;
}

/* v.local = values writes into the block, so that `v.local += 1` does what it says. */
static int vector_set_local(PyObject *self, PyObject *values, void *unused)
{
    if (!values) {
        PyErr_SetString(PyExc_AttributeError, "local cannot be deleted");
        return -1;
    }
    py_state *st = ((py_vector *)self)->state;
    if (py_host_check(st, values, "local") < 0)
        return -1;
    PyObject *array = py_array_of(st, values, "local");
    PyObject *local = array ? vector_local(self, unused) : NULL;
    PyObject *done = local ? PyObject_CallMethod(py_numpy(st), "copyto", "OO", local, array) : NULL;
    Py_XDECREF(array);
    Py_XDECREF(local);
    Py_XDECREF(done);
    return done ? 0 : -1;
}

/* ---- other libraries' protocols, by way of the NumPy array -------------------------------------
 */

static PyObject *vector_array(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                              PyObject *kwnames)
{
    PyObject *local = vector_local(self, NULL);
    PyObject *result =
        local ? py_array_protocol(((py_vector *)self)->state, local, args, nargs, kwnames) : NULL;
    Py_XDECREF(local);
    return result;
}

static PyObject *vector_dlpack_device(PyObject *self, PyObject *unused)
{
    (void)unused;
    PyObject *local = vector_local(self, NULL);
    PyObject *result = local ? PyObject_CallMethod(local, "__dlpack_device__", NULL) : NULL;
    Py_XDECREF(local);
    return result;
}

static PyObject *vector_dlpack(PyObject *self, PyObject *args, PyObject *kwargs)
{
    PyObject *local = vector_local(self, NULL);
    PyObject *method = local ? PyObject_GetAttrString(local, "__dlpack__") : NULL;
    PyObject *result = method ? PyObject_Call(method, args, kwargs) : NULL;
    Py_XDECREF(local);
    Py_XDECREF(method);
    return result;
}

static PyObject *vector_repr(PyObject *self)
{
    ptl_vector *v = ((py_vector *)self)->v;
    PyObject *shape = v ? vector_shape(self, NULL) : NULL;
    PyObject *text = shape ? PyUnicode_FromFormat("<petiole.Vector %S %s, %lld rows here>", shape,
                                                  ptl_dtype_name(ptl_vector_dtype(v)),
                                                  (long long)ptl_vector_local_rows(v))
                           : NULL;
    Py_XDECREF(shape);
    return v ? text : PyUnicode_FromString("<petiole.Vector that was lent and has ended>");
}

static void vector_dealloc(PyObject *self)
{
    py_vector *vector = (py_vector *)self;
    PyObject_GC_UnTrack(self);
    ptl_vector_release(&vector->v);
    Py_CLEAR(vector->comm);
    py_free(self);
}

static int vector_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((py_vector *)self)->comm);
    return 0;
}

static int vector_clear(PyObject *self)
{
    Py_CLEAR(((py_vector *)self)->comm);
    return 0;
}

static PyGetSetDef vector_getset[] = {
    {"shape", vector_shape, NULL, "(N,) or (N, columns), over all ranks (local).", NULL},
    {"local_shape", vector_local_shape, NULL, "(n,) or (n, columns) of the local block (local).",
     NULL},
    {"dtype", vector_dtype, NULL, "numpy.dtype of the elements (local).", NULL},
    {"comm", vector_comm, NULL, "The Communicator it lives on (local).", NULL},
    {"exec", vector_exec, NULL, "The Executor it lives on (local).", NULL},
    {"local", vector_local, vector_set_local,
     "NumPy array over the local block, a view: writing to it writes to the vector, and it keeps\n"
     "the memory alive (local). v.local.copy() is an array of its own. v.local = values copies\n"
     "them into the block.",
     NULL},
    {"real", py_vector_map, NULL, "The real part, a new Vector of real dtype (local).",
     (void *)PTL_MAP_REAL},
    {"imag", py_vector_map, NULL, "The imaginary part, a new Vector of real dtype (local).",
     (void *)PTL_MAP_IMAG},
    {NULL, NULL, NULL, NULL, NULL},
};

PY_COUNT(1, py_vector_dot)
PY_COUNT(1, py_vector_conj_dot)
PY_COUNT(0, py_vector_sum)
PY_COUNT(0, py_vector_mean)
PY_COUNT(0, py_vector_allgather)
PY_COUNT(1, py_vector_redistribute)

static PyMethodDef vector_methods[] = {
    PY_CLASS_METHOD(
        "zeros", py_vector_zeros,
        "zeros($type, /, comm, local_size, columns=None, dtype='float64', exec=None)\n--\n\n"
        "Zeros: local_size rows on this rank (collective). columns None makes it\n"
        "one-dimensional. InvalidArgument for negative sizes; DimensionError where ranks\n"
        "differ in columns or dtype."),
    PY_CLASS_METHOD(
        "from_local", py_vector_from_local,
        "from_local($type, /, comm, array, global_size=None, exec=None)\n--\n\n"
        "A copy of each rank's array of shape (n,) or (n, columns) (collective). Integers become\n"
        "float64. global_size: the sum of n, which is checked. DimensionError; DtypeError, here "
        "and\n"
        "wherever arrays enter, also for masked arrays and bytes."),
    PY_CLASS_METHOD(
        "view", py_vector_view,
        "view($type, /, comm, array, global_size=None, exec=None)\n--\n\n"
        "The same memory as each rank's array, which is kept alive (collective). float32, "
        "float64,\n"
        "complex64, complex128 or float16, writable, a row's elements neighbours; else DtypeError\n"
        "or InvalidArgument with the reason, never a copy."),
    PY_CLASS_METHOD(
        "from_global", py_vector_from_global,
        "from_global($type, /, comm, partition, indices, values, exec=None)\n--\n\n"
        "Values travel to the owners of their global rows (collective). values: of shape\n"
        "(m,) or (m, columns) for m indices; what arrives twice is summed, rows that nobody\n"
        "gives are 0. DimensionError, IndexOutOfRange, DtypeError."),
    PY_CLASS_METHOD(
        "read", py_vector_read,
        "read($type, /, path, comm=None, partition=None, *, dtype=None, exec=None)\n--\n\n"
        "Reads a MatrixMarket file, an array or a coordinate one, or a Petiole binary file, told "
        "by\n"
        "its first bytes (collective). Every rank opens `path` (str, bytes or os.PathLike) and "
        "reads\n"
        "a part of it. One column makes it of shape (N,), unless a binary file says (N, 1). Rows "
        "are\n"
        "divided evenly where no partition is given. Without a dtype, MatrixMarket gives float64 "
        "or\n"
        "complex128, a binary file what was written. FileError where a rank cannot read\n"
        "it, or it changes meanwhile; FormatError with the line; OutOfMemory where it declares\n"
        "more than memory holds; DtypeError from complex to real; DimensionError."),
    PY_METHOD(
        "write", py_vector_write,
        "write($self, /, path, format=None)\n--\n\n"
        "Writes a file, each rank its own rows (collective). format: \"mtx\" (a MatrixMarket "
        "array) or\n"
        "\"binary\"; None goes by the suffix, .mtx or .ptl, and another one is InvalidArgument.\n"
        "The file appears under its name when it is whole, in place of what was there, whose mode\n"
        "and symbolic links stay. Numbers keep their bits. FileError; DimensionError where ranks\n"
        "pass different vectors; NotSupported for float16 in binary."),
    PY_METHOD("__array__", vector_array,
              "__array__($self, /, dtype=None, copy=None)\n--\n\n"
              "The local block as a NumPy array, the same memory where dtype allows (local)."),
    {"__dlpack__", (PyCFunction)(void (*)(void))vector_dlpack, METH_VARARGS | METH_KEYWORDS,
     "__dlpack__($self, /, *args, **kwargs)\n--\n\nThe local block by DLPack (local)."},
    {"__dlpack_device__", vector_dlpack_device, METH_NOARGS,
     "__dlpack_device__($self, /)\n--\n\nWhere the local block is, in DLPack's terms (local)."},
    {"fill", py_vector_fill, METH_O,
     "fill($self, value, /)\n--\n\nEvery element becomes a number (local)."},
    {"copy", py_vector_copy, METH_NOARGS,
     "copy($self, /)\n--\n\nA new Vector with the same values and memory of its own (local)."},
    {"copy_from", py_vector_copy_from, METH_O,
     "copy_from($self, v, /)\n--\n\n"
     "Takes the values of a Vector of the same shape and dtype (local). DimensionError, "
     "DtypeError."},
    {"zeros_like", py_vector_zeros_like, METH_NOARGS,
     "zeros_like($self, /)\n--\n\nA new Vector of the same shape and dtype, of zeros (local)."},
    {"astype", py_vector_astype, METH_O,
     "astype($self, dtype, /)\n--\n\n"
     "A new Vector with the values converted (local). DtypeError from complex to real."},
    {"scale", py_vector_scale, METH_O,
     "scale($self, a, /)\n--\n\nv = a v, in place; a is a number or one per column (local)."},
    {"inv_scale", py_vector_inv_scale, METH_O,
     "inv_scale($self, a, /)\n--\n\nv = v / a, in place; a is a number or one per column (local)."},
    PY_METHOD(
        "add_scaled", py_vector_add_scaled,
        "add_scaled($self, /, a, v)\n--\n\n"
        "self = self + a v, in place; a is a number or one per column (local). DimensionError,\n"
        "DtypeError."),
    PY_METHOD(
        "sub_scaled", py_vector_sub_scaled,
        "sub_scaled($self, /, a, v)\n--\n\n"
        "self = self - a v, in place; a is a number or one per column (local). DimensionError,\n"
        "DtypeError."),
    {"abs", py_vector_abs, METH_NOARGS,
     "abs($self, /)\n--\n\nThe moduli, a new Vector of real dtype (local)."},
    {"conj", py_vector_conj, METH_NOARGS,
     "conj($self, /)\n--\n\nThe conjugates, a new Vector (local)."},
    PY_COUNTED(
        "dot", py_vector_dot,
        "dot($self, v, /)\n--\n\n"
        "The sum of x_i y_i, without conjugation (collective): a number, or an array with one per "
        "column.\n"
        "Sums are made in double. DimensionError, DtypeError. Also `self @ v`."),
    PY_COUNTED("conj_dot", py_vector_conj_dot,
               "conj_dot($self, v, /)\n--\n\nThe sum of conj(x_i) y_i; else as dot (collective)."),
    PY_COUNTED(
        "sum", py_vector_sum,
        "sum($self, /)\n--\n\nThe sum: a number, or an array with one per column (collective)."),
    PY_COUNTED("mean", py_vector_mean,
               "mean($self, /)\n--\n\n"
               "The mean: a number, or an array with one per column; NaN of nothing (collective)."),
    PY_METHOD(
        "norm", py_vector_norm,
        "norm($self, /, ord=2)\n--\n\n"
        "The norm for ord 1, 2 or inf: a float, or an array with one per column (collective). The\n"
        "2-norm is right where squares underflow or overflow, too."),
    PY_METHOD("gather", py_vector_gather,
              "gather($self, /, root=0)\n--\n\n"
              "The whole vector in global order as a NumPy array on rank `root`, None elsewhere\n"
              "(collective). IndexOutOfRange where root is no rank."),
    PY_COUNTED("allgather", py_vector_allgather,
               "allgather($self, /)\n--\n\n"
               "The whole vector in global order as a NumPy array on every rank (collective)."),
    PY_COUNTED("redistribute", py_vector_redistribute,
               "redistribute($self, partition, /)\n--\n\n"
               "The same values on another Partition of the same size, a new Vector (collective).\n"
               "DimensionError."),
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(
    vector_doc,
    "A distributed vector: on each rank a dense block of rows, one or more columns.\n\n"
    "Made by zeros, from_local, view and from_global. One made from a 1-D array has shape (N,)\n"
    "and `.local` (n,); from 2-D, (N, k) and (n, k). A vector that a callback gets is valid\n"
    "during the callback; later use is Expired. Elements of float16 are stored in two\n"
    "bytes and computed with as float32; each call rounds what it writes once.");

static PyType_Slot vector_slots[] = {
    {Py_tp_dealloc, vector_dealloc},
    {Py_tp_traverse, vector_traverse},
    {Py_tp_clear, vector_clear},
    {Py_tp_repr, vector_repr},
    {Py_tp_methods, vector_methods},
    {Py_tp_getset, vector_getset},
    {Py_nb_add, py_vector_add},
    {Py_nb_subtract, py_vector_subtract},
    {Py_nb_multiply, py_vector_multiply},
    {Py_nb_true_divide, py_vector_divide},
    {Py_nb_negative, py_vector_negative},
    {Py_nb_absolute, py_vector_absolute},
    {Py_nb_inplace_add, py_vector_iadd},
    {Py_nb_inplace_subtract, py_vector_isubtract},
    {Py_nb_inplace_multiply, py_vector_imultiply},
    {Py_nb_inplace_true_divide, py_vector_idivide},
    {Py_nb_matrix_multiply, py_vector_matmul},
    {Py_tp_doc, (void *)vector_doc},
    {0, NULL},
};

PyType_Spec py_Vector_spec = {
    "petiole.Vector", sizeof(py_vector), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION, vector_slots};
