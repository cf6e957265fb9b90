/* The module's functions for factorizations and orderings; their documentation is that of
 * petiole.factorization and petiole.ordering. */
#ifndef PY_FACTORIZATION_H
#define PY_FACTORIZATION_H

#include "../base/py_args.h"

extern py_class py_Factorization_class;

PyObject *py_lu(PyObject *module, PyObject *matrix);
PyObject *py_cholesky(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *py_order(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *py_match(PyObject *module, PyObject *matrix);

#define PY_FACTORIZATION_METHODS                                                                   \
    {"lu", py_lu, METH_O, "lu($module, A, /)\n--\n\nSee petiole.factorization.lu (collective)."},  \
        PY_METHOD("cholesky", py_cholesky,                                                         \
                  "cholesky($module, /, A, ordering)\n--\n\n"                                      \
                  "See petiole.factorization.cholesky (collective)."),                             \
        PY_METHOD("order", py_order,                                                               \
                  "order($module, /, A, ordering)\n--\n\nSee petiole.ordering (local)."),          \
    {                                                                                              \
        "match", py_match, METH_O,                                                                 \
            "match($module, A, /)\n--\n\nSee petiole.ordering.match (local)."                      \
    }

#endif
