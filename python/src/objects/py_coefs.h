/* Numbers that go with vectors: coefficients in, results out. */
#ifndef PY_COEFS_H
#define PY_COEFS_H

#include "../base/py_state.h"

/* One coefficient per column of v from a number or an array. */
typedef struct py_coefs {
    double few[16];
    double *values; /* few, or allocated */
} py_coefs;
int py_coefs_get(py_state *st, PyObject *object, const char *name, const ptl_vector *v,
                 py_coefs *out);
void py_coefs_end(py_coefs *coefs);
/* Whether an object is one number, of Python or NumPy. */
int py_is_number(PyObject *object);
/* A number into one double, or two where is_complex; DtypeError, TypeError. */
int py_to_number(py_state *st, PyObject *object, const char *name, int is_complex, double *out);
/* What a reduction of v has given (doubles, or pairs of them where is_complex): a number for a
 * one-dimensional vector, else an array. */
PyObject *py_result(py_state *st, const ptl_vector *v, const double *values, int is_complex);

#endif
