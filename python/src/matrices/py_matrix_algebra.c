/* Distributed matrices: new ones from old ones, and scaling in place. All collective. */
#include <math.h>

#include "py_matrix_algebra.h"

#include "../base/py_args.h"
#include "../base/py_array.h"
#include "../base/py_errors.h"
#include "../base/py_numbers.h"
#include "../base/py_numpy.h"
#include "../methods/py_apply.h"
#include "../methods/py_composition.h"
#include "../objects/py_collective.h"
#include "../objects/py_linop.h"
#include "../objects/py_matrix.h"
#include "../objects/py_partition.h"
#include "../objects/py_vector.h"

static py_state *state(PyObject *self)
{
    return ((py_linop *)self)->state;
}

static ptl_matrix *get(PyObject *self)
{
    return ptl_linop_as_matrix(((py_linop *)self)->op);
}

static ptl_comm *comm_of(PyObject *self)
{
    return ptl_linop_comm(((py_linop *)self)->op);
}

/* The Matrix that a call has made of self. (A pointer: C may look at `made` before it calls.) */
static PyObject *like(PyObject *self, int failed, ptl_matrix **made)
{
    return failed < 0 ? NULL : py_matrix_wrap(state(self), *made, ((py_linop *)self)->comm, NULL);
}

static PyObject *fail_together(PyObject *self)
{
    py_fail_together(state(self), comm_of(self));
    return NULL;
}

PyObject *py_matrix_copy(PyObject *self, PyObject *unused)
{
    (void)unused;
    ptl_matrix *made = NULL;
    return like(self, PY_CALL(state(self), ptl_matrix_copy(get(self), &made)), &made);
}

PyObject *py_matrix_astype(PyObject *self, PyObject *dtype)
{
    ptl_dtype wanted;
    ptl_matrix *made = NULL;
    if (py_to_dtype(state(self), dtype, &wanted) < 0)
        return fail_together(self);
    return like(self, PY_CALL(state(self), ptl_matrix_astype(get(self), wanted, &made)), &made);
}

PyObject *py_matrix_transpose(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                              PyObject *kwnames)
{
    PY_SIGNATURE(signature, "transpose", 0, 1, "conjugate");
    PyObject *given[1];
    ptl_matrix *made = NULL;
    if (py_args(&signature, args, nargs, kwnames, given) < 0)
        return fail_together(self);
    const int conjugate = given[0] ? PyObject_IsTrue(given[0]) : 0;
    if (conjugate < 0)
        return fail_together(self);
    const ptl_op op = conjugate ? PTL_OP_HERMITIAN : PTL_OP_TRANSPOSE;
    return like(self, PY_CALL(state(self), ptl_matrix_transpose(get(self), op, &made)), &made);
}

PyObject *py_matrix_redistribute(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                                 PyObject *kwnames)
{
    PY_SIGNATURE(signature, "redistribute", 1, 2, "partition", "col_partition");
    py_state *st = state(self);
    PyObject *given[2];
    ptl_partition *rows, *cols;
    ptl_matrix *made = NULL;
    if (py_args(&signature, args, nargs, kwnames, given) < 0 ||
        py_partition_arg(st, given[0], "partition", &rows) < 0 ||
        py_partition_arg(st, given[1], "col_partition", &cols) < 0)
        return fail_together(self);
    return like(self, PY_CALL(st, ptl_matrix_redistribute(get(self), rows, cols, &made)), &made);
}

PyObject *py_matrix_submatrix(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                              PyObject *kwnames)
{
    PY_SIGNATURE(signature, "submatrix", 2, 2, "rows", "cols");
    py_state *st = state(self);
    PyObject *given[2], *result;
    py_array rows = {0}, cols = {0};
    ptl_matrix *made = NULL;
    if (py_args(&signature, args, nargs, kwnames, given) < 0 ||
        py_array_indices(st, given[0], "rows", 8, &rows) < 0 ||
        py_array_indices(st, given[1], "cols", 8, &cols) < 0)
        result = fail_together(self);
    else
        result =
            like(self,
                 PY_CALL(st, ptl_matrix_submatrix(get(self), py_array_count(&rows), rows.buffer.buf,
                                                  py_array_count(&cols), cols.buffer.buf, &made)),
                 &made);
    py_array_end(&rows);
    py_array_end(&cols);
    return result;
}

/* ---- scaling in place --------------------------------------------------------------------------
 */

/* A vector of this rank's array; -1 on every rank where it fails on one. */
static int vector_of_array(PyObject *self, PyObject *array, ptl_vector **out)
{
    py_state *st = state(self);
    const ptl_linop *op = ((py_linop *)self)->op;
    py_array values = {0};
    ptl_vector_shape shape = {.global_rows = -1};
    int failed =
        py_array_values(st, array, "v", 1, (int)ptl_linop_dtype(op), &values, &shape.dtype);
    if (failed == 0 && values.buffer.ndim != 1) {
        py_error(st, PTL_DIMENSION, "v has %d dimensions, expected 1", values.buffer.ndim);
        failed = -1;
    }
    shape.local_rows = failed < 0 ? 0 : values.buffer.shape[0];
    if (failed < 0)
        py_fail_together(st, comm_of(self));
    else
        failed = PY_CALL(st, ptl_vector_copy_of(ptl_linop_comm(op), ptl_linop_exec(op), shape,
                                                py_array_ld(&values), values.buffer.buf, out));
    py_array_end(&values);
    return failed;
}

static PyObject *scale(PyObject *self, PyObject *v,
                       ptl_status (*function)(ptl_matrix *, ptl_vector *))
{
    py_state *st = state(self);
    ptl_vector *made = NULL, *given = NULL;
    PyObject *const both[2] = {self, v};
    if (py_is(v, PY_TYPE(st, Vector))) {
        given = py_vector_get(st, v, "v");
        if (!given)
            return fail_together(self);
        if (py_check_comms(st, 2, both) < 0)
            return NULL;
    } else if (vector_of_array(self, v, &made) < 0) {
        return NULL;
    }
    const int failed = PY_CALL(st, function(get(self), made ? made : given));
    ptl_vector_release(&made);
    return failed < 0 ? NULL : Py_NewRef(Py_None);
}

PyObject *py_matrix_row_scale(PyObject *self, PyObject *v)
{
    return scale(self, v, ptl_matrix_row_scale);
}

PyObject *py_matrix_col_scale(PyObject *self, PyObject *v)
{
    return scale(self, v, ptl_matrix_col_scale);
}

/* ---- operators ---------------------------------------------------------------------------------
 */

static int is_matrix(PyObject *object)
{
    py_state *st = py_state_of((PyObject *)Py_TYPE(object));
    return st && py_is(object, PY_TYPE(st, Matrix));
}

/* What other's class makes of it where it has the reflected method; NotImplemented where it has
 * none, or that gives none. SciPy's matrices, whose methods would transpose ours on this rank
 * alone, are not asked. */
static PyObject *ask(PyObject *matrix, PyObject *other, const char *reflected)
{
    PyTypeObject *type = Py_TYPE(other);
    int has = (PyType_GetFlags(type) & Py_TPFLAGS_HEAPTYPE) && !py_state_of((PyObject *)type) &&
              !PyNumber_Check(other);
    if (has)
        has = py_has(other, reflected);
    int sparse = has > 0 ? py_has(other, "tocsr") : 0;
    if (has < 0 || sparse < 0)
        return NULL;
    return has && !sparse ? PyObject_CallMethod(other, reflected, "(O)", matrix)
                          : Py_NewRef(Py_NotImplemented);
}

/* Where the other operand is none: what its own class makes of it, which is asked here and not by
 * Python (`reflected` is NULL where it was asked before), else an error on every rank. */
static PyObject *refuse(PyObject *matrix, PyObject *other, const char *reflected,
                        const char *expected)
{
    PyObject *made = reflected ? ask(matrix, other, reflected) : Py_NewRef(Py_NotImplemented);
    if (made && made != Py_NotImplemented)
        return made;
    if (made)
        py_type_error("the other operand", expected, other);
    Py_XDECREF(made);
    return fail_together(matrix);
}

/* One number in A's coefficients; -1 with an exception. */
static int to_factor(PyObject *matrix, PyObject *number, double factor[2])
{
    py_state *st = state(matrix);
    int masked = py_is_masked(number);
    if (PyUnicode_Check(number) || masked) {
        if (masked >= 0)
            py_type_error("the factor", "a number", number);
        return -1;
    }
    PyObject *value = PyObject_CallFunctionObjArgs((PyObject *)&PyComplex_Type, number, NULL);
    if (!value)
        return -1;
    factor[0] = PyComplex_RealAsDouble(value);
    factor[1] = PyComplex_ImagAsDouble(value);
    Py_DECREF(value);
    if (ptl_dtype_is_complex(ptl_linop_dtype(((py_linop *)matrix)->op)) ||
        (factor[1] == 0 && !PyComplex_Check(number)))
        return 0;
    py_error(st, PTL_DTYPE, "the factor is complex, the matrix is real");
    return -1;
}

static PyObject *times(PyObject *self, const double factor[2])
{
    ptl_matrix *made = NULL;
    return like(self, PY_CALL(state(self), ptl_matrix_add(factor, get(self), NULL, NULL, &made)),
                &made);
}

/* a + sign b; with an operator that is no matrix, the lazy sum of `lazy`. */
static PyObject *sum(PyObject *a, PyObject *b, double sign, const char *reflected,
                     PyObject *(*lazy)(PyObject *, PyObject *))
{
    PyObject *matrix = is_matrix(a) ? a : b, *other = matrix == a ? b : a;
    PyObject *const both[2] = {a, b};
    if (!is_matrix(other))
        return py_is(other, PY_TYPE(state(matrix), LinOp))
                   ? lazy(a, b)
                   : refuse(matrix, other, matrix == a ? reflected : NULL, "an operator");
    if (py_check_comms(state(a), 2, both) < 0)
        return NULL;
    const double factor[2] = {sign, 0};
    ptl_matrix *made = NULL;
    return like(a, PY_CALL(state(a), ptl_matrix_add(NULL, get(a), factor, get(b), &made)), &made);
}

PyObject *py_matrix_add(PyObject *a, PyObject *b)
{
    return sum(a, b, 1, "__radd__", py_linop_add);
}

PyObject *py_matrix_subtract(PyObject *a, PyObject *b)
{
    return sum(a, b, -1, "__rsub__", py_linop_subtract);
}

PyObject *py_matrix_multiply(PyObject *a, PyObject *b)
{
    PyObject *matrix = is_matrix(a) ? a : b, *number = matrix == a ? b : a;
    double factor[2];
    if (!PyNumber_Check(number))
        return refuse(matrix, number, matrix == a ? "__rmul__" : NULL, "a number");
    return to_factor(matrix, number, factor) < 0 ? fail_together(matrix) : times(matrix, factor);
}

/* 1 / a, without overflow of what has none. */
static void invert(double a[2])
{
    if (a[1] == 0) {
        a[0] = 1 / a[0];
        return;
    }
    const double size = hypot(a[0], a[1]);
    a[0] = a[0] / size / size;
    a[1] = -a[1] / size / size;
}

PyObject *py_matrix_divide(PyObject *a, PyObject *b)
{
    double factor[2];
    if (!is_matrix(a))
        return refuse(b, a, NULL, "a Matrix");
    if (!PyNumber_Check(b))
        return refuse(a, b, "__rtruediv__", "a number");
    if (to_factor(a, b, factor) < 0)
        return fail_together(a);
    invert(factor);
    return times(a, factor);
}

PyObject *py_matrix_negative(PyObject *a)
{
    return times(a, (const double[2]){-1, 0});
}

/* The product of matrices; with anything else, what every operator does. */
PyObject *py_matrix_matmul(PyObject *a, PyObject *b)
{
    PyObject *const both[2] = {a, b};
    ptl_matrix *made = NULL;
    if (!is_matrix(a) || !is_matrix(b))
        return py_linop_matmul(a, b);
    if (py_check_comms(state(a), 2, both) < 0)
        return NULL;
    return like(a, PY_CALL(state(a), ptl_matrix_multiply(get(a), get(b), &made)), &made);
}
