/* How the fast kernels cut their work: rows into fixed blocks, one at a time to a thread, and
 * columns into strips that fit registers.
 *
 * A kernel is a loop over strips around a parallel loop over blocks around a *tile*: an inline
 * function on a few rows of one strip. FIXED_WIDTH and LEAN_WIDTH call a tile with constants for
 * the widths of strips, so that the compiler makes one loop for each. */
#ifndef PTL_KERNELS_BLOCKS_H
#define PTL_KERNELS_BLOCKS_H

#include "kernels.h"

enum { MAX_BLOCKS = 256, MIN_BLOCK_ROWS = 2048, STRIP = 8, LEAN_STRIP = 4 };

/* Elements of a vector that stay in the first cache while others pass by. */
enum { CHUNK = 1024 };

#define INLINE static inline __attribute__((always_inline))

/* How many bytes ahead a matrix is asked for, the bytes that one request brings, and how many
 * entries ahead where entries lie scattered. */
enum { PREFETCH = 4096, LINE = 64, AHEAD = 32 };

/* Dense products: elements of y at a time, and rows of x that stay in the first cache. */
enum { DENSE_TILE = 32, DENSE_DEPTH = 512 };

/* Blocks depend on the number of rows alone, so sums made block by block do too. */
typedef struct cut {
    int64_t rows, block_rows, blocks;
    int threads; /* 1 where there is nothing to share out */
} cut;

INLINE cut cut_into(ptl__run run, int64_t rows, int64_t least)
{
    int64_t size = (rows + MAX_BLOCKS - 1) / MAX_BLOCKS;
    size = (size + DENSE_TILE - 1) / DENSE_TILE * DENSE_TILE;
    if (size < least)
        size = least;
    const int64_t blocks = (rows + size - 1) / size;
    return (cut){rows, size, blocks, blocks > 1 ? run.threads : 1};
}

INLINE cut cut_rows(ptl__run run, int64_t rows)
{
    return cut_into(run, rows, MIN_BLOCK_ROWS);
}

/* The same for rows of `depth` entries each. */
INLINE cut cut_dense(ptl__run run, int64_t rows, int64_t depth)
{
    const int64_t least = 8 * MIN_BLOCK_ROWS / (depth + 1) / DENSE_TILE * DENSE_TILE;
    return cut_into(run, rows, least > DENSE_TILE ? least : DENSE_TILE);
}

INLINE int64_t block_begin(cut c, int64_t block)
{
    return block * c.block_rows;
}

INLINE int64_t block_end(cut c, int64_t block)
{
    int64_t end = (block + 1) * c.block_rows;
    return end < c.rows ? end : c.rows;
}

/* The parallel loop over the blocks of `c`; c is the name in scope. */
#define EACH_BLOCK(b)                                                                              \
    _Pragma("omp parallel for schedule(static) num_threads(c.threads) if (c.threads > 1)") for (   \
        int64_t b = 0; b < c.blocks; ++b)

/* Of a level of a triangular matrix each thread takes at least so many rows. */
enum { PIECE_ROWS = 64 };

INLINE int64_t level_pieces(int64_t rows, int threads)
{
    const int64_t most = (rows + PIECE_ROWS - 1) / PIECE_ROWS;
    return most < threads ? most : threads;
}

/* Neighbouring columns that all still change: 1, 2, 4 or 8 of them. */
typedef struct strip {
    int64_t first, width;
} strip;

INLINE strip next_strip(strip s, const uint8_t *mask, int64_t columns)
{
    int64_t first = s.first + s.width;
    while (first < columns && mask && !mask[first])
        ++first;
    int64_t most = 0, width = STRIP;
    while (first + most < columns && most < STRIP && (!mask || mask[first + most]))
        ++most;
    while (width > most)
        width /= 2;
    return (strip){first, width};
}

INLINE strip next_lean_strip(strip s, int64_t columns)
{
    const int64_t first = s.first + s.width, rest = columns - first;
    return (strip){first, rest >= LEAN_STRIP ? LEAN_STRIP : rest > 0};
}

#define EACH_STRIP(s, mask, columns)                                                               \
    for (strip s = next_strip((strip){0, 0}, mask, columns); s.width > 0;                          \
         s = next_strip(s, mask, columns))

/* One column whose elements follow each other. */
INLINE int is_unit(ptl__block x)
{
    return x.columns == 1 && x.ld == 1;
}

/* The address of a block's element, V being the template's type; and its ld inside FIXED_WIDTH. */
#define AT(b, i, j) ((V *)(b).data + (i) * (b).ld + (j))
#define LD(b) (unit ? 1 : (b).ld)

/* CALL with constants `width` and `unit` in scope: one of the widths of a strip, or one column that
 * is contiguous in every operand (is_unit), for which unit is 1. */
#define FIXED_WIDTH(strip_width, is_unit, CALL)                                                    \
    do {                                                                                           \
        if (is_unit) {                                                                             \
            enum { width = 1, unit = 1 };                                                          \
            CALL;                                                                                  \
        } else if ((strip_width) == 1) {                                                           \
            enum { width = 1, unit = 0 };                                                          \
            CALL;                                                                                  \
        } else if ((strip_width) == 2) {                                                           \
            enum { width = 2, unit = 0 };                                                          \
            CALL;                                                                                  \
        } else if ((strip_width) == 4) {                                                           \
            enum { width = 4, unit = 0 };                                                          \
            CALL;                                                                                  \
        } else {                                                                                   \
            enum { width = STRIP, unit = 0 };                                                      \
            CALL;                                                                                  \
        }                                                                                          \
    } while (0)

/* The same for strips of LEAN_STRIP columns or one, as EACH_LEAN_STRIP gives them: for kernels that
 * are many or rare, since each constant is one more loop. */
#define LEAN_WIDTH(strip_width, is_unit, CALL)                                                     \
    do {                                                                                           \
        if (is_unit) {                                                                             \
            enum { width = 1, unit = 1 };                                                          \
            CALL;                                                                                  \
        } else if ((strip_width) == 1) {                                                           \
            enum { width = 1, unit = 0 };                                                          \
            CALL;                                                                                  \
        } else {                                                                                   \
            enum { width = LEAN_STRIP, unit = 0 };                                                 \
            CALL;                                                                                  \
        }                                                                                          \
    } while (0)

#define EACH_LEAN_STRIP(s, columns)                                                                \
    for (strip s = next_lean_strip((strip){0, 0}, columns); s.width > 0;                           \
         s = next_lean_strip(s, columns))

#endif
