/* Parameters that are numbers, and arrays, from JSON. Apart from read.c, so that its functions,
 * which call themselves for what is inside, take little stack. */
#include "numbers.h"

#include "../base/params.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "value.h"

ptl_status ptl__read_bounds(const json_t *value, const ptl__json_place *at, double *bounds)
{
    if (!json_is_array(value) || json_array_size(value) != 2)
        return ptl__json_expected(at, "an array of two numbers", value);
    for (size_t i = 0; i < 2; i++) {
        const ptl__json_place here = {at, NULL, i};
        PTL_TRY(ptl__value_real(json_array_get(value, i), &here, &bounds[i]));
    }
    if (bounds[0] == 0 && bounds[1] == 0)
        return ptl__json_expected(at, "bounds that are not both 0", value);
    return PTL_OK;
}

ptl_status ptl__read_int(const ptl_param *param, const json_t *value, const ptl__json_place *at,
                         int64_t *out)
{
    PTL_TRY(ptl__value_int(value, at, out));
    if ((double)*out >= param->least)
        return PTL_OK;
    return ptl__json_expected(at, ptl__param_expected(param).text, value);
}

ptl_status ptl__read_real(const ptl_param *param, const json_t *value, const ptl__json_place *at,
                          double *out)
{
    PTL_TRY(ptl__value_real(value, at, out));
    if (*out >= param->least)
        return PTL_OK;
    return ptl__json_expected(at, ptl__param_expected(param).text, value);
}

/* ---- arrays: what is read of them is the options', on failure too ---- */

ptl_status ptl__numbers_open(const json_t *value, const char *what, const ptl__json_place *at,
                             size_t size, int64_t *count, void **entries)
{
    if (!json_is_array(value))
        return ptl__json_expected(at, what, value);
    *count = 0;
    *entries = NULL;
    if (json_array_size(value) == 0)
        return PTL_OK;
    PTL_TRY(ptl__calloc((int64_t)json_array_size(value), size, entries));
    *count = (int64_t)json_array_size(value);
    return PTL_OK;
}

ptl_status ptl__read_ints(const ptl_param *param, const json_t *value, const ptl__json_place *at,
                          ptl_ints *out)
{
    int64_t *values = NULL;
    PTL_TRY(ptl__numbers_open(value, "an array of whole numbers", at, sizeof *values, &out->count,
                              (void **)&values));
    out->values = values;
    for (int64_t i = 0; i < out->count; i++) {
        const ptl__json_place here = {at, NULL, (size_t)i};
        PTL_TRY(ptl__read_int(param, json_array_get(value, (size_t)i), &here, &values[i]));
    }
    return PTL_OK;
}

ptl_status ptl__read_reals(const ptl_param *param, const json_t *value, const ptl__json_place *at,
                           ptl_reals *out)
{
    double *values = NULL;
    PTL_TRY(ptl__numbers_open(value, "an array of numbers", at, sizeof *values, &out->count,
                              (void **)&values));
    out->values = values;
    for (int64_t i = 0; i < out->count; i++) {
        const ptl__json_place here = {at, NULL, (size_t)i};
        PTL_TRY(ptl__read_real(param, json_array_get(value, (size_t)i), &here, &values[i]));
    }
    return PTL_OK;
}
