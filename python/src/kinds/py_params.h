/* The parameters of a kind of factories. */
#ifndef PY_PARAMS_H
#define PY_PARAMS_H

#include "../base/py_state.h"

int py_kind_is_solver(const ptl_kind *kind);
int py_params_count(const ptl_kind *kind);
/* The arguments of a kind's own parameters, NULL where not given, into its options struct. */
int py_params_set(py_state *st, const ptl_kind *kind, PyObject *const *given, void *options);
/* Those of them that are factories and operators, as a list. */
PyObject *py_params_inner(const ptl_kind *kind, PyObject *const *given);
/* A parameter as a text signature has it ("restart=30"), and as a line of a docstring. */
PyObject *py_param_signature(const ptl_param *param);
PyObject *py_param_doc(const ptl_param *param);

#endif
