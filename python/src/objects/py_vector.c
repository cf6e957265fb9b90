/* Vectors: the object, and how it is found in an argument. */
#include "py_vector.h"

#include "../base/py_errors.h"

py_class py_Vector_class;

PyObject *py_vector_wrap(py_state *st, ptl_vector *v, PyObject *comm)
{
    py_vector *self = py_new(st, PY_TYPE(st, Vector));
    if (!self) {
        ptl_vector_release(&v);
        return NULL;
    }
    self->v = v;
    self->comm = Py_XNewRef(comm);
    return (PyObject *)self;
}

PyObject *py_vector_lend(py_state *st, ptl_vector *v, PyObject *comm, int readonly)
{
    PyObject *self = py_vector_wrap(st, ptl_vector_retain(v), comm);
    if (self)
        ((py_vector *)self)->readonly = readonly;
    return self;
}

void py_vector_end(PyObject *lent)
{
    if (lent)
        ptl_vector_release(&((py_vector *)lent)->v);
    Py_XDECREF(lent);
}

ptl_vector *py_vector_get(py_state *st, PyObject *object, const char *name)
{
    if (!py_is(object, PY_TYPE(st, Vector)))
        return py_type_error(name, "a Vector", object);
    ptl_vector *v = ((py_vector *)object)->v;
    if (!v)
        return py_error(st, PTL_EXPIRED,
                        "%s was lent to a callback or an operator that has returned: keep a copy "
                        "instead, v.copy()",
                        name);
    return v;
}

ptl_vector *py_vector_get_writable(py_state *st, PyObject *object, const char *name)
{
    ptl_vector *v = py_vector_get(st, object, name);
    if (v && ((py_vector *)object)->readonly)
        return py_error(st, PTL_INVALID, "%s is lent to be read, it cannot be written", name);
    return v;
}
