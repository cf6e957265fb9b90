/* Communicators: one process, the world, and mpi4py's. Their methods are in py_comm_class.c. */
#include "py_comm.h"

#include "../base/py_errors.h"

py_class py_Communicator_class;

PyObject *py_comm_wrap(py_state *st, ptl_comm *comm, PyObject *caller)
{
    py_comm *self = comm ? py_new(st, PY_TYPE(st, Communicator)) : NULL;
    if (!self) {
        ptl_comm_release(&comm);
        return NULL;
    }
    self->comm = comm;
    self->caller = Py_XNewRef(caller);
    return (PyObject *)self;
}

ptl_comm *py_comm_get(PyObject *communicator)
{
    return ((py_comm *)communicator)->comm;
}

/* mpi4py.MPI where it has been imported (borrowed): an mpi4py communicator cannot be without it. */
static PyObject *mpi4py(void)
{
    PyObject *modules = PySys_GetObject("modules");
    return modules ? PyDict_GetItemString(modules, "mpi4py.MPI") : NULL;
}

int py_comm_is_mpi4py(PyObject *object)
{
    PyObject *module = mpi4py();
    PyObject *type = module ? PyObject_GetAttrString(module, "Comm") : NULL;
    int is = type ? PyObject_IsInstance(object, type) : 0;
    Py_XDECREF(type);
    return is;
}

/* The number that a method or function of one optional argument returns. */
static int ask_mpi4py(PyObject *object, const char *method, PyObject *argument, void **out)
{
    PyObject *number = argument ? PyObject_CallMethod(object, method, "(O)", argument)
                                : PyObject_CallMethod(object, method, NULL);
    *out = number ? PyLong_AsVoidPtr(number) : NULL;
    Py_XDECREF(number);
    return PyErr_Occurred() ? -1 : 0;
}

/* Fails where mpi4py is bound to another MPI than Petiole. Asked once: neither can change. */
static int check_mpi4py(py_state *st, PyObject *module)
{
    if (st->mpi4py_fits)
        return 0;
    PyObject *theirs = PyObject_CallMethod(module, "Get_library_version", NULL);
    const char *text = theirs ? PyUnicode_AsUTF8AndSize(theirs, NULL) : NULL;
    st->mpi4py_fits = text && PY_CALL(st, ptl_mpi_expect(text)) == 0;
    Py_XDECREF(theirs);
    return st->mpi4py_fits ? 0 : -1;
}

/* Over mpi4py's handle, compared with what mpi4py says of it. */
static ptl_comm *from_mpi4py(py_state *st, PyObject *object)
{
    PyObject *module = mpi4py();
    PyObject *type = PyObject_GetAttrString(module, "Comm");
    void *handle, *bytes, *rank, *size;
    ptl_comm *comm = NULL;
    int failed = !type || check_mpi4py(st, module) < 0 ||
                 ask_mpi4py(module, "_addressof", object, &handle) < 0 ||
                 ask_mpi4py(module, "_sizeof", type, &bytes) < 0 ||
                 PY_CALL(st, ptl_comm_from_handle(handle, (size_t)bytes, &comm)) < 0 ||
                 ask_mpi4py(object, "Get_rank", NULL, &rank) < 0 ||
                 ask_mpi4py(object, "Get_size", NULL, &size) < 0 ||
                 PY_CALL(st, ptl_comm_expect(comm, (int)(intptr_t)rank, (int)(intptr_t)size)) < 0;
    Py_XDECREF(type);
    if (failed)
        ptl_comm_release(&comm);
    return comm;
}

PyObject *py_comm_from(py_state *st, PyObject *object)
{
    if (object && py_is(object, PY_TYPE(st, Communicator)))
        return Py_NewRef(object);
    ptl_comm *comm = NULL;
    if (!py_given(object))
        return PY_CALL(st, ptl_comm_self(&comm)) < 0 ? NULL : py_comm_wrap(st, comm, NULL);
    int is = py_comm_is_mpi4py(object);
    if (is == 0)
        py_type_error("comm", "an mpi4py communicator, a petiole.Communicator or None", object);
    return is <= 0 ? NULL : py_comm_wrap(st, from_mpi4py(st, object), object);
}
