/* The columns of one row while it is made, in [0, count): they come in any order and leave in
 * ascending order. A bitmap, and two bitmaps of its words that are not 0. Adding and removing take
 * constant time, but for one look at each 2^18 columns of [0, count) per row. */
#ifndef PTL_DIST_ROW_BITMAP_H
#define PTL_DIST_ROW_BITMAP_H

#include <stdint.h>

#include "../core/memory.h"
#include "../core/status.h"

typedef struct ptl__row_bitmap {
    uint64_t *bits[3]; /* bit c of [0]; bit w of [1]: word w of [0] is not 0; and so on */
    int64_t top;       /* words of bits[2] */
    int64_t at;        /* those before it are 0 */
} ptl__row_bitmap;

static inline void ptl__row_bitmap_clear(ptl__row_bitmap *set)
{
    for (int level = 0; level < 3; level++)
        ptl__free(set->bits[level]);
    *set = (ptl__row_bitmap){0};
}

/* (L) Empty. To be ended by clear, on failure too. */
static inline ptl_status ptl__row_bitmap_init(ptl__row_bitmap *set, int64_t count)
{
    *set = (ptl__row_bitmap){0};
    for (int level = 0; level < 3; level++) {
        count = count / 64 + 1;
        PTL_TRY(PTL_NEW_ZERO(count, uint64_t, &set->bits[level]));
    }
    set->top = count;
    return PTL_OK;
}

static inline void ptl__row_bitmap_add(ptl__row_bitmap *set, int64_t column)
{
    const int64_t w0 = column >> 6, w1 = column >> 12, w2 = column >> 18;
    if (!set->bits[0][w0]) {
        if (!set->bits[1][w1])
            set->bits[2][w2] |= (uint64_t)1 << (w1 & 63);
        set->bits[1][w1] |= (uint64_t)1 << (w0 & 63);
    }
    set->bits[0][w0] |= (uint64_t)1 << (column & 63);
}

/* Removes the lowest bit of a word; 1 where the word is 0 then. */
static inline int ptl__row_bitmap_drop(uint64_t *word)
{
    *word &= *word - 1;
    return *word == 0;
}

/* Removes the lowest column and returns it; -1 where the set is empty. Once it has begun, it goes
 * on to -1 before columns are added again. */
static inline int64_t ptl__row_bitmap_pop(ptl__row_bitmap *set)
{
    while (set->at < set->top && !set->bits[2][set->at])
        set->at++;
    if (set->at == set->top) {
        set->at = 0;
        return -1;
    }
    const int64_t w1 = set->at * 64 + __builtin_ctzll(set->bits[2][set->at]);
    const int64_t w0 = w1 * 64 + __builtin_ctzll(set->bits[1][w1]);
    const int64_t column = w0 * 64 + __builtin_ctzll(set->bits[0][w0]);
    if (ptl__row_bitmap_drop(&set->bits[0][w0]) && ptl__row_bitmap_drop(&set->bits[1][w1]))
        ptl__row_bitmap_drop(&set->bits[2][set->at]);
    return column;
}

#endif
