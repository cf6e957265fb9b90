/* The module's state: its references, and how objects find it. */
#include "py_state.h"

/* What all our objects begin with. */
typedef struct py_object {
    PyObject_HEAD py_state *state;
} py_object;

py_state *py_state_of(PyObject *type)
{
    for (PyTypeObject *t = (PyTypeObject *)type; t; t = PyType_GetSlot(t, Py_tp_base)) {
        if (!(PyType_GetFlags(t) & Py_TPFLAGS_HEAPTYPE))
            return NULL;
        PyObject *module = PyType_GetModule(t);
        if (module && PyModule_GetDef(module) == &py_module_def)
            return PyModule_GetState(module);
        PyErr_Clear();
    }
    return NULL;
}

void *py_new(py_state *st, PyTypeObject *type)
{
    allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    py_object *self = (py_object *)alloc(type, 0);
    if (self)
        self->state = st;
    return self;
}

void py_free(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(self);
    Py_DECREF(type);
}

int py_is(PyObject *object, PyTypeObject *type)
{
    return PyObject_TypeCheck(object, type);
}

int py_class_set(py_state *st, py_class *of, PyTypeObject *type)
{
    static int slots; /* the same in every interpreter */
    if (of->slot == 0 && slots + 1 < PY_MOST_CLASSES)
        of->slot = ++slots;
    if (of->slot == 0) {
        Py_DECREF(type);
        PyErr_SetString(PyExc_SystemError, "the module has too many classes");
        return -1;
    }
    st->types[of->slot] = type;
    return 0;
}

static int64_t count_kinds(const py_state *st)
{
    const ptl_kind *const *kinds;
    return st->kinds ? ptl_kinds(&kinds) : 0;
}

static int state_traverse(PyObject *module, visitproc visit, void *arg)
{
    py_state *st = PyModule_GetState(module);
    if (!st)
        return 0;
    Py_VISIT(st->Error);
    Py_VISIT(st->numpy);
    for (int i = 0; i < PTL_STATUS_COUNT; i++)
        Py_VISIT(st->errors[i]);
    for (int i = 0; i < PTL_DTYPE_ALL; i++)
        Py_VISIT(st->dtypes[i]);
    for (int i = 0; i < PY_MOST_CLASSES; i++)
        Py_VISIT(st->types[i]);
    for (int64_t i = 0; i < count_kinds(st); i++)
        Py_VISIT(st->kinds[i]);
    return 0;
}

static int state_clear(PyObject *module)
{
    py_state *st = PyModule_GetState(module);
    if (!st)
        return 0;
    Py_CLEAR(st->Error);
    Py_CLEAR(st->numpy);
    for (int i = 0; i < PTL_STATUS_COUNT; i++)
        Py_CLEAR(st->errors[i]);
    for (int i = 0; i < PTL_DTYPE_ALL; i++)
        Py_CLEAR(st->dtypes[i]);
    for (int i = 0; i < PY_MOST_CLASSES; i++)
        Py_CLEAR(st->types[i]);
    for (int64_t i = 0; i < count_kinds(st); i++)
        Py_CLEAR(st->kinds[i]);
    PyMem_Free(st->kinds);
    st->kinds = NULL;
    return 0;
}

static void state_free(void *module)
{
    state_clear(module);
}

struct PyModuleDef py_module_def = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "petiole._core",
    .m_doc = "Petiole's objects; see the package petiole.",
    .m_size = sizeof(py_state),
    .m_traverse = state_traverse,
    .m_clear = state_clear,
    .m_free = state_free,
};
