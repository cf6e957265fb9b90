/* Operators: the object, how it is found in an argument, and where its products live. Its class is
 * in py_linop_class.c. */
#include "py_linop.h"

#include "../base/py_errors.h"

py_class py_LinOp_class;

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
    py_linop_place((PyObject *)self);
    return (PyObject *)self;
}

ptl_linop *py_linop_get(py_state *st, PyObject *object, const char *name)
{
    if (!py_is(object, PY_TYPE(st, LinOp)))
        return py_type_error(name, "a LinOp", object);
    ptl_linop *op = ((py_linop *)object)->op;
    if (!op)
        PyErr_Format(PyExc_RuntimeError,
                     "%s is no operator yet: its class's __init__ must call "
                     "super().__init__(shape, comm=..., dtype=...)",
                     name);
    return op;
}

int py_linop_made(PyObject *self, PyObject *args, PyObject *kwargs)
{
    (void)self;
    (void)args;
    (void)kwargs;
    return 0;
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

/* ---- where a product lives ------------------------------------------------------------------- */

/* What a lazy transpose was taken of, borrowed; else NULL. */
static const py_linop *transposed_of(const py_linop *A)
{
    PyObject *of = A->made_of;
    return of && py_is(of, PY_TYPE(A->state, LinOp)) ? (py_linop *)of : NULL;
}

/* The partition of A's rows (side 0) or columns (side 1), borrowed; NULL where none is known. */
static ptl_partition *partition_of(const py_linop *A, int side)
{
    ptl_matrix *matrix = ptl_linop_as_matrix(A->op);
    const py_linop *of = transposed_of(A);
    if (matrix)
        return side ? ptl_matrix_col_partition(matrix) : ptl_matrix_partition(matrix);
    return of ? of->partitions[!side] : NULL;
}

/* A matrix without partitions may be square in all and not here. */
static int maps_to_like(const py_linop *A)
{
    if (A->partitions[0] || A->partitions[1])
        return py_linop_is_square(A);
    const py_linop *of = transposed_of(A);
    return of ? of->maps_to_like
              : !ptl_linop_as_matrix(A->op) && ptl_linop_rows(A->op) == ptl_linop_cols(A->op);
}

int py_linop_is_square(const py_linop *A)
{
    ptl_partition *rows = A->partitions[0], *cols = A->partitions[1];
    return rows && cols && (rows == cols || ptl_partition_equal(rows, cols));
}

void py_linop_place(PyObject *A)
{
    py_linop *linop = (py_linop *)A;
    for (int side = 0; side < 2; side++)
        linop->partitions[side] = partition_of(linop, side);
    linop->maps_to_like = maps_to_like(linop);
}
