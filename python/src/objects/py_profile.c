/* Profiles over the ranks. */
#include "../base/py_args.h"
#include "../base/py_errors.h"
#include "py_collective.h"
#include "py_comm.h"

py_class py_Profile_class;

typedef struct py_profile {
    PyObject_HEAD py_state *state;
    PyObject *comm; /* a Communicator */
    int64_t max_events;
    ptl_profile *profile; /* NULL before the block */
} py_profile;

static PyObject *profile_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PY_SIGNATURE(signature, "Profile", 0, 2, "comm", "max_events");
    py_state *st = py_state_of((PyObject *)type);
    PyObject *given[2];
    int64_t max_events = PTL_PROFILE_EVENTS;
    if (py_args_tuple(&signature, args, kwargs, given) < 0 ||
        (given[1] && py_to_int64(st, given[1], "max_events", &max_events) < 0))
        return NULL;
    if (max_events < 0)
        return py_error(st, PTL_INVALID, "max_events is %lld: expected at least 0",
                        (long long)max_events);
    PyObject *comm = py_comm_from(st, given[0]);
    py_profile *self = comm ? py_new(st, type) : NULL;
    if (!self) {
        Py_XDECREF(comm);
        return NULL;
    }
    self->comm = comm;
    self->max_events = max_events;
    return (PyObject *)self;
}

static PyObject *profile_enter(PyObject *self, PyObject *unused)
{
    (void)unused;
    py_profile *p = (py_profile *)self;
    if (p->profile)
        return py_error(p->state, PTL_INVALID, "a Profile is for one block: make another");
    if (PY_CALL(p->state, ptl_profile_start(py_comm_get(p->comm), p->max_events, &p->profile)) < 0)
        return NULL;
    return Py_NewRef(self);
}

static ptl_status release(ptl_profile **profile)
{
    ptl_profile_release(profile);
    return PTL_OK;
}

/* The block's exception, which goes on by itself afterwards, is told to the other ranks. */
static void abandon(py_profile *p, PyObject *type, PyObject *exception)
{
    ptl_profile *profile = p->profile;
    p->profile = NULL;
    PyErr_SetObject(type, exception);
    const ptl_status failure = py_exception_status(p->state);
    if (PY_CALL(p->state, ptl_profile_abandon(profile, failure)) < 0)
        PyErr_Clear();
    (void)PY_CALL(p->state, release(&profile));
}

static PyObject *profile_exit(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    py_profile *p = (py_profile *)self;
    if (!p->profile)
        Py_RETURN_NONE;
    if (nargs > 0 && args[0] != Py_None) {
        abandon(p, args[0], nargs > 1 ? args[1] : NULL);
        Py_RETURN_NONE;
    }
    return PY_CALL(p->state, ptl_profile_stop(p->profile)) < 0 ? NULL : Py_NewRef(Py_None);
}

/* ---- the table ------------------------------------------------------------------------------- */

static PyObject *row_dict(const ptl_profile_row *row)
{
    return Py_BuildValue(
        "{sssssLsLsdsdsdsdsdsdsd}", "kind", ptl_trace_kind_text(row->kind), "name", row->name,
        "calls", (long long)row->calls, "amount", (long long)row->amount, "total_min",
        row->total.min, "total_mean", row->total.mean, "total_max", row->total.max, "self_min",
        row->self.min, "self_mean", row->self.mean, "self_max", row->self.max, "share", row->share);
}

static const char no_table[] = "the profile has no table: its block has not ended, or has failed";

static PyObject *profile_table(PyObject *self, PyObject *unused)
{
    (void)unused;
    py_profile *p = (py_profile *)self;
    const ptl_profile_row *rows;
    int64_t count;
    if (!p->profile || ptl_profile_table(p->profile, &count, &rows) != PTL_OK)
        return py_error(p->state, PTL_INVALID, "%s", no_table);
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (int64_t i = 0; list && i < count; i++) {
        PyObject *row = row_dict(&rows[i]);
        if (!row || PyList_SetItem(list, (Py_ssize_t)i, row) < 0)
            Py_CLEAR(list);
    }
    return list;
}

static PyObject *profile_write_trace(PyObject *self, PyObject *path)
{
    py_profile *p = (py_profile *)self;
    PyObject *bytes = NULL;
    if (!p->profile)
        py_error(p->state, PTL_INVALID, "%s", no_table);
    else if (!PyUnicode_FSConverter(path, &bytes))
        bytes = NULL;
    const char *name = bytes ? PyBytes_AsString(bytes) : NULL;
    const int failed = name ? PY_CALL(p->state, ptl_profile_write_trace(p->profile, name))
                            : py_fail_together(p->state, py_comm_get(p->comm));
    Py_XDECREF(bytes);
    return failed < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *profile_seconds(PyObject *self, void *unused)
{
    (void)unused;
    const ptl_profile *profile = ((py_profile *)self)->profile;
    return PyFloat_FromDouble(profile ? ptl_profile_seconds(profile) : 0);
}

static PyObject *profile_lost(PyObject *self, void *unused)
{
    (void)unused;
    const ptl_profile *profile = ((py_profile *)self)->profile;
    return PyLong_FromLongLong(profile ? ptl_profile_lost(profile) : 0);
}

static PyObject *profile_str(PyObject *self)
{
    const ptl_profile *profile = ((py_profile *)self)->profile;
    const char *text = profile ? ptl_profile_text(profile) : "";
    return PyUnicode_FromString(*text ? text : "<petiole.Profile without a table>");
}

static int profile_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((py_profile *)self)->comm);
    return 0;
}

static int profile_clear(PyObject *self)
{
    (void)self; /* the Communicator is needed to the end */
    return 0;
}

static void profile_dealloc(PyObject *self)
{
    py_profile *p = (py_profile *)self;
    PyObject_GC_UnTrack(self);
    (void)PY_CALL(p->state, release(&p->profile));
    Py_CLEAR(p->comm);
    py_free(self);
}

PY_COUNT(1, profile_write_trace)

static PyMethodDef profile_methods[] = {
    {"__enter__", profile_enter, METH_NOARGS,
     "__enter__($self, /)\n--\n\nFrom here on this thread's work is measured (local)."},
    {"__exit__", (PyCFunction)(void (*)(void))profile_exit, METH_FASTCALL,
     "__exit__($self, /, *exception)\n--\n\n"
     "The end of it, and the table (collective). An exception on one rank ends the block on every "
     "rank:\n"
     "the others raise RemoteError, or its class where it is Petiole's, from the collective call "
     "on\n"
     "comm that they are in, or from here."},
    {"table", profile_table, METH_NOARGS,
     "table($self, /)\n--\n\n"
     "A dict per kind and name, the same on every rank (local): `kind`, `name`, `calls` of the "
     "rank\n"
     "that made the most, `amount` of all ranks together (see `trace`), and seconds over the "
     "ranks\n"
     "as `total_min`, `total_mean` and `total_max`, what happened inside included, and "
     "`self_min`,\n"
     "`self_mean` and `self_max` without it; `share` is that of self in the whole. A \"reduction\" "
     "or\n"
     "\"halo\" goes on while other work is done, so its self is 0: what is lost is in \"wait\".\n"
     "InvalidArgument before the block's end, or where it failed."},
    PY_COUNTED(
        "write_trace", profile_write_trace,
        "write_trace($self, path, /)\n--\n\n"
        "Writes the events of all ranks in Chrome's trace format, for ui.perfetto.dev or\n"
        "chrome://tracing, a process per rank (collective). The file appears when it is whole.\n"
        "FileError where a rank cannot write; InvalidArgument as for `table`."),
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef profile_getset[] = {
    {"seconds", profile_seconds, NULL, "Of the block, the mean of the ranks (local).", NULL},
    {"lost", profile_lost, NULL,
     "How many events the rank with the most of them did not keep for the trace file (local).",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(
    profile_doc,
    "Profile(comm=None, max_events=1000000)\n--\n\n"
    "Where the time of the block `with Profile(comm) as p:` goes (local; the block's end is\n"
    "collective). print(p) shows the table, on whichever ranks.\n\n"
    "Measured is the thread that runs the block. The first max_events events are kept for\n"
    "write_trace, 32 bytes each; beyond, only the table's sums go on. A block that an exception\n"
    "ends, on whichever rank, gives no table. InvalidArgument for a negative max_events.");

static PyType_Slot profile_slots[] = {
    {Py_tp_new, profile_new},
    {Py_tp_dealloc, profile_dealloc},
    {Py_tp_traverse, profile_traverse},
    {Py_tp_clear, profile_clear},
    {Py_tp_str, profile_str},
    {Py_tp_methods, profile_methods},
    {Py_tp_getset, profile_getset},
    {Py_tp_doc, (void *)profile_doc},
    {0, NULL},
};

PyType_Spec py_Profile_spec = {"petiole.Profile", sizeof(py_profile), 0,
                               Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, profile_slots};
