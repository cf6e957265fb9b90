/* The parameters of a kind of factories. */
#ifndef PY_PARAMS_H
#define PY_PARAMS_H

#include "../base/py_state.h"

int py_kind_is_solver(const ptl_kind *kind);
int py_params_count(const ptl_kind *kind);
/* The arguments of a kind's own parameters, NULL where not given, into its options struct. */
int py_params_set(py_state *st, const ptl_kind *kind, PyObject *const *given, void *options);
/* Frees what py_params_set has made, on failure too; objects were borrowed. */
void py_params_end(const ptl_kind *kind, void *options);
/* Those of them that are factories, operators and vectors, as a list; sequences of them become
 * tuples in their places. Before py_params_set. */
PyObject *py_params_inner(const ptl_kind *kind, PyObject **given);
/* 1 for a number that may be None. */
int py_param_is_open(const ptl_kind *kind, const ptl_param *param);
/* Such a number: NaN, which is none in C, stays where None is given, and is InvalidArgument itself.
 */
int py_to_open_double(py_state *st, PyObject *value, const char *name, double *out);
/* A parameter as a text signature has it ("restart=30"), and as a line of a docstring. */
PyObject *py_param_signature(const ptl_kind *kind, const ptl_param *param);
PyObject *py_param_doc(const ptl_param *param);
/* The module's function parameters(). */
PyObject *py_kind_parameters(PyObject *module, PyObject *name);

#endif
