/* Memory of ours that NumPy looks at. */
#ifndef PY_BLOCK_H
#define PY_BLOCK_H

#include "py_state.h"

/* Memory that NumPy is to look at. `keep` is a Python object that keeps it alive. */
typedef struct py_memory {
    void *data;
    int ndim;
    int64_t shape[2], stride; /* stride: bytes from row to row; the columns are neighbours */
    const char *format;       /* as in PEP 3118 */
    int size;                 /* bytes of an element */
    int readonly;
} py_memory;
PyObject *py_array_over(py_state *st, const py_memory *memory, PyObject *keep);
/* The method __array__(dtype=None, copy=None) of what `array`, a NumPy array, looks at. */
PyObject *py_array_protocol(py_state *st, PyObject *array, PyObject *const *args, Py_ssize_t nargs,
                            PyObject *kwnames);
/* The PEP 3118 format of a dtype. */
const char *py_format(ptl_dtype dtype);

#endif
