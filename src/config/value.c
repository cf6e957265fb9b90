/* Numbers and objects of a configuration, checked. */
#include "value.h"

#include <stdio.h>
#include <string.h>

#include "../core/status.h"

json_t *ptl__value_of(const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    return json_is_null(value) ? NULL : value;
}

static int is_among(const char *name, const char *const *names, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return 1;
    return 0;
}

ptl_status ptl__value_known_keys(const json_t *object, const ptl__json_place *at,
                                 const char *const *names, int count)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        const ptl__json_place here = {at, key, 0};
        if (!is_among(key, names, count))
            return ptl__json_unknown(&here, "key", names, count);
    }
    return PTL_OK;
}

ptl_status ptl__value_int(const json_t *value, const ptl__json_place *at, int64_t *out)
{
    if (!json_is_integer(value))
        return ptl__json_expected(at, "a whole number", value);
    *out = json_integer_value(value);
    return PTL_OK;
}

ptl_status ptl__value_real(const json_t *value, const ptl__json_place *at, double *out)
{
    if (!json_is_number(value))
        return ptl__json_expected(at, "a number", value);
    *out = json_number_value(value);
    return PTL_OK;
}

ptl_status ptl__value_bool(const json_t *value, const ptl__json_place *at, int *out)
{
    if (!json_is_boolean(value))
        return ptl__json_expected(at, "true or false", value);
    *out = json_is_true(value);
    return PTL_OK;
}

ptl_status ptl__value_choice(const json_t *value, const ptl__json_place *at,
                             const char *const *names, int *out)
{
    int count = 0;
    for (; names[count]; count++)
        if (json_is_string(value) && strcmp(json_string_value(value), names[count]) == 0) {
            *out = count;
            return PTL_OK;
        }
    if (!json_is_string(value))
        return ptl__json_expected(at, "a string", value);
    return ptl__json_unknown(at, "value", names, count);
}
