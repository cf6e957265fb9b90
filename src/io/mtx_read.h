/* A MatrixMarket file that all ranks read: each parses ranges of its bytes, and entries travel to
 * the owners of their rows in pieces. */
#ifndef PTL_IO_MTX_READ_H
#define PTL_IO_MTX_READ_H

#include <petiole/matrix.h>
#include <petiole/vector.h>

#include "mtx_piece.h"

/* (C) As ptl_matrix_read_mtx and ptl_vector_read_mtx, of a file that is open on layout->comm. */
ptl_status ptl__mtx_read_matrix(const ptl__file *file, const ptl_matrix_layout *layout, int dtype,
                                ptl_matrix **out) PTL_MUST_USE;
ptl_status ptl__mtx_read_vector(const ptl__file *file, const ptl_matrix_layout *layout, int dtype,
                                ptl_vector **out) PTL_MUST_USE;

/* A reading begins as {.comm, .file (open)}, and is ended by clear. */

/* (C) The header, on all ranks, and the dtype: `wanted`, or the file's where it is -1. PTL_DTYPE
 * where a complex file is wanted as real; PTL_FORMAT where the file cannot hold as many entries as
 * it declares. */
ptl_status ptl__mtx_begin(ptl__mtx_reading *r, int wanted) PTL_MUST_USE;
/* (C) All entries to `take` on their owners, by r->partition, in the order of rounds and ranks.
 * PTL_FORMAT with the line. */
ptl_status ptl__mtx_read_entries(ptl__mtx_reading *r) PTL_MUST_USE;
void ptl__mtx_clear(ptl__mtx_reading *r);

#endif
