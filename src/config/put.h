/* Values put into a configuration that is being written. */
#ifndef PTL_CONFIG_PUT_H
#define PTL_CONFIG_PUT_H

#include "json_place.h"

/* PTL_NOMEM, where jansson had no memory. */
ptl_status ptl__put_nomem(void);
/* A number; PTL_NOT_SUPPORTED where it is infinite, which JSON has no word for. */
ptl_status ptl__put_real(double number, const ptl__json_place *at, json_t **out) PTL_MUST_USE;
/* Puts `value`, whose reference is taken, into an object: value NULL is PTL_NOMEM. `made` is what
 * making it returned, and is returned where it is a failure. */
ptl_status ptl__put(json_t *object, const char *key, json_t *value, ptl_status made) PTL_MUST_USE;

#endif
