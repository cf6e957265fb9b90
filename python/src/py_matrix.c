/* Distributed matrices: what can be asked of them, and the class. Its constructors are in
 * py_matrix_make.c. */
#include "py_matrix.h"

#include "py_format.h"

static ptl_matrix *get(PyObject *self)
{
    return ptl_linop_as_matrix(((py_linop *)self)->op);
}

static PyObject *matrix_diagonal(PyObject *self, PyObject *unused)
{
    (void)unused;
    py_linop *linop = (py_linop *)self;
    ptl_vector *v;
    return PY_CALL(linop->state, ptl_matrix_diagonal(get(self), &v)) < 0
               ? NULL
               : py_vector_wrap(linop->state, v, linop->comm);
}

static PyObject *matrix_update_values(PyObject *self, PyObject *values)
{
    py_state *st = ((py_linop *)self)->state;
    ptl_linop *op = ((py_linop *)self)->op;
    py_array array = {0};
    ptl_dtype dtype;
    int failed =
        py_array_values(st, values, "values", 1, (int)ptl_linop_dtype(op), &array, &dtype) < 0
            ? py_fail_together(st, ptl_linop_comm(op))
            : PY_CALL(st, ptl_matrix_update_values(get(self), py_array_count(&array), dtype,
                                                   array.buffer.buf));
    py_array_end(&array);
    return failed < 0 ? NULL : Py_NewRef(Py_None);
}

/* The same matrix, its local block in another format. */
static PyObject *matrix_to_format(PyObject *self, PyObject *name)
{
    static const char *const names[] = {
#define X(id, name, class, doc) [PTL_##id] = #name,
        PY_FORMATS(X)
#undef X
            [PTL_STORAGE_COUNT] = NULL};
    py_linop *linop = (py_linop *)self;
    py_state *st = linop->state;
    int storage;
    ptl_matrix *made = NULL;
    int failed = py_to_choice(st, name, "name", names, &storage) < 0
                     ? py_fail_together(st, ptl_linop_comm(linop->op))
                     : PY_CALL(st, ptl_matrix_convert(get(self), (ptl_storage)storage, &made));
    return failed < 0 ? NULL
                      : py_linop_wrap(st, st->Matrix, ptl_matrix_linop(made), linop->comm, NULL);
}

static PyObject *matrix_to_scipy(PyObject *self, PyObject *unused)
{
    (void)unused;
    py_state *st = ((py_linop *)self)->state;
    ptl_csr *rows;
    if (PY_CALL(st, ptl_matrix_owned_rows(get(self), &rows)) < 0)
        return NULL;
    PyObject *csr = py_format_wrap(st, ptl_csr_linop(rows));
    PyObject *result = csr ? PyObject_CallMethod(csr, "to_scipy", NULL) : NULL;
    Py_XDECREF(csr);
    return result;
}

static PyObject *matrix_local_shape(PyObject *self, void *unused)
{
    (void)unused;
    const ptl_linop *op = ((py_linop *)self)->op;
    return py_shape(2, ptl_linop_local_rows(op), ptl_linop_local_cols(op));
}

static PyObject *matrix_nnz(PyObject *self, void *unused)
{
    (void)unused;
    int64_t nnz;
    return PY_CALL(((py_linop *)self)->state, ptl_matrix_nnz(get(self), &nnz)) < 0
               ? NULL
               : PyLong_FromLongLong(nnz);
}

/* The Python object that the matrix was made of, or one over C's block. */
static PyObject *block(PyObject *self, int which, ptl_linop *from_c)
{
    py_linop *linop = (py_linop *)self;
    if (linop->made_of)
        return Py_NewRef(PyTuple_GetItem(linop->made_of, which));
    return from_c ? py_format_wrap(linop->state, ptl_linop_retain(from_c)) : Py_NewRef(Py_None);
}

static PyObject *matrix_local(PyObject *self, void *unused)
{
    (void)unused;
    return block(self, 0, ptl_matrix_local(get(self)));
}

static PyObject *matrix_ghost(PyObject *self, void *unused)
{
    (void)unused;
    ptl_csr *ghost;
    if (PY_CALL(((py_linop *)self)->state, ptl_matrix_ghost(get(self), &ghost)) < 0)
        return NULL;
    return block(self, 1, ghost ? ptl_csr_linop(ghost) : NULL);
}

static PyObject *matrix_index_map(PyObject *self, void *unused)
{
    (void)unused;
    ptl_index_map *map = ptl_matrix_index_map(get(self));
    return map ? py_index_map_wrap(((py_linop *)self)->state, ptl_index_map_retain(map))
               : Py_NewRef(Py_None);
}

static PyObject *matrix_ghosts(PyObject *self, void *unused)
{
    (void)unused;
    int64_t none = 0;
    void *data;
    PyObject *map = matrix_index_map(self, NULL), *ghosts = NULL;
    if (map == Py_None)
        ghosts = py_array_new(((py_linop *)self)->state, 1, &none, "int64", &data);
    else if (map)
        ghosts = PyObject_GetAttrString(map, "ghosts");
    Py_XDECREF(map);
    return ghosts;
}

static PyObject *wrap_partition(PyObject *self, ptl_partition *p)
{
    return p ? py_partition_wrap(((py_linop *)self)->state, ptl_partition_retain(p))
             : Py_NewRef(Py_None);
}

static PyObject *matrix_partition(PyObject *self, void *unused)
{
    (void)unused;
    return wrap_partition(self, ptl_matrix_partition(get(self)));
}

static PyObject *matrix_col_partition(PyObject *self, void *unused)
{
    (void)unused;
    return wrap_partition(self, ptl_matrix_col_partition(get(self)));
}

static PyObject *matrix_format(PyObject *self, void *unused)
{
    (void)unused;
    return PyUnicode_FromString(ptl_linop_kind(ptl_matrix_local(get(self))));
}

PY_COUNT(1, matrix_update_values)
PY_COUNT(1, matrix_to_format)
PY_COUNT(0, py_matrix_copy)
PY_COUNT(1, py_matrix_astype)
PY_COUNT(1, py_matrix_row_scale)
PY_COUNT(1, py_matrix_col_scale)

static PyMethodDef matrix_methods[] = {
    PY_CLASS_METHOD(
        "from_coo", py_matrix_from_coo,
        "from_coo($type, /, comm, partition, rows, cols, values, *, col_partition=None,\n"
        "         foreign='send', exec=None)\n--\n\n"
        "From triplets given on any rank, with global indices (collective). Rows owned elsewhere "
        "are\n"
        "sent to their owner, or refused (IndexOutOfRange) where foreign is \"refuse\". Duplicates "
        "are\n"
        "summed. col_partition: of the columns, where it is not that of the rows. Integer values\n"
        "become float64. IndexOutOfRange with rank, position and value; DimensionError, "
        "DtypeError."),
    PY_CLASS_METHOD(
        "from_csr", py_matrix_from_csr,
        "from_csr($type, /, comm, indptr, indices, values, *, partition=None,\n"
        "         col_partition=None, exec=None)\n--\n\n"
        "From each rank's owned rows in local order, with global columns (collective).\n"
        "Without a partition, ranks own rows in rank order. Duplicates are summed.\n"
        "IndexOutOfRange, DimensionError, DtypeError."),
    PY_CLASS_METHOD(
        "from_scipy", py_matrix_from_scipy,
        "from_scipy($type, /, comm, local_rows, *, partition=None, col_partition=None,\n"
        "           exec=None)\n--\n\n"
        "From each rank's owned rows as a SciPy sparse array with all the columns\n"
        "(collective); else as from_csr."),
    PY_CLASS_METHOD(
        "from_blocks", py_matrix_from_blocks,
        "from_blocks($type, /, comm, partition, ghosts, local, ghost=None)\n--\n\n"
        "From both blocks as they are, which are kept (collective). local: a Csr of the owned "
        "columns;\n"
        "ghost: a Csr whose columns stand for `ghosts`, global indices by owner and then "
        "ascending,\n"
        "without duplicates. InvalidArgument, IndexOutOfRange, DimensionError, DtypeError."),
    PY_CLASS_METHOD("from_local", py_matrix_from_local,
                    "from_local($type, /, comm, linop, global_shape=None)\n--\n\n"
                    "Block-diagonal (collective): each rank's operator on one process, which is "
                    "kept; it makes no\n"
                    "exchange. DimensionError where global_shape is not the sum."),
    PY_CLASS_METHOD(
        "read", py_matrix_read,
        "read($type, /, path, comm=None, partition=None, *, col_partition=None, dtype=None,\n"
        "     exec=None)\n--\n\n"
        "Reads a MatrixMarket or a Petiole binary file, told by its first bytes (collective). "
        "Every\n"
        "rank opens `path` (str, bytes or os.PathLike) and reads a part of it. Rows, and columns\n"
        "where the matrix is not square, are divided evenly where no partition is given. Without "
        "a\n"
        "dtype, MatrixMarket gives float64 or complex128, a binary file what was written.\n"
        "update_values is NotSupported for what is read. FileError where a rank cannot read it,\n"
        "or it changes meanwhile; FormatError with the line; OutOfMemory where it declares more\n"
        "than memory holds; DtypeError from complex to real; DimensionError."),
    PY_METHOD(
        "write", py_matrix_write,
        "write($self, /, path, format=None)\n--\n\n"
        "Writes a file, each rank its own rows (collective). format: \"mtx\" (MatrixMarket,\n"
        "coordinate, general) or \"binary\" (fast, checked, read on any number of ranks); None "
        "goes by\n"
        "the suffix, .mtx or .ptl, and another one is InvalidArgument. The file appears under\n"
        "its name when it is whole, in place of what was there, whose mode and symbolic links\n"
        "stay. Numbers keep their bits. FileError; DimensionError where ranks pass different\n"
        "matrices; NotSupported where the local operator is no local format."),
    {"diagonal", matrix_diagonal, METH_NOARGS,
     "diagonal($self, /)\n--\n\n"
     "The owned diagonal entries as a new Vector, 0 where none is stored (local)."},
    PY_COUNTED("update_values", matrix_update_values,
               "update_values($self, values, /)\n--\n\n"
               "New values in the same pattern, in the order given at assembly on this rank "
               "(collective).\n"
               "DimensionError, DtypeError; NotSupported for from_blocks and from_local."),
    PY_COUNTED("to_format", matrix_to_format,
               "to_format($self, name, /)\n--\n\n"
               "A new matrix with the same entries, its local block a \"csr\", \"coo\", \"ell\", "
               "\"sellp\" "
               "or\n"
               "\"dense\" (collective); the ghost block stays a Csr. NotSupported where the local "
               "operator "
               "is\n"
               "no local format."),
    {"to_scipy", matrix_to_scipy, METH_NOARGS,
     "to_scipy($self, /)\n--\n\n"
     "The owned rows with all columns, a new scipy.sparse.csr_array of shape (local rows, N), its\n"
     "columns ascending in each row (local). NotSupported for from_local on several ranks."},
    PY_COUNTED("copy", py_matrix_copy,
               "copy($self, /)\n--\n\n"
               "A new Matrix with the same entries on the same partitions (collective). "
               "NotSupported where\n"
               "from_local was given what is no local format."),
    PY_COUNTED("astype", py_matrix_astype,
               "astype($self, dtype, /)\n--\n\n"
               "A new Matrix with the entries converted (collective). DtypeError from complex to "
               "real; else\n"
               "as copy."),
    PY_COUNTED(
        "row_scale", py_matrix_row_scale,
        "row_scale($self, v, /)\n--\n\n"
        "A = diag(v) A, in place (collective). v: a Vector of A's rows, of one column and of A's "
        "dtype\n"
        "or its real one; or an array of this rank's part of it. update_values overwrites what "
        "was\n"
        "scaled. DimensionError, DtypeError; NotSupported where a block is no Csr, or a view of "
        "the\n"
        "caller's arrays."),
    PY_COUNTED("col_scale", py_matrix_col_scale,
               "col_scale($self, v, /)\n--\n\n"
               "A = A diag(v), in place (collective); v is of A's columns, else as row_scale."),
    PY_METHOD("transpose", py_matrix_transpose,
              "transpose($self, /, conjugate=False)\n--\n\n"
              "The transpose as a new Matrix, conjugated where asked for, whose partition is A's\n"
              "col_partition and vice versa (collective). NotSupported as copy."),
    PY_METHOD("redistribute", py_matrix_redistribute,
              "redistribute($self, /, partition, col_partition=None)\n--\n\n"
              "The same entries on other partitions, a new Matrix (collective). Without\n"
              "col_partition, which a square matrix alone can do without, columns are divided as\n"
              "rows. DimensionError; NotSupported as copy."),
    PY_METHOD(
        "submatrix", py_matrix_submatrix,
        "submatrix($self, /, rows, cols)\n--\n\n"
        "The entries in some rows and columns, a new Matrix (collective). rows, cols: global\n"
        "indices, any on any rank, which become this rank's rows and columns in that order.\n"
        "Rows may repeat. IndexOutOfRange; InvalidArgument where a column is given twice;\n"
        "NotSupported as copy."),
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef matrix_getset[] = {
    {"local_shape", matrix_local_shape, NULL, "(rows, columns) of the local block (local).", NULL},
    {"nnz", matrix_nnz, NULL, "Stored entries over all ranks (collective).", NULL},
    {"local", matrix_local, NULL,
     "The block of owned columns: a local format, or the operator given to from_local (local).",
     NULL},
    {"ghost", matrix_ghost, NULL,
     "The block of the columns in `ghosts`, a Csr; None where there is none (local).", NULL},
    {"ghosts", matrix_ghosts, NULL,
     "Global columns that are owned elsewhere and needed here, an int64 array (local).", NULL},
    {"partition", matrix_partition, NULL, "Of the rows; None for from_local (local).", NULL},
    {"col_partition", matrix_col_partition, NULL, "Of the columns; None for from_local (local).",
     NULL},
    {"index_map", matrix_index_map, NULL,
     "The IndexMap of this rank's columns; None for from_local (local).", NULL},
    {"format", matrix_format, NULL,
     "The local block's format, \"csr\" where nothing else was asked for (local).", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(
    matrix_doc,
    "A distributed sparse matrix: each rank owns the rows that a Partition gives to its part.\n\n"
    "Made by from_coo, from_csr, from_scipy, from_blocks, from_local and read. A @ B, A + B, A - "
    "B,\n"
    "-A, and products and quotients with a number are new matrices (collective). Entries of\n"
    "float16 are stored in two bytes, and multiply as numbers of the vectors' dtype; what a\n"
    "factory makes of them is made of float32. Two such matrices have no sum or product as\n"
    "matrices, and row_scale and col_scale refuse them: NotSupported.");

static PyType_Slot matrix_slots[] = {
    {Py_tp_dealloc, py_linop_dealloc},
    {Py_tp_traverse, py_linop_traverse},
    {Py_tp_clear, py_linop_clear},
    {Py_tp_methods, matrix_methods},
    {Py_tp_getset, matrix_getset},
    {Py_nb_add, py_matrix_add},
    {Py_nb_subtract, py_matrix_subtract},
    {Py_nb_multiply, py_matrix_multiply},
    {Py_nb_true_divide, py_matrix_divide},
    {Py_nb_negative, py_matrix_negative},
    {Py_nb_matrix_multiply, py_matrix_matmul},
    {Py_tp_doc, (void *)matrix_doc},
    {0, NULL},
};

PyType_Spec py_Matrix_spec = {
    "petiole.Matrix", sizeof(py_linop), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION, matrix_slots};
