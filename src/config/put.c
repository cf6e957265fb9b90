/* Values put into a configuration that is being written. */
#include "put.h"

#include <math.h>

ptl_status ptl__put_nomem(void)
{
    return ptl_fail(PTL_NOMEM, "no memory to write a configuration");
}

ptl_status ptl__put_real(double number, const ptl__json_place *at, json_t **out)
{
    *out = NULL;
    if (!isfinite(number))
        return ptl__json_fail(at, PTL_NOT_SUPPORTED, "%g cannot be written as JSON", number);
    *out = json_real(number);
    return *out ? PTL_OK : ptl__put_nomem();
}

ptl_status ptl__put(json_t *object, const char *key, json_t *value, ptl_status made)
{
    if (made != PTL_OK) {
        json_decref(value);
        return made;
    }
    return value && json_object_set_new(object, key, value) == 0 ? PTL_OK : ptl__put_nomem();
}
