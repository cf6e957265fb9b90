/* A backend's kernels on vectors of halves: a piece at a time is widened to float, goes through the
 * kernels of float vectors, and is rounded where it was written. A piece is PIECE / STRIP rows of
 * STRIP columns, or PIECE rows of one. The bits depend on the sizes alone, as those of every openmp
 * kernel. */
#include <string.h>

#include "blocks.h"
#include "half.h"
#include "tables.h"

#define HALF PTL__JOIN(PTL__JOIN(ptl__kernels, BACKEND), f16)
#define F32 PTL__DTYPE_TABLE(BACKEND, f32)
#define F64 PTL__DTYPE_TABLE(BACKEND, f64)
#define C64 PTL__DTYPE_TABLE(COMPLEX_BACKEND, c64)
#define C128 PTL__DTYPE_TABLE(COMPLEX_BACKEND, c128)
extern const ptl__dtype_kernels F32, F64, C64, C128;
extern const ptl__vector_kernels HALF;

enum { PIECE = 1024 };
static const ptl__run alone = {.threads = 1};

typedef struct piece {
    int64_t row, rows, column, columns;
} piece;

static ptl__block halves_of(ptl__block x, piece p)
{
    return (ptl__block){(uint16_t *)x.data + p.row * x.ld + p.column, p.rows, p.columns, x.ld};
}

/* The piece of x as floats, in `space` of PIECE. */
static ptl__block widened(ptl__block x, piece p, float *space)
{
    const ptl__block wide = {space, p.rows, p.columns, p.columns};
    F32.vector.widen(alone, halves_of(x, p), wide);
    return wide;
}

static void rounded(ptl__block wide, ptl__block y, piece p)
{
    F32.vector.convert(alone, PTL_F16, wide, halves_of(y, p));
}

/* The loop over the pieces p of a block's rows, and of a strip's columns. */
#define EACH_PIECE(p, c, b, first, width)                                                          \
    for (piece p = {block_begin(c, b), 0, first, width};                                           \
         (p.rows = block_end(c, b) - p.row,                                                        \
         p.rows = p.rows < PIECE / (width) ? p.rows : PIECE / (width), p.rows > 0);                \
         p.row += p.rows)

/* ---- element by element ---------------------------------------------------------------------- */

enum operation { SCALE, DIVIDE, ADD, SUBTRACT };

/* y op= a x on one piece; x is y where the operation reads no x. */
static void update_piece(enum operation operation, const double *a, const uint8_t *mask,
                         ptl__block x, ptl__block y, piece p)
{
    float spaces[2][PIECE];
    const ptl__block to = widened(y, p, spaces[0]);
    const double *coefs = a + p.column;
    const uint8_t *columns = mask ? mask + p.column : NULL;
    if (operation == SCALE)
        F32.vector.scale(alone, coefs, columns, to);
    else if (operation == DIVIDE)
        F32.vector.inv_scale(alone, coefs, columns, to);
    else
        F32.vector.add_scaled(alone, coefs, operation == SUBTRACT, widened(x, p, spaces[1]),
                              columns, to);
    rounded(to, y, p);
}

static void update(ptl__run run, enum operation operation, const double *a, const uint8_t *mask,
                   ptl__block x, ptl__block y)
{
    const cut c = cut_rows(run, y.rows);
    for (int64_t first = 0; first < y.columns; first += STRIP) {
        const int64_t rest = y.columns - first, width = rest < STRIP ? rest : STRIP;
        EACH_BLOCK (b)
            EACH_PIECE (p, c, b, first, width)
                update_piece(operation, a, mask, x, y, p);
    }
}

static void scale(ptl__run run, const void *a, const uint8_t *mask, ptl__block y)
{
    update(run, SCALE, a, mask, y, y);
}

static void inv_scale(ptl__run run, const void *a, const uint8_t *mask, ptl__block y)
{
    update(run, DIVIDE, a, mask, y, y);
}

static void add_scaled(ptl__run run, const void *a, int subtract, ptl__block x, const uint8_t *mask,
                       ptl__block y)
{
    update(run, subtract ? SUBTRACT : ADD, a, mask, x, y);
}

static void map(ptl__run run, ptl_map map, ptl__block x, ptl__block y)
{
    const cut c = cut_rows(run, y.rows);
    for (int64_t first = 0; first < y.columns; first += STRIP) {
        const int64_t rest = y.columns - first, width = rest < STRIP ? rest : STRIP;
        EACH_BLOCK (b)
            EACH_PIECE (p, c, b, first, width) {
                float space[PIECE];
                const ptl__block wide = widened(x, p, space);
                F32.vector.map(alone, map, wide, wide);
                rounded(wide, y, p);
            }
    }
}

static void fill(ptl__run run, const void *value, ptl__block y)
{
    const uint16_t half = half_from_double(*(const double *)value);
    const cut c = cut_rows(run, y.rows);
    EACH_BLOCK (b)
        for (int64_t i = block_begin(c, b); i < block_end(c, b); ++i)
            for (int64_t j = 0; j < y.columns; ++j)
                ((uint16_t *)y.data)[i * y.ld + j] = half;
}

static void copy(ptl__run run, ptl__block x, ptl__block y)
{
    const cut c = cut_rows(run, y.rows);
    const int packed = x.ld == x.columns && y.ld == y.columns;
    EACH_BLOCK (b) {
        const int64_t begin = block_begin(c, b), rows = block_end(c, b) - begin;
        const int64_t at_once = packed ? rows : 1;
        for (int64_t i = begin; i < begin + rows; i += at_once)
            memmove((uint16_t *)y.data + i * y.ld, (const uint16_t *)x.data + i * x.ld,
                    (size_t)(at_once * y.columns) * sizeof(uint16_t));
    }
}

static void convert(ptl__run run, ptl_dtype to, ptl__block x, ptl__block y)
{
    const ptl__dtype_kernels *const tables[PTL_DTYPE_COUNT] = {&F32, &F64, &C64, &C128};
    if (to == PTL_F16)
        copy(run, x, y);
    else
        tables[to]->vector.widen(run, x, y);
}

/* ---- sums ------------------------------------------------------------------------------------ */

enum term { DOT, SQUARE, MODULUS, LARGEST, VALUE };

static void sum_piece(enum term term, ptl__block x, ptl__block y, piece p, double *sums)
{
    float spaces[2][PIECE];
    const ptl__block from = widened(x, p, spaces[0]);
    switch (term) {
    case DOT:
        F32.vector.dot(alone, 0, from, widened(y, p, spaces[1]), sums);
        break;
    case SQUARE:
        F32.vector.norm2_squared(alone, from, sums);
        break;
    case MODULUS:
        F32.vector.norm1(alone, from, sums);
        break;
    case LARGEST:
        F32.vector.norm_inf(alone, from, sums);
        break;
    case VALUE:
        F32.vector.sum(alone, from, sums);
        break;
    }
}

/* *to with one more part: of a maximum a NaN stays. */
static void add_part(enum term term, double part, double *to)
{
    if (term != LARGEST)
        *to += part;
    else if (part > *to || part != part)
        *to = part;
}

static void reduce(ptl__run run, enum term term, ptl__block x, ptl__block y, double *sums)
{
    const cut c = cut_rows(run, x.rows);
    for (int64_t first = 0; first < x.columns; first += STRIP) {
        const int64_t rest = x.columns - first, width = rest < STRIP ? rest : STRIP;
        double partial[MAX_BLOCKS][STRIP] = {{0}};
        EACH_BLOCK (b)
            EACH_PIECE (p, c, b, first, width) {
                double part[STRIP];
                sum_piece(term, x, y, p, part);
                for (int64_t j = 0; j < width; ++j)
                    add_part(term, part[j], &partial[b][j]);
            }
        for (int64_t j = 0; j < width; ++j) {
            sums[first + j] = 0;
            for (int64_t b = 0; b < c.blocks; ++b)
                add_part(term, partial[b][j], &sums[first + j]);
        }
    }
}

static void dot(ptl__run run, int conj, ptl__block x, ptl__block y, void *sums)
{
    (void)conj;
    reduce(run, DOT, x, y, sums);
}

static void norm2_squared(ptl__run run, ptl__block x, double *sums)
{
    reduce(run, SQUARE, x, x, sums);
}

static void norm1(ptl__run run, ptl__block x, double *sums)
{
    reduce(run, MODULUS, x, x, sums);
}

static void norm_inf(ptl__run run, ptl__block x, double *maxima)
{
    reduce(run, LARGEST, x, x, maxima);
}

static void sum(ptl__run run, ptl__block x, void *sums)
{
    reduce(run, VALUE, x, x, sums);
}

const ptl__vector_kernels HALF = {
    .fill = fill,
    .copy = copy,
    .scale = scale,
    .inv_scale = inv_scale,
    .add_scaled = add_scaled,
    .dot = dot,
    .norm2_squared = norm2_squared,
    .norm1 = norm1,
    .norm_inf = norm_inf,
    .sum = sum,
    .map = map,
    .convert = convert,
    .widen = copy,
};
