/* Arguments: how they are sorted and converted. */
#ifndef PY_ARGS_H
#define PY_ARGS_H

#include "py_state.h"

/* A function's parameters: the first `positional` may be given by position, the first `required`
 * must be given; keyword-only ones come last. */
typedef struct py_signature {
    const char *function;
    int required, positional, count;
    const char *const *names;
} py_signature;

#define PY_SIGNATURE(id, function, required, positional, ...)                                      \
    static const char *const id##_names[] = {__VA_ARGS__};                                         \
    static const py_signature id = {function, required, positional,                                \
                                    sizeof id##_names / sizeof *id##_names, id##_names}

/* Sorts the arguments into `out`, borrowed, by the order of the names; NULL where not given. Those
 * that have a place are there even where others make it fail. */
int py_args(const py_signature *signature, PyObject *const *args, Py_ssize_t nargs,
            PyObject *kwnames, PyObject **out);
int py_args_tuple(const py_signature *signature, PyObject *args, PyObject *kwargs, PyObject **out);
/* Entries of a method table, for functions of (self, args, nargs, kwnames). */
#define PY_METHOD(name, function, doc)                                                             \
    {                                                                                              \
        name, (PyCFunction)(void (*)(void))(function), METH_FASTCALL | METH_KEYWORDS, doc          \
    }
#define PY_CLASS_METHOD(name, function, doc)                                                       \
    {                                                                                              \
        name, (PyCFunction)(void (*)(void))(function), METH_FASTCALL | METH_KEYWORDS | METH_CLASS, \
            doc                                                                                    \
    }

int py_to_int64(py_state *st, PyObject *object, const char *name, int64_t *out);
int py_to_int(py_state *st, PyObject *object, const char *name, int *out);
/* Whether it is a sequence of two, but no bytes; -1 where asking raises what must pass. */
int py_is_pair(PyObject *object);
/* An integer, which means square, or a pair of them. */
int py_to_shape(py_state *st, PyObject *object, const char *name, int64_t shape[2]);
int py_to_double(PyObject *object, const char *name, double *out);
/* The position of a string in a list that ends with NULL; InvalidArgument, with the list, else. */
int py_to_choice(py_state *st, PyObject *object, const char *name, const char *const *choices,
                 int *out);
/* A tuple of integers. */
PyObject *py_shape(int ndim, int64_t first, int64_t second);

#endif
