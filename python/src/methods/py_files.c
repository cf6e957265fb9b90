/* Matrices and vectors from and to files, all collective. */
#include <string.h>

#include "py_files.h"

#include "../base/py_args.h"
#include "../base/py_errors.h"
#include "../base/py_numpy.h"
#include "../objects/py_collective.h"
#include "../objects/py_comm.h"
#include "../objects/py_exec.h"
#include "../objects/py_linop.h"
#include "../objects/py_matrix.h"
#include "../objects/py_partition.h"
#include "../objects/py_vector.h"

/* ---- reading ----------------------------------------------------------------------------------
 */

/* The arguments of both `read`s, converted. */
typedef struct reading {
    PyObject *path; /* bytes */
    const char *name;
    ptl_matrix_layout layout;
    int dtype; /* -1: the file's */
} reading;

static int dtype_arg(py_state *st, PyObject *object, int *out)
{
    ptl_dtype dtype;
    *out = -1;
    if (!py_given(object))
        return 0;
    if (py_to_dtype(st, object, &dtype) < 0)
        return -1;
    *out = (int)dtype;
    return 0;
}

/* given: path, comm, partition, dtype, exec, col_partition */
static int convert(py_state *st, PyObject *const *given, reading *r)
{
    if (!PyUnicode_FSConverter(given[0], &r->path) ||
        py_partition_arg(st, given[2], "partition", &r->layout.partition) < 0 ||
        dtype_arg(st, given[3], &r->dtype) < 0 || py_exec_arg(st, given[4], &r->layout.exec) < 0 ||
        py_partition_arg(st, given[5], "col_partition", &r->layout.col_partition) < 0)
        return -1;
    r->name = PyBytes_AsString(r->path);
    return r->name ? 0 : -1;
}

PyObject *py_matrix_read(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PY_SIGNATURE(signature, "read", 1, 3, "path", "comm", "partition", "dtype", "exec",
                 "col_partition");
    py_state *st = py_state_of(type);
    PyObject *given[6], *self = NULL;
    reading r = {0};
    ptl_matrix *A = NULL;
    PyObject *comm = py_args_comm(st, &signature, 1, args, nargs, kwnames, given);
    if (!comm)
        return NULL;
    r.layout.comm = py_comm_get(comm);
    int failed = convert(st, given, &r) < 0
                     ? py_fail_together(st, r.layout.comm)
                     : PY_CALL(st, ptl_matrix_read(r.name, &r.layout, r.dtype, &A));
    if (failed == 0)
        self = py_matrix_wrap(st, A, comm, NULL);
    Py_XDECREF(r.path);
    Py_DECREF(comm);
    return self;
}

PyObject *py_vector_read(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PY_SIGNATURE(signature, "read", 1, 3, "path", "comm", "partition", "dtype", "exec");
    py_state *st = py_state_of(type);
    PyObject *given[6] = {NULL};
    reading r = {0};
    ptl_vector *v = NULL;
    PyObject *comm = py_args_comm(st, &signature, 1, args, nargs, kwnames, given);
    if (!comm)
        return NULL;
    ptl_comm *c = py_comm_get(comm);
    int failed = convert(st, given, &r) < 0
                     ? py_fail_together(st, c)
                     : PY_CALL(st, ptl_vector_read(r.name, c, r.layout.exec, r.layout.partition,
                                                   r.dtype, &v));
    PyObject *self = failed < 0 ? NULL : py_vector_wrap(st, v, comm);
    Py_XDECREF(r.path);
    Py_DECREF(comm);
    return self;
}

/* ---- writing ----------------------------------------------------------------------------------
 */

enum { MTX, BINARY };

static int ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), n = strlen(end);
    return length >= n && strcmp(text + length - n, end) == 0;
}

/* The format that is asked for, or that the suffix stands for. */
static int choose_format(py_state *st, PyObject *given, const char *name, int *out)
{
    static const char *const formats[] = {"mtx", "binary", NULL};
    if (py_given(given))
        return py_to_choice(st, given, "format", formats, out);
    *out = ends_with(name, ".mtx") ? MTX : BINARY;
    if (*out == MTX || ends_with(name, ".ptl"))
        return 0;
    PyObject *shown = PyUnicode_DecodeFSDefault(name);
    if (shown)
        py_error(st, PTL_INVALID,
                 "path is %R: expected the suffix .mtx (MatrixMarket) or .ptl (binary), or "
                 "format=\"mtx\" or \"binary\"",
                 shown);
    Py_XDECREF(shown);
    return -1;
}

/* given: path, format. *path is bytes, to be released. */
static const char *write_args(py_state *st, PyObject *const *given, PyObject **path, int *format)
{
    if (!PyUnicode_FSConverter(given[0], path))
        return NULL;
    const char *name = PyBytes_AsString(*path);
    return name && choose_format(st, given[1], name, format) == 0 ? name : NULL;
}

PyObject *py_matrix_write(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                          PyObject *kwnames)
{
    PY_SIGNATURE(signature, "write", 1, 2, "path", "format");
    py_state *st = ((py_linop *)self)->state;
    ptl_matrix *A = ptl_linop_as_matrix(((py_linop *)self)->op);
    PyObject *given[2], *path = NULL;
    int format, failed;
    int sorted = py_args(&signature, args, nargs, kwnames, given) == 0;
    const char *name = sorted ? write_args(st, given, &path, &format) : NULL;
    if (!name)
        failed = py_fail_together(st, py_comm_get(((py_linop *)self)->comm));
    else
        failed = format == MTX ? PY_CALL(st, ptl_matrix_write_mtx(A, name))
                               : PY_CALL(st, ptl_matrix_write_binary(A, name));
    Py_XDECREF(path);
    return failed < 0 ? NULL : Py_NewRef(Py_None);
}

PyObject *py_vector_write(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                          PyObject *kwnames)
{
    PY_SIGNATURE(signature, "write", 1, 2, "path", "format");
    py_state *st = ((py_vector *)self)->state;
    ptl_vector *v = py_vector_get(st, self, "the vector");
    PyObject *given[2], *path = NULL;
    int format, failed;
    if (!v || py_args(&signature, args, nargs, kwnames, given) < 0)
        return py_fail_among(st, 1, &self);
    const char *name = write_args(st, given, &path, &format);
    if (!name)
        failed = py_fail_together(st, ptl_vector_comm(v));
    else
        failed = format == MTX ? PY_CALL(st, ptl_vector_write_mtx(v, name))
                               : PY_CALL(st, ptl_vector_write_binary(v, name));
    Py_XDECREF(path);
    return failed < 0 ? NULL : Py_NewRef(Py_None);
}
