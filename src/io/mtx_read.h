/* A MatrixMarket file that all ranks read: each parses ranges of its bytes, and entries travel to
 * the owners of their rows in pieces. */
#ifndef PTL_IO_MTX_READ_H
#define PTL_IO_MTX_READ_H

#include "mtx_piece.h"

/* A reading begins as {.comm, .file (open)}, and is ended by clear. */

/* (C) The header, on all ranks, and the dtype: `wanted`, or the file's where it is -1. PTL_DTYPE
 * where a complex file is wanted as real. */
ptl_status ptl__mtx_begin(ptl__mtx_reading *r, int wanted) PTL_MUST_USE;
/* (C) All entries to `take` on their owners, by r->partition, in the order of rounds and ranks.
 * PTL_FORMAT with the line. */
ptl_status ptl__mtx_read_entries(ptl__mtx_reading *r) PTL_MUST_USE;
void ptl__mtx_clear(ptl__mtx_reading *r);

#endif
