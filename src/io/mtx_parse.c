/* Reading a MatrixMarket file on one process: the banner, the size line, entries. Any locale. */
#include "mtx_parse.h"

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../core/memory.h"
#include "../core/status.h"

struct ptl__mtx_reader {
    ptl__mtx_header header;
    char *path;
    FILE *file;
    locale_t locale; /* C's: numbers have a point */
    char *line;      /* of getline */
    size_t room;
    int64_t number;   /* of the line, from 1 */
    int64_t read;     /* entries */
    int64_t row, col; /* where an array's next entry goes */
};

static ptl_status malformed(const ptl__mtx_reader *r, const char *what)
{
    return ptl_fail(PTL_FORMAT, "%s:%" PRId64 ": %s", r->path, r->number, what);
}

/* The same with the line at fault. */
static ptl_status malformed_line(const ptl__mtx_reader *r, const char *what)
{
    return ptl_fail(PTL_FORMAT, "%s:%" PRId64 ": %s: \"%.60s\"", r->path, r->number, what, r->line);
}

/* The next line into r->line, without its end. *out is 0 at the end of the file. */
static ptl_status read_line(ptl__mtx_reader *r, int *out)
{
    errno = 0;
    ssize_t length = getline(&r->line, &r->room, r->file);
    *out = length >= 0;
    if (length < 0) {
        if (errno == ENOMEM)
            return ptl_fail(PTL_NOMEM, "%s:%" PRId64 ": no memory for the line", r->path,
                            r->number + 1);
        PTL_CHECK(!ferror(r->file), PTL_IO, "%s: %s", r->path, strerror(errno));
        return PTL_OK;
    }
    r->number++;
    while (length > 0 && (r->line[length - 1] == '\n' || r->line[length - 1] == '\r'))
        r->line[--length] = '\0';
    return PTL_OK;
}

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

/* The next line with data on it. */
static ptl_status read_data(ptl__mtx_reader *r, int *out)
{
    do {
        PTL_TRY(read_line(r, out));
        if (!*out)
            return PTL_OK;
    } while (*skip_space(r->line) == '%' || *skip_space(r->line) == '\0');
    return PTL_OK;
}

/* Words of one kind, and their values. */
typedef struct word {
    const char *text;
    int value;
} word;

static const word formats[] = {{"array", 0}, {"coordinate", 1}, {NULL, 0}};
static const word fields[] = {{"real", PTL__MTX_REAL},       {"double", PTL__MTX_REAL},
                              {"integer", PTL__MTX_INTEGER}, {"complex", PTL__MTX_COMPLEX},
                              {"pattern", PTL__MTX_PATTERN}, {NULL, 0}};
static const word symmetries[] = {{"general", PTL__MTX_GENERAL},
                                  {"symmetric", PTL__MTX_SYMMETRIC},
                                  {"skew-symmetric", PTL__MTX_SKEW},
                                  {"hermitian", PTL__MTX_HERMITIAN},
                                  {NULL, 0}};

/* The value of `text` in any case, or -1. */
static int find_word(const word *words, const char *text)
{
    for (; words->text; words++)
        if (strcasecmp(words->text, text) == 0)
            return words->value;
    return -1;
}

static ptl_status parse_banner(ptl__mtx_reader *r)
{
    char banner[16], object[16], format[16], field[16], symmetry[16], more[2];
    int any, found;
    PTL_TRY(read_line(r, &any));
    if (!any) {
        r->number = 1;
        return malformed(r, "the file is empty");
    }
    found = sscanf(r->line, "%15s %15s %15s %15s %15s %1s", banner, object, format, field, symmetry,
                   more);
    if (found != 5 || strcasecmp(banner, "%%MatrixMarket") != 0 ||
        strcasecmp(object, "matrix") != 0)
        return malformed_line(
            r, "expected the banner \"%%MatrixMarket matrix <format> <field> <symmetry>\"");
    int coordinate = find_word(formats, format), kind = find_word(fields, field);
    int mirror = find_word(symmetries, symmetry);
    if (coordinate < 0)
        return malformed_line(r, "the format is neither coordinate nor array");
    if (kind < 0)
        return malformed_line(r, "the field is none of real, double, integer, complex, pattern");
    if (mirror < 0)
        return malformed_line(
            r, "the symmetry is none of general, symmetric, skew-symmetric, Hermitian");
    if ((kind == PTL__MTX_PATTERN &&
         (!coordinate || mirror == PTL__MTX_SKEW || mirror == PTL__MTX_HERMITIAN)) ||
        (mirror == PTL__MTX_HERMITIAN && kind != PTL__MTX_COMPLEX))
        return malformed_line(r, "format, field and symmetry do not go together");
    r->header.coordinate = coordinate;
    r->header.field = (ptl__mtx_field)kind;
    r->header.symmetry = (ptl__mtx_symmetry)mirror;
    return PTL_OK;
}

/* A non-negative or negative decimal integer; NULL where there is none, or it is too large. */
static const char *parse_integer(const char *text, int64_t *out)
{
    text = skip_space(text);
    int negative = *text == '-';
    text += *text == '-' || *text == '+';
    if (*text < '0' || *text > '9')
        return NULL;
    int64_t value = 0;
    for (; *text >= '0' && *text <= '9'; text++)
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, *text - '0', &value))
            return NULL;
    *out = negative ? -value : value;
    return text;
}

/* A number that is exact by one multiplication or division: at most 15 digits and a power of ten up
 * to 22, both of which a double holds. NULL where that does not do. */
static const char *parse_short(const char *text, double *out)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int negative = *text == '-', digits = 0, exponent = 0, point = 0;
    int64_t mantissa = 0;
    for (text += *text == '-' || *text == '+';; text++) {
        if (*text >= '0' && *text <= '9') {
            mantissa = mantissa * 10 + (*text - '0');
            exponent -= point;
            if (++digits > 15)
                return NULL;
        } else if (*text == '.' && !point) {
            point = 1;
        } else {
            break;
        }
    }
    if (digits == 0)
        return NULL;
    if (*text == 'e' || *text == 'E') {
        int64_t given;
        if (is_space(text[1]) || !(text = parse_integer(text + 1, &given)) || given > 99 ||
            given < -99)
            return NULL;
        exponent += (int)given;
    }
    if (exponent < -22 || exponent > 22)
        return NULL;
    double value = (double)mantissa;
    value = exponent < 0 ? value / powers[-exponent] : value * powers[exponent];
    *out = negative ? -value : value;
    return text;
}

static const char *parse_number(const ptl__mtx_reader *r, const char *text, double *out)
{
    text = skip_space(text);
    const char *after = parse_short(text, out);
    if (after && (is_space(*after) || *after == '\0'))
        return after;
    char *end;
    *out = strtod_l(text, &end, r->locale);
    return end == text ? NULL : end;
}

static ptl_status count_entries(ptl__mtx_reader *r)
{
    ptl__mtx_header *h = &r->header;
    int mirrored = h->symmetry != PTL__MTX_GENERAL;
    if (mirrored && h->rows != h->cols)
        return malformed_line(r, "a symmetric matrix must be square");
    if (h->coordinate)
        return PTL_OK;
    int64_t n = h->rows, diagonal = h->symmetry == PTL__MTX_SKEW ? 0 : n;
    if (__builtin_mul_overflow(h->rows, h->cols, &h->entries))
        return malformed_line(r, "the array is too large");
    if (mirrored)
        h->entries = (h->entries - n) / 2 + diagonal;
    r->row = h->symmetry == PTL__MTX_SKEW;
    return PTL_OK;
}

static ptl_status parse_sizes(ptl__mtx_reader *r)
{
    ptl__mtx_header *h = &r->header;
    int any;
    PTL_TRY(read_data(r, &any));
    if (!any)
        return malformed(r, "the file ends before the size line");
    const char *text = parse_integer(r->line, &h->rows);
    if (text)
        text = parse_integer(text, &h->cols);
    if (text && h->coordinate)
        text = parse_integer(text, &h->entries);
    if (!text || *skip_space(text) != '\0' || h->rows < 0 || h->cols < 0 || h->entries < 0)
        return malformed_line(r, h->coordinate ? "expected the sizes \"rows columns entries\""
                                               : "expected the sizes \"rows columns\"");
    return count_entries(r);
}

static ptl_status open_file(ptl__mtx_reader *r, const char *path)
{
    PTL_TRY(PTL_NEW((int64_t)strlen(path) + 1, char, &r->path));
    strcpy(r->path, path);
    r->locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    PTL_CHECK(r->locale, PTL_NOMEM, "no memory for a locale");
    r->file = fopen(path, "re");
    PTL_CHECK(r->file, PTL_IO, "%s: %s", path, strerror(errno));
    return PTL_OK;
}

ptl_status ptl__mtx_open(const char *path, ptl__mtx_reader **out)
{
    *out = NULL;
    PTL_CHECK(path, PTL_INVALID, "path is NULL");
    ptl__mtx_reader *r;
    PTL_TRY(PTL_NEW_ZERO(1, ptl__mtx_reader, &r));
    ptl_status status = open_file(r, path);
    if (status == PTL_OK)
        status = parse_banner(r);
    if (status == PTL_OK)
        status = parse_sizes(r);
    if (status != PTL_OK) {
        ptl__mtx_close(r);
        return status;
    }
    *out = r;
    return PTL_OK;
}

void ptl__mtx_close(ptl__mtx_reader *reader)
{
    if (!reader)
        return;
    if (reader->file)
        fclose(reader->file);
    if (reader->locale)
        freelocale(reader->locale);
    free(reader->line); /* getline's */
    ptl__free(reader->path);
    ptl__free(reader);
}

const ptl__mtx_header *ptl__mtx_header_of(const ptl__mtx_reader *reader)
{
    return &reader->header;
}

/* The two indices of a coordinate entry. */
static ptl_status parse_indices(const ptl__mtx_reader *r, const char **text, ptl__mtx_entry *out)
{
    const ptl__mtx_header *h = &r->header;
    *text = parse_integer(*text, &out->row);
    if (*text)
        *text = parse_integer(*text, &out->col);
    if (!*text)
        return malformed_line(r, "expected a row and a column");
    if (out->row < 1 || out->row > h->rows || out->col < 1 || out->col > h->cols)
        return ptl_fail(PTL_FORMAT,
                        "%s:%" PRId64 ": entry (%" PRId64 ", %" PRId64 ") is outside the %" PRId64
                        " x %" PRId64 " matrix",
                        r->path, r->number, out->row, out->col, h->rows, h->cols);
    if (h->symmetry == PTL__MTX_SKEW && out->row == out->col)
        return malformed_line(r, "a skew-symmetric matrix has no diagonal");
    out->row--;
    out->col--;
    return PTL_OK;
}

/* Arrays go down the columns; of a symmetric one, from the diagonal on. */
static void place_array_entry(ptl__mtx_reader *r, ptl__mtx_entry *out)
{
    const ptl__mtx_header *h = &r->header;
    out->row = r->row;
    out->col = r->col;
    if (++r->row < h->rows)
        return;
    r->col++;
    r->row = h->symmetry == PTL__MTX_GENERAL ? 0 : r->col + (h->symmetry == PTL__MTX_SKEW);
}

static const char *parse_value(const ptl__mtx_reader *r, const char *text, ptl__mtx_entry *out)
{
    int64_t integer;
    out->im = 0;
    switch (r->header.field) {
    case PTL__MTX_PATTERN:
        out->re = 1;
        return text;
    case PTL__MTX_INTEGER:
        text = parse_integer(text, &integer);
        out->re = text ? (double)integer : 0;
        return text;
    case PTL__MTX_REAL:
        return parse_number(r, text, &out->re);
    case PTL__MTX_COMPLEX:
        text = parse_number(r, text, &out->re);
        return text && is_space(*text) ? parse_number(r, text, &out->im) : NULL;
    }
    return NULL;
}

ptl_status ptl__mtx_next(ptl__mtx_reader *reader, ptl__mtx_entry *out)
{
    const ptl__mtx_header *h = &reader->header;
    int any;
    PTL_TRY(read_data(reader, &any));
    PTL_CHECK(any, PTL_FORMAT,
              "%s:%" PRId64 ": the file ends after %" PRId64 " of %" PRId64 " entries",
              reader->path, reader->number, reader->read, h->entries);
    const char *text = reader->line;
    if (h->coordinate)
        PTL_TRY(parse_indices(reader, &text, out));
    else
        place_array_entry(reader, out);
    if (h->coordinate && *text != '\0' && !is_space(*text))
        return malformed_line(reader, "expected a number");
    text = parse_value(reader, text, out);
    if (!text)
        return malformed_line(reader, "expected a number");
    if (*skip_space(text) != '\0')
        return malformed_line(reader, "unexpected text after the entry");
    reader->read++;
    return PTL_OK;
}

ptl_status ptl__mtx_end(ptl__mtx_reader *reader)
{
    int any;
    PTL_TRY(read_data(reader, &any));
    if (any)
        return ptl_fail(PTL_FORMAT,
                        "%s:%" PRId64 ": more than the %" PRId64 " entries of the size line",
                        reader->path, reader->number, reader->header.entries);
    return PTL_OK;
}
