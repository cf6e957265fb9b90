/* The arrays of a local format, in and out, and the table that describes a format. */
#ifndef PY_PARTS_H
#define PY_PARTS_H

#include "../base/py_args.h"
#include "../base/py_array.h"

/* What an argument's elements are. */
typedef enum py_elements { PY_INDICES, PY_INT64, PY_VALUES } py_elements;

/* One array of a format; rows of a two-dimensional one may lie apart. */
typedef struct py_part {
    const char *name;
    py_elements elements;
    int ndim;
} py_part;

enum { PY_PARTS_MAX = 3 };

/* The arrays of a format as they are given, held until py_parts_end. */
typedef struct py_parts {
    py_array arrays[PY_PARTS_MAX]; /* in the order of the format's table */
    ptl_dtype dtype;
    ptl_itype itype;
    union { /* what the library gets */
        ptl_csr_arrays csr;
        ptl_coo_arrays coo;
        ptl_ell_arrays ell;
        ptl_sellp_arrays sellp;
        ptl_dense_arrays dense;
    } as;
} py_parts;

/* A format's way in. */
typedef struct py_storage {
    ptl_storage id;
    py_class *type;
    /* The constructor from arrays: shape, the parts, perhaps one thing more, copy, exec. */
    py_signature signature;
    int count;
    py_part parts[PY_PARTS_MAX];
    const char *copier; /* how to copy what cannot be viewed */
    /* Where SciPy has the format: the method that gives it, and its attributes; else NULL. */
    const char *scipy, *scipy_names[PY_PARTS_MAX];
    /* Fills parts->as; checks that the lengths fit each other, so that C can trust them. shape
     * NULL: what the arrays say (of a Csr, the rows alone). `extra`: the one thing more, or NULL.
     */
    int (*complete)(py_state *st, const int64_t shape[2], PyObject *extra, py_parts *parts);
    /* The library's matrix: a copy, or a view where `release` is given. */
    ptl_status (*create)(ptl_exec *exec, const py_parts *parts, void (*release)(void *ctx),
                         void *ctx, ptl_linop **out);
} py_storage;

/* The arrays of `given` into memory that C can read: converted or copied where they must be, or
 * (copy 0) as they are. What was taken so far is the caller's to end where this fails. */
int py_parts_get(py_state *st, const py_storage *storage, PyObject *const *given, int copy,
                 py_parts *out);
void py_parts_end(py_parts *parts);
/* The elements of part i. */
static inline int64_t py_parts_count(const py_parts *parts, int i)
{
    return py_array_count(&parts->arrays[i]);
}
/* That parts a and b of a format have the same number of elements. */
int py_parts_same(py_state *st, const py_storage *storage, const py_parts *parts, int a, int b);

/* The arrays of a SciPy matrix in a format that SciPy has, and its shape; new references. */
int py_scipy_parts(py_state *st, const py_storage *storage, PyObject *matrix,
                   PyObject *parts[PY_PARTS_MAX], int64_t shape[2]);

/* Arrays out: NumPy arrays over the format's own, which keep the C matrix alive. */
typedef struct py_extent {
    int ndim;
    int64_t rows, cols, ld; /* cols and ld where ndim is 2 */
} py_extent;
PyObject *py_format_indices(PyObject *self, const void *data, ptl_itype itype, py_extent extent);
PyObject *py_format_values(PyObject *self, const void *data, py_extent extent);

#endif
