/* Factories: what the files of the class and its kinds share. */
#ifndef PY_FACTORY_H
#define PY_FACTORY_H

#include "py_common.h"

/* It is also what the library's callback gets, so what it generates keeps it alive. */
typedef struct py_factory {
    PyObject_HEAD py_state *state;
    ptl_factory *factory;
    PyObject *precond; /* a LinOp or a Factory, or NULL */
    PyObject *stop;    /* a Criterion, or NULL */
    PyObject *inner;   /* a list of the objects among its parameters, and tuples of them, or NULL */
    PyObject *callback; /* or NULL */
} py_factory;

/* The tp_dealloc of the kinds' classes. */
void py_factory_dealloc(PyObject *self);
/* What a solve calls after each iteration, ctx being the py_factory: looks at signals and calls
 * the callback. */
ptl_status py_factory_on_event(void *ctx, const ptl_event *event);

/* The class of a kind (py_kinds.c). */
PyTypeObject *py_kind_class(const py_state *st, const ptl_kind *kind);
/* The methods to_json and to_dict (py_config.c). */
PyObject *py_factory_to_json(PyObject *self, PyObject *unused);
PyObject *py_factory_to_dict(PyObject *self, PyObject *unused);

/* ---- parameters of kinds (py_params.c) ------------------------------------------------------- */

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

/* ---- the options of every solver (py_solver_options.c) --------------------------------------- */

/* The arguments that every solver takes, in this order, ended by NULL. */
enum { PY_SOLVER_ARGS = 7 };
extern const char *const py_solver_args[PY_SOLVER_ARGS + 1];
/* Those that are given into `self` and options; what options then holds is borrowed from self, but
 * for the criterion, which py_solver_options_end releases. */
int py_solver_options_set(py_factory *self, PyObject *const *given, ptl_solver_options *options);
void py_solver_options_end(ptl_solver_options *options);
/* That a callback is callable, or not given. */
int py_check_callback(PyObject *callback);

#endif
