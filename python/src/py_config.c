/* Factories from JSON text, and back. The library makes and reads factories of C: what solves for
 * Python also looks at signals, so a factory is made again with that, or without. */
#include <string.h>

#include "py_factory.h"

/* ---- options, made again --------------------------------------------------------------------- */

/* The i-th place of a factory inside options; NULL after the last. */
static ptl_factory **inner(const ptl_kind *kind, void *options, int i)
{
    if (py_kind_is_solver(kind) && i-- == 0)
        return &((ptl_solver_options *)options)->precond_factory;
    for (const ptl_param *param = kind->params; param && param->name; param++) {
        void *place = (char *)options + param->offset;
        const ptl_factories *list = place;
        if ((param->type == PTL_PARAM_FACTORY || param->type == PTL_PARAM_OPERATOR) && i-- == 0)
            return place;
        if (param->type != PTL_PARAM_FACTORIES)
            continue;
        if (i < list->count)
            return (ptl_factory **)&list->items[i];
        i -= (int)list->count;
    }
    return NULL;
}

static void end_options(const ptl_kind *kind, void *options)
{
    for (const ptl_param *param = kind->params; options && param && param->name; param++)
        if (param->type == PTL_PARAM_FACTORIES)
            PyMem_Free((void *)((ptl_factories *)((char *)options + param->offset))->items);
    PyMem_Free(options);
}

/* Copies the lists of factories inside options, so that they can be changed. */
static int copy_lists(const ptl_kind *kind, void *options)
{
    int failed = 0;
    for (const ptl_param *param = kind->params; param && param->name; param++) {
        ptl_factories *list = (ptl_factories *)((char *)options + param->offset);
        if (param->type != PTL_PARAM_FACTORIES)
            continue;
        const size_t size = (size_t)list->count * sizeof *list->items;
        ptl_factory **items = failed ? NULL : PyMem_Malloc(size + 1);
        if (items && size)
            memcpy(items, list->items, size);
        failed = !items;
        *list = (ptl_factories){items ? list->count : 0, items};
    }
    return failed;
}

/* A factory's options to be changed, ended by end_options. */
static void *copy_options(const ptl_factory *factory)
{
    const ptl_kind *kind = ptl_factory_kind(factory);
    const void *options = ptl_factory_options(factory);
    void *copy = PyMem_Malloc(kind->options_size);
    if (copy)
        memcpy(copy, options ? options : kind->initial, kind->options_size);
    if (!copy || copy_lists(kind, copy)) {
        PyErr_NoMemory();
        end_options(kind, copy);
        return NULL;
    }
    return copy;
}

/* ---- from JSON ------------------------------------------------------------------------------- */

static PyObject *wrap(py_state *st, const ptl_factory *factory);

/* The factories inside options as Python has them, kept by self, in their places. */
static int wrap_inner(py_factory *self, const ptl_kind *kind, void *options)
{
    ptl_factory **place;
    self->inner = PyList_New(0);
    for (int i = 0; self->inner && (place = inner(kind, options, i)); i++) {
        PyObject *wrapped = *place ? wrap(self->state, *place) : NULL;
        if (!*place)
            continue;
        int failed = wrapped ? PyList_Append(self->inner, wrapped) : -1;
        if (failed == 0)
            *place = ((py_factory *)wrapped)->factory;
        Py_XDECREF(wrapped);
        if (failed)
            return -1;
    }
    return self->inner ? 0 : -1;
}

/* The object of the factory's kind that makes what it makes. */
static PyObject *wrap(py_state *st, const ptl_factory *factory)
{
    const ptl_kind *kind = ptl_factory_kind(factory);
    py_factory *self = py_new(st, py_kind_class(st, kind));
    void *options = self ? copy_options(factory) : NULL;
    int failed = options ? wrap_inner(self, kind, options) : -1;
    if (!failed && py_kind_is_solver(kind)) {
        ptl_solver_options *solver = options;
        solver->callback = py_factory_on_event;
        solver->callback_ctx = self;
    }
    if (!failed)
        failed = PY_CALL(st, kind->create(kind, options, &self->factory));
    end_options(kind, options);
    if (failed)
        Py_CLEAR(self);
    return (PyObject *)self;
}

static const char *to_text(py_state *st, PyObject *object)
{
    Py_ssize_t size;
    if (!PyUnicode_Check(object))
        return py_type_error("json", "a string", object);
    const char *text = PyUnicode_AsUTF8AndSize(object, &size);
    if (!text && PyErr_ExceptionMatches(PyExc_UnicodeError))
        return py_error(st, PTL_FORMAT, "the configuration has a lone surrogate, no character");
    if (text && strlen(text) != (size_t)size)
        return py_error(st, PTL_FORMAT, "the configuration has a NUL character");
    return text;
}

PyObject *py_config_factory(PyObject *module, PyObject *args, PyObject *kwargs)
{
    PY_SIGNATURE(signature, "factory_of_json", 1, 2, "json", "callback");
    py_state *st = PyModule_GetState(module);
    PyObject *given[2];
    ptl_factory *factory = NULL;
    if (py_args_tuple(&signature, args, kwargs, given) < 0)
        return NULL;
    const char *json = to_text(st, given[0]);
    if (!json || py_check_callback(given[1]) < 0 ||
        PY_CALL(st, ptl_config_factory(json, &factory)) < 0)
        return NULL;
    PyObject *self = wrap(st, factory);
    ptl_factory_release(&factory);
    if (self && py_given(given[1]))
        ((py_factory *)self)->callback = Py_NewRef(given[1]);
    return self;
}

/* ---- to JSON --------------------------------------------------------------------------------- */

static int without_callbacks(py_state *st, const ptl_factory *factory, ptl_factory **out);

static int inner_without_callbacks(py_state *st, const ptl_kind *kind, void *options)
{
    ptl_factory **place;
    int failed = 0;
    for (int i = 0; (place = inner(kind, options, i)); i++) {
        const ptl_factory *given = *place;
        *place = NULL;
        if (given && !failed)
            failed = without_callbacks(st, given, place);
    }
    return failed;
}

/* The factory without what looks at signals; a callback of the user's stays. */
static int without_callbacks(py_state *st, const ptl_factory *factory, ptl_factory **out)
{
    const ptl_kind *kind = ptl_factory_kind(factory);
    ptl_factory **place;
    void *options = copy_options(factory);
    if (!options)
        return -1;
    int failed = inner_without_callbacks(st, kind, options);
    ptl_solver_options *solver = py_kind_is_solver(kind) ? options : NULL;
    if (solver && solver->callback == py_factory_on_event &&
        !((py_factory *)solver->callback_ctx)->callback)
        solver->callback = NULL;
    if (!failed)
        failed = PY_CALL(st, kind->create(kind, options, out));
    for (int i = 0; (place = inner(kind, options, i)); i++)
        ptl_factory_release(place);
    end_options(kind, options);
    return failed;
}

PyObject *py_factory_to_json(PyObject *self, PyObject *unused)
{
    (void)unused;
    py_state *st = ((py_factory *)self)->state;
    ptl_factory *plain = NULL;
    char *text = NULL;
    int failed = without_callbacks(st, ((py_factory *)self)->factory, &plain);
    if (!failed)
        failed = PY_CALL(st, ptl_factory_json(plain, &text));
    PyObject *json = failed ? NULL : PyUnicode_FromString(text);
    ptl_json_release(&text);
    ptl_factory_release(&plain);
    return json;
}

PyObject *py_factory_to_dict(PyObject *self, PyObject *unused)
{
    PyObject *text = py_factory_to_json(self, unused);
    PyObject *json = text ? PyImport_ImportModule("json") : NULL;
    PyObject *dict = json ? PyObject_CallMethod(json, "loads", "(O)", text) : NULL;
    Py_XDECREF(json);
    Py_XDECREF(text);
    return dict;
}
