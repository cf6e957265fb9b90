/* Petiole's binary files: docs/binary-format.md. */
#ifndef PTL_IO_BINARY_FORMAT_H
#define PTL_IO_BINARY_FORMAT_H

#include <petiole/types.h>

#include "file.h"

typedef enum ptl__binary_kind { PTL__BINARY_MATRIX = 1, PTL__BINARY_VECTOR = 2 } ptl__binary_kind;

enum { PTL__BINARY_CHUNK = 1 << 16, PTL__BINARY_MAGIC = 8 };

/* The first bytes of a file, as they are there. */
typedef struct ptl__binary_header {
    unsigned char magic[PTL__BINARY_MAGIC];
    uint32_t version, order, kind, dtype;
    uint32_t index_bytes, ndim;            /* of a matrix's columns: 4 or 8; of a vector: 1 or 2 */
    int64_t rows, cols, entries;           /* a vector's columns, and rows x columns of them */
    int64_t chunk;                         /* bytes that share a checksum */
    int64_t indptr, indices, values, sums; /* where the sections begin */
    int64_t size;                          /* of the file */
    uint32_t reserved[5];
    uint32_t checksum; /* of the bytes before it */
} ptl__binary_header;

/* Fills in what follows from kind, dtype, ndim, rows, cols and entries, which are set. */
void ptl__binary_complete(ptl__binary_header *h);
/* How many chunks the sections before `sums` have. */
int64_t ptl__binary_chunks(const ptl__binary_header *h);
/* Bytes [*begin, *begin + the result) of the file are chunk k. */
int64_t ptl__binary_chunk(const ptl__binary_header *h, int64_t k, int64_t *begin);

/* 1 where the bytes that a file begins with are this format's. */
int ptl__binary_is(const void *bytes, int64_t count);

/* (L) Reads and checks the header. PTL_IO; PTL_FORMAT, also for a file of the other kind. */
ptl_status ptl__binary_read_header(const ptl__file *file, ptl__binary_kind kind,
                                   ptl__binary_header *out) PTL_MUST_USE;

#endif
