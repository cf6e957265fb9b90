/* Binary files, as matrices and vectors of any dtype that holds the file's. */
#ifndef PTL_IO_BINARY_READ_H
#define PTL_IO_BINARY_READ_H

#include <petiole/matrix.h>
#include <petiole/vector.h>

#include "file.h"

/* (C) As ptl_matrix_read_binary and ptl_vector_read_binary, of a file that is open on layout->comm.
 * dtype -1: the file's; PTL_DTYPE where a complex file is wanted as real. */
ptl_status ptl__binary_read_matrix(const ptl__file *file, const ptl_matrix_layout *layout,
                                   int dtype, ptl_matrix **out) PTL_MUST_USE;
ptl_status ptl__binary_read_vector(const ptl__file *file, const ptl_matrix_layout *layout,
                                   int dtype, ptl_vector **out) PTL_MUST_USE;

#endif
