/* Stopping criteria, read from a configuration: an array of them, or an object. One with a "type"
 * is a criterion; the entries of one without are criteria. */
#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "criteria.h"
#include "value.h"

static ptl_status read_criteria(const json_t *value, const ptl__json_place *at,
                                ptl_stop **out) PTL_MUST_USE;
static ptl_status read_several(int all, const json_t *value, const ptl__json_place *at,
                               ptl_stop **out) PTL_MUST_USE;

/* Criteria that are being collected. */
typedef struct parts {
    int64_t count;
    ptl_stop **stops;
} parts;

static ptl_status parts_init(parts *p, size_t room)
{
    p->count = 0;
    return PTL_NEW_ZERO((int64_t)room, ptl_stop *, &p->stops);
}

static void parts_end(parts *p)
{
    for (int64_t i = 0; i < p->count; i++)
        ptl_stop_release(&p->stops[i]);
    ptl__free(p->stops);
}

static ptl_status read_elements(const json_t *array, const ptl__json_place *at, parts *p)
{
    size_t i;
    json_t *value;
    json_array_foreach(array, i, value)
    {
        const ptl__json_place here = {at, NULL, i};
        PTL_TRY(read_criteria(value, &here, &p->stops[p->count]));
        p->count++;
    }
    return PTL_OK;
}

static ptl_status check_entries(const json_t *object, const ptl__json_place *at)
{
    const char *keys[PTL__CRITERION_KEYS + 4];
    int count = ptl__criterion_keys(keys);
    keys[count++] = "any";
    keys[count++] = "all";
    keys[count++] = "min_iters";
    keys[count++] = "value_type";
    return ptl__value_known_keys(object, at, keys, count);
}

static ptl_status read_entry(const json_t *value, const ptl__json_place *here, ptl_stop **out)
{
    const int all = strcmp(here->key, "all") == 0;
    if (!all && strcmp(here->key, "any") != 0)
        return ptl__criterion_entry(value, here, out);
    return read_several(all, value, here, out);
}

static ptl_status read_entries(const json_t *object, const ptl__json_place *at, parts *p)
{
    const char *key;
    json_t *value;
    PTL_TRY(check_entries(object, at));
    json_object_foreach((json_t *)object, key, value)
    {
        const ptl__json_place here = {at, key, 0};
        if (json_is_null(value) || strcmp(key, "min_iters") == 0 || strcmp(key, "value_type") == 0)
            continue;
        PTL_TRY(read_entry(value, &here, &p->stops[p->count]));
        p->count++;
    }
    return PTL_OK;
}

/* At least so many iterations, whatever *stop says, which is replaced. */
static ptl_status not_before(const json_t *min_iters, const ptl__json_place *at, ptl_stop **stop)
{
    const ptl__json_place here = {at, "min_iters", 0};
    ptl_stop *both[2] = {NULL, *stop}, *all = NULL;
    int64_t count;
    ptl_status status = ptl__value_int(min_iters, &here, &count);
    if (status == PTL_OK)
        status = ptl__json_found(&here, ptl_stop_iterations(count, &both[0]));
    if (status == PTL_OK)
        status = ptl__json_found(&here, ptl_stop_all(2, both, &all));
    ptl_stop_release(&both[0]);
    ptl_stop_release(stop);
    *stop = all;
    return status;
}

/* An object's only entry stands for itself. */
static ptl_status take_together(int all, const parts *p, int is_object, const ptl__json_place *at,
                                ptl_stop **out)
{
    if (p->count == 0)
        return ptl__json_fail(at, PTL_FORMAT, "holds no criteria");
    if (is_object && p->count == 1) {
        *out = ptl_stop_retain(p->stops[0]);
        return PTL_OK;
    }
    return ptl__json_found(at, all ? ptl_stop_all(p->count, p->stops, out)
                                   : ptl_stop_any(p->count, p->stops, out));
}

/* Any or all of the criteria in an array or an object. */
static ptl_status read_several(int all, const json_t *value, const ptl__json_place *at,
                               ptl_stop **out)
{
    parts p;
    const int is_object = json_is_object(value);
    if (!is_object && !json_is_array(value))
        return ptl__json_expected(at, "criteria in an object or an array", value);
    if (is_object && json_object_get(value, "type"))
        return ptl__criterion_typed(value, at, out);
    PTL_TRY(parts_init(&p, is_object ? json_object_size(value) : json_array_size(value)));
    ptl_status status = is_object ? read_entries(value, at, &p) : read_elements(value, at, &p);
    if (status == PTL_OK)
        status = take_together(all, &p, is_object, at, out);
    parts_end(&p);
    json_t *min_iters = is_object ? ptl__value_of(value, "min_iters") : NULL;
    return status == PTL_OK && min_iters ? not_before(min_iters, at, out) : status;
}

static ptl_status read_criteria(const json_t *value, const ptl__json_place *at, ptl_stop **out)
{
    *out = NULL;
    return read_several(0, value, at, out);
}

/* ---- of a solver ----------------------------------------------------------------------------- */

/* The solver's own rtol, atol and maxiter, as criteria. */
static ptl_status read_tolerances(const json_t *solver, const ptl__json_place *at, parts *p)
{
    static const char *const keys[] = {"rtol", "atol", "maxiter"};
    for (int i = 0; i < 3; i++) {
        json_t *value = ptl__value_of(solver, keys[i]);
        const ptl__json_place here = {at, keys[i], 0};
        if (value)
            PTL_TRY(read_entry(value, &here, &p->stops[p->count]));
        else if (i == 0 && p->count == 0)
            PTL_TRY(ptl_stop_residual(1e-5, PTL_BASELINE_RHS, &p->stops[p->count]));
        p->count += p->stops[p->count] != NULL;
    }
    return PTL_OK;
}

ptl_status ptl__criteria_read(const json_t *solver, const ptl__json_place *at, ptl_stop **out)
{
    *out = NULL;
    json_t *criteria = ptl__value_of(solver, "criteria");
    const ptl__json_place here = {at, "criteria", 0};
    const int alone = !ptl__value_of(solver, "rtol") && !ptl__value_of(solver, "atol") &&
                      !ptl__value_of(solver, "maxiter");
    if (alone)
        return criteria ? read_criteria(criteria, &here, out) : PTL_OK;
    parts p;
    PTL_TRY(parts_init(&p, 4));
    ptl_status status = criteria ? read_criteria(criteria, &here, &p.stops[0]) : PTL_OK;
    p.count = p.stops[0] != NULL;
    if (status == PTL_OK)
        status = read_tolerances(solver, at, &p);
    if (status == PTL_OK)
        status = ptl__json_found(&here, ptl_stop_any(p.count, p.stops, out));
    parts_end(&p);
    return status;
}
