/* Where in a configuration something stands, and errors that say so. */
#ifndef PTL_CONFIG_JSON_PLACE_H
#define PTL_CONFIG_JSON_PLACE_H

#include <jansson.h>
#include <stddef.h>

#include <petiole/status.h>

/* "criteria[1].baseline" is a chain of keys and indices on the stack, from the inside out. NULL is
 * the whole. */
typedef struct ptl__json_place {
    const struct ptl__json_place *outer;
    const char *key; /* NULL: an element of an array */
    size_t index;
} ptl__json_place;

/* Fails by `code`: "PLACE: MESSAGE". */
ptl_status ptl__json_fail(const ptl__json_place *at, ptl_status code, const char *fmt, ...)
    PTL_PRINTF(3, 4);
/* PTL_FORMAT: "PLACE: expected EXPECTED, got VALUE"; the value is shortened where it is long. */
ptl_status ptl__json_expected(const ptl__json_place *at, const char *expected, const json_t *value);
/* PTL_FORMAT: "PLACE: unknown WHAT; known: NAME, NAME". */
ptl_status ptl__json_unknown(const ptl__json_place *at, const char *what, const char *const *names,
                             int count);
/* Puts the place before the message of a call that has failed by what stands there: PTL_INVALID is
 * PTL_FORMAT then. PTL_OK is let through. */
ptl_status ptl__json_found(const ptl__json_place *at, ptl_status status);

/* Frees what json_dumps made, by the function that the program gave jansson. */
void ptl__json_free(char *dumped);

#endif
