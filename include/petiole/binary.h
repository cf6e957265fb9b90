/* Petiole's own binary files, for fast reload: docs/binary-format.md has the layout. */
#ifndef PETIOLE_BINARY_H
#define PETIOLE_BINARY_H

#include <petiole/comm.h>
#include <petiole/export.h>
#include <petiole/matrix.h>
#include <petiole/status.h>
#include <petiole/vector.h>

PTL_BEGIN_DECLS

/* (C) Each rank writes its own rows. The file replaces what is there as those of petiole/mtx.h do.
 * PTL_IO; PTL_DIMENSION where ranks pass different objects; PTL_NOT_SUPPORTED where A's local
 * operator is no local format, and for PTL_F16. */
PTL_API ptl_status ptl_matrix_write_binary(ptl_matrix *A, const char *path) PTL_MUST_USE;
PTL_API ptl_status ptl_vector_write_binary(ptl_vector *v, const char *path) PTL_MUST_USE;

/* (C) On any number of ranks, each of which reads its own rows; the dtype is the file's. Partitions
 * that are not given are uniform over comm. PTL_IO and PTL_NOMEM as of ptl_matrix_read_mtx;
 * PTL_FORMAT where the file is of another kind or version, cut short, or its checksum does not fit.
 */
PTL_API ptl_status ptl_matrix_read_binary(const char *path, const ptl_matrix_layout *layout,
                                          ptl_matrix **out) PTL_MUST_USE;
PTL_API ptl_status ptl_vector_read_binary(const char *path, ptl_comm *comm, ptl_exec *exec,
                                          ptl_partition *partition, ptl_vector **out) PTL_MUST_USE;

/* (C) A file of either kind, binary or MatrixMarket (petiole/mtx.h), told by its first bytes. dtype
 * -1: the file's, as each kind's own call says; PTL_DTYPE where a complex file is wanted as real.
 * To PTL_F16 is rounded what was read; MatrixMarket as float64. */
PTL_API ptl_status ptl_matrix_read(const char *path, const ptl_matrix_layout *layout, int dtype,
                                   ptl_matrix **out) PTL_MUST_USE;
PTL_API ptl_status ptl_vector_read(const char *path, ptl_comm *comm, ptl_exec *exec,
                                   ptl_partition *partition, int dtype,
                                   ptl_vector **out) PTL_MUST_USE;

PTL_END_DECLS

#endif
