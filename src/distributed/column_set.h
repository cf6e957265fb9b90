/* A set of global columns, each numbered as it first comes. */
#ifndef PTL_DISTRIBUTED_COLUMN_SET_H
#define PTL_DISTRIBUTED_COLUMN_SET_H

#include <stdint.h>

#include <petiole/status.h>

/* Begins as {0}; to be ended by clear. */
typedef struct ptl__column_set {
    int64_t count, room;
    int64_t *keys;  /* the columns, by number */
    int64_t *table; /* 2 * room (a power of two) places: a number + 1, or 0; linear probing */
} ptl__column_set;

/* (L) The number of `column`, which is not negative; a new one where it is not there yet. */
ptl_status ptl__column_set_add(ptl__column_set *set, int64_t column, int64_t *out) PTL_MUST_USE;
void ptl__column_set_clear(ptl__column_set *set);

#endif
