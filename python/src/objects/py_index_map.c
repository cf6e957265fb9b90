/* Index maps. */
#include <string.h>

#include "py_index_map.h"

#include "../base/py_args.h"
#include "../base/py_array.h"
#include "../base/py_errors.h"
#include "py_partition.h"

py_class py_IndexMap_class;

typedef struct py_index_map {
    PyObject_HEAD py_state *state;
    ptl_index_map *map;
} py_index_map;

static const char *const spaces[] = {"local", "ghost", "combined", NULL};

static ptl_index_map *get(PyObject *self)
{
    return ((py_index_map *)self)->map;
}

PyObject *py_index_map_wrap(py_state *st, ptl_index_map *map)
{
    py_index_map *self = py_new(st, PY_TYPE(st, IndexMap));
    if (self)
        self->map = map;
    else
        ptl_index_map_release(&map);
    return (PyObject *)self;
}

static PyObject *index_map_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PY_SIGNATURE(signature, "IndexMap", 3, 3, "partition", "rank", "ghosts");
    py_state *st = py_state_of((PyObject *)type);
    PyObject *given[3];
    ptl_partition *p;
    int rank;
    py_array ghosts;
    ptl_index_map *map = NULL;
    if (py_args_tuple(&signature, args, kwargs, given) < 0 ||
        py_partition_arg(st, given[0], "partition", &p) < 0 ||
        py_to_int(st, given[1], "rank", &rank) < 0 ||
        py_array_indices(st, given[2], "ghosts", 8, &ghosts) < 0)
        return NULL;
    int failed = p ? PY_CALL(st, ptl_index_map_create(p, rank, py_array_count(&ghosts),
                                                      ghosts.buffer.buf, &map))
                   : (py_type_error("partition", "a Partition", given[0]), -1);
    py_array_end(&ghosts);
    return failed < 0 ? NULL : py_index_map_wrap(st, map);
}

typedef ptl_status translation(const ptl_index_map *map, int64_t count, const int64_t *from,
                               ptl_index_space space, int64_t *to);

/* An array of the same shape as the indices. */
static PyObject *translate(PyObject *self, PyObject *const *given, const char *name,
                           translation *function)
{
    py_state *st = ((py_index_map *)self)->state;
    int space = PTL_COMBINED;
    py_array from;
    if ((given[1] && py_to_choice(st, given[1], "space", spaces, &space) < 0) ||
        py_array_indices(st, given[0], name, 8, &from) < 0)
        return NULL;
    int64_t shape[64];
    for (int d = 0; d < from.buffer.ndim; d++)
        shape[d] = from.buffer.shape[d];
    void *to;
    PyObject *array = py_array_new(st, from.buffer.ndim, shape, "int64", &to);
    if (array && PY_CALL(st, function(get(self), py_array_count(&from), from.buffer.buf,
                                      (ptl_index_space)space, to)) < 0)
        Py_CLEAR(array);
    py_array_end(&from);
    return array;
}

static PyObject *index_map_to_local(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                                    PyObject *kwnames)
{
    PY_SIGNATURE(signature, "to_local", 1, 2, "globals", "space");
    PyObject *given[2];
    if (py_args(&signature, args, nargs, kwnames, given) < 0)
        return NULL;
    return translate(self, given, "globals", ptl_index_map_to_local);
}

static PyObject *index_map_to_global(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                                     PyObject *kwnames)
{
    PY_SIGNATURE(signature, "to_global", 1, 2, "locals", "space");
    PyObject *given[2];
    if (py_args(&signature, args, nargs, kwnames, given) < 0)
        return NULL;
    return translate(self, given, "locals", ptl_index_map_to_global);
}

static PyObject *index_map_local_size(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromLongLong(ptl_index_map_local_size(get(self)));
}

static PyObject *index_map_ghost_size(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromLongLong(ptl_index_map_ghost_size(get(self)));
}

static PyObject *index_map_rank(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromLong(ptl_index_map_rank(get(self)));
}

static PyObject *index_map_ghosts(PyObject *self, void *unused)
{
    (void)unused;
    int64_t count = ptl_index_map_ghost_size(get(self));
    void *data;
    PyObject *array = py_array_new(((py_index_map *)self)->state, 1, &count, "int64", &data);
    if (array && count > 0)
        memcpy(data, ptl_index_map_ghosts(get(self)), (size_t)count * sizeof(int64_t));
    return array;
}

static PyObject *index_map_partition(PyObject *self, void *unused)
{
    (void)unused;
    return py_partition_wrap(((py_index_map *)self)->state,
                             ptl_partition_retain(ptl_index_map_partition(get(self))));
}

static PyObject *index_map_repr(PyObject *self)
{
    const ptl_index_map *map = get(self);
    return PyUnicode_FromFormat("<petiole.IndexMap of rank %d, %lld here, %lld ghosts>",
                                ptl_index_map_rank(map), (long long)ptl_index_map_local_size(map),
                                (long long)ptl_index_map_ghost_size(map));
}

static void index_map_dealloc(PyObject *self)
{
    ptl_index_map_release(&((py_index_map *)self)->map);
    py_free(self);
}

static PyMethodDef index_map_methods[] = {
    PY_METHOD(
        "to_local", index_map_to_local,
        "to_local($self, /, globals, space='combined')\n--\n\n"
        "The numbers of global indices on this rank (local), as an int64 array of the same\n"
        "shape; -1 where an index is unknown in the space: \"local\", \"ghost\" or \"combined\"."),
    PY_METHOD("to_global", index_map_to_global,
              "to_global($self, /, locals, space='combined')\n--\n\n"
              "The global indices of numbers on this rank (local), as an int64 array of the same\n"
              "shape; -1 where a number is out of range in the space."),
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef index_map_getset[] = {
    {"local_size", index_map_local_size, NULL, "How many indices the rank owns (local).", NULL},
    {"ghost_size", index_map_ghost_size, NULL, "How many ghosts it needs (local).", NULL},
    {"rank", index_map_rank, NULL, "Whose map it is (local).", NULL},
    {"ghosts", index_map_ghosts, NULL,
     "The ghosts' global indices by owner and then ascending, a new int64 array (local).", NULL},
    {"partition", index_map_partition, NULL, "The partition it numbers (local).", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(
    index_map_doc,
    "IndexMap(partition, rank, ghosts)\n--\n\n"
    "How a rank numbers the indices that it owns and those that it needs from others (local).\n\n"
    "ghosts: global indices in any order; duplicates and the rank's own ones are dropped. Local\n"
    "numbers are [0, local_size), ghost numbers [0, ghost_size), and a combined number is a\n"
    "local one, or local_size + a ghost one. Immutable. IndexOutOfRange.");

static PyType_Slot index_map_slots[] = {
    {Py_tp_new, index_map_new},
    {Py_tp_dealloc, index_map_dealloc},
    {Py_tp_repr, index_map_repr},
    {Py_tp_methods, index_map_methods},
    {Py_tp_getset, index_map_getset},
    {Py_tp_doc, (void *)index_map_doc},
    {0, NULL},
};

PyType_Spec py_IndexMap_spec = {"petiole.IndexMap", sizeof(py_index_map), 0, Py_TPFLAGS_DEFAULT,
                                index_map_slots};
