/* Factorizations and orderings. The factories' incomplete ones come from `generate`; what
 * petiole.factorization and petiole.ordering need beside them is here. */
#include "py_factorization.h"

#include "../base/py_args.h"
#include "../base/py_array.h"
#include "../base/py_errors.h"
#include "../objects/py_collective.h"
#include "../objects/py_linop.h"
#include "../objects/py_vector.h"
#include "py_format_make.h"

py_class py_Factorization_class;

static const char *const orderings[] = {"natural", "rcm", "min_degree", "nested_dissection", NULL};

/* ---- the class --------------------------------------------------------------------------------
 */

static ptl_factorization *own(PyObject *self)
{
    return ptl_linop_as_factorization(((py_linop *)self)->op);
}

static PyObject *factorization_method(PyObject *self, void *unused)
{
    (void)unused;
    return PyUnicode_FromString(ptl_factorization_method(own(self)));
}

static PyObject *factorization_shift(PyObject *self, void *unused)
{
    (void)unused;
    return PyFloat_FromDouble(ptl_factorization_shift(own(self)));
}

static PyObject *factorization_triangle(PyObject *self, void *upper)
{
    py_state *st = ((py_linop *)self)->state;
    ptl_factorization *F = own(self);
    ptl_csr *triangle;
    if (PY_CALL(st, upper ? ptl_factorization_upper(F, &triangle)
                          : ptl_factorization_lower(F, &triangle)) < 0)
        return NULL;
    return py_format_wrap(st, ptl_csr_linop(triangle));
}

static PyObject *new_permutation(py_state *st, const ptl_linop *op, int64_t **out)
{
    const int64_t rows = ptl_linop_local_rows(op) > 0 ? ptl_linop_local_rows(op) : 0;
    return py_array_new(st, 1, &rows, "int64", (void **)out);
}

static PyObject *factorization_permutation(PyObject *self, void *columns)
{
    const py_linop *linop = (py_linop *)self;
    int64_t *permutation;
    PyObject *array = new_permutation(linop->state, linop->op, &permutation);
    if (array && columns)
        ptl_factorization_col_permutation(own(self), permutation);
    else if (array)
        ptl_factorization_row_permutation(own(self), permutation);
    return array;
}

/* Of a NumPy array on one process: one again. */
static PyObject *solve_array(PyObject *self, PyObject *b)
{
    py_linop *linop = (py_linop *)self;
    py_state *st = linop->state;
    if (ptl_comm_size(ptl_linop_comm(linop->op)) > 1) {
        py_type_error("b", "a Vector (an array is for one process)", b);
        return py_fail_among(st, 1, &self);
    }
    PyObject *vector =
        PyObject_CallMethod((PyObject *)PY_TYPE(st, Vector), "from_local", "OO", linop->comm, b);
    PyObject *x = vector ? PyNumber_MatrixMultiply(self, vector) : NULL;
    PyObject *local = x ? PyObject_GetAttrString(x, "local") : NULL;
    Py_XDECREF(vector);
    Py_XDECREF(x);
    return local;
}

static PyObject *factorization_solve(PyObject *self, PyObject *b)
{
    return py_is(b, PY_TYPE(((py_linop *)self)->state, Vector)) ? PyNumber_MatrixMultiply(self, b)
                                                                : solve_array(self, b);
}

PY_COUNT(1, factorization_solve)

static PyMethodDef factorization_methods[] = {
    PY_COUNTED(
        "solve", factorization_solve,
        "solve($self, b, /)\n--\n\n"
        "x = A^-1 b, or close to it, as a new Vector: self @ b (collective). On one process b may "
        "be "
        "a NumPy array\n"
        "of shape (N,) or (N, k), and then x is one. DimensionError, DtypeError; TypeError for an "
        "array on several ranks."),
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef factorization_getset[] = {
    {"method", factorization_method, NULL,
     "\"ilu\", \"ic\", \"ilut\", \"lu\" or \"cholesky\" (local).", NULL},
    {"lower", factorization_triangle, NULL,
     "L of this rank's rows, its diagonal included: a new Csr (local).", NULL},
    {"upper", factorization_triangle, NULL,
     "U of this rank's rows, its diagonal included: a new Csr (local).", "upper"},
    {"row_permutation", factorization_permutation, NULL,
     "p of A[p][:, q] = L U, by local numbers: a new int64 array of shape (n,) (local).", NULL},
    {"col_permutation", factorization_permutation, NULL,
     "q of A[p][:, q] = L U, by local numbers: a new int64 array of shape (n,) (local).",
     "columns"},
    {"shift", factorization_shift, NULL,
     "What pivot=\"shift\" took on this rank (local): for Ic the alpha of A + alpha diag(A), else "
     "the number of\npivots; 0.0 is none.",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(
    factorization_doc,
    "A factorization of A, or on several ranks of each rank's local block, as the operator\n"
    "x = (L U)^-1 b: A[p][:, q] is L U, or close to it, for the permutations p and q. What\n"
    "petiole.factorization makes, and what Ilu, Ic and Ilut generate; it does not keep A.\n"
    "refresh(A) gives it other values of the same pattern.");

static PyType_Slot factorization_slots[] = {
    {Py_tp_dealloc, py_linop_dealloc},
    {Py_tp_traverse, py_linop_traverse},
    {Py_tp_clear, py_linop_clear},
    {Py_tp_methods, factorization_methods},
    {Py_tp_getset, factorization_getset},
    {Py_tp_doc, (void *)factorization_doc},
    {0, NULL},
};

PyType_Spec py_Factorization_spec = {"petiole.Factorization", sizeof(py_linop), 0,
                                     Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC |
                                         Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                     factorization_slots};

/* ---- exact factorizations ---------------------------------------------------------------------
 */

static PyObject *wrap(py_state *st, ptl_factorization *F, PyObject *A)
{
    return py_linop_wrap(st, PY_TYPE(st, Factorization), ptl_factorization_linop(F),
                         ((py_linop *)A)->comm, NULL);
}

PyObject *py_lu(PyObject *module, PyObject *matrix)
{
    py_state *st = PyModule_GetState(module);
    ptl_linop *A = py_linop_get(st, matrix, "A");
    ptl_factorization *F = NULL;
    return A && PY_CALL(st, ptl_factorize_lu(A, &F)) == 0 ? wrap(st, F, matrix) : NULL;
}

PyObject *py_cholesky(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PY_SIGNATURE(signature, "cholesky", 2, 2, "A", "ordering");
    PyObject *given[2];
    py_state *st = PyModule_GetState(module);
    ptl_factorization *F = NULL;
    int ordering;
    int failed = py_args(&signature, args, nargs, kwnames, given);
    ptl_linop *A = failed ? NULL : py_linop_get(st, given[0], "A");
    if (!A || py_to_choice(st, given[1], "ordering", orderings, &ordering) < 0)
        return py_fail_among(st, 1, given);
    failed = PY_CALL(st, ptl_factorize_cholesky(A, (ptl_ordering)ordering, &F));
    return failed < 0 ? NULL : wrap(st, F, given[0]);
}

/* ---- orderings --------------------------------------------------------------------------------
 */

PyObject *py_order(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PY_SIGNATURE(signature, "order", 2, 2, "A", "ordering");
    PyObject *given[2];
    py_state *st = PyModule_GetState(module);
    int64_t *permutation;
    int ordering;
    if (py_args(&signature, args, nargs, kwnames, given) < 0)
        return NULL;
    ptl_linop *A = py_linop_get(st, given[0], "A");
    if (!A || py_to_choice(st, given[1], "ordering", orderings, &ordering) < 0)
        return NULL;
    PyObject *array = new_permutation(st, A, &permutation);
    if (array && PY_CALL(st, ptl_ordering_find(A, (ptl_ordering)ordering, permutation)) < 0)
        Py_CLEAR(array);
    return array;
}

PyObject *py_match(PyObject *module, PyObject *matrix)
{
    py_state *st = PyModule_GetState(module);
    ptl_linop *A = py_linop_get(st, matrix, "A");
    int64_t *permutation;
    PyObject *array = A ? new_permutation(st, A, &permutation) : NULL;
    if (array && PY_CALL(st, ptl_ordering_match(A, permutation)) < 0)
        Py_CLEAR(array);
    return array;
}
