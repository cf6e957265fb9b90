/* Factories: the object. What it does is in py_factory_class.c, the classes of the kinds are in
 * py_kinds.c. */
#include "py_factory.h"

py_class py_Factory_class;

int py_factory_clear(PyObject *self)
{
    py_factory *factory = (py_factory *)self;
    Py_CLEAR(factory->precond);
    Py_CLEAR(factory->stop);
    Py_CLEAR(factory->inner);
    Py_CLEAR(factory->callback);
    return 0;
}

int py_factory_traverse(PyObject *self, visitproc visit, void *arg)
{
    py_factory *factory = (py_factory *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(factory->precond);
    Py_VISIT(factory->stop);
    Py_VISIT(factory->inner);
    Py_VISIT(factory->callback);
    return 0;
}

void py_factory_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    ptl_factory_release(&((py_factory *)self)->factory);
    py_factory_clear(self);
    py_free(self);
}
