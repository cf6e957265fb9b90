/* Local formats: how their arrays come in and go out, which all of them do alike. Each has a
 * py_<format>.c with its table and its attributes. */
#ifndef PY_FORMAT_H
#define PY_FORMAT_H

#include "py_common.h"

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

/* X(id, name, class, what to_<name> gives): the formats, in the order of ptl_storage; each has a
 * py_<name>_storage in its file. */
#define PY_FORMATS(X)                                                                              \
    X(CSR, csr, Csr, "A new Csr with the same entries, in their order within a row (local).")      \
    X(COO, coo, Coo, "A new Coo with the same entries (local).")                                   \
    X(ELL, ell, Ell, "A new Ell with the same entries (local).")                                   \
    X(SELLP, sellp, Sellp, "A new Sellp with the same entries (local).")                           \
    X(DENSE, dense, Dense, "A new Dense; duplicates are summed (local).")

#define X(id, name, class, doc) extern const py_storage py_##name##_storage;
PY_FORMATS(X)
#undef X

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

/* An object of a format from its parts; `exec` is the argument of this name. */
PyObject *py_format_make(py_state *st, const py_storage *storage, PyObject *const *given,
                         const int64_t shape[2], PyObject *extra, int copy, PyObject *exec);
/* The class method from_arrays of a format. */
PyObject *py_format_from_arrays(const py_storage *storage, PyObject *type, PyObject *const *args,
                                Py_ssize_t nargs, PyObject *kwnames);

/* An object over one of the library's, whose reference it takes: of the class of its storage, or a
 * plain LinOp where it has none. */
PyObject *py_format_wrap(py_state *st, ptl_linop *op);

/* Its entries in another storage or the same, of dtype `dtype` (-1: its own): a new object. */
PyObject *py_format_convert(PyObject *self, int id, int dtype);

/* Of the class Format: its constructor, and the class method from_scipy. */
PyObject *py_format_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);
PyObject *py_format_from_scipy(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                               PyObject *kwnames);

/* ---- arrays out: NumPy arrays over the format's own, which keep the C matrix alive ------------
 */

typedef struct py_extent {
    int ndim;
    int64_t rows, cols, ld; /* cols and ld where ndim is 2 */
} py_extent;
PyObject *py_format_indices(PyObject *self, const void *data, ptl_itype itype, py_extent extent);
PyObject *py_format_values(PyObject *self, const void *data, py_extent extent);

#endif
