/* Distributed matrices, below their methods. */
#ifndef PY_MATRIX_H
#define PY_MATRIX_H

#include "../base/py_state.h"

extern py_class py_Matrix_class;

/* A Matrix, which is a py_linop; takes A's reference, borrows the others. */
PyObject *py_matrix_wrap(py_state *st, ptl_matrix *A, PyObject *comm, PyObject *made_of);

#endif
