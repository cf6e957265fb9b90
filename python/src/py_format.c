/* Local formats: what all of them do, as the class that they derive from. Its constructors are in
 * py_format_make.c. */
#include "py_format.h"

static py_state *state(PyObject *self)
{
    return ((py_linop *)self)->state;
}

static ptl_linop *own(PyObject *self)
{
    return ((py_linop *)self)->op;
}

#define X(id, name, class, doc)                                                                    \
    static PyObject *format_to_##name(PyObject *self, PyObject *unused)                            \
    {                                                                                              \
        (void)unused;                                                                              \
        return py_format_convert(self, PTL_##id, -1);                                              \
    }
PY_FORMATS(X)
#undef X

static PyObject *format_copy(PyObject *self, PyObject *unused)
{
    (void)unused;
    return py_format_convert(self, ptl_format_storage(own(self)), -1);
}

static PyObject *format_astype(PyObject *self, PyObject *given)
{
    ptl_dtype dtype;
    return py_to_dtype(state(self), given, &dtype) < 0
               ? NULL
               : py_format_convert(self, ptl_format_storage(own(self)), (int)dtype);
}

static PyObject *format_transpose(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                                  PyObject *kwnames)
{
    PY_SIGNATURE(signature, "transpose", 0, 1, "conjugate");
    PyObject *given[1];
    ptl_linop *op;
    if (py_args(&signature, args, nargs, kwnames, given) < 0)
        return NULL;
    int conjugate = given[0] ? PyObject_IsTrue(given[0]) : 0;
    ptl_op form = conjugate ? PTL_OP_HERMITIAN : PTL_OP_TRANSPOSE;
    return conjugate < 0 || PY_CALL(state(self), ptl_format_transpose(own(self), form, &op)) < 0
               ? NULL
               : py_format_wrap(state(self), op);
}

static PyObject *format_to_scipy(PyObject *self, PyObject *unused)
{
    (void)unused;
    PyObject *module = PyImport_ImportModule("petiole._scipy");
    PyObject *result = module ? PyObject_CallMethod(module, "from_format", "(O)", self) : NULL;
    Py_XDECREF(module);
    return result;
}

static PyObject *format_nnz(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromLongLong(ptl_format_nnz(own(self)));
}

static PyObject *format_format(PyObject *self, void *unused)
{
    (void)unused;
    return PyUnicode_FromString(ptl_linop_kind(own(self)));
}

static PyMethodDef format_methods[] = {
    PY_CLASS_METHOD(
        "from_scipy", py_format_from_scipy,
        "from_scipy($type, /, matrix, *, copy=True, exec=None)\n--\n\n"
        "From a SciPy sparse array (local). copy False makes a Csr or Coo look at the arrays of\n"
        "SciPy's matrix of the same format, which are kept alive; the others are always copies\n"
        "(InvalidArgument)."),
    {"to_scipy", format_to_scipy, METH_NOARGS,
     "to_scipy($self, /)\n--\n\n"
     "A copy as a scipy.sparse.coo_array of a Coo, else a csr_array; float16 becomes float32\n"
     "(local)."},
    {"copy", format_copy, METH_NOARGS,
     "copy($self, /)\n--\n\nA new matrix of the same format and entries (local)."},
    {"astype", format_astype, METH_O,
     "astype($self, dtype, /)\n--\n\n"
     "A new matrix of the same format, its values converted (local). DtypeError from complex to\n"
     "real."},
    PY_METHOD("transpose", format_transpose,
              "transpose($self, /, conjugate=False)\n--\n\n"
              "The transpose, or with conjugate the conjugate transpose, as a new matrix of the\n"
              "same format (local). T and H are operators that copy nothing."),
#define X(id, name, class, doc)                                                                    \
    {"to_" #name, format_to_##name, METH_NOARGS, "to_" #name "($self, /)\n--\n\n" doc},
    PY_FORMATS(X)
#undef X
        {NULL, NULL, 0, NULL},
};

static PyGetSetDef format_getset[] = {
    {"nnz", format_nnz, NULL,
     "Stored entries: padding is not counted, zeros and duplicates are (local).", NULL},
    {"format", format_format, NULL, "\"csr\", \"coo\", \"ell\", \"sellp\" or \"dense\" (local).",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(format_doc,
             "A matrix on one process, given by its entries: what Csr, Coo, Ell, Sellp and Dense "
             "share.\n\n"
             "Each is an operator over one process, and can be the local block of a distributed\n"
             "Matrix. Csr(matrix, *, dtype=None, exec=None), and so for the others, converts a "
             "local\n"
             "format, a SciPy sparse array or a 2-D array, always to a copy (local). Entries of\n"
             "float16 are stored in two bytes, and multiply as numbers of the vectors' dtype.");

static PyType_Slot format_slots[] = {
    {Py_tp_new, py_format_new},
    {Py_tp_init, py_linop_made},
    {Py_tp_dealloc, py_linop_dealloc},
    {Py_tp_traverse, py_linop_traverse},
    {Py_tp_clear, py_linop_clear},
    {Py_tp_methods, format_methods},
    {Py_tp_getset, format_getset},
    {Py_tp_doc, (void *)format_doc},
    {0, NULL},
};

PyType_Spec py_Format_spec = {"petiole.Format", sizeof(py_linop), 0,
                              Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
                              format_slots};
