/* The module: its state, its classes and its few functions. */
#include "py_common.h"
#include "py_eigen.h"
#include "py_factorization.h"

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

/* What all our objects begin with. */
typedef struct py_object {
    PyObject_HEAD py_state *state;
} py_object;

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

static PyObject *module_mpi_info(PyObject *module, PyObject *unused)
{
    (void)unused;
    ptl_mpi_info info;
    if (PY_CALL(PyModule_GetState(module), ptl_mpi_get_info(&info)) < 0)
        return NULL;
    return Py_BuildValue("{sssssssssssssOsO}", "library", info.library, "path", info.path,
                         "interface", info.interface, "adaptor", info.adaptor, "adaptors",
                         info.adaptors, "launcher", info.launcher, "initialized",
                         info.initialized ? Py_True : Py_False, "gpu_aware",
                         info.gpu_aware ? Py_True : Py_False);
}

PyDoc_STRVAR(
    mpi_info_doc,
    "mpi_info($module, /)\n--\n\n"
    "What is known of MPI in this process (local), as a dict: `library` (its version text) and\n"
    "`path`, empty where none is loaded; its binary `interface`, \"openmpi\", \"mpich\" or\n"
    "\"mpi-abi\"; `adaptor` in use, empty before the first communicator, and `adaptors` "
    "installed;\n"
    "`launcher` that started the process; `initialized`; `gpu_aware`, False as yet. Asking loads\n"
    "and starts nothing.");

PyDoc_STRVAR(kinds_doc, "kinds($module, /)\n--\n\n"
                        "The kinds of factories (local): a tuple of (family, name, title), such as "
                        "(\"solver\", \"cg\", \"Cg\");\nthe title is the class's name.");

PyDoc_STRVAR(parameters_doc,
             "parameters($module, name, /)\n--\n\n"
             "The parameters of its own that the kind called `name` has (local): a tuple of (name, "
             "name in Ginkgo's\nfiles or None, type, default, choices, documentation). "
             "InvalidArgument where there is no such kind.");

PyDoc_STRVAR(factory_of_json_doc,
             "factory_of_json($module, /, json, callback=None)\n--\n\n"
             "What `petiole.factory` makes, from JSON text (local). callback: of the outermost "
             "solver.");

static PyMethodDef module_methods[] = {
    {"mpi_info", module_mpi_info, METH_NOARGS, mpi_info_doc},
    PY_METHOD("lobpcg", py_lobpcg, py_lobpcg_doc),
    PY_METHOD("rayleigh_ritz", py_rayleigh_ritz, py_rayleigh_ritz_doc),
    PY_FACTORIZATION_METHODS,
    {"kinds", py_kinds_list, METH_NOARGS, kinds_doc},
    {"parameters", py_kind_parameters, METH_O, parameters_doc},
    {"factory_of_json", (PyCFunction)(void (*)(void))py_config_factory,
     METH_VARARGS | METH_KEYWORDS, factory_of_json_doc},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject *add_type(PyObject *module, PyType_Spec *spec, PyTypeObject *base)
{
    PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, (PyObject *)base);
    PyObject *name = type ? PyType_GetName(type) : NULL;
    const char *text = name ? PyUnicode_AsUTF8AndSize(name, NULL) : NULL;
    if (!text || (*text != '_' && PyModule_AddObjectRef(module, text, (PyObject *)type) < 0))
        Py_CLEAR(type);
    Py_XDECREF(name);
    return type;
}

static int module_exec(PyObject *module)
{
    py_state *st = PyModule_GetState(module);
    ptl_interrupt_set(py_on_interrupt, NULL);
    if (py_errors_init(st, module) < 0)
        return -1;
    py_exporter_init();
#define X(name, base)                                                                              \
    if (!(st->name = add_type(module, &py_##name##_spec, base)))                                   \
        return -1;
    PY_TYPE_MAP(X)
#undef X
    if (py_kinds_init(module, st) < 0)
        return -1;
    st->Executor = py_exec_class(st);
    if (!st->Executor || PyModule_AddObjectRef(module, "Executor", (PyObject *)st->Executor) < 0)
        return -1;
    /* NumPy's scalars and arrays leave binary operators to us. */
    if (PyObject_SetAttrString((PyObject *)st->Vector, "__array_ufunc__", Py_None) < 0 ||
        PyObject_SetAttrString((PyObject *)st->LinOp, "__array_ufunc__", Py_None) < 0)
        return -1;
    return PyModule_AddStringConstant(module, "__version__", ptl_version());
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    py_state *st = PyModule_GetState(module);
    if (!st)
        return 0;
    Py_VISIT(st->Error);
    Py_VISIT(st->numpy);
    Py_VISIT(st->Executor);
    for (int i = 0; i < PTL_STATUS_COUNT; i++)
        Py_VISIT(st->errors[i]);
    for (int i = 0; i < PTL_DTYPE_ALL; i++)
        Py_VISIT(st->dtypes[i]);
#define X(name, base) Py_VISIT(st->name);
    PY_TYPE_MAP(X)
#undef X
    return py_kinds_traverse(st, visit, arg);
}

static int module_clear(PyObject *module)
{
    py_state *st = PyModule_GetState(module);
    if (!st)
        return 0;
    Py_CLEAR(st->Error);
    Py_CLEAR(st->numpy);
    Py_CLEAR(st->Executor);
    for (int i = 0; i < PTL_STATUS_COUNT; i++)
        Py_CLEAR(st->errors[i]);
    for (int i = 0; i < PTL_DTYPE_ALL; i++)
        Py_CLEAR(st->dtypes[i]);
#define X(name, base) Py_CLEAR(st->name);
    PY_TYPE_MAP(X)
#undef X
    py_kinds_clear(st);
    return 0;
}

static void module_free(void *module)
{
    module_clear(module);
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
    {0, NULL},
};

struct PyModuleDef py_module_def = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "petiole._core",
    .m_doc = "Petiole's objects; see the package petiole.",
    .m_size = sizeof(py_state),
    .m_methods = module_methods,
    .m_slots = module_slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit__core(void);
PyMODINIT_FUNC PyInit__core(void)
{
    return PyModuleDef_Init(&py_module_def);
}
