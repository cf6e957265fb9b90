/* Vectors: the constructors, all collective. */
#include "py_vector_make.h"

#include "../base/py_args.h"
#include "../base/py_array.h"
#include "../base/py_errors.h"
#include "../base/py_numpy.h"
#include "../objects/py_collective.h"
#include "../objects/py_comm.h"
#include "../objects/py_exec.h"
#include "../objects/py_partition.h"
#include "../objects/py_vector.h"

/* The arguments that constructors share, converted. */
typedef struct making {
    ptl_exec *exec;
    ptl_vector_shape shape;
    py_array array;
    int64_t ld;
} making;

static int convert_zeros(py_state *st, PyObject *const *given, making *m)
{
    m->shape = (ptl_vector_shape){.global_rows = -1, .dtype = PTL_F64};
    if (py_exec_arg(st, given[4], &m->exec) < 0 ||
        py_to_int64(st, given[1], "local_size", &m->shape.local_rows) < 0 ||
        (py_given(given[3]) && py_to_dtype(st, given[3], &m->shape.dtype) < 0))
        return -1;
    if (!py_given(given[2]))
        return 0;
    if (py_to_int64(st, given[2], "columns", &m->shape.columns) < 0)
        return -1;
    if (m->shape.columns >= 1)
        return 0;
    py_error(st, PTL_INVALID, "columns is %lld, expected at least 1, or None",
             (long long)m->shape.columns);
    return -1;
}

PyObject *py_vector_zeros(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                          PyObject *kwnames)
{
    PY_SIGNATURE(signature, "zeros", 2, 5, "comm", "local_size", "columns", "dtype", "exec");
    py_state *st = py_state_of(type);
    PyObject *given[5];
    making m = {0};
    ptl_vector *v = NULL;
    PyObject *comm = py_args_comm(st, &signature, 0, args, nargs, kwnames, given);
    if (!comm)
        return NULL;
    ptl_comm *c = py_comm_get(comm);
    int failed = convert_zeros(st, given, &m) < 0
                     ? py_fail_together(st, c)
                     : PY_CALL(st, ptl_vector_create(c, m.exec, m.shape, &v));
    PyObject *self = failed < 0 ? NULL : py_vector_wrap(st, v, comm);
    Py_DECREF(comm);
    return self;
}

/* The shape that an array of 1 or 2 dimensions gives a vector. */
static int shape_of(py_state *st, making *m, PyObject *global_size)
{
    const Py_buffer *b = &m->array.buffer;
    if (b->ndim < 1 || b->ndim > 2) {
        py_error(st, PTL_DIMENSION, "array has %d dimensions, expected 1 or 2", b->ndim);
        return -1;
    }
    if (b->ndim == 2 && b->shape[1] < 1) {
        py_error(st, PTL_DIMENSION, "array has no columns");
        return -1;
    }
    m->shape.global_rows = -1;
    m->shape.local_rows = b->shape[0];
    m->shape.columns = b->ndim == 2 ? b->shape[1] : 0;
    m->ld = py_array_ld(&m->array);
    if (!py_given(global_size))
        return 0;
    if (py_to_int64(st, global_size, "global_size", &m->shape.global_rows) < 0)
        return -1;
    if (m->shape.global_rows >= 0)
        return 0;
    py_error(st, PTL_INVALID, "global_size is %lld, expected at least 0",
             (long long)m->shape.global_rows);
    return -1;
}

static int convert_copy(py_state *st, PyObject *const *given, making *m)
{
    if (py_exec_arg(st, given[3], &m->exec) < 0 ||
        py_array_values(st, given[1], "array", 2, -1, &m->array, &m->shape.dtype) < 0)
        return -1;
    return shape_of(st, m, given[2]);
}

PyObject *py_vector_from_local(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                               PyObject *kwnames)
{
    PY_SIGNATURE(signature, "from_local", 2, 4, "comm", "array", "global_size", "exec");
    py_state *st = py_state_of(type);
    PyObject *given[4];
    making m = {0};
    ptl_vector *v = NULL;
    PyObject *comm = py_args_comm(st, &signature, 0, args, nargs, kwnames, given);
    if (!comm)
        return NULL;
    ptl_comm *c = py_comm_get(comm);
    int failed =
        convert_copy(st, given, &m) < 0
            ? py_fail_together(st, c)
            : PY_CALL(st, ptl_vector_copy_of(c, m.exec, m.shape, m.ld, m.array.buffer.buf, &v));
    py_array_end(&m.array);
    PyObject *self = failed < 0 ? NULL : py_vector_wrap(st, v, comm);
    Py_DECREF(comm);
    return self;
}

/* That an array can be aliased: its own memory, writable, rows of neighbours, a dtype of ours. */
static int convert_view(py_state *st, PyObject *const *given, making *m)
{
    PyObject *array = given[1];
    if (py_array_check(array, "array", "Vector.from_local") < 0 ||
        py_exec_arg(st, given[3], &m->exec) < 0 ||
        py_array_view(st, array, "array", &m->array) < 0 ||
        py_array_dtype(st, &m->array, "array", &m->shape.dtype) < 0 ||
        shape_of(st, m, given[2]) < 0)
        return -1;
    if (m->array.buffer.readonly)
        py_error(st, PTL_INVALID, "array is read-only, a view writes to it");
    else if (m->ld < 0)
        py_error(st, PTL_INVALID,
                 "array cannot be viewed: the elements of a row must be neighbours, and rows "
                 "follow each "
                 "other at whole elements; its strides are %zd%s bytes",
                 m->array.buffer.strides[m->array.buffer.ndim - 1],
                 m->array.buffer.ndim == 2 ? " (columns)" : "");
    else
        return 0;
    return -1;
}

/* Lets the viewed array go, from whatever thread and state the vector ends in. */
static void release_view(void *ctx)
{
    int taken = py_gil_take();
    py_array_end(ctx);
    PyMem_Free(ctx);
    py_gil_drop(taken);
}

/* The array that a view holds on to until its end. */
static py_array *hold(py_array *array)
{
    py_array *held = PyMem_Malloc(sizeof *held);
    if (!held)
        return (py_array *)PyErr_NoMemory();
    *held = *array;
    *array = (py_array){0};
    return held;
}

PyObject *py_vector_view(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PY_SIGNATURE(signature, "view", 2, 4, "comm", "array", "global_size", "exec");
    py_state *st = py_state_of(type);
    PyObject *given[4];
    making m = {0};
    ptl_vector *v = NULL;
    PyObject *comm = py_args_comm(st, &signature, 0, args, nargs, kwnames, given);
    if (!comm)
        return NULL;
    ptl_comm *c = py_comm_get(comm);
    void *data = NULL;
    py_array *held = NULL;
    if (convert_view(st, given, &m) == 0) {
        data = m.array.buffer.buf;
        held = hold(&m.array);
    }
    int failed =
        held ? PY_CALL(st, ptl_vector_view(c, m.exec, m.shape, m.ld, data, release_view, held, &v))
             : py_fail_together(st, c);
    py_array_end(&m.array);
    PyObject *self = failed < 0 ? NULL : py_vector_wrap(st, v, comm);
    Py_DECREF(comm);
    return self;
}

/* from_global's arguments: values per row of indices. */
static int convert_global(py_state *st, PyObject *const *given, making *m, py_array *indices,
                          ptl_partition **partition)
{
    if (py_exec_arg(st, given[4], &m->exec) < 0 ||
        py_partition_arg(st, given[1], "partition", partition) < 0 ||
        py_array_indices(st, given[2], "indices", 8, indices) < 0 ||
        py_array_values(st, given[3], "values", 2, -1, &m->array, &m->shape.dtype) < 0 ||
        shape_of(st, m, NULL) < 0)
        return -1;
    if (!*partition) {
        py_type_error("partition", "a Partition", given[1]);
        return -1;
    }
    int64_t count = py_array_count(indices);
    if (count != m->shape.local_rows) {
        py_error(st, PTL_DIMENSION, "values has %lld rows, but there are %lld indices",
                 (long long)m->shape.local_rows, (long long)count);
        return -1;
    }
    return 0;
}

PyObject *py_vector_from_global(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                                PyObject *kwnames)
{
    PY_SIGNATURE(signature, "from_global", 4, 5, "comm", "partition", "indices", "values", "exec");
    py_state *st = py_state_of(type);
    PyObject *given[5];
    making m = {0};
    py_array indices = {0};
    ptl_partition *partition;
    ptl_vector *v = NULL;
    PyObject *comm = py_args_comm(st, &signature, 0, args, nargs, kwnames, given);
    if (!comm)
        return NULL;
    ptl_comm *c = py_comm_get(comm);
    int ready = convert_global(st, given, &m, &indices, &partition) == 0 &&
                py_array_pack(st, "values", &m.array) == 0;
    int failed = !ready ? py_fail_together(st, c)
                        : PY_CALL(st, ptl_vector_from_global(
                                          c, m.exec, partition, m.shape, py_array_count(&indices),
                                          indices.buffer.buf, m.array.buffer.buf, &v));
    py_array_end(&indices);
    py_array_end(&m.array);
    PyObject *self = failed < 0 ? NULL : py_vector_wrap(st, v, comm);
    Py_DECREF(comm);
    return self;
}

PyObject *py_vector_redistribute(PyObject *self, PyObject *partition)
{
    py_state *st = ((py_vector *)self)->state;
    ptl_vector *v = py_vector_get(st, self, "the vector"), *made = NULL;
    ptl_partition *p;
    if (!v)
        return py_fail_among(st, 1, &self);
    int failed = py_partition_arg(st, partition, "partition", &p) < 0
                     ? py_fail_together(st, ptl_vector_comm(v))
                     : PY_CALL(st, ptl_vector_redistribute(v, p, &made));
    return failed < 0 ? NULL : py_vector_wrap(st, made, ((py_vector *)self)->comm);
}
