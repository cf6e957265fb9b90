/* Operators: the base class, and Python code as an operator. */
#include "py_common.h"

/* What C knows of a Python operator: the object, borrowed, until it ends. */
typedef struct py_bridge {
    PyObject *self;
} py_bridge;

PyObject *py_linop_wrap(py_state *st, PyTypeObject *type, ptl_linop *op, PyObject *comm,
                        PyObject *made_of)
{
    py_linop *self = py_new(st, type);
    if (!self) {
        ptl_linop_release(&op);
        return NULL;
    }
    self->op = op;
    self->comm = Py_NewRef(comm);
    self->made_of = Py_XNewRef(made_of);
    return (PyObject *)self;
}

ptl_linop *py_linop_get(py_state *st, PyObject *object, const char *name)
{
    if (!py_is(object, st->LinOp))
        return py_type_error(name, "a LinOp", object);
    ptl_linop *op = ((py_linop *)object)->op;
    if (!op)
        PyErr_Format(PyExc_RuntimeError,
                     "%s is no operator yet: its class's __init__ must call "
                     "super().__init__(shape, comm=..., dtype=...)",
                     name);
    return op;
}

static ptl_linop *own(PyObject *self)
{
    return py_linop_get(((py_linop *)self)->state, self, "the operator");
}

/* ---- Python code as an operator
 * ------------------------------------------------------------------ */

/* self.apply_impl(x, y), or self.apply_scaled_impl(alpha, x, beta, y) where alpha is there. */
static int call_impl(PyObject *self, PyObject *alpha, PyObject *x, PyObject *beta, PyObject *y)
{
    if (!PyObject_HasAttrString(self, "apply_impl")) {
        PyObject *type = PyType_GetName(Py_TYPE(self));
        if (type)
            PyErr_Format(PyExc_NotImplementedError,
                         "%U has no method apply_impl(self, b, x), which writes A b to x.local",
                         type);
        Py_XDECREF(type);
        return -1;
    }
    PyObject *result =
        alpha ? PyObject_CallMethod(self, "apply_scaled_impl", "OOOO", alpha, x, beta, y)
              : PyObject_CallMethod(self, "apply_impl", "OO", x, y);
    Py_XDECREF(result);
    return result ? 0 : -1;
}

/* With the GIL: lends both vectors for the time of the call. */
static int run_impl(PyObject *self, const void *alpha, ptl_vector *x, const void *beta,
                    ptl_vector *y)
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
        failed = call_impl(self, a, lent_x, b, lent_y);
    py_vector_end(lent_x);
    py_vector_end(lent_y);
    Py_XDECREF(a);
    Py_XDECREF(b);
    return failed;
}

static ptl_status bridge_apply_scaled(void *ctx, const void *alpha, ptl_vector *x, const void *beta,
                                      ptl_vector *y)
{
    py_bridge *bridge = ctx;
    int taken = py_gil_take();
    ptl_status status = PTL_OK;
    PyObject *self = Py_XNewRef(bridge->self);
    if (!self)
        status = ptl_fail(PTL_CALLBACK, "the Python object of an operator has ended");
    else if (run_impl(self, alpha, x, beta, y) < 0)
        status = py_callback_failed();
    Py_XDECREF(self);
    py_gil_drop(taken);
    return status;
}

static ptl_status bridge_apply(void *ctx, ptl_vector *x, ptl_vector *y)
{
    return bridge_apply_scaled(ctx, NULL, x, NULL, y);
}

static void bridge_destroy(void *ctx)
{
    int taken = py_gil_take();
    PyMem_Free(ctx);
    py_gil_drop(taken);
}

static PyObject *linop_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    (void)args;
    (void)kwargs;
    return py_new(py_state_of((PyObject *)type), type);
}

static int linop_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    PY_SIGNATURE(signature, "LinOp", 1, 4, "shape", "comm", "dtype", "exec");
    py_linop *linop = (py_linop *)self;
    py_state *st = linop->state;
    PyObject *given[4];
    int64_t shape[2];
    ptl_dtype dtype = PTL_F64;
    ptl_exec *exec;
    if (py_args_tuple(&signature, args, kwargs, given) < 0)
        return -1;
    if (linop->op) {
        PyErr_SetString(PyExc_RuntimeError, "LinOp.__init__ has been called before");
        return -1;
    }
    PyObject *comm = py_comm_from(st, given[1]);
    if (!comm)
        return -1;
    ptl_linop_callbacks callbacks = {.apply = bridge_apply, .destroy = bridge_destroy};
    if (PyObject_HasAttrString(self, "apply_scaled_impl"))
        callbacks.apply_scaled = bridge_apply_scaled;
    py_bridge *bridge = PyMem_Malloc(sizeof *bridge);
    if (!bridge)
        PyErr_NoMemory();
    int ready = bridge && py_to_shape(st, given[0], "shape", shape) == 0 &&
                (!py_given(given[2]) || py_to_dtype(st, given[2], &dtype) == 0) &&
                py_exec_arg(st, given[3], &exec) == 0;
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
    return 0;
}

/* ---- applying
 * ------------------------------------------------------------------------------------ */

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

PyObject *py_linop_apply(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    py_state *st = ((py_linop *)self)->state;
    ptl_linop *op = own(self);
    if (!op)
        return NULL;
    if (nargs != 2 && nargs != 4) {
        PyErr_Format(PyExc_TypeError, "apply() takes (x, y) or (alpha, x, beta, y), %zd given",
                     nargs);
        py_fail_together(st, ptl_linop_comm(op));
        return NULL;
    }
    apply_args a;
    int scaled = nargs == 4;
    if (apply_convert(st, args, scaled, &a) < 0) {
        py_fail_together(st, ptl_linop_comm(op));
        return NULL;
    }
    int failed = PY_CALL(st, ptl_linop_apply(op, scaled ? a.alpha.values : NULL, a.x,
                                             scaled ? beta_or_null(&a) : NULL, a.y));
    if (scaled) {
        py_coefs_end(&a.alpha);
        py_coefs_end(&a.beta);
    }
    return failed < 0 ? NULL : Py_NewRef(Py_None);
}

/* Whether a result may be shaped like x, the same on every rank. */
static int maps_to_like(ptl_linop *op)
{
    ptl_matrix *A = ptl_linop_as_matrix(op);
    if (!A)
        return ptl_linop_rows(op) == ptl_linop_cols(op);
    ptl_partition *rows = ptl_matrix_partition(A), *cols = ptl_matrix_col_partition(A);
    return rows && (rows == cols || ptl_partition_equal(rows, cols));
}

/* A vector for A x: (L) where it is shaped like x, else (C). */
static ptl_status make_result(ptl_linop *op, const ptl_vector *x, ptl_vector **out)
{
    *out = NULL;
    if (maps_to_like(op))
        return ptl_vector_zeros_like(x, out);
    ptl_matrix *A = ptl_linop_as_matrix(op);
    ptl_partition *partition = A ? ptl_matrix_partition(A) : NULL;
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

/* y = A x into a new vector; both agree, so y is made within the call that fails together. */
static int multiply(py_state *st, ptl_linop *op, ptl_vector *x, ptl_vector **y)
{
    int failed = PY_CALL(st, make_result(op, x, y));
    if (failed < 0 && maps_to_like(op))
        return py_fail_together(st, ptl_linop_comm(op));
    if (failed == 0)
        failed = PY_CALL(st, ptl_linop_apply(op, NULL, x, NULL, *y));
    if (failed < 0)
        ptl_vector_release(y);
    return failed;
}

/* What is no Vector is left to nobody else: this rank could not take part in the call's failure. */
static PyObject *linop_matmul(PyObject *self, PyObject *other)
{
    py_state *st = py_state_of((PyObject *)Py_TYPE(self));
    if (!st || !py_is(self, st->LinOp))
        return Py_NewRef(Py_NotImplemented);
    ptl_linop *op = own(self);
    if (!op)
        return NULL;
    ptl_vector *x = py_vector_get(st, other, "x"), *y = NULL;
    if (!x) {
        py_fail_together(st, ptl_linop_comm(op));
        return NULL;
    }
    return multiply(st, op, x, &y) < 0 ? NULL : py_vector_wrap(st, y, ((py_linop *)self)->comm);
}

/* ---- attributes
 * ---------------------------------------------------------------------------------- */

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

int py_linop_clear(PyObject *self)
{
    py_linop *linop = (py_linop *)self;
    if (linop->bridge)
        linop->bridge->self = NULL;
    linop->bridge = NULL;
    ptl_linop_release(&linop->op);
    Py_CLEAR(linop->comm);
    Py_CLEAR(linop->made_of);
    return 0;
}

int py_linop_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((py_linop *)self)->comm);
    Py_VISIT(((py_linop *)self)->made_of);
    return 0;
}

void py_linop_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    py_linop_clear(self);
    py_free(self);
}

static PyMethodDef linop_methods[] = {
    {"apply", (PyCFunction)(void (*)(void))py_linop_apply, METH_FASTCALL,
     "apply(x, y) or apply(alpha, x, beta, y): y = A x, or y = alpha A x + beta y (collective).\n\n"
     "Where beta is 0, y is not read. x and y are Vectors of cols and rows rows, of A's dtype; "
     "alpha and beta numbers or one per\n"
     "column. DimensionError, DtypeError, InvalidArgument where x and y are the same vector."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef linop_getset[] = {
    {"shape", linop_shape, NULL, "(rows, columns), over all ranks (local).", NULL},
    {"dtype", linop_dtype, NULL, "numpy.dtype of the vectors that it maps (local).", NULL},
    {"comm", linop_comm, NULL, "The Communicator it lives on (local).", NULL},
    {"exec", linop_exec, NULL, "The Executor it lives on (local).", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(
    linop_doc,
    "LinOp(shape, comm=None, dtype='float64', exec=None)\n--\n\n"
    "A linear operator: everything that maps vectors to vectors is one (collective).\n\n"
    "A subclass gives apply_impl(self, b, x), which writes A b to all of x.local (whatever stood\n"
    "there before) on every rank, and, if it wants, apply_scaled_impl(self, alpha, b, beta, x) for "
    "x = alpha A b + beta x. Its\n"
    "__init__ calls super().__init__(shape, ...); an integer shape means square. b and x are\n"
    "Vectors, valid during the call; b is to be read. An exception ends the call on every rank,\n"
    "as RemoteError on the others. InvalidArgument for negative sizes.");

static PyType_Slot linop_slots[] = {
    {Py_tp_new, linop_new},
    {Py_tp_init, linop_init},
    {Py_tp_dealloc, py_linop_dealloc},
    {Py_tp_traverse, py_linop_traverse},
    {Py_tp_clear, py_linop_clear},
    {Py_tp_repr, linop_repr},
    {Py_tp_methods, linop_methods},
    {Py_tp_getset, linop_getset},
    {Py_nb_matrix_multiply, linop_matmul},
    {Py_tp_doc, (void *)linop_doc},
    {0, NULL},
};

PyType_Spec py_LinOp_spec = {"petiole.LinOp", sizeof(py_linop), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
                             linop_slots};
