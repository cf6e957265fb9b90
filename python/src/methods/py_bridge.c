/* Python code as an operator. */
#include "py_bridge.h"

#include "../base/py_args.h"
#include "../base/py_errors.h"
#include "../base/py_numpy.h"
#include "../objects/py_coefs.h"
#include "../objects/py_collective.h"
#include "../objects/py_comm.h"
#include "../objects/py_exec.h"
#include "../objects/py_linop.h"
#include "../objects/py_vector.h"

static const char *const methods[PTL_OP_COUNT] = {
    [PTL_OP_NONE] = "apply_impl",
    [PTL_OP_TRANSPOSE] = "apply_transpose_impl",
    [PTL_OP_HERMITIAN] = "apply_hermitian_impl",
};

static int check_method(PyObject *self, const char *method)
{
    int has = py_has(self, method);
    if (has)
        return has < 0 ? -1 : 0;
    PyObject *type = PyType_GetName(Py_TYPE(self));
    if (type)
        PyErr_Format(PyExc_NotImplementedError,
                     "%U has no method %s(self, b, x), which writes the product with b to x.local",
                     type, method);
    Py_XDECREF(type);
    return -1;
}

/* That a method has returned nothing, or the vector that it was to write to: who returns the
 * product has not written it. */
static int check_returned(PyObject *self, const char *method, PyObject *x, PyObject *returned)
{
    if (returned == Py_None || returned == x)
        return 0;
    PyObject *type = PyType_GetName(Py_TYPE(self));
    PyObject *what = type ? PyType_GetName(Py_TYPE(returned)) : NULL;
    if (what)
        PyErr_Format(PyExc_TypeError,
                     "%U.%s returned a %U, which is not used: the product is what it writes to x, "
                     "as in x.local[:] = ..., and it returns None",
                     type, method, what);
    Py_XDECREF(type);
    Py_XDECREF(what);
    return -1;
}

/* self.METHOD(x, y), or self.apply_scaled_impl(alpha, x, beta, y) where alpha is there. */
static int call_impl(PyObject *self, const char *method, PyObject *alpha, PyObject *x,
                     PyObject *beta, PyObject *y)
{
    if (check_method(self, method) < 0)
        return -1;
    if (alpha)
        method = "apply_scaled_impl";
    PyObject *result = alpha ? PyObject_CallMethod(self, method, "OOOO", alpha, x, beta, y)
                             : PyObject_CallMethod(self, method, "OO", x, y);
    int failed = result ? check_returned(self, method, y, result) : -1;
    Py_XDECREF(result);
    return failed;
}

/* With the GIL: lends both vectors for the time of the call. */
static int run_impl(PyObject *self, const char *method, const void *alpha, ptl_vector *x,
                    const void *beta, ptl_vector *y)
{
    py_linop *linop = (py_linop *)self;
    py_state *st = linop->state;
    int is_complex = ptl_dtype_is_complex(ptl_vector_dtype(x));
    PyObject *lent_x = py_vector_lend(st, x, linop->comm, 1);
    PyObject *lent_y = py_vector_lend(st, y, linop->comm, 0);
    PyObject *a = alpha ? py_result(st, x, alpha, is_complex) : NULL;
    PyObject *b = beta ? py_result(st, x, beta, is_complex) : NULL;
    int failed = -1;
    if (lent_x && lent_y && (a || !alpha) && (b || !beta))
        failed = call_impl(self, method, a, lent_x, b, lent_y);
    py_vector_end(lent_x);
    py_vector_end(lent_y);
    Py_XDECREF(a);
    Py_XDECREF(b);
    return failed;
}

static ptl_status run(py_bridge *bridge, const char *method, const void *alpha, ptl_vector *x,
                      const void *beta, ptl_vector *y)
{
    int taken = py_gil_take();
    ptl_status status = PTL_OK;
    PyObject *self = Py_XNewRef(bridge->self);
    if (!self)
        status = ptl_fail(PTL_CALLBACK, "the Python object of an operator has ended");
    else if (run_impl(self, method, alpha, x, beta, y) < 0)
        status = py_callback_failed();
    Py_XDECREF(self);
    py_gil_drop(taken);
    return status;
}

static ptl_status bridge_apply(void *ctx, ptl_vector *x, ptl_vector *y)
{
    return run(ctx, methods[PTL_OP_NONE], NULL, x, NULL, y);
}

static ptl_status bridge_apply_scaled(void *ctx, const void *alpha, ptl_vector *x, const void *beta,
                                      ptl_vector *y)
{
    return run(ctx, methods[PTL_OP_NONE], alpha, x, beta, y);
}

/* The form that a complex operator lacks, from the one that it has: conj(op(A) conj(x)). User code
 * may communicate, so that no rank may miss it: the ranks agree on the memory first. */
static ptl_status run_conjugated(py_bridge *bridge, const char *method, ptl_vector *x,
                                 ptl_vector *y)
{
    ptl_vector *conj_x = NULL, *conj_y = NULL;
    ptl_status status = ptl_vector_map(x, PTL_MAP_CONJ, &conj_x);
    status = ptl_comm_agree(ptl_vector_comm(x), status);
    if (status == PTL_OK)
        status = run(bridge, method, NULL, conj_x, NULL, y);
    if (status == PTL_OK)
        status = ptl_vector_map(y, PTL_MAP_CONJ, &conj_y);
    if (status == PTL_OK)
        status = ptl_vector_copy_from(y, conj_y);
    ptl_vector_release(&conj_x);
    ptl_vector_release(&conj_y);
    return status;
}

static ptl_status bridge_apply_op(void *ctx, ptl_op op, ptl_vector *x, ptl_vector *y)
{
    py_bridge *bridge = ctx;
    ptl_op other = op == PTL_OP_TRANSPOSE ? PTL_OP_HERMITIAN : PTL_OP_TRANSPOSE;
    if (bridge->has[op])
        return run(bridge, methods[op], NULL, x, NULL, y);
    if (ptl_dtype_is_complex(ptl_vector_dtype(x)))
        return run_conjugated(bridge, methods[other], x, y);
    return run(bridge, methods[other], NULL, x, NULL, y);
}

static void bridge_destroy(void *ctx)
{
    int taken = py_gil_take();
    PyMem_Free(ctx);
    py_gil_drop(taken);
}

/* ---- its object -------------------------------------------------------------------------------
 */

PyObject *py_linop_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    (void)args;
    (void)kwargs;
    return py_new(py_state_of((PyObject *)type), type);
}

/* What self's class gives; -1 where asking raises what must pass. */
static int find_callbacks(PyObject *self, py_bridge *bridge, ptl_linop_callbacks *callbacks)
{
    int scaled = py_has(self, "apply_scaled_impl"), failed = scaled < 0;
    for (int op = 0; op < PTL_OP_COUNT && !failed; op++)
        failed = (bridge->has[op] = py_has(self, methods[op])) < 0;
    if (failed)
        return -1;
    *callbacks = (ptl_linop_callbacks){.apply = bridge_apply, .destroy = bridge_destroy};
    if (scaled)
        callbacks->apply_scaled = bridge_apply_scaled;
    if (bridge->has[PTL_OP_TRANSPOSE] || bridge->has[PTL_OP_HERMITIAN])
        callbacks->apply_op = bridge_apply_op;
    return 0;
}

int py_linop_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    PY_SIGNATURE(signature, "LinOp", 1, 4, "shape", "comm", "dtype", "exec");
    py_linop *linop = (py_linop *)self;
    py_state *st = linop->state;
    PyObject *given[4];
    int64_t shape[2];
    ptl_dtype dtype = PTL_F64;
    ptl_exec *exec;
    PyObject *comm = py_args_tuple_comm(st, &signature, 1, args, kwargs, given);
    if (!comm)
        return -1;
    py_bridge *bridge = PyMem_Calloc(1, sizeof *bridge);
    if (!bridge)
        PyErr_NoMemory();
    else if (linop->op)
        PyErr_SetString(PyExc_RuntimeError, "LinOp.__init__ has been called before");
    ptl_linop_callbacks callbacks = {0};
    int ready = bridge && !linop->op && py_to_shape(st, given[0], "shape", shape) == 0 &&
                (!py_given(given[2]) || py_to_dtype(st, given[2], &dtype) == 0) &&
                py_exec_arg(st, given[3], &exec) == 0 &&
                find_callbacks(self, bridge, &callbacks) == 0;
    ptl_comm *c = py_comm_get(comm);
    int failed = ready ? PY_CALL(st, ptl_linop_create(c, exec, shape[0], shape[1], dtype,
                                                      &callbacks, bridge, &linop->op))
                       : py_fail_together(st, c);
    if (failed < 0) {
        PyMem_Free(bridge);
        Py_DECREF(comm);
        return -1;
    }
    bridge->self = self;
    linop->bridge = bridge;
    linop->comm = comm;
    py_linop_place(self);
    return 0;
}
