/* Arrays, in and out. */
#ifndef PY_ARRAY_H
#define PY_ARRAY_H

#include "py_state.h"

/* Somebody's array in host memory, held until py_array_end. */
typedef struct py_array {
    Py_buffer buffer; /* held where buffer.obj is not NULL; shape and strides are in it */
    char kind;        /* of the elements: NumPy's b i u f c, or 0 */
    int size;         /* bytes of an element */
} py_array;
/* That an object has memory of its own to look at; TypeError, which names what makes copies. */
int py_array_check(PyObject *object, const char *name, const char *copier);
/* The object's own memory. DtypeError where it is no array; a GPU's is refused with the cure. */
int py_array_view(py_state *st, PyObject *object, const char *name, py_array *out);
/* Its values, read row by row: converted to a dtype of ours where they are integers, and copied
 * where they don't lie so. ndim_max 1 or 2; `wanted` (or -1) is what integers become, else float64.
 */
int py_array_values(py_state *st, PyObject *object, const char *name, int ndim_max, int wanted,
                    py_array *out, ptl_dtype *dtype);
/* Integers, contiguous, as int64 (or int32: size 4), of any shape. */
int py_array_indices(py_state *st, PyObject *object, const char *name, int size, py_array *out);
/* Copies what py_array_values gave where it has two dimensions and rows lie apart. */
int py_array_pack(py_state *st, const char *name, py_array *array);
/* Replaces an array by NumPy's contiguous copy of it in another dtype. */
int py_array_astype(py_state *st, const char *name, const char *dtype, py_array *array);
void py_array_end(py_array *array);
/* The elements of all dimensions. */
int64_t py_array_count(const py_array *array);
/* The dtype of an array; DtypeError where it is none of ours. */
int py_array_dtype(py_state *st, const py_array *array, const char *name, ptl_dtype *out);
/* Elements from row to row, where a row's elements are neighbours; -1 where they are not. */
int64_t py_array_ld(const py_array *array);

/* A new NumPy array and its memory. */
PyObject *py_array_new(py_state *st, int ndim, const int64_t *shape, const char *dtype,
                       void **data);
/* The same with float64s in it. */
PyObject *py_array_of_doubles(py_state *st, int ndim, const int64_t *shape, const double *values);

#endif
