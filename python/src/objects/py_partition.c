/* Partitions. */
#include <limits.h>

#include "py_partition.h"

#include "../base/py_args.h"
#include "../base/py_array.h"
#include "../base/py_errors.h"
#include "py_collective.h"
#include "py_comm.h"

py_class py_Partition_class;

typedef struct py_partition {
    PyObject_HEAD py_state *state;
    ptl_partition *p;
} py_partition;

static ptl_partition *get(PyObject *self)
{
    return ((py_partition *)self)->p;
}

PyObject *py_partition_wrap(py_state *st, ptl_partition *p)
{
    py_partition *self = py_new(st, PY_TYPE(st, Partition));
    if (self)
        self->p = p;
    else
        ptl_partition_release(&p);
    return (PyObject *)self;
}

int py_partition_arg(py_state *st, PyObject *object, const char *name, ptl_partition **out)
{
    *out = NULL;
    if (!py_given(object))
        return 0;
    if (!py_is(object, PY_TYPE(st, Partition))) {
        py_type_error(name, "a Partition", object);
        return -1;
    }
    *out = get(object);
    return 0;
}

static PyObject *partition_uniform(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                                   PyObject *kwnames)
{
    PY_SIGNATURE(signature, "uniform", 2, 2, "num_parts", "size");
    py_state *st = py_state_of(type);
    PyObject *given[2];
    int parts;
    int64_t size;
    ptl_partition *p;
    if (py_args(&signature, args, nargs, kwnames, given) < 0 ||
        py_to_int(st, given[0], "num_parts", &parts) < 0 ||
        py_to_int64(st, given[1], "size", &size) < 0 ||
        PY_CALL(st, ptl_partition_uniform(parts, size, &p)) < 0)
        return NULL;
    return py_partition_wrap(st, p);
}

static PyObject *partition_from_ranges(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                                       PyObject *kwnames)
{
    PY_SIGNATURE(signature, "from_ranges", 1, 3, "bounds", "part_ids", "num_parts");
    py_state *st = py_state_of(type);
    PyObject *given[3];
    py_array bounds = {0}, ids = {0};
    int parts = 0;
    ptl_partition *p = NULL;
    if (py_args(&signature, args, nargs, kwnames, given) < 0 ||
        py_array_indices(st, given[0], "bounds", 8, &bounds) < 0 ||
        (py_given(given[1]) && py_array_indices(st, given[1], "part_ids", 4, &ids) < 0) ||
        (py_given(given[2]) && py_to_int(st, given[2], "num_parts", &parts) < 0))
        goto end;
    int64_t ranges = py_array_count(&bounds) - 1;
    if (ranges < 0)
        py_error(st, PTL_INVALID, "bounds is empty, expected at least [0]");
    else if (py_given(given[2]) && parts < 1)
        py_error(st, PTL_INVALID, "num_parts is %d, expected at least 1", parts);
    else if (py_given(given[1]) && py_array_count(&ids) != ranges)
        py_error(st, PTL_DIMENSION, "part_ids has %lld entries, but there are %lld ranges",
                 (long long)py_array_count(&ids), (long long)ranges);
    else if (PY_CALL(st, ptl_partition_from_ranges(ranges, bounds.buffer.buf, ids.buffer.buf, parts,
                                                   &p)) < 0)
        p = NULL;
end:
    py_array_end(&bounds);
    py_array_end(&ids);
    return p ? py_partition_wrap(st, p) : NULL;
}

static PyObject *partition_from_mapping(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                                        PyObject *kwnames)
{
    PY_SIGNATURE(signature, "from_mapping", 2, 2, "owner", "num_parts");
    py_state *st = py_state_of(type);
    PyObject *given[2];
    py_array owner = {0};
    int parts;
    ptl_partition *p = NULL;
    if (py_args(&signature, args, nargs, kwnames, given) < 0 ||
        py_to_int(st, given[1], "num_parts", &parts) < 0 ||
        py_array_indices(st, given[0], "owner", 4, &owner) < 0)
        return NULL;
    int failed = PY_CALL(
        st, ptl_partition_from_mapping(py_array_count(&owner), owner.buffer.buf, parts, &p));
    py_array_end(&owner);
    return failed < 0 ? NULL : py_partition_wrap(st, p);
}

static PyObject *partition_from_local_size(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                                           PyObject *kwnames)
{
    PY_SIGNATURE(signature, "from_local_size", 2, 2, "comm", "n");
    py_state *st = py_state_of(type);
    PyObject *given[2];
    int64_t n;
    ptl_partition *p = NULL;
    PyObject *comm = py_args_comm(st, &signature, 0, args, nargs, kwnames, given);
    if (!comm)
        return NULL;
    ptl_comm *c = py_comm_get(comm);
    int failed = py_to_int64(st, given[1], "n", &n) < 0
                     ? py_fail_together(st, c)
                     : PY_CALL(st, ptl_partition_from_local_size(c, n, &p));
    Py_DECREF(comm);
    return failed < 0 ? NULL : py_partition_wrap(st, p);
}

static PyObject *partition_from_local_range(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                                            PyObject *kwnames)
{
    PY_SIGNATURE(signature, "from_local_range", 3, 3, "comm", "start", "stop");
    py_state *st = py_state_of(type);
    PyObject *given[3];
    int64_t start, stop;
    ptl_partition *p = NULL;
    PyObject *comm = py_args_comm(st, &signature, 0, args, nargs, kwnames, given);
    if (!comm)
        return NULL;
    ptl_comm *c = py_comm_get(comm);
    int failed = py_to_int64(st, given[1], "start", &start) < 0 ||
                         py_to_int64(st, given[2], "stop", &stop) < 0
                     ? py_fail_together(st, c)
                     : PY_CALL(st, ptl_partition_from_local_range(c, start, stop, &p));
    Py_DECREF(comm);
    return failed < 0 ? NULL : py_partition_wrap(st, p);
}

static PyObject *partition_part_size(PyObject *self, PyObject *part)
{
    py_state *st = ((py_partition *)self)->state;
    int p;
    int64_t size;
    if (py_to_int(st, part, "part", &p) < 0 ||
        PY_CALL(st, ptl_partition_part_size(get(self), p, &size)) < 0)
        return NULL;
    return PyLong_FromLongLong(size);
}

static PyObject *partition_owner(PyObject *self, PyObject *index)
{
    py_state *st = ((py_partition *)self)->state;
    int64_t i;
    int part;
    if (py_to_int64(st, index, "index", &i) < 0 ||
        PY_CALL(st, ptl_partition_owner(get(self), i, &part)) < 0)
        return NULL;
    return PyLong_FromLong(part);
}

static PyObject *partition_size(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromLongLong(ptl_partition_size(get(self)));
}

static PyObject *partition_num_parts(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromLong(ptl_partition_num_parts(get(self)));
}

static PyObject *partition_num_ranges(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromLongLong(ptl_partition_num_ranges(get(self)));
}

static PyObject *partition_num_empty_parts(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromLong(ptl_partition_num_empty_parts(get(self)));
}

static PyObject *partition_ranges(PyObject *self, void *unused)
{
    (void)unused;
    const ptl_partition *p = get(self);
    int64_t count = ptl_partition_num_ranges(p);
    const int64_t *bounds = ptl_partition_bounds(p);
    const int *parts = ptl_partition_part_ids(p);
    void *data;
    PyObject *array =
        py_array_new(((py_partition *)self)->state, 2, (int64_t[]){count, 3}, "int64", &data);
    int64_t *row = data;
    for (int64_t i = 0; array && i < count; i++, row += 3) {
        row[0] = bounds[i];
        row[1] = bounds[i + 1];
        row[2] = parts[i];
    }
    return array;
}

static PyObject *partition_connected(PyObject *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(ptl_partition_has_connected_parts(get(self)));
}

static PyObject *partition_ordered(PyObject *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(ptl_partition_has_ordered_parts(get(self)));
}

static Py_hash_t partition_hash(PyObject *self)
{
    Py_hash_t hash = (Py_hash_t)ptl_partition_hash(get(self));
    return hash == -1 ? 0 : hash;
}

static PyObject *partition_compare(PyObject *self, PyObject *other, int op)
{
    if ((op != Py_EQ && op != Py_NE) ||
        !py_is(other, PY_TYPE(((py_partition *)self)->state, Partition)))
        return Py_NewRef(Py_NotImplemented);
    return PyBool_FromLong(ptl_partition_equal(get(self), get(other)) == (op == Py_EQ));
}

static PyObject *partition_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<petiole.Partition of %lld into %d parts>",
                                (long long)ptl_partition_size(get(self)),
                                ptl_partition_num_parts(get(self)));
}

static void partition_dealloc(PyObject *self)
{
    ptl_partition_release(&((py_partition *)self)->p);
    py_free(self);
}

static PyMethodDef partition_methods[] = {
    PY_CLASS_METHOD("uniform", partition_uniform,
                    "uniform($type, /, num_parts, size)\n--\n\n"
                    "Parts of equal size, the first size % num_parts of them one larger (local).\n"
                    "InvalidArgument where num_parts < 1 or size < 0."),
    PY_CLASS_METHOD(
        "from_ranges", partition_from_ranges,
        "from_ranges($type, /, bounds, part_ids=None, num_parts=None)\n--\n\n"
        "Range i is [bounds[i], bounds[i + 1]) and belongs to part_ids[i], or part i (local).\n"
        "bounds: integers that begin with 0 and never decrease. num_parts: as many as the ids\n"
        "need, unless given. InvalidArgument, IndexOutOfRange, DimensionError."),
    PY_CLASS_METHOD("from_mapping", partition_from_mapping,
                    "from_mapping($type, /, owner, num_parts)\n--\n\n"
                    "Index i belongs to part owner[i] (local). IndexOutOfRange where an owner is\n"
                    "outside [0, num_parts)."),
    PY_CLASS_METHOD(
        "from_local_size", partition_from_local_size,
        "from_local_size($type, /, comm, n)\n--\n\n"
        "Each rank owns the n indices after those of the ranks before it (collective).\n"
        "InvalidArgument where n is negative on a rank."),
    PY_CLASS_METHOD("from_local_range", partition_from_local_range,
                    "from_local_range($type, /, comm, start, stop)\n--\n\n"
                    "Each rank owns [start, stop) (collective). The ranges cover [0, size) in any\n"
                    "order: gaps and overlaps are InvalidArgument, empty ranges are fine."),
    {"part_size", partition_part_size, METH_O,
     "part_size($self, part, /)\n--\n\n"
     "How many indices a part owns (local). IndexOutOfRange outside [0, num_parts)."},
    {"owner", partition_owner, METH_O,
     "owner($self, index, /)\n--\n\n"
     "The part that owns a global index (local). IndexOutOfRange outside [0, size)."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef partition_getset[] = {
    {"size", partition_size, NULL, "How many indices it divides (local).", NULL},
    {"num_parts", partition_num_parts, NULL, "How many parts it has (local).", NULL},
    {"num_ranges", partition_num_ranges, NULL,
     "How many ranges it has, neighbours of one part joined and empty ones left out (local).",
     NULL},
    {"num_empty_parts", partition_num_empty_parts, NULL, "How many parts own nothing (local).",
     NULL},
    {"ranges", partition_ranges, NULL,
     "int64 array of shape (num_ranges, 3): start, stop and part of each range (local).", NULL},
    {"has_connected_parts", partition_connected, NULL,
     "True where every part owns at most one range (local).", NULL},
    {"has_ordered_parts", partition_ordered, NULL,
     "True where moreover the parts come in order (local).", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(
    partition_doc,
    "[0, size) in ranges, each owned by a part. A part's local numbering joins its ranges in\n"
    "global order. Every rank holds the whole of it. Immutable; == compares, and equal ones have\n"
    "the same hash.");

static PyType_Slot partition_slots[] = {
    {Py_tp_dealloc, partition_dealloc},     {Py_tp_repr, partition_repr},
    {Py_tp_richcompare, partition_compare}, {Py_tp_hash, partition_hash},
    {Py_tp_methods, partition_methods},     {Py_tp_getset, partition_getset},
    {Py_tp_doc, (void *)partition_doc},     {0, NULL},
};

PyType_Spec py_Partition_spec = {"petiole.Partition", sizeof(py_partition), 0,
                                 Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                 partition_slots};
