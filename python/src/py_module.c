/* The module: its classes and its few functions. */
#include <string.h>

#include "base/py_args.h"
#include "base/py_errors.h"
#include "base/py_exporter.h"
#include "kinds/py_config.h"
#include "kinds/py_eigen.h"
#include "kinds/py_eigen_log.h"
#include "kinds/py_kinds.h"
#include "kinds/py_params.h"
#include "kinds/py_stop.h"
#include "matrices/py_factorization.h"
#include "matrices/py_format_make.h"
#include "matrices/py_formats.h"
#include "objects/py_exec.h"
#include "objects/py_linop.h"
#include "objects/py_vector.h"

/* X(name, base): the classes, bases first, each with its `py_<name>_class` and `py_<name>_spec`. A
 * new class is named here and in its own file alone. */
#define PY_TYPE_MAP(X)                                                                             \
    X(ExecutorType, &PyType_Type)                                                                  \
    X(ExecutorBase, NULL)                                                                          \
    X(Communicator, NULL)                                                                          \
    X(Partition, NULL)                                                                             \
    X(IndexMap, NULL)                                                                              \
    X(Vector, NULL)                                                                                \
    X(LinOp, NULL)                                                                                 \
    X(Matrix, PY_TYPE(st, LinOp))                                                                  \
    X(Format, PY_TYPE(st, LinOp))                                                                  \
    X(Csr, PY_TYPE(st, Format))                                                                    \
    X(Coo, PY_TYPE(st, Format))                                                                    \
    X(Ell, PY_TYPE(st, Format))                                                                    \
    X(Sellp, PY_TYPE(st, Format))                                                                  \
    X(Dense, PY_TYPE(st, Format))                                                                  \
    X(Diagonal, PY_TYPE(st, LinOp))                                                                \
    X(Identity, PY_TYPE(st, LinOp))                                                                \
    X(Composition, PY_TYPE(st, LinOp))                                                             \
    X(Combination, PY_TYPE(st, LinOp))                                                             \
    X(Cast, PY_TYPE(st, LinOp))                                                                    \
    X(Solver, PY_TYPE(st, LinOp))                                                                  \
    X(Factorization, PY_TYPE(st, LinOp))                                                           \
    X(Factory, NULL)                                                                               \
    X(Criterion, NULL)                                                                             \
    X(Iteration, PY_TYPE(st, Criterion))                                                           \
    X(Residual, PY_TYPE(st, Criterion))                                                            \
    X(ImplicitResidual, PY_TYPE(st, Criterion))                                                    \
    X(Time, PY_TYPE(st, Criterion))                                                                \
    X(Divergence, PY_TYPE(st, Criterion))                                                          \
    X(Stagnation, PY_TYPE(st, Criterion))                                                          \
    X(Predicate, PY_TYPE(st, Criterion))                                                           \
    X(Log, NULL)                                                                                   \
    X(EigenLog, NULL)                                                                              \
    X(EigenEvent, NULL)                                                                            \
    X(Event, NULL)                                                                                 \
    X(trace, NULL)                                                                                 \
    X(TraceEvent, NULL)                                                                            \
    X(Profile, NULL)                                                                               \
    X(Block, NULL)                                                                                 \
    X(Exporter, NULL)

#define X(name, base)                                                                              \
    extern py_class py_##name##_class;                                                             \
    extern PyType_Spec py_##name##_spec;
PY_TYPE_MAP(X)
#undef X

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

/* Keeps a class, whose reference is taken, in the state, and adds it to the module under `name`. */
static int add_type(PyObject *module, py_class *class, PyTypeObject *type, const char *name)
{
    py_state *st = PyModule_GetState(module);
    if (!type || py_class_set(st, class, type) < 0)
        return -1;
    return *name == '_' ? 0 : PyModule_AddObjectRef(module, name, (PyObject *)type);
}

static int add_spec(PyObject *module, py_class *class, PyType_Spec *spec, PyTypeObject *base)
{
    return add_type(module, class,
                    (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, (PyObject *)base),
                    strrchr(spec->name, '.') + 1);
}

static int module_exec(PyObject *module)
{
    py_state *st = PyModule_GetState(module);
    ptl_interrupt_set(py_on_interrupt, NULL);
    if (py_errors_init(st, module) < 0)
        return -1;
    py_exporter_init();
    py_formats_init();
#define X(name, base)                                                                              \
    if (add_spec(module, &py_##name##_class, &py_##name##_spec, base) < 0)                         \
        return -1;
    PY_TYPE_MAP(X)
#undef X
    if (py_kinds_init(module, st) < 0 ||
        add_type(module, &py_Executor_class, py_exec_class(st), "Executor") < 0)
        return -1;
    /* NumPy's scalars and arrays leave binary operators to us. */
    if (PyObject_SetAttrString((PyObject *)PY_TYPE(st, Vector), "__array_ufunc__", Py_None) < 0 ||
        PyObject_SetAttrString((PyObject *)PY_TYPE(st, LinOp), "__array_ufunc__", Py_None) < 0)
        return -1;
    return PyModule_AddStringConstant(module, "__version__", ptl_version());
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
    {0, NULL},
};

PyMODINIT_FUNC PyInit__core(void);
PyMODINIT_FUNC PyInit__core(void)
{
    py_module_def.m_methods = module_methods;
    py_module_def.m_slots = module_slots;
    return PyModuleDef_Init(&py_module_def);
}
