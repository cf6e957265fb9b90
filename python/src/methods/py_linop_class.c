/* The class LinOp: its attributes, and the methods that all operators have. */
#include "../base/py_args.h"
#include "../base/py_errors.h"
#include "../base/py_numpy.h"
#include "../objects/py_collective.h"
#include "../objects/py_exec.h"
#include "../objects/py_factory.h"
#include "../objects/py_linop.h"
#include "py_apply.h"
#include "py_bridge.h"
#include "py_composition.h"

static ptl_linop *own(PyObject *self)
{
    return py_linop_get(((py_linop *)self)->state, self, "the operator");
}

/* ---- attributes ------------------------------------------------------------------------------ */

static PyObject *linop_shape(PyObject *self, void *unused)
{
    (void)unused;
    ptl_linop *op = own(self);
    return op ? py_shape(2, ptl_linop_rows(op), ptl_linop_cols(op)) : NULL;
}

static PyObject *linop_dtype(PyObject *self, void *unused)
{
    (void)unused;
    ptl_linop *op = own(self);
    return op ? py_dtype(((py_linop *)self)->state, ptl_linop_dtype(op)) : NULL;
}

static PyObject *linop_comm(PyObject *self, void *unused)
{
    (void)unused;
    return own(self) ? Py_NewRef(((py_linop *)self)->comm) : NULL;
}

static PyObject *linop_exec(PyObject *self, void *unused)
{
    (void)unused;
    ptl_linop *op = own(self);
    return op ? py_exec_wrap(((py_linop *)self)->state, ptl_linop_exec(op)) : NULL;
}

/* op(A) without copying it; of a transpose that undoes itself, the object it was taken of. */
static PyObject *linop_transposed(PyObject *self, void *form)
{
    py_linop *linop = (py_linop *)self;
    py_state *st = linop->state;
    ptl_linop *op = own(self), *out;
    PyObject *of = linop->made_of;
    if (!op || PY_CALL(st, ptl_linop_transposed(op, (ptl_op)(intptr_t)form, &out)) < 0)
        return NULL;
    PyObject *known = out == op ? self : NULL;
    if (!known && of && py_is(of, PY_TYPE(st, LinOp)) && ((py_linop *)of)->op == out)
        known = of;
    if (!known)
        return py_linop_wrap(st, PY_TYPE(st, LinOp), out, linop->comm, self);
    ptl_linop_release(&out);
    return Py_NewRef(known);
}

/* What was generated from a matrix is made of the new one from now on. */
static PyObject *linop_refresh(PyObject *self, PyObject *matrix)
{
    py_linop *linop = (py_linop *)self;
    py_state *st = linop->state;
    PyObject *const both[2] = {self, matrix};
    ptl_linop *M = own(self), *A = M ? py_linop_get(st, matrix, "A") : NULL;
    if (!A)
        return py_fail_among(st, 2, both);
    if (py_check_comms(st, 2, both) < 0)
        return NULL;
    PyObject *of = linop->made_of, *made_of = NULL;
    if (of && PyTuple_Check(of) && PyTuple_Size(of) == 2 &&
        py_is(PyTuple_GetItem(of, 0), PY_TYPE(st, Factory)))
        made_of = PyTuple_Pack(2, PyTuple_GetItem(of, 0), matrix);
    int failed = PyErr_Occurred() ? py_fail_together(st, ptl_linop_comm(M))
                                  : PY_CALL(st, ptl_linop_refresh(M, A));
    if (failed == 0 && made_of) { /* another thread may have been here meanwhile */
        of = linop->made_of;
        linop->made_of = made_of;
        made_of = of;
    }
    Py_XDECREF(made_of);
    return failed < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *linop_repr(PyObject *self)
{
    const ptl_linop *op = ((py_linop *)self)->op;
    PyObject *name = PyType_GetName(Py_TYPE(self)), *text = NULL;
    if (name && op)
        text = PyUnicode_FromFormat("<petiole.%U (%lld, %lld) %s>", name,
                                    (long long)ptl_linop_rows(op), (long long)ptl_linop_cols(op),
                                    ptl_dtype_name(ptl_linop_dtype(op)));
    else if (name)
        text = PyUnicode_FromFormat("<petiole.%U without __init__>", name);
    Py_XDECREF(name);
    return text;
}

PY_COUNT(1, linop_refresh)

static PyMethodDef linop_methods[] = {
    PY_METHOD(
        "apply", py_linop_apply,
        "apply(x, y) or apply(alpha, x, beta, y): y = A x, or y = alpha A x + beta y "
        "(collective).\n\n"
        "Where beta is 0, y is not read. x and y are Vectors of cols and rows rows, both of A's "
        "dtype\n"
        "(matrices and local formats take the other dtypes too, complex ones complex vectors); "
        "alpha\n"
        "and beta numbers or one per column. DimensionError, DtypeError, InvalidArgument where x "
        "and "
        "y are the same vector."),
    PY_COUNTED(
        "refresh", linop_refresh,
        "refresh($self, A, /)\n--\n\n"
        "Takes the values of A in place of those it was generated from (collective).\n\n"
        "For what a factory has generated: A is a matrix of the same pattern and partition, or "
        "the\n"
        "same one after update_values; what depends on the pattern alone is kept. A solver then\n"
        "solves with A, and refreshes the preconditioner that its factory generated, while one "
        "that\n"
        "it was given stays as it is. NotSupported for other operators, and where a part cannot "
        "be\n"
        "refreshed; DimensionError, DtypeError; InvalidArgument where the pattern is another, or "
        "as\n"
        "for generating it. After a failure the operator is not to be applied."),
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef linop_getset[] = {
    {"shape", linop_shape, NULL, "(rows, columns), over all ranks (local).", NULL},
    {"dtype", linop_dtype, NULL,
     "numpy.dtype of the vectors that it maps, or of its entries (local).", NULL},
    {"comm", linop_comm, NULL, "The Communicator it lives on (local).", NULL},
    {"exec", linop_exec, NULL, "The Executor it lives on (local).", NULL},
    {"T", linop_transposed, NULL,
     "The transpose as an operator that copies no entry (local); A.T.T is A. NotSupported where\n"
     "the operator has no transposed product.",
     (void *)PTL_OP_TRANSPOSE},
    {"H", linop_transposed, NULL,
     "The conjugate transpose, as T (local); for a real dtype it is T.", (void *)PTL_OP_HERMITIAN},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(
    linop_doc,
    "LinOp(shape, comm=None, dtype='float64', exec=None)\n--\n\n"
    "A linear operator: everything that maps vectors to vectors is one (collective).\n\n"
    "A @ x is a new Vector. A @ B, A + B, A - B and alpha * A are operators that multiply when\n"
    "they are applied; T and H transpose.\n\n"
    "A subclass gives apply_impl(self, b, x), which writes A b to all of x.local (whatever stood\n"
    "there before) on every rank, and, if it wants, apply_scaled_impl(self, alpha, b, beta, x)\n"
    "for x = alpha A b + beta x, and apply_transpose_impl(self, b, x) or\n"
    "apply_hermitian_impl(self, b, x) for T and H: each makes up for the other. Its\n"
    "__init__ calls super().__init__(shape, ...); an integer shape means square. b and x are\n"
    "Vectors, valid during the call; b is to be read. Returned is None or x: anything else is a\n"
    "TypeError, for it would be lost. An exception ends the call on every rank,\n"
    "as RemoteError on the others. InvalidArgument for negative sizes. Vectors of float16 are\n"
    "taken by every operator: the product is made with float32 ones (or of its dtype) in their\n"
    "place, which is what apply_impl sees; dtype itself cannot be float16 (NotSupported).");

static PyType_Slot linop_slots[] = {
    {Py_tp_new, py_linop_new},
    {Py_tp_init, py_linop_init},
    {Py_tp_dealloc, py_linop_dealloc},
    {Py_tp_traverse, py_linop_traverse},
    {Py_tp_clear, py_linop_clear},
    {Py_tp_repr, linop_repr},
    {Py_tp_methods, linop_methods},
    {Py_tp_getset, linop_getset},
    {Py_nb_matrix_multiply, py_linop_matmul},
    {Py_nb_add, py_linop_add},
    {Py_nb_subtract, py_linop_subtract},
    {Py_nb_multiply, py_linop_multiply},
    {Py_nb_negative, py_linop_negative},
    {Py_tp_doc, (void *)linop_doc},
    {0, NULL},
};

PyType_Spec py_LinOp_spec = {"petiole.LinOp", sizeof(py_linop), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
                             linop_slots};
