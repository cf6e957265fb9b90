/* A factory from the JSON text that describes it. What a key means is in keys.c, how a kind's
 * parameters look in its own table. */
#include <string.h>

#include "../base/params.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "criteria.h"
#include "keys.h"
#include "numbers.h"
#include "value.h"
#include <petiole/config.h>
#include <petiole/precond.h>

static ptl_status read_factory(const json_t *value, const ptl__json_place *at,
                               ptl_factory **out) PTL_MUST_USE;

/* ---- parameters ------------------------------------------------------------------------------ */

static ptl_status read_factories(const json_t *value, const ptl__json_place *at, ptl_factories *out)
{
    ptl_factory **items = NULL;
    PTL_TRY(ptl__numbers_open(value, "an array of objects or types' names", at, sizeof *items,
                              &out->count, (void **)&items));
    out->items = items;
    for (int64_t i = 0; i < out->count; i++) {
        const ptl__json_place here = {at, NULL, (size_t)i};
        PTL_TRY(read_factory(json_array_get(value, (size_t)i), &here, &items[i]));
    }
    return PTL_OK;
}

/* The value of a parameter into its place. */
static ptl_status read_param(const ptl_param *param, const json_t *value, const ptl__json_place *at,
                             void *place)
{
    switch (param->type) {
    case PTL_PARAM_INT:
        return ptl__read_int(param, value, at, place);
    case PTL_PARAM_REAL:
        return ptl__read_real(param, value, at, place);
    case PTL_PARAM_BOOL:
        return ptl__value_bool(value, at, place);
    case PTL_PARAM_CHOICE:
        return ptl__value_choice(value, at, param->choices, place);
    case PTL_PARAM_BOUNDS:
        return ptl__read_bounds(value, at, place);
    case PTL_PARAM_FACTORY:
    case PTL_PARAM_OPERATOR:
        return read_factory(value, at, place);
    case PTL_PARAM_INTS:
        return ptl__read_ints(param, value, at, place);
    case PTL_PARAM_REALS:
        return ptl__read_reals(param, value, at, place);
    case PTL_PARAM_FACTORIES:
        return read_factories(value, at, place);
    case PTL_PARAM_LINOP:
        return ptl__json_fail(at, PTL_NOT_SUPPORTED, "an operator cannot be described");
    case PTL_PARAM_VECTOR:
        return ptl__json_fail(at, PTL_NOT_SUPPORTED, "a vector cannot be described");
    }
    return PTL_OK;
}

/* A parameter by its name or alias, of which one may be given. */
static ptl_status find_param(const ptl_kind *kind, const ptl_param *param, const json_t *object,
                             const ptl__json_place *at, void *options)
{
    const char *const names[2] = {param->name, param->alias};
    for (int i = 0, found = 0; i < 2; i++) {
        json_t *value = names[i] ? ptl__value_of(object, names[i]) : NULL;
        const ptl__json_place here = {at, names[i], 0};
        if (!value)
            continue;
        if (found++ || ptl__param_given(kind, param, options)) /* another table's, or this one's */
            return ptl__json_fail(&here, PTL_FORMAT, "is also given under another name");
        PTL_TRY(read_param(param, value, &here, (char *)options + param->offset));
    }
    return PTL_OK;
}

static ptl_status read_params(const ptl_kind *kind, const json_t *object, const ptl__json_place *at,
                              void *options)
{
    const ptl_param *tables[PTL__PARAM_TABLES];
    ptl__config_params(kind, tables);
    for (int t = 0; t < PTL__PARAM_TABLES; t++)
        for (const ptl_param *param = tables[t]; param && param->name; param++)
            PTL_TRY(find_param(kind, param, object, at, options));
    return PTL_OK;
}

/* What options hold by reference. */
static void release_options(const ptl_kind *kind, void *options)
{
    ptl__params_release(kind, options);
    if (ptl__config_is_solver(kind)) {
        ptl_factory_release(&((ptl_solver_options *)options)->precond_factory);
        ptl_stop_release(&((ptl_solver_options *)options)->stop);
    }
    ptl__free(options);
}

static ptl_status read_solver(const json_t *object, const ptl__json_place *at,
                              ptl_solver_options *options)
{
    const ptl__json_place here = {at, "true_residual", 0};
    json_t *value = ptl__value_of(object, here.key);
    if (value)
        PTL_TRY(ptl__value_bool(value, &here, &options->true_residual));
    return ptl__criteria_read(object, at, &options->stop);
}

/* ---- factories ------------------------------------------------------------------------------- */

/* Flexible GMRES, a parameter of GMRES in Ginkgo, is a kind of its own. */
static ptl_status flexible_kind(const json_t *object, const ptl__json_place *at,
                                const ptl_kind **kind)
{
    const ptl__json_place here = {at, "flexible", 0};
    json_t *value = ptl__value_of(object, here.key);
    int is_flexible = strcmp((*kind)->name, "fgmres") == 0, wanted = is_flexible;
    if (!value || !(is_flexible || strcmp((*kind)->name, "gmres") == 0))
        return PTL_OK;
    PTL_TRY(ptl__value_bool(value, &here, &wanted));
    if (is_flexible && !wanted)
        return ptl__json_fail(&here, PTL_FORMAT, "fgmres is flexible, gmres is not");
    if (!wanted)
        return PTL_OK;
    *kind = ptl_kind_find("fgmres");
    return *kind ? PTL_OK : ptl__json_fail(&here, PTL_NOT_SUPPORTED, "there is no fgmres");
}

static ptl_status read_options(const ptl__type *type, const json_t *object,
                               const ptl__json_place *at, void *options)
{
    const ptl_kind *kind = type->kind;
    PTL_TRY(read_params(kind, object, at, options));
    PTL_TRY(ptl__config_flags(kind, object, at, options));
    if (type->level && !ptl__value_of(object, "level"))
        ((ptl_ilu_options *)options)->level = type->level;
    return ptl__config_is_solver(kind) ? read_solver(object, at, options) : PTL_OK;
}

/* `object` may be NULL: nothing is given. */
static ptl_status read_object(const ptl__type *type, const json_t *object,
                              const ptl__json_place *at, ptl_factory **out)
{
    void *options = NULL;
    if (object)
        PTL_TRY(ptl__config_check_keys(type, object, at));
    PTL_TRY(ptl__alloc(1, type->kind->options_size, &options));
    memcpy(options, type->kind->initial, type->kind->options_size);
    ptl_status status = read_options(type, object, at, options);
    if (status == PTL_OK)
        status = ptl__json_found(at, type->kind->create(type->kind, options, out));
    release_options(type->kind, options);
    return status;
}

/* Ginkgo's Ilu and Ic solve with the factors that a factorization makes, which says all. */
static ptl_status read_factorized(const ptl__type *type, const json_t *object,
                                  const json_t *factorization, const ptl__json_place *at,
                                  ptl_factory **out)
{
    const ptl__json_place here = {at, "factorization", 0};
    const int hermitian = strcmp(type->kind->name, "ic") == 0;
    ptl__type inner;
    PTL_TRY(ptl__config_check_keys(type, object, at));
    for (const ptl_param *param = type->kind->params; param->name; param++) {
        const ptl__json_place param_at = {at, param->name, 0};
        if (ptl__value_of(object, param->name))
            return ptl__json_fail(&param_at, PTL_FORMAT, "belongs in the factorization");
    }
    PTL_TRY(ptl__type_of(factorization, &here, &inner));
    if (!inner.factorization || (hermitian && !inner.hermitian))
        return ptl__type_no_factorization(&here, hermitian);
    return read_object(&inner, json_is_object(factorization) ? factorization : NULL, &here, out);
}

static ptl_status read_factory(const json_t *value, const ptl__json_place *at, ptl_factory **out)
{
    ptl__type type;
    *out = NULL;
    PTL_TRY(ptl__type_of(value, at, &type));
    if (!json_is_object(value))
        return read_object(&type, NULL, at, out);
    PTL_TRY(flexible_kind(value, at, &type.kind));
    const json_t *factorization =
        ptl__config_is_factorized(&type) ? ptl__value_of(value, "factorization") : NULL;
    return factorization ? read_factorized(&type, value, factorization, at, out)
                         : read_object(&type, value, at, out);
}

static ptl_status parse(const char *json, json_t **out)
{
    json_error_t error;
    *out = json_loads(json, JSON_REJECT_DUPLICATES, &error);
    if (*out)
        return PTL_OK;
    /* Of memory that it lacks jansson has nothing to say, but in some places. */
    if (!*error.text || json_error_code(&error) == json_error_out_of_memory)
        return ptl_fail(PTL_NOMEM, "no memory for the configuration");
    return ptl_fail(PTL_FORMAT, "the configuration, line %d, column %d: %s", error.line,
                    error.column, error.text);
}

ptl_status ptl_config_factory(const char *json, ptl_factory **out)
{
    json_t *root;
    *out = NULL;
    PTL_CHECK(json, PTL_INVALID, "json is NULL");
    PTL_TRY(parse(json, &root));
    ptl_status status = read_factory(root, NULL, out);
    json_decref(root);
    return status;
}
