/* The classes of factories, one for each kind that the library lists: made when the module is, so
 * that a new kind needs nothing here. */
#include <string.h>

#include "py_factory.h"

/* Names of arguments: those of every solver and the kind's own. */
enum { MOST_ARGS = 32 };

static const ptl_kind *kind_of_type(const py_state *st, const PyTypeObject *type)
{
    const ptl_kind *const *kinds;
    int64_t count = ptl_kinds(&kinds);
    for (int64_t i = 0; i < count; i++)
        if (st->kinds[i] == type)
            return kinds[i];
    return NULL;
}

PyTypeObject *py_kind_class(const py_state *st, const ptl_kind *kind)
{
    const ptl_kind *const *kinds;
    int64_t count = ptl_kinds(&kinds);
    for (int64_t i = 0; i < count; i++)
        if (kinds[i] == kind)
            return st->kinds[i];
    return NULL;
}

/* ---- making one ------------------------------------------------------------------------------ */

static int parse(const ptl_kind *kind, PyObject *args, PyObject *kwargs, PyObject **given)
{
    const char *names[MOST_ARGS];
    int shared = py_kind_is_solver(kind) ? PY_SOLVER_ARGS : 0, own = py_params_count(kind);
    for (int i = 0; i < shared; i++)
        names[i] = py_solver_args[i];
    for (int i = 0; i < own; i++)
        names[shared + i] = kind->params[i].name;
    py_signature signature = {kind->title, 0, shared ? 0 : own, shared + own, names};
    return py_args_tuple(&signature, args, kwargs, given);
}

static int make_solver(py_factory *self, const ptl_kind *kind, PyObject *const *given)
{
    ptl_solver_options options = PTL_SOLVER_OPTIONS_INIT;
    int failed = py_params_set(self->state, kind, given + PY_SOLVER_ARGS, &options);
    if (!failed)
        failed = py_solver_options_set(self, given, &options);
    if (!failed)
        failed = PY_CALL(self->state, kind->create(kind, &options, &self->factory));
    py_params_end(kind, &options);
    py_solver_options_end(&options);
    return failed;
}

static int make_preconditioner(py_factory *self, const ptl_kind *kind, PyObject *const *given)
{
    void *options = PyMem_Malloc(kind->options_size);
    if (!options) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(options, kind->initial, kind->options_size);
    int failed = py_params_set(self->state, kind, given, options);
    if (!failed)
        failed = PY_CALL(self->state, kind->create(kind, options, &self->factory));
    py_params_end(kind, options);
    PyMem_Free(options);
    return failed;
}

static PyObject *kind_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    py_state *st = py_state_of((PyObject *)type);
    const ptl_kind *kind = kind_of_type(st, type);
    PyObject *given[MOST_ARGS];
    if (parse(kind, args, kwargs, given) < 0)
        return NULL;
    py_factory *self = py_new(st, type);
    if (!self)
        return NULL;
    PyObject **own = given + (py_kind_is_solver(kind) ? PY_SOLVER_ARGS : 0);
    self->inner = py_params_inner(kind, own);
    int failed = !self->inner              ? -1
                 : py_kind_is_solver(kind) ? make_solver(self, kind, given)
                                           : make_preconditioner(self, kind, given);
    if (failed < 0)
        Py_CLEAR(self);
    return (PyObject *)self;
}

/* ---- its docstring --------------------------------------------------------------------------- */

static const char solver_args_text[] =
    "*, rtol=1e-05, atol=0.0, maxiter=None, M=None, stop=None, callback=None, true_residual=True";

static const char solver_doc[] =
    "Parameters (local). A solve stops where the residual's norm is at most rtol times b's, or at\n"
    "most atol, or after maxiter iterations (None: ten per row).\n"
    "stop: a criterion of petiole.stop besides those, in place of rtol's default.\n"
    "M: the preconditioner z = M r, a LinOp or a factory that generates it.\n"
    "callback(event): called before the first iteration and after each, with `iteration`,\n"
    "`residual_norm`, `x` and `r`.\n"
    "true_residual: whether b - A x is computed at the end; where it misses rtol or atol the "
    "solve\n"
    "goes on once more from x, and then stops with the reason \"accuracy_limit\".\n";

/* Replaces *text by itself, `between`, and `more`, whose reference is taken. */
static void append(PyObject **text, const char *between, PyObject *more)
{
    PyObject *longer = *text && more ? PyUnicode_FromFormat("%U%s%U", *text, between, more) : NULL;
    Py_XDECREF(*text);
    Py_XDECREF(more);
    *text = longer;
}

static PyObject *docstring(const ptl_kind *kind)
{
    int is_solver = py_kind_is_solver(kind), own = py_params_count(kind);
    PyObject *text = PyUnicode_FromFormat("%s(%s", kind->title, is_solver ? solver_args_text : "");
    for (int i = 0; i < own; i++)
        append(&text, is_solver || i ? ", " : "", py_param_signature(kind, &kind->params[i]));
    append(&text, ")\n--\n\n", PyUnicode_FromString(kind->doc));
    append(&text, "\n\n", PyUnicode_FromString(is_solver ? solver_doc : "Parameters (local).\n"));
    for (int i = 0; i < own; i++)
        append(&text, i ? ".\n" : "", py_param_doc(&kind->params[i]));
    append(&text, own ? ".\n" : "",
           PyUnicode_FromString("InvalidArgument for values that cannot be."));
    return text;
}

/* ---- the classes ----------------------------------------------------------------------------- */

static PyTypeObject *make_class(PyObject *module, py_state *st, const ptl_kind *kind)
{
    PyObject *doc = docstring(kind);
    const char *text = doc ? PyUnicode_AsUTF8AndSize(doc, NULL) : NULL;
    PyTypeObject *type = NULL;
    char name[64];
    PyOS_snprintf(name, sizeof name, "petiole.%s", kind->title);
    if (text && PY_SOLVER_ARGS + py_params_count(kind) > MOST_ARGS)
        PyErr_Format(PyExc_SystemError, "%s has too many parameters", kind->name);
    else if (text) {
        PyType_Slot slots[] = {
            {Py_tp_new, kind_new},
            {Py_tp_dealloc, py_factory_dealloc},
            {Py_tp_doc, (void *)text},
            {0, NULL},
        };
        PyType_Spec spec = {name, sizeof(py_factory), 0, Py_TPFLAGS_DEFAULT, slots};
        type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, (PyObject *)st->Factory);
    }
    Py_XDECREF(doc);
    if (type && PyModule_AddObjectRef(module, kind->title, (PyObject *)type) < 0)
        Py_CLEAR(type);
    return type;
}

int py_kinds_init(PyObject *module, py_state *st)
{
    const ptl_kind *const *kinds;
    int64_t count = ptl_kinds(&kinds);
    st->kinds = PyMem_Calloc((size_t)count, sizeof *st->kinds);
    if (!st->kinds) {
        PyErr_NoMemory();
        return -1;
    }
    for (int64_t i = 0; i < count; i++)
        if (!(st->kinds[i] = make_class(module, st, kinds[i])))
            return -1;
    return 0;
}

int py_kinds_traverse(py_state *st, visitproc visit, void *arg)
{
    const ptl_kind *const *kinds;
    int64_t count = st->kinds ? ptl_kinds(&kinds) : 0;
    for (int64_t i = 0; i < count; i++)
        Py_VISIT(st->kinds[i]);
    return 0;
}

void py_kinds_clear(py_state *st)
{
    const ptl_kind *const *kinds;
    int64_t count = st->kinds ? ptl_kinds(&kinds) : 0;
    for (int64_t i = 0; i < count; i++)
        Py_CLEAR(st->kinds[i]);
    PyMem_Free(st->kinds);
    st->kinds = NULL;
}

PyObject *py_kinds_list(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    const ptl_kind *const *kinds;
    Py_ssize_t count = (Py_ssize_t)ptl_kinds(&kinds);
    PyObject *list = PyTuple_New(count);
    for (Py_ssize_t i = 0; list && i < count; i++) {
        PyObject *kind = Py_BuildValue("(sss)", kinds[i]->family, kinds[i]->name, kinds[i]->title);
        if (!kind || PyTuple_SetItem(list, i, kind) < 0)
            Py_CLEAR(list);
    }
    return list;
}
