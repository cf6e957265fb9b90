/* Numbers and objects of a configuration, checked. */
#ifndef PTL_CONFIG_VALUE_H
#define PTL_CONFIG_VALUE_H

#include "json_place.h"

/* The value of a key; NULL where it is not there, or null. */
json_t *ptl__value_of(const json_t *object, const char *key);
/* That an object has no keys but these. */
ptl_status ptl__value_known_keys(const json_t *object, const ptl__json_place *at,
                                 const char *const *names, int count) PTL_MUST_USE;

ptl_status ptl__value_int(const json_t *value, const ptl__json_place *at,
                          int64_t *out) PTL_MUST_USE;
ptl_status ptl__value_real(const json_t *value, const ptl__json_place *at,
                           double *out) PTL_MUST_USE;
ptl_status ptl__value_bool(const json_t *value, const ptl__json_place *at, int *out) PTL_MUST_USE;
/* The position of a string among `names`, which end with NULL. */
ptl_status ptl__value_choice(const json_t *value, const ptl__json_place *at,
                             const char *const *names, int *out) PTL_MUST_USE;

#endif
