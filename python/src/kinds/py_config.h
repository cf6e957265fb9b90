/* Factories from JSON text, and back. */
#ifndef PY_CONFIG_H
#define PY_CONFIG_H

#include "../base/py_state.h"

/* The methods to_json and to_dict of Factory. */
PyObject *py_factory_to_json(PyObject *self, PyObject *unused);
PyObject *py_factory_to_dict(PyObject *self, PyObject *unused);
/* The module's function factory_of_json(). */
PyObject *py_config_factory(PyObject *module, PyObject *args, PyObject *kwargs);

#endif
