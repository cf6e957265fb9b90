/* What vectors do: arithmetic, which is local, and reductions, which are collective. */
#include <math.h>

#include "py_vector_ops.h"

#include "../base/py_args.h"
#include "../base/py_array.h"
#include "../base/py_errors.h"
#include "../base/py_numpy.h"
#include "../objects/py_coefs.h"
#include "../objects/py_collective.h"
#include "../objects/py_linop.h"
#include "../objects/py_vector.h"

static py_state *state(PyObject *self)
{
    return ((py_vector *)self)->state;
}

static ptl_vector *own(PyObject *self)
{
    return py_vector_get(state(self), self, "the vector");
}

static ptl_vector *own_writable(PyObject *self)
{
    return py_vector_get_writable(state(self), self, "the vector");
}

/* A vector that a local call has made of self. (A pointer: C may look at `made` before it calls.)
 */
static PyObject *like(PyObject *self, int failed, ptl_vector *const *made)
{
    return failed < 0 ? NULL : py_vector_wrap(state(self), *made, ((py_vector *)self)->comm);
}

static PyObject *none(int failed)
{
    return failed < 0 ? NULL : Py_NewRef(Py_None);
}

/* ---- arithmetic, local -------------------------------------------------------------------------
 */

PyObject *py_vector_fill(PyObject *self, PyObject *value)
{
    py_coefs c;
    ptl_vector *v = own_writable(self);
    if (!v || py_coefs_get(state(self), value, "value", v, &c) < 0)
        return NULL;
    int failed = PY_CALL(state(self), ptl_vector_fill(v, c.values));
    py_coefs_end(&c);
    return none(failed);
}

PyObject *py_vector_copy(PyObject *self, PyObject *unused)
{
    (void)unused;
    ptl_vector *v = own(self), *made = NULL;
    return v ? like(self, PY_CALL(state(self), ptl_vector_clone(v, &made)), &made) : NULL;
}

PyObject *py_vector_zeros_like(PyObject *self, PyObject *unused)
{
    (void)unused;
    ptl_vector *v = own(self), *made = NULL;
    return v ? like(self, PY_CALL(state(self), ptl_vector_zeros_like(v, &made)), &made) : NULL;
}

PyObject *py_vector_astype(PyObject *self, PyObject *dtype)
{
    ptl_dtype wanted;
    ptl_vector *v = own(self), *made = NULL;
    if (!v || py_to_dtype(state(self), dtype, &wanted) < 0)
        return NULL;
    return like(self, PY_CALL(state(self), ptl_vector_astype(v, wanted, &made)), &made);
}

PyObject *py_vector_copy_from(PyObject *self, PyObject *other)
{
    ptl_vector *v = own_writable(self), *x = v ? py_vector_get(state(self), other, "v") : NULL;
    return x ? none(PY_CALL(state(self), ptl_vector_copy_from(v, x))) : NULL;
}

PyObject *py_vector_map(PyObject *self, void *map)
{
    ptl_vector *v = own(self), *made = NULL;
    return v ? like(self, PY_CALL(state(self), ptl_vector_map(v, (ptl_map)(intptr_t)map, &made)),
                    &made)
             : NULL;
}

PyObject *py_vector_abs(PyObject *self, PyObject *unused)
{
    (void)unused;
    return py_vector_map(self, (void *)PTL_MAP_ABS);
}

PyObject *py_vector_conj(PyObject *self, PyObject *unused)
{
    (void)unused;
    return py_vector_map(self, (void *)PTL_MAP_CONJ);
}

/* v = a v or v / a; -1 with an exception. */
static int scale(PyObject *self, PyObject *a, ptl_status (*by)(ptl_vector *, const void *))
{
    py_coefs c;
    ptl_vector *v = own_writable(self);
    if (!v || py_coefs_get(state(self), a, "a", v, &c) < 0)
        return -1;
    int failed = PY_CALL(state(self), by(v, c.values));
    py_coefs_end(&c);
    return failed;
}

PyObject *py_vector_scale(PyObject *self, PyObject *a)
{
    return none(scale(self, a, ptl_vector_scale));
}

PyObject *py_vector_inv_scale(PyObject *self, PyObject *a)
{
    return none(scale(self, a, ptl_vector_inv_scale));
}

typedef ptl_status update(ptl_vector *v, const void *a, const ptl_vector *x);

/* v = v + a x or v - a x. */
static int add(PyObject *self, PyObject *a, PyObject *other, update *function)
{
    py_coefs c;
    ptl_vector *v = own_writable(self), *x = v ? py_vector_get(state(self), other, "v") : NULL;
    if (!x || py_coefs_get(state(self), a, "a", v, &c) < 0)
        return -1;
    int failed = PY_CALL(state(self), function(v, c.values, x));
    py_coefs_end(&c);
    return failed;
}

PyObject *py_vector_add_scaled(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                               PyObject *kwnames)
{
    PY_SIGNATURE(signature, "add_scaled", 2, 2, "a", "v");
    PyObject *given[2];
    if (py_args(&signature, args, nargs, kwnames, given) < 0)
        return NULL;
    return none(add(self, given[0], given[1], ptl_vector_add_scaled));
}

PyObject *py_vector_sub_scaled(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                               PyObject *kwnames)
{
    PY_SIGNATURE(signature, "sub_scaled", 2, 2, "a", "v");
    PyObject *given[2];
    if (py_args(&signature, args, nargs, kwnames, given) < 0)
        return NULL;
    return none(add(self, given[0], given[1], ptl_vector_sub_scaled));
}

/* ---- operators, local --------------------------------------------------------------------------
 */

static int is_vector(PyObject *object)
{
    py_state *st = py_state_of((PyObject *)Py_TYPE(object));
    return st && py_is(object, PY_TYPE(st, Vector));
}

/* What a product with such means, and its error, is left to the operator. */
static int is_operator(PyObject *object)
{
    py_state *st = py_state_of((PyObject *)Py_TYPE(object));
    return st && py_is(object, PY_TYPE(st, LinOp));
}

static PyObject *not_implemented(void)
{
    return Py_NewRef(Py_NotImplemented);
}

static int add_one(PyObject *self, PyObject *other, update *function)
{
    PyObject *one = PyLong_FromLong(1);
    int failed = one ? add(self, one, other, function) : -1;
    Py_XDECREF(one);
    return failed;
}

/* The object that an operator is to return: `made`, or NULL where the operation has failed. */
static PyObject *unless(int failed, PyObject *made)
{
    if (failed < 0)
        Py_CLEAR(made);
    return made;
}

/* a v + b w, in a new vector; w, with b, or a may be NULL. */
static PyObject *combine(PyObject *a, PyObject *v, PyObject *b, PyObject *w)
{
    ptl_vector *x = own(v), *y = NULL, *made = NULL;
    py_coefs of_x = {0}, of_y = {0};
    if (!x || (w && !(y = py_vector_get(state(v), w, "v"))))
        return NULL;
    if (a && py_coefs_get(state(v), a, "a", x, &of_x) < 0)
        return NULL;
    int failed = b && py_coefs_get(state(v), b, "a", x, &of_y) < 0 ? -1 : 0;
    if (failed == 0)
        failed = PY_CALL(state(v), ptl_vector_combine(of_x.values, x, of_y.values, y, &made));
    if (a)
        py_coefs_end(&of_x);
    if (b)
        py_coefs_end(&of_y);
    return like(v, failed, &made);
}

static PyObject *sum_of(PyObject *a, long sign, PyObject *b)
{
    if (!is_vector(a) || !is_vector(b))
        return not_implemented();
    PyObject *factor = PyLong_FromLong(sign);
    PyObject *made = factor ? combine(NULL, a, factor, b) : NULL;
    Py_XDECREF(factor);
    return made;
}

PyObject *py_vector_add(PyObject *a, PyObject *b)
{
    return sum_of(a, 1, b);
}

PyObject *py_vector_subtract(PyObject *a, PyObject *b)
{
    return sum_of(a, -1, b);
}

PyObject *py_vector_iadd(PyObject *a, PyObject *b)
{
    return is_vector(b) ? unless(add_one(a, b, ptl_vector_add_scaled), Py_NewRef(a))
                        : not_implemented();
}

PyObject *py_vector_isubtract(PyObject *a, PyObject *b)
{
    return is_vector(b) ? unless(add_one(a, b, ptl_vector_sub_scaled), Py_NewRef(a))
                        : not_implemented();
}

PyObject *py_vector_multiply(PyObject *a, PyObject *b)
{
    PyObject *v = is_vector(a) ? a : b, *factor = v == a ? b : a;
    if (is_vector(factor) || is_operator(factor))
        return not_implemented();
    return combine(factor, v, NULL, NULL);
}

PyObject *py_vector_divide(PyObject *a, PyObject *b)
{
    if (!is_vector(a) || is_vector(b) || is_operator(b))
        return not_implemented();
    PyObject *made = py_vector_copy(a, NULL);
    return made ? unless(scale(made, b, ptl_vector_inv_scale), made) : NULL;
}

PyObject *py_vector_imultiply(PyObject *a, PyObject *b)
{
    return is_vector(b) || is_operator(b) ? not_implemented()
                                          : unless(scale(a, b, ptl_vector_scale), Py_NewRef(a));
}

PyObject *py_vector_idivide(PyObject *a, PyObject *b)
{
    return is_vector(b) || is_operator(b) ? not_implemented()
                                          : unless(scale(a, b, ptl_vector_inv_scale), Py_NewRef(a));
}

PyObject *py_vector_negative(PyObject *a)
{
    PyObject *minus = PyLong_FromLong(-1);
    PyObject *made = minus ? py_vector_multiply(a, minus) : NULL;
    Py_XDECREF(minus);
    return made;
}

PyObject *py_vector_absolute(PyObject *a)
{
    return py_vector_abs(a, NULL);
}

/* ---- reductions, collective --------------------------------------------------------------------
 */

typedef struct reduction {
    ptl_status (*of_two)(ptl_vector *x, ptl_vector *y, void *result);
    ptl_status (*of_one)(ptl_vector *v, void *result);
    int norm; /* of which kind, where neither is there */
} reduction;

static ptl_status run_reduction(const reduction *r, ptl_vector *x, ptl_vector *y, double *result)
{
    if (r->of_two)
        return r->of_two(x, y, result);
    return r->of_one ? r->of_one(x, result) : ptl_vector_norm(x, (ptl_norm)r->norm, result);
}

/* Of x, and y where there is one. Where either is none on this rank, every rank fails. */
static PyObject *reduce(PyObject *self, PyObject *other, const reduction *r)
{
    py_state *st = state(self);
    PyObject *const both[2] = {self, other};
    ptl_vector *x = own(self), *y = x && other ? py_vector_get(st, other, "v") : NULL;
    if (PyErr_Occurred())
        return py_fail_among(st, 2, both);
    if (py_check_comms(st, 2, both) < 0)
        return NULL;
    double few[16], *values = few;
    size_t count = 2 * (size_t)ptl_vector_columns(x);
    if (count > sizeof few / sizeof *few)
        values = PyMem_Malloc(count * sizeof *values);
    int failed = !values ? (PyErr_NoMemory(), py_fail_together(st, ptl_vector_comm(x)))
                         : PY_CALL(st, run_reduction(r, x, y, values));
    int is_complex = (r->of_one || r->of_two) && ptl_dtype_is_complex(ptl_vector_dtype(x));
    PyObject *result = failed < 0 ? NULL : py_result(st, x, values, is_complex);
    if (values != few)
        PyMem_Free(values);
    return result;
}

PyObject *py_vector_dot(PyObject *self, PyObject *other)
{
    return reduce(self, other, &(reduction){.of_two = ptl_vector_dot});
}

PyObject *py_vector_conj_dot(PyObject *self, PyObject *other)
{
    return reduce(self, other, &(reduction){.of_two = ptl_vector_conj_dot});
}

PyObject *py_vector_matmul(PyObject *a, PyObject *b)
{
    if (is_vector(a))
        return py_vector_dot(a, b);
    py_type_error("the left operand", "a Vector or an operator", a); /* it was asked before */
    return py_fail_among(state(b), 1, &b);
}

PyObject *py_vector_sum(PyObject *self, PyObject *unused)
{
    (void)unused;
    return reduce(self, NULL, &(reduction){.of_one = ptl_vector_sum});
}

PyObject *py_vector_mean(PyObject *self, PyObject *unused)
{
    (void)unused;
    return reduce(self, NULL, &(reduction){.of_one = ptl_vector_mean});
}

static int norm_kind(py_state *st, PyObject *ord, int *out)
{
    double value = 2;
    if (ord && py_to_double(ord, "ord", &value) < 0)
        return -1;
    *out = value == 1 ? PTL_NORM_1 : value == 2 ? PTL_NORM_2 : PTL_NORM_INF;
    if (value == 1 || value == 2 || value == INFINITY)
        return 0;
    py_error(st, PTL_INVALID, "ord is %R, expected 1, 2 or inf", ord);
    return -1;
}

PyObject *py_vector_norm(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PY_SIGNATURE(signature, "norm", 0, 1, "ord");
    PyObject *given[1];
    reduction r = {0};
    if (py_args(&signature, args, nargs, kwnames, given) < 0 ||
        norm_kind(state(self), given[0], &r.norm) < 0)
        return py_fail_among(state(self), 1, &self);
    return reduce(self, NULL, &r);
}

/* On `root`, or on all where it is -1. */
static PyObject *gather(PyObject *self, ptl_vector *v, int root)
{
    py_state *st = state(self);
    int64_t shape[2] = {ptl_vector_rows(v), ptl_vector_columns(v)};
    void *data = NULL;
    PyObject *array = NULL;
    if (root == -1 || root == ptl_comm_rank(ptl_vector_comm(v)))
        array =
            py_array_new(st, ptl_vector_ndim(v), shape, ptl_dtype_name(ptl_vector_dtype(v)), &data);
    int failed = PyErr_Occurred() ? py_fail_together(st, ptl_vector_comm(v))
                                  : PY_CALL(st, ptl_vector_gather(v, root, data));
    if (failed < 0)
        Py_XDECREF(array);
    return failed < 0 ? NULL : array ? array : Py_NewRef(Py_None);
}

PyObject *py_vector_gather(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                           PyObject *kwnames)
{
    PY_SIGNATURE(signature, "gather", 0, 1, "root");
    PyObject *given[1];
    int root = 0;
    if (py_args(&signature, args, nargs, kwnames, given) == 0 && given[0] &&
        py_to_int(state(self), given[0], "root", &root) == 0 && root < 0)
        py_error(state(self), PTL_INDEX, "root is %d, expected a rank", root);
    ptl_vector *v = PyErr_Occurred() ? NULL : own(self);
    return v ? gather(self, v, root) : py_fail_among(state(self), 1, &self);
}

PyObject *py_vector_allgather(PyObject *self, PyObject *unused)
{
    (void)unused;
    ptl_vector *v = own(self);
    return v ? gather(self, v, -1) : py_fail_among(state(self), 1, &self);
}
