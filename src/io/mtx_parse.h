/* Lines of a MatrixMarket file, in memory, as entries. */
#ifndef PTL_IO_MTX_PARSE_H
#define PTL_IO_MTX_PARSE_H

#include <locale.h>

#include "../distributed/intake.h"
#include "mtx_header.h"

/* What the parser needs to know of the file. */
typedef struct ptl__mtx_kind {
    ptl__mtx_header header;
    ptl_dtype dtype; /* of the values that come out */
    int drop_zeros;  /* 1: an array's zeros are no entries */
    locale_t locale; /* "C" */
} ptl__mtx_kind;

/* Whole lines, each of which ends with '\n'; a '\0' follows the last of them. */
typedef struct ptl__mtx_text {
    const char *begin, *end;
    int64_t count; /* of lines with data: see ptl__mtx_count */
    int64_t first; /* how many such lines the file has before these */
} ptl__mtx_text;

/* A line that is no entry. */
typedef struct ptl__mtx_fault {
    const char *line; /* NULL: none */
    char what[160];   /* with what is wrong, the line quoted */
} ptl__mtx_fault;

/* Lines from begin to end that are neither blank nor comments. */
int64_t ptl__mtx_count(const char *begin, const char *end);
/* The first line at or after begin that is neither, or end. */
const char *ptl__mtx_next(const char *begin, const char *end);

/* The entries of the text and, where the file holds one triangle, their mirror images: at most
 * count (twice count) to `pairs` and `values`. How many there are; those before a fault, where one
 * is found. */
int64_t ptl__mtx_parse(const ptl__mtx_kind *kind, const ptl__mtx_text *text, ptl__pair *pairs,
                       void *values, ptl__mtx_fault *fault);

#endif
