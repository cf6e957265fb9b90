/* The checksums of a binary file that all ranks write: each has a part of a chunk, or several. */
#ifndef PTL_IO_BINARY_SUMS_H
#define PTL_IO_BINARY_SUMS_H

#include "binary_format.h"
#include "output.h"

/* What one rank has of one chunk: a register of its bytes, advanced to the chunk's end. */
typedef struct ptl__binary_part {
    int64_t chunk;
    uint32_t reg, unused;
} ptl__binary_part;

typedef struct ptl__binary_sums {
    const ptl__binary_header *header; /* borrowed */
    const ptl__output *file;          /* borrowed */
    int64_t count, room;
    ptl__binary_part *parts;
} ptl__binary_sums;

/* Bytes that are written in ascending order, as those of one section. Begins as {.sums, .chunk =
 * -1}. */
typedef struct ptl__binary_stream {
    ptl__binary_sums *sums;
    int64_t chunk, at; /* the chunk at hand, and how far the register is in it */
    uint32_t reg;
} ptl__binary_stream;

/* (L) Writes bytes at `offset`, after all that the stream has written so far. */
ptl_status ptl__binary_write(ptl__binary_stream *s, int64_t offset, int64_t bytes,
                             const void *from) PTL_MUST_USE;
/* (L) Ends the stream. */
ptl_status ptl__binary_flush(ptl__binary_stream *s) PTL_MUST_USE;

/* (C) Adds up what the ranks have and writes the table; `status` is this rank's. */
ptl_status ptl__binary_write_sums(ptl_comm *comm, ptl__binary_sums *sums,
                                  ptl_status status) PTL_MUST_USE;
void ptl__binary_sums_clear(ptl__binary_sums *sums);

#endif
