/* Stopping criteria, written: a combination as an array (any, outermost) or as an object of one
 * key, every other as an object with a "type". */
#include "../core/status.h"
#include "criteria.h"
#include "put.h"

static ptl_status write_criterion(const ptl_stop *stop, const ptl__json_place *at,
                                  json_t **out) PTL_MUST_USE;

static ptl_status write_number(const ptl_stop *stop, const ptl__criterion_form *form,
                               const ptl__json_place *at, json_t *object)
{
    json_t *number = NULL;
    ptl_status status = PTL_OK;
    if (form->type == PTL__STOP_ITERATIONS)
        number = json_integer(stop->count);
    else
        status = ptl__put_real(stop->factor, at, &number);
    return ptl__put(object, form->key, number, status);
}

static ptl_status write_form(const ptl_stop *stop, const ptl__criterion_form *form,
                             const ptl__json_place *at, json_t *object)
{
    PTL_TRY(ptl__put(object, "type", json_string(form->title), PTL_OK));
    PTL_TRY(write_number(stop, form, at, object));
    if (form->has_window)
        PTL_TRY(ptl__put(object, "window", json_integer(stop->count), PTL_OK));
    if (form->has_baseline)
        PTL_TRY(
            ptl__put(object, "baseline", json_string(ptl__baseline_names[stop->baseline]), PTL_OK));
    return PTL_OK;
}

static ptl_status write_parts(const ptl_stop *stop, const ptl__json_place *at, json_t *array)
{
    if (stop->count == 0)
        return ptl__json_fail(at, PTL_NOT_SUPPORTED, "any() of no criteria cannot be written");
    for (int64_t i = 0; i < stop->count; i++) {
        const ptl__json_place here = {at, NULL, (size_t)i};
        json_t *part = NULL;
        ptl_status status = write_criterion(stop->parts[i], &here, &part);
        if (status != PTL_OK) {
            json_decref(part);
            return status;
        }
        if (json_array_append_new(array, part) != 0)
            return ptl__put_nomem();
    }
    return PTL_OK;
}

static ptl_status write_array(const ptl_stop *stop, const ptl__json_place *at, json_t **out)
{
    *out = json_array();
    return *out ? write_parts(stop, at, *out) : ptl__put_nomem();
}

static ptl_status write_criterion(const ptl_stop *stop, const ptl__json_place *at, json_t **out)
{
    if (stop->type == PTL__STOP_PREDICATE)
        return ptl__json_fail(at, PTL_NOT_SUPPORTED, "a predicate cannot be written");
    *out = json_object();
    if (!*out)
        return ptl__put_nomem();
    const char *key = stop->type == PTL__STOP_ALL ? "all" : "any";
    const ptl__json_place here = {at, key, 0};
    json_t *array = NULL;
    if (stop->parts) {
        ptl_status status = write_array(stop, &here, &array);
        return ptl__put(*out, key, array, status);
    }
    const ptl__criterion_form *form = ptl__criterion_forms;
    while (form->title && form->type != stop->type)
        form++;
    if (!form->title)
        return ptl__json_fail(at, PTL_NOT_SUPPORTED, "this criterion cannot be written");
    return write_form(stop, form, at, *out);
}

ptl_status ptl__criteria_write(const ptl_stop *stop, const ptl__json_place *at, json_t **out)
{
    *out = NULL;
    return stop->type == PTL__STOP_ANY ? write_array(stop, at, out)
                                       : write_criterion(stop, at, out);
}
