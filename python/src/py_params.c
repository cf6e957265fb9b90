/* The parameters of a kind of factories, by its table: from Python's arguments into its options,
 * and as text. */
#include <math.h>
#include <string.h>

#include "py_factory.h"

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

int py_to_open_double(py_state *st, PyObject *value, const char *name, double *out)
{
    if (value == Py_None)
        return 0;
    if (py_to_double(value, name, out) < 0)
        return -1;
    if (!isnan(*out))
        return 0;
    py_error(st, PTL_INVALID, "%s is nan, expected a finite number or None", name);
    return -1;
}

static int set_real(py_state *st, const ptl_kind *kind, const ptl_param *param, PyObject *value,
                    double *out)
{
    return py_param_is_open(kind, param) ? py_to_open_double(st, value, param->name, out)
                                         : py_to_double(value, param->name, out);
}

static int set_bool(PyObject *value, int *out)
{
    *out = PyObject_IsTrue(value);
    return *out < 0 ? -1 : 0;
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
    if (!py_is(value, st->Factory)) {
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
    if (!py_is(value, st->LinOp)) {
        py_type_error(param->name, "a LinOp or None", value);
        return -1;
    }
    *out = py_linop_get(st, value, param->name);
    return *out ? 0 : -1;
}

static int set_vector(py_state *st, const ptl_param *param, PyObject *value, ptl_vector **out)
{
    if (value == Py_None)
        return 0;
    if (!py_is(value, st->Vector)) {
        py_type_error(param->name, "a Vector or None", value);
        return -1;
    }
    *out = py_vector_get(st, value, param->name);
    return *out ? 0 : -1;
}

/* Either of the two, in their places one after the other. */
static int set_operator(py_state *st, const ptl_param *param, PyObject *value, void **out)
{
    if (py_is(value, st->LinOp))
        return set_linop(st, param, value, (ptl_linop **)&out[1]);
    if (value == Py_None || py_is(value, st->Factory))
        return set_factory(st, param, value, (ptl_factory **)&out[0]);
    py_type_error(param->name, "a factory, a LinOp or None", value);
    return -1;
}

/* ---- arrays: freed by py_params_end ---------------------------------------------------------- */

/* A sequence as a tuple, NULL on failure; and room for its entries. */
static PyObject *open_sequence(const ptl_param *param, const char *expected, PyObject *value,
                               size_t size, void **entries)
{
    PyObject *tuple =
        PyUnicode_Check(value) || PyBytes_Check(value) ? NULL : PySequence_Tuple(value);
    if (!tuple) {
        if (!PyErr_Occurred() || PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Clear();
            py_type_error(param->name, expected, value);
        }
        return NULL;
    }
    *entries = PyMem_Calloc((size_t)PyTuple_Size(tuple) + 1, size);
    if (!*entries) {
        PyErr_NoMemory();
        Py_CLEAR(tuple);
    }
    return tuple;
}

/* The name of an entry, "sweeps[1]". */
typedef struct entry_name {
    char text[64];
} entry_name;

static entry_name name_of(const ptl_param *param, Py_ssize_t i)
{
    entry_name name;
    PyOS_snprintf(name.text, sizeof name.text, "%s[%zd]", param->name, i);
    return name;
}

static int set_ints(py_state *st, const ptl_param *param, PyObject *value, ptl_ints *out)
{
    int64_t *values = NULL;
    PyObject *tuple = value == Py_None ? NULL
                                       : open_sequence(param, "a sequence of integers or None",
                                                       value, sizeof *values, (void **)&values);
    if (!tuple)
        return value == Py_None ? 0 : -1;
    int failed = 0;
    *out = (ptl_ints){PyTuple_Size(tuple), values};
    for (Py_ssize_t i = 0; i < out->count && !failed; i++)
        failed = py_to_int64(st, PyTuple_GetItem(tuple, i), name_of(param, i).text, &values[i]);
    Py_DECREF(tuple);
    return failed;
}

static int set_reals(const ptl_param *param, PyObject *value, ptl_reals *out)
{
    double *values = NULL;
    PyObject *tuple = value == Py_None ? NULL
                                       : open_sequence(param, "a sequence of numbers or None",
                                                       value, sizeof *values, (void **)&values);
    if (!tuple)
        return value == Py_None ? 0 : -1;
    int failed = 0;
    *out = (ptl_reals){PyTuple_Size(tuple), values};
    for (Py_ssize_t i = 0; i < out->count && !failed; i++)
        failed = py_to_double(PyTuple_GetItem(tuple, i), name_of(param, i).text, &values[i]);
    Py_DECREF(tuple);
    return failed;
}

/* Borrowed: py_params_inner has made a tuple of the sequence, which is kept. */
static int set_factories(py_state *st, const ptl_param *param, PyObject *value, ptl_factories *out)
{
    ptl_factory **items = NULL;
    PyObject *tuple = value == Py_None ? NULL
                                       : open_sequence(param, "a sequence of factories or None",
                                                       value, sizeof *items, (void **)&items);
    if (!tuple)
        return value == Py_None ? 0 : -1;
    int failed = 0;
    *out = (ptl_factories){PyTuple_Size(tuple), items};
    for (Py_ssize_t i = 0; i < out->count && !failed; i++) {
        PyObject *item = PyTuple_GetItem(tuple, i);
        if (py_is(item, st->Factory))
            items[i] = ((py_factory *)item)->factory;
        else
            failed = py_type_error(name_of(param, i).text, "a factory", item) ? 0 : -1;
    }
    Py_DECREF(tuple);
    return failed;
}

static const void *entries_of(const ptl_param *param, const void *place)
{
    switch (param->type) {
    case PTL_PARAM_INTS:
        return ((const ptl_ints *)place)->values;
    case PTL_PARAM_REALS:
        return ((const ptl_reals *)place)->values;
    case PTL_PARAM_FACTORIES:
        return ((const ptl_factories *)place)->items;
    default:
        return NULL;
    }
}

void py_params_end(const ptl_kind *kind, void *options)
{
    for (int i = 0; i < py_params_count(kind); i++)
        PyMem_Free((void *)entries_of(&kind->params[i], (char *)options + kind->params[i].offset));
}

/* ---- all of them ----------------------------------------------------------------------------- */

static int set(py_state *st, const ptl_kind *kind, const ptl_param *param, PyObject *value,
               void *place)
{
    switch (param->type) {
    case PTL_PARAM_INT:
        return py_to_int64(st, value, param->name, place);
    case PTL_PARAM_REAL:
        return set_real(st, kind, param, value, place);
    case PTL_PARAM_BOOL:
        return set_bool(value, place);
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
    case PTL_PARAM_VECTOR:
        return set_vector(st, param, value, place);
    case PTL_PARAM_INTS:
        return set_ints(st, param, value, place);
    case PTL_PARAM_REALS:
        return set_reals(param, value, place);
    case PTL_PARAM_FACTORIES:
        return set_factories(st, param, value, place);
    }
    return 0;
}

int py_params_set(py_state *st, const ptl_kind *kind, PyObject *const *given, void *options)
{
    for (int i = 0; i < py_params_count(kind); i++) {
        const ptl_param *param = &kind->params[i];
        if (given[i] && set(st, kind, param, given[i], (char *)options + param->offset) < 0)
            return -1;
    }
    return 0;
}

static int is_object(ptl_param_type type)
{
    return type == PTL_PARAM_FACTORY || type == PTL_PARAM_LINOP || type == PTL_PARAM_OPERATOR ||
           type == PTL_PARAM_VECTOR;
}

/* Puts a tuple in a sequence's place, so that what is kept is what was given. */
static int keep_sequence(PyObject *list, PyObject **given)
{
    if (PyUnicode_Check(*given) || PyBytes_Check(*given))
        return 0; /* an error later */
    PyObject *tuple = PySequence_Tuple(*given);
    int failed = tuple ? PyList_Append(list, tuple) : -1;
    if (tuple && !failed)
        *given = tuple; /* which the list holds */
    else if (!tuple && PyErr_ExceptionMatches(PyExc_TypeError)) {
        PyErr_Clear();
        failed = 0; /* the same */
    }
    Py_XDECREF(tuple);
    return failed;
}

PyObject *py_params_inner(const ptl_kind *kind, PyObject **given)
{
    PyObject *list = PyList_New(0);
    for (int i = 0; list && i < py_params_count(kind); i++) {
        const ptl_param_type type = kind->params[i].type;
        int failed = 0;
        if (is_object(type) && py_given(given[i]))
            failed = PyList_Append(list, given[i]);
        else if (type == PTL_PARAM_FACTORIES && py_given(given[i]))
            failed = keep_sequence(list, &given[i]);
        if (failed)
            Py_CLEAR(list);
    }
    return list;
}

int py_param_is_open(const ptl_kind *kind, const ptl_param *param)
{
    return param->type == PTL_PARAM_REAL &&
           isnan(*(const double *)((const char *)kind->initial + param->offset));
}

/* ---- texts ----------------------------------------------------------------------------------- */

/* The default as Python has it; None for what is not given. */
static PyObject *initial_of(const ptl_kind *kind, const ptl_param *param)
{
    const void *place = (const char *)kind->initial + param->offset;
    switch (param->type) {
    case PTL_PARAM_INT:
        return PyLong_FromLongLong(*(const int64_t *)place);
    case PTL_PARAM_REAL:
        if (py_param_is_open(kind, param))
            break;
        return PyFloat_FromDouble(*(const double *)place);
    case PTL_PARAM_BOOL:
        return PyBool_FromLong(*(const int *)place);
    case PTL_PARAM_CHOICE:
        return PyUnicode_FromString(param->choices[*(const int *)place]);
    default:
        break;
    }
    return Py_NewRef(Py_None);
}

PyObject *py_param_signature(const ptl_kind *kind, const ptl_param *param)
{
    PyObject *initial = initial_of(kind, param);
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

/* ---- as a table ------------------------------------------------------------------------------ */

static PyObject *choices_of(const ptl_param *param)
{
    PyObject *list = PyList_New(0);
    for (int i = 0; list && param->choices && param->choices[i]; i++) {
        PyObject *choice = PyUnicode_FromString(param->choices[i]);
        if (!choice || PyList_Append(list, choice) < 0)
            Py_CLEAR(list);
        Py_XDECREF(choice);
    }
    PyObject *tuple = list ? PyList_AsTuple(list) : NULL;
    Py_XDECREF(list);
    return tuple;
}

static PyObject *describe(const ptl_kind *kind, const ptl_param *param)
{
    static const char *const types[] = {
        [PTL_PARAM_INT] = "int",       [PTL_PARAM_REAL] = "real",
        [PTL_PARAM_BOOL] = "bool",     [PTL_PARAM_CHOICE] = "choice",
        [PTL_PARAM_BOUNDS] = "bounds", [PTL_PARAM_FACTORY] = "factory",
        [PTL_PARAM_LINOP] = "linop",   [PTL_PARAM_OPERATOR] = "operator",
        [PTL_PARAM_VECTOR] = "vector", [PTL_PARAM_INTS] = "ints",
        [PTL_PARAM_REALS] = "reals",   [PTL_PARAM_FACTORIES] = "factories",
    };
    const char *type = py_param_is_open(kind, param) ? "real or none" : types[param->type];
    return Py_BuildValue("(szsNNs)", param->name, param->alias, type, initial_of(kind, param),
                         choices_of(param), param->doc);
}

PyObject *py_kind_parameters(PyObject *module, PyObject *name)
{
    const char *text = PyUnicode_Check(name) ? PyUnicode_AsUTF8AndSize(name, NULL) : NULL;
    const ptl_kind *kind = text ? ptl_kind_find(text) : NULL;
    if (!PyUnicode_Check(name))
        return py_type_error("name", "a string", name);
    if (!kind && !PyErr_Occurred())
        return py_error(PyModule_GetState(module), PTL_INVALID, "no kind is called %R", name);
    const int count = kind ? py_params_count(kind) : 0;
    PyObject *table = kind ? PyTuple_New(count) : NULL;
    for (int i = 0; table && i < count; i++) {
        PyObject *row = describe(kind, &kind->params[i]);
        if (!row || PyTuple_SetItem(table, i, row) < 0)
            Py_CLEAR(table);
    }
    return table;
}
