/* Distributed matrices: the constructors, all collective. */
#include "py_matrix_make.h"

#include "../base/py_args.h"
#include "../base/py_array.h"
#include "../base/py_errors.h"
#include "../objects/py_collective.h"
#include "../objects/py_comm.h"
#include "../objects/py_exec.h"
#include "../objects/py_linop.h"
#include "../objects/py_matrix.h"
#include "../objects/py_partition.h"
#include "py_format_make.h"
#include "py_parts.h"

/* A Matrix from what a collective constructor has made; ends the reference to comm. */
static PyObject *wrap(py_state *st, int failed, ptl_matrix *A, PyObject *comm, PyObject *made_of)
{
    PyObject *self = failed < 0 ? NULL : py_matrix_wrap(st, A, comm, made_of);
    Py_DECREF(comm);
    return self;
}

/* ---- from triplets --------------------------------------------------------------------------- */

/* The arguments of from_coo, converted. */
typedef struct coo_args {
    ptl_matrix_layout layout;
    py_array rows, cols, values;
    ptl_triplets triplets;
    int foreign;
} coo_args;

static int coo_lengths(py_state *st, coo_args *c)
{
    int64_t rows = py_array_count(&c->rows), cols = py_array_count(&c->cols),
            values = py_array_count(&c->values);
    if (rows != cols || rows != values) {
        py_error(st, PTL_DIMENSION,
                 "rows has %lld entries, cols %lld and values %lld: expected the same number",
                 (long long)rows, (long long)cols, (long long)values);
        return -1;
    }
    c->triplets.count = rows;
    c->triplets.rows = c->rows.buffer.buf;
    c->triplets.cols = c->cols.buffer.buf;
    c->triplets.values = c->values.buffer.buf;
    return 0;
}

/* given: comm, partition, rows, cols, values, col_partition, foreign, exec */
static int coo_convert(py_state *st, PyObject *const *given, coo_args *c)
{
    static const char *const foreign[] = {"send", "refuse", NULL};
    ptl_matrix_layout *layout = &c->layout;
    if (py_partition_arg(st, given[1], "partition", &layout->partition) < 0 ||
        py_partition_arg(st, given[5], "col_partition", &layout->col_partition) < 0 ||
        py_exec_arg(st, given[7], &layout->exec) < 0 ||
        (given[6] && py_to_choice(st, given[6], "foreign", foreign, &c->foreign) < 0) ||
        py_array_indices(st, given[2], "rows", 8, &c->rows) < 0 ||
        py_array_indices(st, given[3], "cols", 8, &c->cols) < 0 ||
        py_array_values(st, given[4], "values", 1, -1, &c->values, &c->triplets.dtype) < 0)
        return -1;
    if (!layout->partition) {
        py_type_error("partition", "a Partition", given[1]);
        return -1;
    }
    return coo_lengths(st, c);
}

PyObject *py_matrix_from_coo(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                             PyObject *kwnames)
{
    PY_SIGNATURE(signature, "from_coo", 5, 5, "comm", "partition", "rows", "cols", "values",
                 "col_partition", "foreign", "exec");
    py_state *st = py_state_of(type);
    PyObject *given[8];
    coo_args c = {.foreign = PTL_FOREIGN_SEND};
    ptl_matrix *A = NULL;
    PyObject *comm = py_args_comm(st, &signature, 0, args, nargs, kwnames, given);
    if (!comm)
        return NULL;
    c.layout.comm = py_comm_get(comm);
    int failed =
        coo_convert(st, given, &c) < 0
            ? py_fail_together(st, c.layout.comm)
            : PY_CALL(st, ptl_matrix_from_coo(&c.layout, &c.triplets, (ptl_foreign)c.foreign, &A));
    py_array_end(&c.rows);
    py_array_end(&c.cols);
    py_array_end(&c.values);
    return wrap(st, failed, A, comm, NULL);
}

/* ---- from the owned rows --------------------------------------------------------------------- */

/* The optional arguments of from_csr and from_scipy. */
typedef struct row_args {
    PyObject *partition, *col_partition, *exec;
} row_args;

static int layout_of(py_state *st, const row_args *given, ptl_matrix_layout *layout)
{
    if (py_partition_arg(st, given->partition, "partition", &layout->partition) < 0 ||
        py_partition_arg(st, given->col_partition, "col_partition", &layout->col_partition) < 0)
        return -1;
    return py_exec_arg(st, given->exec, &layout->exec);
}

/* cols: what SciPy says of the number of columns, or -1. */
static int check_columns(py_state *st, const ptl_matrix_layout *layout, int64_t cols)
{
    int64_t expected =
        ptl_partition_size(layout->col_partition ? layout->col_partition : layout->partition);
    if (cols < 0 || cols == expected)
        return 0;
    py_error(st, PTL_DIMENSION, "the rows have %lld columns, expected %lld of the column partition",
             (long long)cols, (long long)expected);
    return -1;
}

/* Where no partition is given, ranks own rows in their order (one more collective call). */
static PyObject *from_rows(py_state *st, PyObject *comm, PyObject *const parts[3], int64_t cols,
                           const row_args *given)
{
    ptl_matrix_layout layout = {.comm = py_comm_get(comm)};
    ptl_partition *made = NULL;
    ptl_matrix *A = NULL;
    py_parts a = {0};
    int ready = parts[0] && layout_of(st, given, &layout) == 0 &&
                py_parts_get(st, py_format_storage(PTL_CSR), parts, 1, &a) == 0 &&
                py_format_storage(PTL_CSR)->complete(st, NULL, NULL, &a) == 0;
    int failed = 0;
    if (ready && !layout.partition) {
        failed = PY_CALL(st, ptl_partition_from_local_size(layout.comm, a.as.csr.rows, &made));
        layout.partition = made;
    }
    if (ready && failed == 0)
        ready = check_columns(st, &layout, cols) == 0;
    if (failed == 0)
        failed = ready ? PY_CALL(st, ptl_matrix_from_csr(&layout, &a.as.csr, &A))
                       : py_fail_together(st, layout.comm);
    py_parts_end(&a);
    ptl_partition_release(&made);
    return wrap(st, failed, A, comm, NULL);
}

PyObject *py_matrix_from_csr(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                             PyObject *kwnames)
{
    PY_SIGNATURE(signature, "from_csr", 4, 4, "comm", "indptr", "indices", "values", "partition",
                 "col_partition", "exec");
    py_state *st = py_state_of(type);
    PyObject *given[7];
    PyObject *comm = py_args_comm(st, &signature, 0, args, nargs, kwnames, given);
    return comm ? from_rows(st, comm, given + 1, -1, &(row_args){given[4], given[5], given[6]})
                : NULL;
}

PyObject *py_matrix_from_scipy(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                               PyObject *kwnames)
{
    PY_SIGNATURE(signature, "from_scipy", 2, 2, "comm", "local_rows", "partition", "col_partition",
                 "exec");
    py_state *st = py_state_of(type);
    PyObject *given[5], *parts[PY_PARTS_MAX];
    int64_t shape[2] = {0, -1};
    PyObject *comm = py_args_comm(st, &signature, 0, args, nargs, kwnames, given);
    if (!comm)
        return NULL;
    py_scipy_parts(st, py_format_storage(PTL_CSR), given[1], parts,
                   shape); /* where it fails, from_rows fails on every rank */
    PyObject *self =
        from_rows(st, comm, parts, shape[1], &(row_args){given[2], given[3], given[4]});
    for (int i = 0; i < 3; i++)
        Py_XDECREF(parts[i]);
    return self;
}

/* ---- from blocks and operators --------------------------------------------------------------- */

static int csr_arg(py_state *st, PyObject *object, const char *name, ptl_csr **out)
{
    if (!py_is(object, py_format_class(st, PTL_CSR))) {
        py_type_error(name, "a Csr", object);
        return -1;
    }
    *out = ptl_linop_as_csr(((py_linop *)object)->op);
    return 0;
}

/* given: comm, partition, ghosts, local, ghost */
static int blocks_convert(py_state *st, PyObject *const *given, ptl_matrix_layout *layout,
                          py_array *ghosts, ptl_csr *blocks[2])
{
    if (py_partition_arg(st, given[1], "partition", &layout->partition) < 0 ||
        csr_arg(st, given[3], "local", &blocks[0]) < 0 ||
        (py_given(given[4]) && csr_arg(st, given[4], "ghost", &blocks[1]) < 0) ||
        py_array_indices(st, given[2], "ghosts", 8, ghosts) < 0)
        return -1;
    if (!layout->partition) {
        py_type_error("partition", "a Partition", given[1]);
        return -1;
    }
    layout->exec = ptl_linop_exec(ptl_csr_linop(blocks[0]));
    return 0;
}

PyObject *py_matrix_from_blocks(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                                PyObject *kwnames)
{
    PY_SIGNATURE(signature, "from_blocks", 4, 5, "comm", "partition", "ghosts", "local", "ghost");
    py_state *st = py_state_of(type);
    PyObject *given[5];
    ptl_matrix_layout layout = {0};
    py_array ghosts = {0};
    ptl_csr *blocks[2] = {NULL, NULL};
    ptl_matrix *A = NULL;
    PyObject *comm = py_args_comm(st, &signature, 0, args, nargs, kwnames, given);
    if (!comm)
        return NULL;
    layout.comm = py_comm_get(comm);
    PyObject *made_of = PyTuple_Pack(2, given[3], py_given(given[4]) ? given[4] : Py_None);
    int failed =
        !made_of || blocks_convert(st, given, &layout, &ghosts, blocks) < 0
            ? py_fail_together(st, layout.comm)
            : PY_CALL(st, ptl_matrix_from_blocks(&layout, py_array_count(&ghosts),
                                                 ghosts.buffer.buf, blocks[0], blocks[1], &A));
    py_array_end(&ghosts);
    PyObject *self = wrap(st, failed, A, comm, made_of);
    Py_XDECREF(made_of);
    return self;
}

/* given: comm, linop, global_shape */
static int local_convert(py_state *st, PyObject *const *given, ptl_linop **local, int64_t shape[2])
{
    *local = py_linop_get(st, given[1], "linop");
    if (!*local || !py_given(given[2]))
        return *local ? 0 : -1;
    if (py_to_shape(st, given[2], "global_shape", shape) < 0)
        return -1;
    if (shape[0] >= 0 && shape[1] >= 0)
        return 0;
    py_error(st, PTL_INVALID, "global_shape is (%lld, %lld), sizes cannot be negative",
             (long long)shape[0], (long long)shape[1]);
    return -1;
}

PyObject *py_matrix_from_local(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                               PyObject *kwnames)
{
    PY_SIGNATURE(signature, "from_local", 2, 3, "comm", "linop", "global_shape");
    py_state *st = py_state_of(type);
    PyObject *given[3];
    ptl_linop *local;
    int64_t shape[2] = {-1, -1};
    ptl_matrix *A = NULL;
    PyObject *comm = py_args_comm(st, &signature, 0, args, nargs, kwnames, given);
    if (!comm)
        return NULL;
    ptl_comm *c = py_comm_get(comm);
    PyObject *made_of = PyTuple_Pack(2, given[1], Py_None);
    int failed = !made_of || local_convert(st, given, &local, shape) < 0
                     ? py_fail_together(st, c)
                     : PY_CALL(st, ptl_matrix_from_local(c, local, shape[0], shape[1], &A));
    PyObject *self = wrap(st, failed, A, comm, made_of);
    Py_XDECREF(made_of);
    return self;
}
