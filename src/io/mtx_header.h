/* What the first lines of a MatrixMarket file say. */
#ifndef PTL_IO_MTX_HEADER_H
#define PTL_IO_MTX_HEADER_H

#include "file.h"

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

typedef struct ptl__mtx_header {
    int64_t rows, cols;
    int64_t entries; /* lines with data that follow */
    int coordinate;  /* 0: an array */
    ptl__mtx_field field;
    ptl__mtx_symmetry symmetry;
    int64_t data; /* the byte where the line after the size line begins */
} ptl__mtx_header;

/* (L) The banner and the size line. PTL_IO; PTL_FORMAT with the line. */
ptl_status ptl__mtx_read_header(const ptl__file *file, ptl__mtx_header *out) PTL_MUST_USE;

/* Text as an error quotes it: at most 60 bytes of the line, what cannot be printed as "?". */
enum { PTL__MTX_QUOTE = 64 };
void ptl__mtx_quote(const char *line, int64_t length, char *out);

#endif
