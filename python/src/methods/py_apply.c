/* Products of operators with vectors. */
#include "py_apply.h"

#include "../base/py_errors.h"
#include "../objects/py_coefs.h"
#include "../objects/py_collective.h"
#include "../objects/py_linop.h"
#include "../objects/py_vector.h"
#include "py_composition.h"

typedef struct apply_args {
    ptl_vector *x, *y;
    py_coefs alpha, beta;
} apply_args;

static int apply_convert(py_state *st, PyObject *const *args, int scaled, apply_args *a)
{
    a->x = py_vector_get(st, args[scaled ? 1 : 0], "x");
    a->y = a->x ? py_vector_get_writable(st, args[scaled ? 3 : 1], "y") : NULL;
    if (!a->y)
        return -1;
    if (!scaled)
        return 0;
    if (py_coefs_get(st, args[0], "alpha", a->y, &a->alpha) < 0)
        return -1;
    if (py_coefs_get(st, args[2], "beta", a->y, &a->beta) == 0)
        return 0;
    py_coefs_end(&a->alpha);
    return -1;
}

/* y = alpha A x + 0 y does not read y, as in the BLAS: NaN that stands there must not matter. */
static const void *beta_or_null(const apply_args *a)
{
    int64_t count =
        ptl_vector_columns(a->y) * (ptl_dtype_is_complex(ptl_vector_dtype(a->y)) ? 2 : 1);
    for (int64_t i = 0; i < count; i++)
        if (a->beta.values[i] != 0)
            return a->beta.values;
    return NULL;
}

PyObject *py_linop_apply(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    py_state *st = ((py_linop *)self)->state;
    PyObject *all[5] = {self};
    for (Py_ssize_t i = 0; i < nargs && i < 4; i++)
        all[1 + i] = args[i];
    ptl_linop *op = py_linop_get(st, self, "the operator");
    if (op && ((nargs != 2 && nargs != 4) || kwnames))
        PyErr_Format(PyExc_TypeError, "apply() takes (x, y) or (alpha, x, beta, y), %zd given%s",
                     nargs, kwnames ? ", and others by name" : "");
    apply_args a;
    int scaled = nargs == 4;
    if (PyErr_Occurred() || apply_convert(st, args, scaled, &a) < 0)
        return py_fail_among(st, 5, all);
    int failed = py_check_comms(st, 5, all);
    if (failed == 0)
        failed = PY_CALL(st, ptl_linop_apply(op, scaled ? a.alpha.values : NULL, a.x,
                                             scaled ? beta_or_null(&a) : NULL, a.y));
    if (scaled) {
        py_coefs_end(&a.alpha);
        py_coefs_end(&a.beta);
    }
    return failed < 0 ? NULL : Py_NewRef(Py_None);
}

/* A vector for op x: on the partition where there is one; (C). */
static ptl_status make_result(ptl_linop *op, ptl_partition *partition, const ptl_vector *x,
                              ptl_vector **out)
{
    *out = NULL;
    ptl_vector_shape shape = {
        .global_rows = ptl_linop_rows(op),
        .local_rows = ptl_linop_local_rows(op),
        .columns = ptl_vector_ndim(x) == 1 ? 0 : ptl_vector_columns(x),
        .dtype = ptl_vector_dtype(x),
    };
    if (partition)
        return ptl_vector_from_global(ptl_linop_comm(op), ptl_linop_exec(op), partition, shape, 0,
                                      NULL, NULL, out);
    if (shape.local_rows < 0)
        return ptl_fail(PTL_NOT_SUPPORTED,
                        "only the caller knows how the result is distributed: use A.apply(x, y)");
    return ptl_vector_create(ptl_linop_comm(op), ptl_linop_exec(op), shape, out);
}

static int is_operator(PyObject *object)
{
    py_state *st = py_state_of((PyObject *)Py_TYPE(object));
    return st && py_is(object, PY_TYPE(st, LinOp));
}

/* y = A x into a new vector; both agree, so y is made within the call that fails together. */
static int multiply(py_state *st, PyObject *A, ptl_vector *x, ptl_vector **y)
{
    ptl_linop *op = ((py_linop *)A)->op;
    int failed;
    if (((py_linop *)A)->maps_to_like) {
        failed = PY_CALL(st, ptl_vector_zeros_like(x, y));
        if (failed < 0)
            return py_fail_together(st, ptl_linop_comm(op));
    } else {
        failed = PY_CALL(st, make_result(op, ((py_linop *)A)->partitions[0], x, y));
    }
    if (failed == 0)
        failed = PY_CALL(st, ptl_linop_apply(op, NULL, x, NULL, *y));
    if (failed < 0)
        ptl_vector_release(y);
    return failed;
}

/* What is no Vector is left to nobody else: this rank could not take part in the call's failure. */
PyObject *py_linop_matmul(PyObject *a, PyObject *b)
{
    py_state *st = ((py_linop *)(is_operator(a) ? a : b))->state;
    PyObject *const both[2] = {a, b};
    if (is_operator(a) && is_operator(b))
        return py_linop_compose(a, b);
    ptl_linop *op = py_linop_get(st, a, "the left operand");
    ptl_vector *x = op ? py_vector_get(st, b, "x") : NULL, *y = NULL;
    if (!x)
        return py_fail_among(st, 2, both);
    if (py_check_comms(st, 2, both) < 0)
        return NULL;
    return multiply(st, a, x, &y) < 0 ? NULL : py_vector_wrap(st, y, ((py_linop *)a)->comm);
}
