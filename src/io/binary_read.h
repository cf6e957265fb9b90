/* Binary files, as matrices and vectors of any dtype that holds the file's. */
#ifndef PTL_IO_BINARY_READ_H
#define PTL_IO_BINARY_READ_H

#include <petiole/binary.h>

/* (C) As ptl_matrix_read_binary and ptl_vector_read_binary. dtype -1: the file's; PTL_DTYPE where
 * a complex file is wanted as real. */
ptl_status ptl__binary_read_matrix(const char *path, const ptl_matrix_layout *layout, int dtype,
                                   ptl_matrix **out) PTL_MUST_USE;
ptl_status ptl__binary_read_vector(const char *path, ptl_comm *comm, ptl_exec *exec,
                                   ptl_partition *partition, int dtype,
                                   ptl_vector **out) PTL_MUST_USE;

#endif
