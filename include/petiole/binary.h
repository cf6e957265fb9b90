/* Petiole's own binary files, for fast reload: docs/binary-format.md has the layout. */
#ifndef PETIOLE_BINARY_H
#define PETIOLE_BINARY_H

#include <petiole/comm.h>
#include <petiole/export.h>
#include <petiole/matrix.h>
#include <petiole/status.h>
#include <petiole/vector.h>

PTL_BEGIN_DECLS

/* (C) Writes a binary file; each rank writes its own rows. An existing file is replaced in the same
 * way as by ptl_matrix_write_mtx. PTL_IO if a rank cannot write; PTL_DIMENSION if ranks pass
 * different objects; PTL_NOT_SUPPORTED if A's local operator is not a local format, and for
 * PTL_F16. */
PTL_API ptl_status ptl_matrix_write_binary(ptl_matrix *A, const char *path) PTL_MUST_USE;
PTL_API ptl_status ptl_vector_write_binary(ptl_vector *v, const char *path) PTL_MUST_USE;

/* (C) Reads a binary file on any number of ranks, which need not be that of the writers; each rank
 * reads its own rows. The dtype is the file's. A partition that is NULL is uniform over comm.
 * PTL_IO and PTL_NOMEM as for ptl_matrix_read_mtx; PTL_FORMAT if the file is of another kind or
 * version, is truncated, or a checksum is wrong. */
PTL_API ptl_status ptl_matrix_read_binary(const char *path, const ptl_matrix_layout *layout,
                                          ptl_matrix **out) PTL_MUST_USE;
PTL_API ptl_status ptl_vector_read_binary(const char *path, ptl_comm *comm, ptl_exec *exec,
                                          ptl_partition *partition, ptl_vector **out) PTL_MUST_USE;

/* (C) Reads a binary or a MatrixMarket file (petiole/mtx.h); its first bytes say which. dtype -1:
 * the file's dtype, as in the call for that kind of file. PTL_DTYPE for reading complex numbers as
 * real ones. For PTL_F16 the numbers are read in the file's dtype (MatrixMarket: float64) and then
 * rounded. */
PTL_API ptl_status ptl_matrix_read(const char *path, const ptl_matrix_layout *layout, int dtype,
                                   ptl_matrix **out) PTL_MUST_USE;
PTL_API ptl_status ptl_vector_read(const char *path, ptl_comm *comm, ptl_exec *exec,
                                   ptl_partition *partition, int dtype,
                                   ptl_vector **out) PTL_MUST_USE;

PTL_END_DECLS

#endif
