/* Stopping criteria in a configuration. */
#ifndef PTL_CONFIG_CRITERIA_H
#define PTL_CONFIG_CRITERIA_H

#include "../stop/stop.h"
#include "json_place.h"

/* How a criterion that is no combination is written: its "type", and the key of its number. */
typedef struct ptl__criterion_form {
    const char *title;
    ptl__stop_type type;
    const char *key;
    int has_baseline, has_window;
} ptl__criterion_form;

/* Ended by one without a title. */
extern const ptl__criterion_form ptl__criterion_forms[];
extern const char *const ptl__baseline_names[];

/* (L) An object with a "type". */
ptl_status ptl__criterion_typed(const json_t *object, const ptl__json_place *at,
                                ptl_stop **out) PTL_MUST_USE;
/* (L) The entry at `here` of an object without one, whose key is among these. */
ptl_status ptl__criterion_entry(const json_t *value, const ptl__json_place *here,
                                ptl_stop **out) PTL_MUST_USE;
enum { PTL__CRITERION_KEYS = 16 };
int ptl__criterion_keys(const char *keys[PTL__CRITERION_KEYS]); /* how many */

/* (L) The criteria of a solver's object: NULL where it has none, and the default holds. */
ptl_status ptl__criteria_read(const json_t *solver, const ptl__json_place *at,
                              ptl_stop **out) PTL_MUST_USE;
/* (L) The value that is read as `stop`. */
ptl_status ptl__criteria_write(const ptl_stop *stop, const ptl__json_place *at,
                               json_t **out) PTL_MUST_USE;

#endif
