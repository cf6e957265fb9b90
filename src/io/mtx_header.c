/* What the first lines of a MatrixMarket file say: the banner, comments, the size line. */
#include "mtx_header.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "../core/status.h"
#include "decimal.h"

enum { LINE = 1024 }; /* bytes of a line that are looked at; only comments may be longer */

typedef struct lines {
    const char *path;
    FILE *stream;
    char text[LINE]; /* of the line, without its end */
    int64_t number;  /* from 1 */
    int longer;      /* 1: than what is in text */
} lines;

void ptl__mtx_quote(const char *line, int64_t length, char *out)
{
    int64_t n = 0;
    for (; n < length && n < PTL__MTX_QUOTE - 4 && line[n] != '\n' && line[n] != '\r'; n++)
        out[n] = line[n] >= ' ' && line[n] <= '~' ? line[n] : line[n] == '\t' ? ' ' : '?';
    out[n] = '\0';
}

static ptl_status malformed(const lines *l, const char *what)
{
    return ptl_fail(PTL_FORMAT, "%s:%" PRId64 ": %s", l->path, l->number, what);
}

/* The same with the line at fault. */
static ptl_status malformed_line(const lines *l, const char *what)
{
    char quote[PTL__MTX_QUOTE];
    ptl__mtx_quote(l->text, (int64_t)strlen(l->text), quote);
    return ptl_fail(PTL_FORMAT, "%s:%" PRId64 ": %s: \"%s\"", l->path, l->number, what, quote);
}

/* The next line; *out is 0 at the end of the file. */
static ptl_status next_line(lines *l, int *out)
{
    int c, length = 0;
    *out = l->longer = 0;
    while ((c = getc_unlocked(l->stream)) != EOF && c != '\n') {
        *out = 1;
        if (length < LINE - 1)
            l->text[length++] = (char)c;
        else
            l->longer = 1;
    }
    PTL_CHECK(!ferror(l->stream), PTL_IO, "%s: %s", l->path, strerror(errno));
    *out = *out || c == '\n';
    l->number += *out;
    while (length > 0 && l->text[length - 1] == '\r')
        length--;
    l->text[length] = '\0';
    return PTL_OK;
}

static const char *skip_space(const char *text)
{
    return text + strspn(text, " \t\r\v\f");
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

static ptl_status parse_banner(lines *l, ptl__mtx_header *h)
{
    char banner[16], object[16], format[16], field[16], symmetry[16], more[2];
    int any, found;
    PTL_TRY(next_line(l, &any));
    if (!any) {
        l->number = 1;
        return malformed(l, "the file is empty");
    }
    found = sscanf(l->text, "%15s %15s %15s %15s %15s %1s", banner, object, format, field, symmetry,
                   more);
    if (found != 5 || strcasecmp(banner, "%%MatrixMarket") != 0 ||
        strcasecmp(object, "matrix") != 0)
        return malformed_line(
            l, "expected the banner \"%%MatrixMarket matrix <format> <field> <symmetry>\"");
    int coordinate = find_word(formats, format), kind = find_word(fields, field);
    int mirror = find_word(symmetries, symmetry);
    if (coordinate < 0)
        return malformed_line(l, "the format is neither coordinate nor array");
    if (kind < 0)
        return malformed_line(l, "the field is none of real, double, integer, complex, pattern");
    if (mirror < 0)
        return malformed_line(
            l, "the symmetry is none of general, symmetric, skew-symmetric, Hermitian");
    if ((kind == PTL__MTX_PATTERN &&
         (!coordinate || mirror == PTL__MTX_SKEW || mirror == PTL__MTX_HERMITIAN)) ||
        (mirror == PTL__MTX_HERMITIAN && kind != PTL__MTX_COMPLEX))
        return malformed_line(l, "format, field and symmetry do not go together");
    h->coordinate = coordinate;
    h->field = (ptl__mtx_field)kind;
    h->symmetry = (ptl__mtx_symmetry)mirror;
    return PTL_OK;
}

/* How many lines of data an array has; what a symmetric matrix must be. */
static ptl_status count_entries(const lines *l, ptl__mtx_header *h)
{
    if (h->symmetry != PTL__MTX_GENERAL && h->rows != h->cols)
        return malformed_line(l, "a symmetric matrix must be square");
    if (h->coordinate)
        return PTL_OK;
    if (__builtin_mul_overflow(h->rows, h->cols, &h->entries))
        return malformed_line(l, "the array is too large");
    if (h->symmetry != PTL__MTX_GENERAL)
        h->entries = (h->entries - h->rows) / 2 + (h->symmetry == PTL__MTX_SKEW ? 0 : h->rows);
    return PTL_OK;
}

static ptl_status parse_sizes(lines *l, ptl__mtx_header *h)
{
    int any;
    do {
        PTL_TRY(next_line(l, &any));
        if (!any)
            return malformed(l, "the file ends before its size line");
    } while (*skip_space(l->text) == '%' || *skip_space(l->text) == '\0');
    if (l->longer)
        return malformed(l, "a line of more than 1023 bytes that is not a comment");
    int64_t *const sizes[] = {&h->rows, &h->cols, &h->entries};
    const char *text = l->text;
    for (int i = 0; i < 2 + h->coordinate && text; i++)
        text = ptl__decimal_read_int(skip_space(text), sizes[i]);
    if (!text || *skip_space(text) != '\0' || h->rows < 0 || h->cols < 0 || h->entries < 0)
        return malformed_line(l, h->coordinate ? "expected the sizes \"rows columns entries\""
                                               : "expected the sizes \"rows columns\"");
    return count_entries(l, h);
}

static ptl_status parse(lines *l, ptl__mtx_header *h)
{
    PTL_TRY(parse_banner(l, h));
    PTL_TRY(parse_sizes(l, h));
    h->data = ftello(l->stream);
    return PTL_OK;
}

ptl_status ptl__mtx_read_header(const ptl__file *file, ptl__mtx_header *out)
{
    lines l = {.path = file->path};
    *out = (ptl__mtx_header){0};
    int fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
    l.stream = fd < 0 ? NULL : fdopen(fd, "r");
    if (!l.stream) {
        ptl_status status = ptl_fail(PTL_IO, "%s: %s", file->path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return status;
    }
    ptl_status status = parse(&l, out);
    fclose(l.stream);
    ptl_status changed = ptl__file_check(file);
    return changed == PTL_OK ? status : changed;
}
