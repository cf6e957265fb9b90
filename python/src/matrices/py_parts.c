/* The arrays of local formats: in, converted or as they are; and out, as NumPy arrays over them. */
#include "py_parts.h"

#include "../base/py_args.h"
#include "../base/py_array.h"
#include "../base/py_block.h"
#include "../base/py_errors.h"
#include "../objects/py_linop.h"

void py_parts_end(py_parts *parts)
{
    for (int i = 0; i < PY_PARTS_MAX; i++)
        py_array_end(&parts->arrays[i]);
}

int py_parts_same(py_state *st, const py_storage *storage, const py_parts *parts, int a, int b)
{
    int64_t first = py_parts_count(parts, a), second = py_parts_count(parts, b);
    if (first == second)
        return 0;
    py_error(st, PTL_DIMENSION, "%s has %lld entries, %s %lld", storage->parts[a].name,
             (long long)first, storage->parts[b].name, (long long)second);
    return -1;
}

/* ---- in, to be copied -------------------------------------------------------------------------
 */

static int is_int32(py_state *st, PyObject *object, const char *name)
{
    py_array array;
    if (py_array_view(st, object, name, &array) < 0)
        return -1;
    int is = array.kind == 'i' && array.size == 4;
    py_array_end(&array);
    return is;
}

/* Bytes of the indices: 4 where all index arrays are int32, else 8; -1 on failure. */
static int index_size(py_state *st, const py_storage *storage, PyObject *const *given)
{
    int narrow = 1;
    for (int i = 0; i < storage->count && narrow > 0; i++)
        if (storage->parts[i].elements == PY_INDICES)
            narrow = is_int32(st, given[i], storage->parts[i].name);
    return narrow < 0 ? -1 : narrow ? 4 : 8;
}

static int check_ndim(py_state *st, const py_part *part, const py_array *array)
{
    if (array->buffer.ndim == part->ndim)
        return 0;
    py_error(st, PTL_DIMENSION, "%s has %d dimensions, expected %d", part->name, array->buffer.ndim,
             part->ndim);
    return -1;
}

static int get_to_copy(py_state *st, const py_storage *storage, PyObject *const *given,
                       py_parts *out)
{
    int size = index_size(st, storage, given);
    if (size < 0)
        return -1;
    out->itype = size == 4 ? PTL_I32 : PTL_I64;
    for (int i = 0; i < storage->count; i++) {
        const py_part *part = &storage->parts[i];
        py_array *array = &out->arrays[i];
        int width = part->elements == PY_INT64 ? 8 : size;
        int failed = part->elements == PY_VALUES
                         ? py_array_values(st, given[i], part->name, 2, -1, array, &out->dtype)
                         : py_array_indices(st, given[i], part->name, width, array);
        if (failed < 0 || check_ndim(st, part, array) < 0 ||
            (part->ndim == 2 && py_array_pack(st, part->name, array) < 0))
            return -1;
    }
    return 0;
}

/* ---- in, as they are --------------------------------------------------------------------------
 */

/* That part i is of a kind that can be looked at. */
static int check_elements(py_state *st, const py_storage *storage, int i, py_parts *out)
{
    const py_part *part = &storage->parts[i];
    const py_array *array = &out->arrays[i];
    if (part->elements == PY_VALUES)
        return py_array_dtype(st, array, part->name, &out->dtype);
    int first = 0;
    while (storage->parts[first].elements != part->elements)
        first++;
    int wide = array->kind == 'i' && array->size == 8,
        narrow = array->kind == 'i' && array->size == 4;
    if (part->elements == PY_INDICES) {
        out->itype = narrow ? PTL_I32 : PTL_I64;
        if ((wide || narrow) && array->size == out->arrays[first].size)
            return 0;
        py_error(st, PTL_DTYPE,
                 "%s cannot be viewed: index arrays must be all int32 or all int64; else copy",
                 part->name);
        return -1;
    }
    if (wide)
        return 0;
    py_error(st, PTL_DTYPE, "%s cannot be viewed: it must be int64; else copy", part->name);
    return -1;
}

static int get_to_view(py_state *st, const py_storage *storage, PyObject *const *given,
                       py_parts *out)
{
    for (int i = 0; i < storage->count; i++) {
        const py_part *part = &storage->parts[i];
        py_array *array = &out->arrays[i];
        if (py_array_check(given[i], part->name, storage->copier) < 0 ||
            py_array_view(st, given[i], part->name, array) < 0 ||
            check_elements(st, storage, i, out) < 0 || check_ndim(st, part, array) < 0)
            return -1;
        if (py_array_ld(array) < 0) {
            py_error(st, PTL_INVALID,
                     "%s cannot be viewed: it must be contiguous%s; its strides are %zd%s bytes",
                     part->name, part->ndim == 2 ? " within each row, rows at whole elements" : "",
                     array->buffer.strides[part->ndim - 1], part->ndim == 2 ? " (columns)" : "");
            return -1;
        }
    }
    return 0;
}

int py_parts_get(py_state *st, const py_storage *storage, PyObject *const *given, int copy,
                 py_parts *out)
{
    return copy ? get_to_copy(st, storage, given, out) : get_to_view(st, storage, given, out);
}

int py_scipy_parts(py_state *st, const py_storage *storage, PyObject *matrix,
                   PyObject *parts[PY_PARTS_MAX], int64_t shape[2])
{
    for (int i = 0; i < PY_PARTS_MAX; i++)
        parts[i] = NULL;
    int has = py_has(matrix, storage->scipy);
    if (has == 0)
        py_type_error("matrix", "a SciPy sparse array", matrix);
    if (has <= 0)
        return -1;
    PyObject *given = PyObject_CallMethod(matrix, storage->scipy, NULL);
    PyObject *sizes = given ? PyObject_GetAttrString(given, "shape") : NULL;
    const Py_ssize_t ndim = sizes ? PySequence_Size(sizes) : -1;
    if (ndim >= 0 && ndim != 2)
        py_error(st, PTL_DIMENSION, "matrix has %zd dimensions, expected 2", ndim);
    int failed = ndim != 2 || py_to_shape(st, sizes, "shape", shape) < 0;
    for (int i = 0; i < storage->count && !failed; i++)
        failed = !(parts[i] = PyObject_GetAttrString(given, storage->scipy_names[i]));
    Py_XDECREF(sizes);
    Py_XDECREF(given);
    if (!failed)
        return 0;
    for (int i = 0; i < PY_PARTS_MAX; i++)
        Py_CLEAR(parts[i]);
    return -1;
}

/* ---- out --------------------------------------------------------------------------------------
 */

static void release_capsule(PyObject *capsule)
{
    ptl_linop *op = PyCapsule_GetPointer(capsule, NULL);
    ptl_linop_release(&op);
}

static PyObject *array_over(PyObject *self, py_memory memory, py_extent extent)
{
    py_linop *linop = (py_linop *)self;
    PyObject *keep = PyCapsule_New(linop->op, NULL, NULL);
    if (!keep)
        return NULL;
    ptl_linop_retain(linop->op);
    PyCapsule_SetDestructor(keep, release_capsule);
    memory.ndim = extent.ndim;
    memory.shape[0] = extent.rows;
    memory.shape[1] = extent.cols;
    memory.stride = (extent.ndim == 2 ? extent.ld : 1) * (int64_t)memory.size;
    PyObject *array = py_array_over(linop->state, &memory, keep);
    Py_DECREF(keep);
    return array;
}

PyObject *py_format_indices(PyObject *self, const void *data, ptl_itype itype, py_extent extent)
{
    py_memory memory = {.data = (void *)data,
                        .format = itype == PTL_I32 ? "i" : "q",
                        .size = (int)ptl_itype_size(itype),
                        .readonly = 1};
    return array_over(self, memory, extent);
}

PyObject *py_format_values(PyObject *self, const void *data, py_extent extent)
{
    py_linop *linop = (py_linop *)self;
    ptl_dtype dtype = ptl_linop_dtype(linop->op);
    py_memory memory = {.data = (void *)data,
                        .format = py_format(dtype),
                        .size = (int)ptl_dtype_size(dtype),
                        .readonly = linop->readonly};
    return array_over(self, memory, extent);
}
