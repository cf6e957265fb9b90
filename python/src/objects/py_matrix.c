/* Distributed matrices: the object. Its class is in py_matrix_class.c. */
#include "py_matrix.h"

#include "py_linop.h"

py_class py_Matrix_class;

PyObject *py_matrix_wrap(py_state *st, ptl_matrix *A, PyObject *comm, PyObject *made_of)
{
    return py_linop_wrap(st, PY_TYPE(st, Matrix), ptl_matrix_linop(A), comm, made_of);
}
