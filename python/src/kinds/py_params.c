/* The parameters of a kind of factories, by its table: from Python's arguments into its options,
 * and as text. */
#include <math.h>
#include <string.h>

#include "py_params.h"

#include "../base/py_args.h"
#include "../base/py_errors.h"
#include "../objects/py_factory.h"
#include "../objects/py_linop.h"

int py_kind_is_solver(const ptl_kind *kind)
{
    return strcmp(kind->family, "solver") == 0;
}

int py_params_count(const ptl_kind *kind)
{
    int count = 0;
    while (kind->params && kind->params[count].name)
        count++;
    return count;
}

/* ---- values ---------------------------------------------------------------------------------- */

static int set_int(py_state *st, const ptl_param *param, PyObject *value, int64_t *out)
{
    if (py_to_int64(st, value, param->name, out) < 0)
        return -1;
    if (*out > 0 || (*out == 0 && param->initial == 0))
        return 0;
    py_error(st, PTL_INVALID, "%s is %lld, expected a %s number", param->name, (long long)*out,
             param->initial == 0 ? "non-negative" : "positive");
    return -1;
}

static int set_real(py_state *st, const ptl_param *param, PyObject *value, double *out)
{
    if (py_to_double(value, param->name, out) < 0)
        return -1;
    if (*out != 0 && isfinite(*out))
        return 0;
    py_error(st, PTL_INVALID, "%s is %R, expected a finite number other than 0", param->name,
             value);
    return -1;
}

/* Where the default is true the negation is kept. */
static int set_bool(const ptl_param *param, PyObject *value, int *out)
{
    const int truth = PyObject_IsTrue(value);
    *out = truth ^ (param->initial != 0);
    return truth < 0 ? -1 : 0;
}

/* A pair of numbers; None for none. */
static int set_bounds(py_state *st, const ptl_param *param, PyObject *value, double out[2])
{
    if (value == Py_None)
        return 0;
    int is = py_is_pair(value);
    if (is < 0)
        return -1;
    if (!is) {
        py_type_error(param->name, "a pair of numbers or None", value);
        return -1;
    }
    for (int i = 0; i < 2; i++) {
        PyObject *item = PySequence_GetItem(value, i);
        int failed = item ? py_to_double(item, param->name, &out[i]) : -1;
        Py_XDECREF(item);
        if (failed)
            return -1;
    }
    if (out[0] <= out[1] && (out[0] != 0 || out[1] != 0))
        return 0;
    py_error(st, PTL_INVALID, "%s are %R, expected ascending numbers, not both 0", param->name,
             value);
    return -1;
}

/* Borrowed: what is made of the options retains it. None for none. */
static int set_factory(py_state *st, const ptl_param *param, PyObject *value, ptl_factory **out)
{
    if (value == Py_None)
        return 0;
    if (!py_is(value, PY_TYPE(st, Factory))) {
        py_type_error(param->name, "a factory or None", value);
        return -1;
    }
    *out = ((py_factory *)value)->factory;
    return 0;
}

static int set_linop(py_state *st, const ptl_param *param, PyObject *value, ptl_linop **out)
{
    if (value == Py_None)
        return 0;
    if (!py_is(value, PY_TYPE(st, LinOp))) {
        py_type_error(param->name, "a LinOp or None", value);
        return -1;
    }
    *out = py_linop_get(st, value, param->name);
    return *out ? 0 : -1;
}

/* Either of the two, in their places one after the other. */
static int set_operator(py_state *st, const ptl_param *param, PyObject *value, void **out)
{
    if (py_is(value, PY_TYPE(st, LinOp)))
        return set_linop(st, param, value, (ptl_linop **)&out[1]);
    if (value == Py_None || py_is(value, PY_TYPE(st, Factory)))
        return set_factory(st, param, value, (ptl_factory **)&out[0]);
    py_type_error(param->name, "a factory, a LinOp or None", value);
    return -1;
}

static int set(py_state *st, const ptl_param *param, PyObject *value, void *place)
{
    switch (param->type) {
    case PTL_PARAM_INT:
        return set_int(st, param, value, place);
    case PTL_PARAM_REAL:
        return set_real(st, param, value, place);
    case PTL_PARAM_BOOL:
        return set_bool(param, value, place);
    case PTL_PARAM_CHOICE:
        return py_to_choice(st, value, param->name, param->choices, place);
    case PTL_PARAM_BOUNDS:
        return set_bounds(st, param, value, place);
    case PTL_PARAM_FACTORY:
        return set_factory(st, param, value, place);
    case PTL_PARAM_LINOP:
        return set_linop(st, param, value, place);
    case PTL_PARAM_OPERATOR:
        return set_operator(st, param, value, place);
    }
    return 0;
}

int py_params_set(py_state *st, const ptl_kind *kind, PyObject *const *given, void *options)
{
    for (int i = 0; i < py_params_count(kind); i++) {
        const ptl_param *param = &kind->params[i];
        if (given[i] && set(st, param, given[i], (char *)options + param->offset) < 0)
            return -1;
    }
    return 0;
}

static int is_object(ptl_param_type type)
{
    return type == PTL_PARAM_FACTORY || type == PTL_PARAM_LINOP || type == PTL_PARAM_OPERATOR;
}

PyObject *py_params_inner(const ptl_kind *kind, PyObject *const *given)
{
    PyObject *list = PyList_New(0);
    for (int i = 0; list && i < py_params_count(kind); i++)
        if (is_object(kind->params[i].type) && py_given(given[i]) &&
            PyList_Append(list, given[i]) < 0)
            Py_CLEAR(list);
    return list;
}

/* ---- texts ----------------------------------------------------------------------------------- */

PyObject *py_param_signature(const ptl_param *param)
{
    switch (param->type) {
    case PTL_PARAM_INT:
        return PyUnicode_FromFormat("%s=%lld", param->name, (long long)param->initial);
    case PTL_PARAM_CHOICE:
        return PyUnicode_FromFormat("%s='%s'", param->name, param->choices[0]);
    case PTL_PARAM_BOOL:
        return PyUnicode_FromFormat("%s=%s", param->name, param->initial != 0 ? "True" : "False");
    case PTL_PARAM_BOUNDS:
    case PTL_PARAM_FACTORY:
    case PTL_PARAM_LINOP:
    case PTL_PARAM_OPERATOR:
        return PyUnicode_FromFormat("%s=None", param->name);
    case PTL_PARAM_REAL:
        break;
    }
    PyObject *initial = PyFloat_FromDouble(param->initial);
    PyObject *text = initial ? PyUnicode_FromFormat("%s=%R", param->name, initial) : NULL;
    Py_XDECREF(initial);
    return text;
}

PyObject *py_param_doc(const ptl_param *param)
{
    PyObject *text = PyUnicode_FromFormat("%s: %s", param->name, param->doc);
    for (int i = 0; text && param->type == PTL_PARAM_CHOICE && param->choices[i]; i++) {
        PyObject *longer =
            PyUnicode_FromFormat("%U%s\"%s\"", text, i ? ", " : "; one of ", param->choices[i]);
        Py_DECREF(text);
        text = longer;
    }
    return text;
}
