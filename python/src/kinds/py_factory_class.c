/* The class Factory: what generates an operator from an operator. */
#include "../base/py_errors.h"
#include "../matrices/py_factorization.h"
#include "../objects/py_collective.h"
#include "../objects/py_factory.h"
#include "../objects/py_linop.h"
#include "py_config.h"
#include "py_params.h"
#include "py_solver.h"

static const ptl_kind *kind_of(PyObject *self)
{
    return ptl_factory_kind(((py_factory *)self)->factory);
}

static PyObject *factory_generate(PyObject *self, PyObject *matrix)
{
    py_factory *factory = (py_factory *)self;
    py_state *st = factory->state;
    PyObject *const both[2] = {factory->precond, matrix};
    ptl_linop *A = py_linop_get(st, matrix, "A"), *op = NULL;
    if (!A)
        return py_fail_among(st, 2, both);
    if (py_check_comms(st, 2, both) < 0 ||
        PY_CALL(st, ptl_factory_generate(factory->factory, A, &op)) < 0)
        return NULL;
    PyTypeObject *type = py_kind_is_solver(kind_of(self)) ? PY_TYPE(st, Solver)
                         : ptl_linop_as_factorization(op) ? PY_TYPE(st, Factorization)
                                                          : PY_TYPE(st, LinOp);
    PyObject *made_of = PyTuple_Pack(2, self, matrix);
    PyObject *made = NULL;
    if (made_of) /* factors hold nothing of A */
        made = py_linop_wrap(st, type, op, ((py_linop *)matrix)->comm,
                             type == PY_TYPE(st, Factorization) ? NULL : made_of);
    else
        ptl_linop_release(&op);
    Py_XDECREF(made_of);
    return made;
}

static PyObject *factory_kind(PyObject *self, void *unused)
{
    (void)unused;
    return PyUnicode_FromString(kind_of(self)->name);
}

static PyObject *factory_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<petiole.%s factory>", kind_of(self)->title);
}

PY_COUNT(1, factory_generate)

static PyMethodDef factory_methods[] = {
    PY_COUNTED("generate", factory_generate,
               "generate($self, A, /)\n--\n\n"
               "Makes the operator for A, a LinOp, which is kept (collective)."),
    {"to_dict", py_factory_to_dict, METH_NOARGS,
     "to_dict($self, /)\n--\n\n"
     "Its configuration (local): `petiole.factory` of it is an equal factory. NotSupported, naming "
     "it,\n"
     "for what a configuration cannot hold: a callback, a predicate, an operator."},
    {"to_json", py_factory_to_json, METH_NOARGS,
     "to_json($self, /)\n--\n\nThe same as JSON text (local)."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef factory_getset[] = {
    {"kind", factory_kind, NULL, "What it makes, as a configuration names it: \"cg\" (local).",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot factory_slots[] = {
    {Py_tp_dealloc, py_factory_dealloc},
    {Py_tp_traverse, py_factory_traverse},
    {Py_tp_clear, py_factory_clear},
    {Py_tp_repr, factory_repr},
    {Py_tp_methods, factory_methods},
    {Py_tp_getset, factory_getset},
    {Py_tp_doc, "Parameters that generate a linear operator from a linear operator."},
    {0, NULL},
};

PyType_Spec py_Factory_spec = {"petiole.Factory", sizeof(py_factory), 0,
                               Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC |
                                   Py_TPFLAGS_DISALLOW_INSTANTIATION,
                               factory_slots};
