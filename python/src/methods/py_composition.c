/* Operators made of operators: products and sums that multiply when they are applied, and operators
 * on vectors of another dtype. */
#include "py_composition.h"

#include "../base/py_args.h"
#include "../base/py_errors.h"
#include "../base/py_numpy.h"
#include "../objects/py_coefs.h"
#include "../objects/py_collective.h"
#include "../objects/py_linop.h"

py_class py_Composition_class, py_Combination_class, py_Cast_class;

/* The C operators of a tuple of LinOps; NULL with an exception. */
static ptl_linop **to_operators(py_state *st, PyObject *tuple)
{
    Py_ssize_t count = PyTuple_Size(tuple);
    if (count < 1 || count > INT_MAX)
        return py_error(st, PTL_INVALID, "there are %zd operators, expected at least one", count);
    ptl_linop **ops = PyMem_Calloc((size_t)count, sizeof *ops);
    if (!ops)
        return (ptl_linop **)PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < count; i++) {
        char name[48];
        PyOS_snprintf(name, sizeof name, "operators[%zd]", i);
        ops[i] = py_linop_get(st, PyTuple_GetItem(tuple, i), name);
        if (!ops[i]) {
            PyMem_Free(ops);
            return NULL;
        }
    }
    return ops;
}

/* Of a sum, any operator's; of a product, that of the end, or as far inside as shapes stay. */
static ptl_partition *partition_among(PyObject *operators, int is_sum, int side)
{
    Py_ssize_t count = PyTuple_Size(operators);
    for (Py_ssize_t i = 0; i < count; i++) {
        py_linop *op = (py_linop *)PyTuple_GetItem(operators, side ? count - 1 - i : i);
        if (op->partitions[side] || (!is_sum && !op->maps_to_like))
            return op->partitions[side];
    }
    return NULL;
}

/* Where products with an operator made of these live, in place of what py_linop_place found. */
static void place(py_linop *self, PyObject *operators, int is_sum)
{
    for (int side = 0; side < 2; side++)
        self->partitions[side] = partition_among(operators, is_sum, side);
    int like = 0;
    Py_ssize_t count = PyTuple_Size(operators);
    for (Py_ssize_t i = 0; i < count; i++)
        like += ((py_linop *)PyTuple_GetItem(operators, i))->maps_to_like;
    self->maps_to_like = self->partitions[0] || self->partitions[1] ? py_linop_is_square(self)
                         : is_sum                                   ? like > 0
                                                                    : like == count;
}

/* Wraps op, which is on the communicator of the first of `operators`. */
static PyObject *wrap(py_state *st, PyTypeObject *type, ptl_linop *op, PyObject *operators,
                      PyObject *made_of)
{
    PyObject *comm = ((py_linop *)PyTuple_GetItem(operators, 0))->comm;
    PyObject *self = py_linop_wrap(st, type, op, comm, made_of);
    if (self)
        place((py_linop *)self, operators, type == PY_TYPE(st, Combination));
    return self;
}

/* ---- products ---------------------------------------------------------------------------------
 */

static PyObject *product(py_state *st, PyObject *operators)
{
    ptl_linop **ops = to_operators(st, operators), *op;
    if (!ops)
        return NULL;
    int failed = PY_CALL(st, ptl_composition_create((int)PyTuple_Size(operators), ops, &op));
    PyMem_Free(ops);
    return failed < 0 ? NULL : wrap(st, PY_TYPE(st, Composition), op, operators, operators);
}

static PyObject *composition_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    if (kwargs && PyDict_Size(kwargs) > 0) {
        PyErr_SetString(PyExc_TypeError, "Composition() takes no keyword arguments");
        return NULL;
    }
    return product(py_state_of((PyObject *)type), args);
}

static PyObject *composition_operators(PyObject *self, void *unused)
{
    (void)unused;
    return Py_NewRef(((py_linop *)self)->made_of);
}

/* Products of products, and sums of sums, become flat up to so many operators: A @ B @ C is one
 * product of three, while P = P @ P, again and again, does not double without an end. */
enum { MOST_FLAT = 1024 };

/* The operators that a product with A is made of; a new tuple. */
static PyObject *factors(py_state *st, PyObject *A)
{
    PyObject *of = ((py_linop *)A)->made_of;
    return py_is(A, PY_TYPE(st, Composition)) && PyTuple_Size(of) < MOST_FLAT / 2
               ? Py_NewRef(of)
               : PyTuple_Pack(1, A);
}

static py_state *state_of_both(PyObject *a, PyObject *b)
{
    py_state *st = py_state_of((PyObject *)Py_TYPE(a));
    st = st ? st : py_state_of((PyObject *)Py_TYPE(b));
    return st && py_is(a, PY_TYPE(st, LinOp)) && py_is(b, PY_TYPE(st, LinOp)) ? st : NULL;
}

/* Combining operators is local. But where it fails on this rank, the others have made theirs and
 * are on their way to apply it, or combine matrices, which is collective. Always NULL. */
static PyObject *fail_beside(py_state *st, PyObject *a, PyObject *b)
{
    PyObject *const both[2] = {a, b};
    return py_fail_among(st, 2, both);
}

PyObject *py_linop_compose(PyObject *a, PyObject *b)
{
    py_state *st = state_of_both(a, b);
    if (!st)
        return Py_NewRef(Py_NotImplemented);
    PyObject *left = factors(st, a), *right = left ? factors(st, b) : NULL;
    PyObject *all = right ? PySequence_Concat(left, right) : NULL;
    PyObject *self = all ? product(st, all) : NULL;
    Py_XDECREF(left);
    Py_XDECREF(right);
    Py_XDECREF(all);
    return self ? self : fail_beside(st, a, b);
}

/* ---- sums -------------------------------------------------------------------------------------
 */

/* The numbers of a tuple, as doubles or pairs of them; NULL with an exception. */
static double *to_coefs(py_state *st, PyObject *tuple, int is_complex)
{
    Py_ssize_t count = PyTuple_Size(tuple);
    double *coefs = PyMem_Calloc((size_t)count, 2 * sizeof *coefs);
    if (!coefs)
        return (double *)PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < count; i++) {
        char name[48];
        PyOS_snprintf(name, sizeof name, "coefs[%zd]", i);
        if (py_to_number(st, PyTuple_GetItem(tuple, i), name, is_complex,
                         &coefs[i * (is_complex ? 2 : 1)]) < 0) {
            PyMem_Free(coefs);
            return NULL;
        }
    }
    return coefs;
}

static PyObject *sum(py_state *st, PyObject *numbers, PyObject *operators)
{
    if (PyTuple_Size(numbers) != PyTuple_Size(operators))
        return py_error(st, PTL_DIMENSION, "there are %zd coefs for %zd operators",
                        PyTuple_Size(numbers), PyTuple_Size(operators));
    ptl_linop **ops = to_operators(st, operators), *op;
    double *coefs = NULL;
    if (ops)
        coefs = to_coefs(st, numbers, ptl_dtype_is_complex(ptl_linop_dtype(ops[0])));
    int failed =
        coefs ? PY_CALL(st, ptl_combination_create((int)PyTuple_Size(operators), coefs, ops, &op))
              : -1;
    PyMem_Free(ops);
    PyMem_Free(coefs);
    PyObject *made_of = failed < 0 ? NULL : PyTuple_Pack(2, numbers, operators);
    if (!made_of) {
        if (failed == 0)
            ptl_linop_release(&op);
        return NULL;
    }
    PyObject *self = wrap(st, PY_TYPE(st, Combination), op, operators, made_of);
    Py_DECREF(made_of);
    return self;
}

static PyObject *combination_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PY_SIGNATURE(signature, "Combination", 2, 2, "coefs", "operators");
    PyObject *given[2];
    if (py_args_tuple(&signature, args, kwargs, given) < 0)
        return NULL;
    PyObject *numbers = PySequence_Tuple(given[0]);
    PyObject *operators = numbers ? PySequence_Tuple(given[1]) : NULL;
    PyObject *self = operators ? sum(py_state_of((PyObject *)type), numbers, operators) : NULL;
    Py_XDECREF(numbers);
    Py_XDECREF(operators);
    return self;
}

static PyObject *combination_part(PyObject *self, void *which)
{
    return Py_NewRef(PyTuple_GetItem(((py_linop *)self)->made_of, which != NULL));
}

/* factor * A as terms of a sum, at the end of two lists. */
static int add_terms(py_state *st, PyObject *lists[2], PyObject *A, PyObject *factor)
{
    PyObject *of = ((py_linop *)A)->made_of;
    if (!py_is(A, PY_TYPE(st, Combination)) ||
        PyTuple_Size(PyTuple_GetItem(of, 0)) >= MOST_FLAT / 2)
        return PyList_Append(lists[0], factor) < 0 ? -1 : PyList_Append(lists[1], A);
    PyObject *numbers = PyTuple_GetItem(of, 0), *operators = PyTuple_GetItem(of, 1);
    for (Py_ssize_t i = 0; i < PyTuple_Size(numbers); i++) {
        PyObject *number = PyNumber_Multiply(factor, PyTuple_GetItem(numbers, i));
        int failed = !number || PyList_Append(lists[0], number) < 0 ||
                     PyList_Append(lists[1], PyTuple_GetItem(operators, i)) < 0;
        Py_XDECREF(number);
        if (failed)
            return -1;
    }
    return 0;
}

/* factor * A */
typedef struct term {
    PyObject *factor, *A;
} term;

static PyObject *sum_of(py_state *st, int count, const term *terms)
{
    PyObject *lists[2] = {PyList_New(0), PyList_New(0)}, *tuples[2] = {NULL, NULL}, *self = NULL;
    int failed = !lists[0] || !lists[1];
    for (int i = 0; i < count && !failed; i++)
        failed = !terms[i].factor || add_terms(st, lists, terms[i].A, terms[i].factor) < 0;
    for (int i = 0; i < 2 && !failed; i++)
        failed = !(tuples[i] = PyList_AsTuple(lists[i]));
    if (!failed)
        self = sum(st, tuples[0], tuples[1]);
    for (int i = 0; i < 2; i++) {
        Py_XDECREF(lists[i]);
        Py_XDECREF(tuples[i]);
    }
    return self;
}

/* a + sign b */
static PyObject *combine(PyObject *a, PyObject *b, long sign)
{
    py_state *st = state_of_both(a, b);
    if (!st)
        return Py_NewRef(Py_NotImplemented);
    const term terms[2] = {{PyLong_FromLong(1), a}, {PyLong_FromLong(sign), b}};
    PyObject *self = sum_of(st, 2, terms);
    Py_XDECREF(terms[0].factor);
    Py_XDECREF(terms[1].factor);
    return self ? self : fail_beside(st, a, b);
}

PyObject *py_linop_add(PyObject *a, PyObject *b)
{
    return combine(a, b, 1);
}

PyObject *py_linop_subtract(PyObject *a, PyObject *b)
{
    return combine(a, b, -1);
}

PyObject *py_linop_multiply(PyObject *a, PyObject *b)
{
    PyObject *number = py_is_number(a) ? a : b, *A = number == a ? b : a;
    py_state *st = py_state_of((PyObject *)Py_TYPE(A));
    if (!st || !py_is(A, PY_TYPE(st, LinOp)) || !py_is_number(number))
        return Py_NewRef(Py_NotImplemented);
    return sum_of(st, 1, &(term){number, A});
}

PyObject *py_linop_negative(PyObject *a)
{
    PyObject *minus = PyLong_FromLong(-1);
    PyObject *self = minus ? py_linop_multiply(minus, a) : NULL;
    Py_XDECREF(minus);
    return self;
}

/* ---- other dtypes -----------------------------------------------------------------------------
 */

static PyObject *cast_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PY_SIGNATURE(signature, "Cast", 2, 2, "A", "dtype");
    py_state *st = py_state_of((PyObject *)type);
    PyObject *given[2];
    ptl_dtype dtype;
    ptl_linop *op;
    if (py_args_tuple(&signature, args, kwargs, given) < 0)
        return NULL;
    ptl_linop *A = py_linop_get(st, given[0], "A");
    if (!A || py_to_dtype(st, given[1], &dtype) < 0)
        return NULL;
    PyObject *operators = PyTuple_Pack(1, given[0]);
    PyObject *self = NULL;
    if (operators && PY_CALL(st, ptl_cast(A, dtype, &op)) == 0)
        self = wrap(st, type, op, operators, operators);
    Py_XDECREF(operators);
    return self;
}

static PyObject *cast_operator(PyObject *self, void *unused)
{
    (void)unused;
    return Py_NewRef(PyTuple_GetItem(((py_linop *)self)->made_of, 0));
}

/* ---- the classes ------------------------------------------------------------------------------
 */

static PyGetSetDef composition_getset[] = {
    {"operators", composition_operators, NULL, "The factors, from left to right (local).", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyGetSetDef combination_getset[] = {
    {"coefs", combination_part, NULL, "The numbers, a tuple (local).", NULL},
    {"operators", combination_part, NULL, "The operators, a tuple (local).", "operators"},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyGetSetDef cast_getset[] = {
    {"operator", cast_operator, NULL, "What it was made of (local).", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(composition_doc,
             "Composition(*operators)\n--\n\n"
             "The product of operators: Composition(A, B, C) maps x to A (B (C x)), and keeps all\n"
             "three (local). A @ B makes one too. All are on one communicator and of one dtype,\n"
             "and each takes what the next gives: else InvalidArgument, DtypeError,\n"
             "DimensionError. Operators of operators nest 500 deep: InvalidArgument for more; a\n"
             "product of many factors is one deep.");

PyDoc_STRVAR(
    combination_doc,
    "Combination(coefs, operators)\n--\n\n"
    "The sum of operators, each times a number: Combination([2, -1], [A, B]) maps x to\n"
    "2 A x - B x, and keeps both (local). A + B, A - B, 2 * A and -A make one too. All are\n"
    "of one shape, on one communicator and of one dtype: else DimensionError,\n"
    "InvalidArgument, DtypeError. A number is complex where the operators are.");

PyDoc_STRVAR(
    cast_doc,
    "Cast(A, dtype)\n--\n\n"
    "A on vectors of another dtype, which keeps A (local): x is converted to A's dtype, and\n"
    "A x back. DtypeError where one of both is real and the other complex; NotSupported for\n"
    "float16, whose vectors need no cast.");

static PyType_Slot composition_slots[] = {
    {Py_tp_new, composition_new},         {Py_tp_init, py_linop_made},
    {Py_tp_dealloc, py_linop_dealloc},    {Py_tp_traverse, py_linop_traverse},
    {Py_tp_clear, py_linop_clear},        {Py_tp_getset, composition_getset},
    {Py_tp_doc, (void *)composition_doc}, {0, NULL},
};

static PyType_Slot combination_slots[] = {
    {Py_tp_new, combination_new},         {Py_tp_init, py_linop_made},
    {Py_tp_dealloc, py_linop_dealloc},    {Py_tp_traverse, py_linop_traverse},
    {Py_tp_clear, py_linop_clear},        {Py_tp_getset, combination_getset},
    {Py_tp_doc, (void *)combination_doc}, {0, NULL},
};

static PyType_Slot cast_slots[] = {
    {Py_tp_new, cast_new},
    {Py_tp_init, py_linop_made},
    {Py_tp_dealloc, py_linop_dealloc},
    {Py_tp_traverse, py_linop_traverse},
    {Py_tp_clear, py_linop_clear},
    {Py_tp_getset, cast_getset},
    {Py_tp_doc, (void *)cast_doc},
    {0, NULL},
};

PyType_Spec py_Composition_spec = {"petiole.Composition", sizeof(py_linop), 0,
                                   Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, composition_slots};
PyType_Spec py_Combination_spec = {"petiole.Combination", sizeof(py_linop), 0,
                                   Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, combination_slots};
PyType_Spec py_Cast_spec = {"petiole.Cast", sizeof(py_linop), 0,
                            Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, cast_slots};
