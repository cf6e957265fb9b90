/* Lines of a MatrixMarket file as entries. A line's end stops every loop, as it is neither a digit
 * nor a space here, so that nothing looks at lengths. */
#include "mtx_parse.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "decimal.h"

/* One entry. */
typedef struct entry {
    ptl__pair at; /* from 0 */
    double re, im;
} entry;

/* A text being parsed. */
typedef struct parser {
    const ptl__mtx_kind *kind;
    ptl__pair next; /* where an array's next entry goes */
    int64_t count;
    ptl__pair *pairs;
    void *values;
    ptl__mtx_fault *fault;
} parser;

static int is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static const char *skip_space(const char *text)
{
    while (is_space(*text))
        text++;
    return text;
}

static const char *line_end(const char *text, const char *end)
{
    return memchr(text, '\n', (size_t)(end - text));
}

const char *ptl__mtx_next(const char *begin, const char *end)
{
    while (begin < end) {
        const char *text = skip_space(begin);
        if (*text != '%' && *text != '\n')
            return begin;
        begin = line_end(text, end) + 1;
    }
    return end;
}

int64_t ptl__mtx_count(const char *begin, const char *end)
{
    int64_t count = 0;
    while ((begin = ptl__mtx_next(begin, end)) < end) {
        count++;
        begin = line_end(begin, end) + 1;
    }
    return count;
}

/* ---- one line ---------------------------------------------------------------------------------
 */

__attribute__((format(printf, 3, 4))) static const char *fail(parser *p, const char *line,
                                                              const char *fmt, ...)
{
    char quote[PTL__MTX_QUOTE];
    va_list args;
    va_start(args, fmt);
    int length = vsnprintf(p->fault->what, sizeof p->fault->what - sizeof quote - 4, fmt, args);
    va_end(args);
    ptl__mtx_quote(line, INT64_MAX, quote);
    snprintf(p->fault->what + length, sizeof p->fault->what - (size_t)length, ": \"%s\"", quote);
    p->fault->line = line;
    return NULL;
}

/* The two indices of a coordinate entry: what follows them. */
static const char *read_indices(parser *p, const char *line, entry *e)
{
    const ptl__mtx_header *h = &p->kind->header;
    const char *text = ptl__decimal_read_int(skip_space(line), &e->at.row);
    if (text && is_space(*text))
        text = ptl__decimal_read_int(skip_space(text), &e->at.col);
    else
        text = NULL;
    if (!text)
        return fail(p, line, "expected a row and a column");
    if (e->at.row < 1 || e->at.row > h->rows || e->at.col < 1 || e->at.col > h->cols)
        return fail(p, line, "outside the %" PRId64 " x %" PRId64 " matrix", h->rows, h->cols);
    if (h->symmetry == PTL__MTX_SKEW && e->at.row == e->at.col)
        return fail(p, line, "a skew-symmetric matrix has no diagonal");
    if (*text != '\n' && !is_space(*text))
        return fail(p, line, "expected a number");
    e->at.row--;
    e->at.col--;
    return text;
}

/* Arrays go down the columns; of a symmetric one, from the diagonal on. */
static void place_next(parser *p, entry *e)
{
    const ptl__mtx_header *h = &p->kind->header;
    e->at = p->next;
    if (++p->next.row < h->rows)
        return;
    p->next.col++;
    p->next.row =
        h->symmetry == PTL__MTX_GENERAL ? 0 : p->next.col + (h->symmetry == PTL__MTX_SKEW);
}

static const char *read_value(const parser *p, const char *text, entry *e)
{
    int64_t integer;
    e->im = 0;
    switch (p->kind->header.field) {
    case PTL__MTX_PATTERN:
        e->re = 1;
        return text;
    case PTL__MTX_INTEGER:
        text = ptl__decimal_read_int(skip_space(text), &integer);
        e->re = text ? (double)integer : 0;
        return text;
    case PTL__MTX_REAL:
        return ptl__decimal_read(skip_space(text), p->kind->locale, &e->re);
    case PTL__MTX_COMPLEX:
        text = ptl__decimal_read(skip_space(text), p->kind->locale, &e->re);
        return text && is_space(*text)
                   ? ptl__decimal_read(skip_space(text), p->kind->locale, &e->im)
                   : NULL;
    }
    return NULL;
}

/* The line's entry; where the line ends, or NULL with the fault. */
static const char *read_line(parser *p, const char *line, entry *e)
{
    const char *text = line;
    if (p->kind->header.coordinate)
        text = read_indices(p, line, e);
    else
        place_next(p, e);
    if (!text)
        return NULL;
    text = read_value(p, text, e);
    if (!text)
        return fail(p, line, "expected a number");
    text = skip_space(text);
    return *text == '\n' ? text : fail(p, line, "unexpected text after the entry");
}

/* ---- entries ----------------------------------------------------------------------------------
 */

static void put(parser *p, ptl__pair at, double re, double im)
{
    int64_t i = p->count++;
    p->pairs[i] = at;
    switch (p->kind->dtype) {
    case PTL_F32:
        ((float *)p->values)[i] = (float)re;
        break;
    case PTL_F64:
        ((double *)p->values)[i] = re;
        break;
    case PTL_C64:
        ((ptl_c64 *)p->values)[i] = (ptl_c64){(float)re, (float)im};
        break;
    default:
        ((ptl_c128 *)p->values)[i] = (ptl_c128){re, im};
    }
}

/* An entry of the file and, where the file holds one triangle, its mirror image. */
static void put_both(parser *p, const entry *e)
{
    ptl__mtx_symmetry symmetry = p->kind->header.symmetry;
    put(p, e->at, e->re, e->im);
    if (symmetry == PTL__MTX_GENERAL || e->at.row == e->at.col)
        return;
    int negate = symmetry == PTL__MTX_SKEW;
    int conjugate = symmetry == PTL__MTX_HERMITIAN;
    put(p, (ptl__pair){e->at.col, e->at.row}, negate ? -e->re : e->re,
        negate || conjugate ? -e->im : e->im);
}

/* How many entries a triangle of n rows has in the columns before `col`. */
static int64_t entries_before(const ptl__mtx_header *h, int64_t col)
{
    int64_t first = h->rows - (h->symmetry == PTL__MTX_SKEW); /* of column 0 */
    return col * first - (col % 2 ? (col - 1) / 2 * col : col / 2 * (col - 1));
}

/* Where an array's entry of number `number` goes. */
static ptl__pair place_of(const ptl__mtx_header *h, int64_t number)
{
    if (h->coordinate || h->rows == 0)
        return (ptl__pair){0, 0};
    if (h->symmetry == PTL__MTX_GENERAL)
        return (ptl__pair){number % h->rows, number / h->rows};
    int64_t low = 0, high = h->rows;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (entries_before(h, middle) <= number)
            low = middle;
        else
            high = middle;
    }
    int64_t down = number - entries_before(h, low);
    return (ptl__pair){low + down + (h->symmetry == PTL__MTX_SKEW), low};
}

int64_t ptl__mtx_parse(const ptl__mtx_kind *kind, const ptl__mtx_text *text, ptl__pair *pairs,
                       void *values, ptl__mtx_fault *fault)
{
    parser p = {kind, place_of(&kind->header, text->first), 0, pairs, values, fault};
    entry e;
    fault->line = NULL;
    for (const char *at = text->begin; (at = ptl__mtx_next(at, text->end)) < text->end; at++) {
        at = read_line(&p, at, &e);
        if (!at)
            break;
        if (!kind->drop_zeros || e.re != 0 || e.im != 0)
            put_both(&p, &e);
    }
    return p.count;
}
