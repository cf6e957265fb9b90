/* Executors. `Executor.default` is an attribute of the class, so the class has a metaclass. */
#include "py_exec.h"

#include "../base/py_args.h"
#include "../base/py_errors.h"

py_class py_Executor_class;
py_class py_ExecutorType_class, py_ExecutorBase_class;

typedef struct py_exec {
    PyObject_HEAD py_state *state;
    ptl_exec *exec;
} py_exec;

PyObject *py_exec_wrap(py_state *st, ptl_exec *exec)
{
    py_exec *self = py_new(st, PY_TYPE(st, Executor));
    if (self)
        self->exec = ptl_exec_retain(exec);
    return (PyObject *)self;
}

int py_exec_arg(py_state *st, PyObject *object, ptl_exec **out)
{
    *out = NULL;
    if (!py_given(object))
        return 0;
    if (!py_is(object, PY_TYPE(st, Executor))) {
        py_type_error("exec", "an Executor or None", object);
        return -1;
    }
    *out = ((py_exec *)object)->exec;
    return 0;
}

/* Wraps what a constructor has made. */
static PyObject *wrap_new(py_state *st, ptl_exec *exec)
{
    PyObject *self = py_exec_wrap(st, exec);
    ptl_exec_release(&exec);
    return self;
}

static PyObject *exec_reference(PyObject *type, PyObject *unused)
{
    (void)unused;
    py_state *st = py_state_of(type);
    ptl_exec *exec;
    return PY_CALL(st, ptl_exec_reference(&exec)) < 0 ? NULL : wrap_new(st, exec);
}

static PyObject *exec_openmp(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                             PyObject *kwnames)
{
    PY_SIGNATURE(signature, "OpenMP", 0, 1, "threads");
    py_state *st = py_state_of(type);
    PyObject *given[1];
    int threads = 0;
    ptl_exec *exec;
    if (py_args(&signature, args, nargs, kwnames, given) < 0 ||
        (py_given(given[0]) && py_to_int(st, given[0], "threads", &threads) < 0))
        return NULL;
    return PY_CALL(st, ptl_exec_openmp(threads, &exec)) < 0 ? NULL : wrap_new(st, exec);
}

static PyObject *exec_cuda(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                           PyObject *kwnames)
{
    PY_SIGNATURE(signature, "Cuda", 0, 1, "device");
    PyObject *given[1];
    if (py_args(&signature, args, nargs, kwnames, given) < 0)
        return NULL;
    return py_error(
        py_state_of(type), PTL_NOT_SUPPORTED,
        "there is no CUDA executor: Petiole has no kernels for GPUs yet, whether or not a GPU is "
        "here. Executor.OpenMP() and Executor.Reference() work in host memory; copy arrays of a "
        "GPU there (cupy.asnumpy, tensor.cpu)");
}

static PyObject *exec_cuda_devices(PyObject *type, PyObject *unused)
{
    (void)type;
    (void)unused;
    return PyLong_FromLong(0);
}

static PyObject *exec_synchronize(PyObject *self, PyObject *unused)
{
    (void)unused;
    py_exec *e = (py_exec *)self;
    return PY_CALL(e->state, ptl_exec_synchronize(e->exec)) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *exec_name(PyObject *self, void *unused)
{
    (void)unused;
    return PyUnicode_FromString(ptl_exec_name(((py_exec *)self)->exec));
}

static PyObject *exec_threads(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromLong(ptl_exec_threads(((py_exec *)self)->exec));
}

static PyObject *exec_isa(PyObject *self, void *unused)
{
    (void)unused;
    return PyUnicode_FromString(ptl_exec_isa(((py_exec *)self)->exec));
}

static PyObject *exec_repr(PyObject *self)
{
    const ptl_exec *exec = ((py_exec *)self)->exec;
    return PyUnicode_FromFormat("<petiole.Executor %s, %d threads>", ptl_exec_name(exec),
                                ptl_exec_threads(exec));
}

static void exec_dealloc(PyObject *self)
{
    ptl_exec_release(&((py_exec *)self)->exec);
    py_free(self);
}

static PyMethodDef exec_methods[] = {
    {"Reference", exec_reference, METH_NOARGS | METH_CLASS,
     "Reference($type, /)\n--\n\nThe plain loops on one thread, in host memory (local)."},
    PY_CLASS_METHOD(
        "OpenMP", exec_openmp,
        "OpenMP($type, /, threads=None)\n--\n\n"
        "The fast kernels in host memory (local), with so many threads; None is\n"
        "OMP_NUM_THREADS, else one. Results do not depend on it. InvalidArgument where it\n"
        "is negative or above 1024."),
    PY_CLASS_METHOD("Cuda", exec_cuda,
                    "Cuda($type, /, device=None)\n--\n\n"
                    "A GPU's kernels (local): NotSupported, as there are none."),
    {"cuda_devices", exec_cuda_devices, METH_NOARGS | METH_CLASS,
     "cuda_devices($type, /)\n--\n\n"
     "How many GPUs Executor.Cuda can take (local): 0, as it is not there."},
    {"synchronize", exec_synchronize, METH_NOARGS,
     "synchronize($self, /)\n--\n\nReturns when all work given to the executor is done (local)."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef exec_getset[] = {
    {"name", exec_name, NULL, "\"reference\" or \"openmp\" (local).", NULL},
    {"threads", exec_threads, NULL, "How many threads its kernels use (local).", NULL},
    {"isa", exec_isa, NULL,
     "The instruction set of its kernels: \"baseline\", \"avx2\" or \"avx512\"; \"\" where there "
     "is no\n"
     "choice (local). It is the widest that the processor has, or what the environment\n"
     "variable PETIOLE_ISA named when the first executor was made.",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot exec_slots[] = {
    {Py_tp_dealloc, exec_dealloc}, {Py_tp_repr, exec_repr},      {Py_tp_methods, exec_methods},
    {Py_tp_getset, exec_getset},   {Py_tp_doc, "See Executor."}, {0, NULL},
};

PyType_Spec py_ExecutorBase_spec = {
    "petiole._core._ExecutorBase", sizeof(py_exec), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION, exec_slots};

/* ---- Executor.default ------------------------------------------------------------------------ */

static PyObject *default_get(PyObject *type, void *unused)
{
    (void)unused;
    py_state *st = py_state_of(type);
    ptl_exec *exec;
    return PY_CALL(st, ptl_exec_default(&exec)) < 0 ? NULL : wrap_new(st, exec);
}

static int default_set(PyObject *type, PyObject *value, void *unused)
{
    (void)unused;
    py_state *st = py_state_of(type);
    if (!value || !py_is(value, PY_TYPE(st, Executor))) {
        py_type_error("Executor.default", "an Executor", value ? value : Py_None);
        return -1;
    }
    return PY_CALL(st, ptl_exec_set_default(((py_exec *)value)->exec));
}

static PyGetSetDef metaclass_getset[] = {
    {"default", default_get, default_set,
     "The executor of objects that are not told another (local); it can be set.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot metaclass_slots[] = {
    {Py_tp_getset, metaclass_getset},
    {Py_tp_doc, "The class of Executor, for `Executor.default`."},
    {0, NULL},
};

PyType_Spec py_ExecutorType_spec = {"petiole._core._ExecutorType", 0, 0, Py_TPFLAGS_DEFAULT,
                                    metaclass_slots};

PyTypeObject *py_exec_class(py_state *st)
{
    PyObject *dict = Py_BuildValue(
        "{s(),ssss}", "__slots__", "__module__", "petiole", "__doc__",
        "Where data lives and which kernels run: `Executor.Reference()`, `Executor.OpenMP()`.\n\n"
        "`Executor.default` is the one of objects that are not told another.");
    if (!dict)
        return NULL;
    PyObject *type = PyObject_CallFunction((PyObject *)PY_TYPE(st, ExecutorType), "s(O)O",
                                           "Executor", (PyObject *)PY_TYPE(st, ExecutorBase), dict);
    Py_DECREF(dict);
    return (PyTypeObject *)type;
}
