/* Parameters that are numbers, and arrays, from JSON: PTL_FORMAT, with the place, for a value that
 * cannot be the parameter's. */
#ifndef PTL_CONFIG_NUMBERS_H
#define PTL_CONFIG_NUMBERS_H

#include <petiole/kind.h>

#include "json_place.h"

ptl_status ptl__read_int(const ptl_param *param, const json_t *value, const ptl__json_place *at,
                         int64_t *out) PTL_MUST_USE;
ptl_status ptl__read_real(const ptl_param *param, const json_t *value, const ptl__json_place *at,
                          double *out) PTL_MUST_USE;
ptl_status ptl__read_bounds(const json_t *value, const ptl__json_place *at,
                            double *bounds) PTL_MUST_USE;
/* The entries are freed with the options (ptl__params_release), on failure too. */
ptl_status ptl__read_ints(const ptl_param *param, const json_t *value, const ptl__json_place *at,
                          ptl_ints *out) PTL_MUST_USE;
ptl_status ptl__read_reals(const ptl_param *param, const json_t *value, const ptl__json_place *at,
                           ptl_reals *out) PTL_MUST_USE;
/* Room for the entries of an array of JSON, zeros; `what` is what was expected. */
ptl_status ptl__numbers_open(const json_t *value, const char *what, const ptl__json_place *at,
                             size_t size, int64_t *count, void **entries) PTL_MUST_USE;

#endif
