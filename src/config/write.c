/* The JSON text that describes a factory. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/params.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "criteria.h"
#include "keys.h"
#include "put.h"
#include <petiole/config.h>

static ptl_status write_factory(const ptl_factory *factory, const ptl__json_place *at,
                                json_t **out) PTL_MUST_USE;

/* An array, whose i-th entry `write` makes of entries. */
static ptl_status write_array(int64_t count, const void *entries, const ptl__json_place *at,
                              ptl_status (*write)(const void *entries, int64_t i,
                                                  const ptl__json_place *at, json_t **out),
                              json_t **out)
{
    json_t *array = json_array();
    ptl_status status = array ? PTL_OK : ptl__put_nomem();
    for (int64_t i = 0; i < count && status == PTL_OK; i++) {
        const ptl__json_place here = {at, NULL, (size_t)i};
        json_t *entry = NULL;
        status = write(entries, i, &here, &entry);
        if (status != PTL_OK)
            json_decref(entry);
        else if (json_array_append_new(array, entry) != 0)
            status = ptl__put_nomem();
    }
    *out = array;
    return status;
}

static ptl_status write_int(const void *entries, int64_t i, const ptl__json_place *at, json_t **out)
{
    (void)at;
    *out = json_integer(((const int64_t *)entries)[i]);
    return *out ? PTL_OK : ptl__put_nomem();
}

static ptl_status write_real(const void *entries, int64_t i, const ptl__json_place *at,
                             json_t **out)
{
    return ptl__put_real(((const double *)entries)[i], at, out);
}

static ptl_status write_part(const void *entries, int64_t i, const ptl__json_place *at,
                             json_t **out)
{
    return write_factory(((ptl_factory *const *)entries)[i], at, out);
}

static ptl_status no_operator(const ptl__json_place *at)
{
    return ptl__json_fail(at, PTL_NOT_SUPPORTED, "an operator cannot be written: give a factory");
}

static ptl_status write_param(const ptl_param *param, const void *place, const ptl__json_place *at,
                              json_t **out)
{
    switch (param->type) {
    case PTL_PARAM_INT:
        *out = json_integer(*(const int64_t *)place);
        break;
    case PTL_PARAM_REAL:
        return ptl__put_real(*(const double *)place, at, out);
    case PTL_PARAM_BOOL:
        *out = json_boolean(*(const int *)place);
        break;
    case PTL_PARAM_CHOICE:
        *out = json_string(param->choices[*(const int *)place]);
        break;
    case PTL_PARAM_BOUNDS:
        return write_array(2, place, at, write_real, out);
    case PTL_PARAM_INTS:
        return write_array(((const ptl_ints *)place)->count, ((const ptl_ints *)place)->values, at,
                           write_int, out);
    case PTL_PARAM_REALS:
        return write_array(((const ptl_reals *)place)->count, ((const ptl_reals *)place)->values,
                           at, write_real, out);
    case PTL_PARAM_FACTORIES:
        return write_array(((const ptl_factories *)place)->count,
                           ((const ptl_factories *)place)->items, at, write_part, out);
    case PTL_PARAM_FACTORY:
        return write_factory(*(ptl_factory *const *)place, at, out);
    case PTL_PARAM_OPERATOR:
        if (*(ptl_factory *const *)place)
            return write_factory(*(ptl_factory *const *)place, at, out);
        return no_operator(at);
    case PTL_PARAM_LINOP:
        return no_operator(at);
    case PTL_PARAM_VECTOR:
        return ptl__json_fail(at, PTL_NOT_SUPPORTED, "a vector cannot be written");
    }
    return *out ? PTL_OK : ptl__put_nomem();
}

/* Those that are given; a place that two tables name is written once. */
static ptl_status write_params(const ptl_kind *kind, const void *options, const ptl__json_place *at,
                               json_t *object)
{
    const ptl_param *tables[PTL__PARAM_TABLES];
    ptl__config_params(kind, tables);
    for (int t = 0; t < PTL__PARAM_TABLES - 1; t++)
        for (const ptl_param *param = tables[t]; param && param->name; param++) {
            const ptl__json_place here = {at, param->name, 0};
            json_t *value = NULL;
            if (!ptl__param_given(kind, param, options))
                continue;
            ptl_status status =
                write_param(param, (const char *)options + param->offset, &here, &value);
            PTL_TRY(ptl__put(object, param->name, value, status));
        }
    return PTL_OK;
}

static ptl_status write_solver(const ptl_solver_options *options, const ptl__json_place *at,
                               json_t *object)
{
    const ptl__json_place callback_at = {at, "callback", 0}, precond_at = {at, "preconditioner", 0},
                          criteria_at = {at, "criteria", 0};
    if (options->callback)
        return ptl__json_fail(&callback_at, PTL_NOT_SUPPORTED, "a callback cannot be written");
    if (options->precond)
        return no_operator(&precond_at);
    json_t *criteria = NULL;
    if (!options->true_residual)
        PTL_TRY(ptl__put(object, "true_residual", json_false(), PTL_OK));
    if (!options->stop)
        return PTL_OK;
    ptl_status status = ptl__criteria_write(options->stop, &criteria_at, &criteria);
    return ptl__put(object, "criteria", criteria, status);
}

static ptl_status write_kind(const ptl_kind *kind, const void *options, const ptl__json_place *at,
                             json_t *object)
{
    json_t *type = json_sprintf("%s::%s", kind->family, kind->title);
    PTL_TRY(ptl__put(object, "type", type, PTL_OK));
    if (options)
        PTL_TRY(write_params(kind, options, at, object));
    return options && ptl__config_is_solver(kind) ? write_solver(options, at, object) : PTL_OK;
}

static ptl_status write_factory(const ptl_factory *factory, const ptl__json_place *at, json_t **out)
{
    const ptl_kind *kind = ptl_factory_kind(factory);
    *out = NULL;
    if (!kind)
        return ptl__json_fail(at, PTL_NOT_SUPPORTED, "%s has no kind, so it cannot be written",
                              ptl_factory_name(factory));
    json_t *object = json_object();
    if (!object)
        return ptl__put_nomem();
    *out = object;
    return write_kind(kind, ptl_factory_options(factory), at, object);
}

/* ---- the text -------------------------------------------------------------------------------- */

/* The shortest numbers that bring all of them back: 17 digits always do. */
static ptl_status dump(const json_t *value, char **out)
{
    for (size_t digits = 15; digits <= 17; digits++) {
        char *text = json_dumps(value, JSON_INDENT(2) | JSON_REAL_PRECISION(digits));
        json_t *again = text ? json_loads(text, 0, NULL) : NULL;
        int same = digits == 17 || json_equal(again, value);
        json_decref(again);
        if (!text)
            return ptl__put_nomem();
        if (same) {
            const size_t size = strlen(text) + 1;
            ptl_status status = PTL_NEW((int64_t)size, char, out);
            if (status == PTL_OK)
                memcpy(*out, text, size);
            ptl__json_free(text);
            return status;
        }
        ptl__json_free(text);
    }
    return PTL_OK;
}

ptl_status ptl_factory_json(const ptl_factory *factory, char **out)
{
    json_t *value;
    *out = NULL;
    PTL_CHECK(factory, PTL_INVALID, "factory is NULL");
    ptl_status status = write_factory(factory, NULL, &value);
    if (status == PTL_OK)
        status = dump(value, out);
    json_decref(value);
    return status;
}
