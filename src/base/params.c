/* Parameters of factories, as their kinds describe them. */
#include "params.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/object.h"
#include "../core/status.h"
#include "factory.h"
#include "linop.h"
#include "vector.h"

static size_t size_of(ptl_param_type type)
{
    switch (type) {
    case PTL_PARAM_INT:
        return sizeof(int64_t);
    case PTL_PARAM_REAL:
        return sizeof(double);
    case PTL_PARAM_BOUNDS:
        return 2 * sizeof(double);
    case PTL_PARAM_FACTORY:
    case PTL_PARAM_LINOP:
    case PTL_PARAM_VECTOR:
        return sizeof(void *);
    case PTL_PARAM_OPERATOR:
        return 2 * sizeof(void *);
    case PTL_PARAM_INTS:
        return sizeof(ptl_ints);
    case PTL_PARAM_REALS:
        return sizeof(ptl_reals);
    case PTL_PARAM_FACTORIES:
        return sizeof(ptl_factories);
    case PTL_PARAM_BOOL:
    case PTL_PARAM_CHOICE:
        break;
    }
    return sizeof(int);
}

static const void *place(const ptl_param *param, const void *options)
{
    return (const char *)options + param->offset;
}

/* ---- the struct ------------------------------------------------------------------------------ */

/* Whether headers with fewer fields can have written that size: fields are whole, and the struct is
 * aligned as its size is. */
static int was_a_size(const ptl_kind *kind, size_t size)
{
    if (size <= sizeof size || size % sizeof size != 0)
        return 0;
    for (const ptl_param *param = kind->params; param && param->name; param++)
        if (param->offset < size && size < param->offset + size_of(param->type))
            return 0;
    return 1;
}

ptl_status ptl__options_take(const ptl_kind *kind, const void *given, void *own)
{
    const size_t size = given ? *(const size_t *)given : kind->options_size;
    if (kind->options_size == 0)
        return PTL_OK;
    memcpy(own, kind->initial, kind->options_size);
    PTL_CHECK(size <= kind->options_size, PTL_INVALID,
              "%s: options.size is %zu, this library knows %zu: it is older than the headers, or "
              "the options were not initialised with %s",
              kind->name, size, kind->options_size, kind->init);
    PTL_CHECK(was_a_size(kind, size), PTL_INVALID,
              "%s: options.size is %zu: initialise the options with %s", kind->name, size,
              kind->init);
    if (given)
        memcpy(own, given, size);
    *(size_t *)own = kind->options_size;
    return PTL_OK;
}

int ptl__param_given(const ptl_kind *kind, const ptl_param *param, const void *options)
{
    return memcmp(place(param, options), place(param, kind->initial), size_of(param->type)) != 0;
}

/* ---- values ---------------------------------------------------------------------------------- */

static ptl_status check_int(const char *kind, const ptl_param *param, int64_t value)
{
    PTL_CHECK((double)value >= param->least, PTL_INVALID, "%s: %s is %lld, expected %s", kind,
              param->name, (long long)value, ptl__param_expected(param).text);
    return PTL_OK;
}

static ptl_status check_real(const char *kind, const ptl_param *param, double value)
{
    PTL_CHECK(isfinite(value) && value >= param->least, PTL_INVALID, "%s: %s is %g, expected %s",
              kind, param->name, value, ptl__param_expected(param).text);
    return PTL_OK;
}

static ptl_status check_choice(const char *kind, const ptl_param *param, int value)
{
    int count = 0;
    while (param->choices[count])
        count++;
    PTL_CHECK(value >= 0 && value < count, PTL_INVALID, "%s: %s is %d, expected less than %d", kind,
              param->name, value, count);
    return PTL_OK;
}

static ptl_status check_bounds(const char *kind, const ptl_param *param, const double *bounds)
{
    PTL_CHECK(isfinite(bounds[0]) && isfinite(bounds[1]) && bounds[0] <= bounds[1], PTL_INVALID,
              "%s: %s are %g and %g, expected finite and ascending numbers", kind, param->name,
              bounds[0], bounds[1]);
    return PTL_OK;
}

/* An array's length, and that its entries are there. */
static ptl_status check_count(const char *kind, const ptl_param *param, int64_t count,
                              const void *entries)
{
    PTL_CHECK(count >= 0 && (count == 0 || entries), PTL_INVALID, "%s: %s has %lld entries at %s",
              kind, param->name, (long long)count, entries ? "a place" : "NULL");
    return PTL_OK;
}

static ptl_status check_ints(const char *kind, const ptl_param *param, const ptl_ints *array)
{
    PTL_TRY(check_count(kind, param, array->count, array->values));
    for (int64_t i = 0; i < array->count; i++)
        PTL_CHECK((double)array->values[i] >= param->least, PTL_INVALID,
                  "%s: %s[%lld] is %lld, expected %s", kind, param->name, (long long)i,
                  (long long)array->values[i], ptl__param_expected(param).text);
    return PTL_OK;
}

static ptl_status check_reals(const char *kind, const ptl_param *param, const ptl_reals *array)
{
    PTL_TRY(check_count(kind, param, array->count, array->values));
    for (int64_t i = 0; i < array->count; i++)
        PTL_CHECK(isfinite(array->values[i]) && array->values[i] >= param->least, PTL_INVALID,
                  "%s: %s[%lld] is %g, expected %s", kind, param->name, (long long)i,
                  array->values[i], ptl__param_expected(param).text);
    return PTL_OK;
}

static ptl_status check_factories(const char *kind, const ptl_param *param,
                                  const ptl_factories *array)
{
    PTL_TRY(check_count(kind, param, array->count, array->items));
    for (int64_t i = 0; i < array->count; i++)
        PTL_CHECK(array->items[i], PTL_INVALID, "%s: %s[%lld] is NULL", kind, param->name,
                  (long long)i);
    return PTL_OK;
}

static ptl_status check(const ptl_kind *kind, const ptl_param *param, const void *value)
{
    const char *name = kind->name;
    switch (param->type) {
    case PTL_PARAM_INT:
        return check_int(name, param, *(const int64_t *)value);
    case PTL_PARAM_REAL:
        if (isnan(*(const double *)value) && ptl__param_is_open(kind, param))
            return PTL_OK;
        return check_real(name, param, *(const double *)value);
    case PTL_PARAM_BOUNDS:
        return check_bounds(name, param, value);
    case PTL_PARAM_CHOICE:
        return check_choice(name, param, *(const int *)value);
    case PTL_PARAM_OPERATOR:
        PTL_CHECK(!((void *const *)value)[0] || !((void *const *)value)[1], PTL_INVALID,
                  "%s: %s is both a factory and an operator", name, param->name);
        return PTL_OK;
    case PTL_PARAM_INTS:
        return check_ints(name, param, value);
    case PTL_PARAM_REALS:
        return check_reals(name, param, value);
    case PTL_PARAM_FACTORIES:
        return check_factories(name, param, value);
    case PTL_PARAM_BOOL:
    case PTL_PARAM_FACTORY:
    case PTL_PARAM_LINOP:
    case PTL_PARAM_VECTOR:
        return PTL_OK;
    }
    return PTL_OK;
}

ptl_status ptl__params_check(const ptl_kind *kind, const void *options)
{
    for (const ptl_param *param = kind->params; param && param->name; param++)
        PTL_TRY(check(kind, param, place(param, options)));
    return PTL_OK;
}

int ptl__param_is_open(const ptl_kind *kind, const ptl_param *param)
{
    return param->type == PTL_PARAM_REAL && isnan(*(const double *)place(param, kind->initial));
}

ptl__expected ptl__param_expected(const ptl_param *param)
{
    const int whole = param->type == PTL_PARAM_INT || param->type == PTL_PARAM_INTS;
    const char *number = whole ? "whole number" : "finite number";
    ptl__expected expected;
    if (isinf(param->least))
        snprintf(expected.text, sizeof expected.text, "a %s", number);
    else if (whole && param->least == 1)
        snprintf(expected.text, sizeof expected.text, "a positive %s", number);
    else
        snprintf(expected.text, sizeof expected.text, "a %s of at least %g", number, param->least);
    return expected;
}

/* ---- what they hold -------------------------------------------------------------------------- */

/* The objects at a parameter, of which any may be NULL. */
typedef struct objects {
    int64_t count;
    void *const *at;
} objects;

static int holds_objects(ptl_param_type type)
{
    return type == PTL_PARAM_FACTORY || type == PTL_PARAM_LINOP || type == PTL_PARAM_OPERATOR ||
           type == PTL_PARAM_VECTOR || type == PTL_PARAM_FACTORIES;
}

static objects objects_at(const ptl_param *param, const void *value)
{
    const ptl_factories *list = value;
    switch (param->type) {
    case PTL_PARAM_FACTORY:
    case PTL_PARAM_LINOP:
    case PTL_PARAM_VECTOR:
        return (objects){1, value};
    case PTL_PARAM_OPERATOR:
        return (objects){2, value};
    case PTL_PARAM_FACTORIES:
        return (objects){list->count, (void *const *)list->items};
    default:
        return (objects){0, NULL};
    }
}

/* Where the entries of an array are known, of `size` bytes each; NULL for what is none. */
static void *array_at(const ptl_param *param, void *value, int64_t *count, size_t *size)
{
    switch (param->type) {
    case PTL_PARAM_INTS:
        *count = ((ptl_ints *)value)->count;
        *size = sizeof(int64_t);
        return &((ptl_ints *)value)->values;
    case PTL_PARAM_REALS:
        *count = ((ptl_reals *)value)->count;
        *size = sizeof(double);
        return &((ptl_reals *)value)->values;
    case PTL_PARAM_FACTORIES:
        *count = ((ptl_factories *)value)->count;
        *size = sizeof(void *);
        return &((ptl_factories *)value)->items;
    default:
        return NULL;
    }
}

static ptl_status copy_array(const ptl_param *param, void *value)
{
    int64_t count;
    size_t size;
    void **entries = array_at(param, value, &count, &size), *copy = NULL;
    if (!entries)
        return PTL_OK;
    if (count == 0) {
        *entries = NULL;
        return PTL_OK;
    }
    PTL_TRY(ptl__alloc(count, size, &copy));
    memcpy(copy, *entries, (size_t)count * size);
    *entries = copy;
    return PTL_OK;
}

ptl_status ptl__params_own(const ptl_kind *kind, void *options)
{
    ptl_status status = PTL_OK;
    for (const ptl_param *param = kind->params; param && param->name; param++) {
        void *value = (char *)options + param->offset;
        if (status == PTL_OK)
            status = copy_array(param, value);
        if (status != PTL_OK) { /* so that all may be released */
            memcpy(value, place(param, kind->initial), size_of(param->type));
            continue;
        }
        const objects held = objects_at(param, value);
        for (int64_t i = 0; i < held.count; i++)
            ptl__object_retain(held.at[i]);
    }
    return status;
}

void ptl__params_release(const ptl_kind *kind, void *options)
{
    for (const ptl_param *param = kind->params; param && param->name; param++) {
        void *value = (char *)options + param->offset;
        int64_t count;
        size_t size;
        const objects held = objects_at(param, value);
        for (int64_t i = 0; i < held.count; i++)
            ptl__object_release(held.at[i]);
        void **entries = array_at(param, value, &count, &size);
        if (entries && count > 0)
            ptl__free(*entries);
    }
}

/* ---- signatures ------------------------------------------------------------------------------ */

/* A factory by what it holds, an operator or a vector by its number: it may be one rank's own. */
static int64_t sign_objects(int64_t signature, const ptl_param *param, const void *value)
{
    const objects held = objects_at(param, value);
    for (int64_t i = 0; i < held.count; i++) {
        const void *object = held.at[i];
        if (param->type == PTL_PARAM_VECTOR)
            signature = ptl__sign(signature, object ? ((const ptl_vector *)object)->number : -1);
        else if (param->type == PTL_PARAM_LINOP || (param->type == PTL_PARAM_OPERATOR && i == 1))
            signature = ptl__sign(signature, object ? ((const ptl_linop *)object)->number : -1);
        else
            signature = ptl__factory_sign(signature, object);
    }
    return ptl__sign(signature, held.count);
}

/* Numbers, two words of them or an array. */
static int64_t sign_numbers(int64_t signature, const ptl_param *param, const void *value)
{
    int64_t words[2] = {0, 0};
    if (param->type != PTL_PARAM_INTS && param->type != PTL_PARAM_REALS) {
        memcpy(words, value, size_of(param->type));
        return ptl__sign(ptl__sign(signature, words[0]), words[1]);
    }
    const ptl_reals *array = value; /* the other's values are of the same size */
    for (int64_t i = 0; i < array->count; i++) {
        memcpy(words, (const char *)array->values + (size_t)i * sizeof *words, sizeof *words);
        signature = ptl__sign(signature, words[0]);
    }
    return ptl__sign(signature, array->count);
}

int64_t ptl__params_sign(int64_t signature, const ptl_kind *kind, const void *options)
{
    for (const char *c = kind->name; *c; c++)
        signature = ptl__sign(signature, *c);
    for (const ptl_param *param = kind->params; param && param->name; param++) {
        const void *value = place(param, options);
        signature = holds_objects(param->type) ? sign_objects(signature, param, value)
                                               : sign_numbers(signature, param, value);
    }
    return signature;
}
