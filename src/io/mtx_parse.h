/* Reading a MatrixMarket file on one process, entry by entry. */
#ifndef PTL_IO_MTX_PARSE_H
#define PTL_IO_MTX_PARSE_H

#include <stdint.h>

#include <petiole/status.h>

typedef enum ptl__mtx_field {
    PTL__MTX_REAL,
    PTL__MTX_INTEGER,
    PTL__MTX_COMPLEX,
    PTL__MTX_PATTERN
} ptl__mtx_field;

typedef enum ptl__mtx_symmetry {
    PTL__MTX_GENERAL,
    PTL__MTX_SYMMETRIC,
    PTL__MTX_SKEW,
    PTL__MTX_HERMITIAN
} ptl__mtx_symmetry;

/* What the banner and the size line say. */
typedef struct ptl__mtx_header {
    int64_t rows, cols;
    int64_t entries; /* lines that follow */
    int coordinate;  /* 0: an array */
    ptl__mtx_field field;
    ptl__mtx_symmetry symmetry;
} ptl__mtx_header;

typedef struct ptl__mtx_entry {
    int64_t row, col; /* from 0 */
    double re, im;
} ptl__mtx_entry;

typedef struct ptl__mtx_reader ptl__mtx_reader;

/* (L) PTL_IO, PTL_FORMAT. */
ptl_status ptl__mtx_open(const char *path, ptl__mtx_reader **out) PTL_MUST_USE;
void ptl__mtx_close(ptl__mtx_reader *reader); /* NULL is let through */
const ptl__mtx_header *ptl__mtx_header_of(const ptl__mtx_reader *reader);

/* (L) The next of `entries` entries, in the order of the file. */
ptl_status ptl__mtx_next(ptl__mtx_reader *reader, ptl__mtx_entry *out) PTL_MUST_USE;
/* (L) After the last one: that nothing else follows. */
ptl_status ptl__mtx_end(ptl__mtx_reader *reader) PTL_MUST_USE;

#endif
