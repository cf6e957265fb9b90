/* The columns of one row while it is made, in [0, count): they come in any order and leave in
 * ascending order. A bitmap, and two bitmaps of its words that are not 0, so that the time does not
 * depend on count but for one look at each 2^18 columns of it. */
#ifndef PTL_ALGEBRA_ROW_BITMAP_H
#define PTL_ALGEBRA_ROW_BITMAP_H

#include <stdint.h>

#include "../core/memory.h"
#include "../core/status.h"

typedef struct ptl__row_bitmap {
    uint64_t *bits[3]; /* bit c of [0]; bit w of [1]: word w of [0] is not 0; and so on */
    int64_t top;       /* words of bits[2] */
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

/* Moves all columns into an array, ascending, and returns how many they are. */
static inline int64_t ptl__row_bitmap_take(ptl__row_bitmap *set, int64_t *columns)
{
    int64_t taken = 0;
    for (int64_t w2 = 0; w2 < set->top; w2++) {
        for (uint64_t high = set->bits[2][w2]; high; high &= high - 1) {
            const int64_t w1 = w2 * 64 + __builtin_ctzll(high);
            for (uint64_t middle = set->bits[1][w1]; middle; middle &= middle - 1) {
                const int64_t w0 = w1 * 64 + __builtin_ctzll(middle);
                for (uint64_t low = set->bits[0][w0]; low; low &= low - 1)
                    columns[taken++] = w0 * 64 + __builtin_ctzll(low);
                set->bits[0][w0] = 0;
            }
            set->bits[1][w1] = 0;
        }
        set->bits[2][w2] = 0;
    }
    return taken;
}

/* Counting only, on a set that is empty: mark is 1 where the column is new, and all that was marked
 * is unmarked after. */
static inline int ptl__row_bitmap_mark(ptl__row_bitmap *set, int64_t column)
{
    uint64_t *word = &set->bits[0][column >> 6];
    const uint64_t bit = (uint64_t)1 << (column & 63), before = *word;
    *word = before | bit;
    return !(before & bit);
}
static inline void ptl__row_bitmap_unmark(ptl__row_bitmap *set, int64_t column)
{
    set->bits[0][column >> 6] = 0;
}

#endif
