/* MatrixMarket files (Boisvert, Pozo, Remington: Matrix Market Exchange Formats, NISTIR 5935). */
#ifndef PETIOLE_MTX_H
#define PETIOLE_MTX_H

#include <petiole/comm.h>
#include <petiole/export.h>
#include <petiole/matrix.h>
#include <petiole/status.h>
#include <petiole/vector.h>

PTL_BEGIN_DECLS

/* (C) Each rank reads a range of the file's bytes and sends entries to their owners, so no rank
 * holds more than its share. Coordinate files of real, integer, pattern and complex fields,
 * general, symmetric, skew-symmetric and Hermitian (both triangles are stored); array files too.
 * layout->partition NULL is uniform over comm; likewise col_partition for a rectangular file. dtype
 * -1: the file's (float64, or complex128). PTL_IO where a rank cannot open or read the file, it is
 * no regular file, or it is replaced or changed meanwhile; PTL_FORMAT with file, line number and
 * text; PTL_NOMEM where what it declares needs more memory than is left, with both; PTL_DTYPE where
 * a complex file is read as real. PTL_F16 is read as float64, and rounded. No rank knows the order
 * in which its entries came: ptl_matrix_update_values is PTL_NOT_SUPPORTED. */
PTL_API ptl_status ptl_matrix_read_mtx(const char *path, const ptl_matrix_layout *layout, int dtype,
                                       ptl_matrix **out) PTL_MUST_USE;

/* (C) An array file, or a coordinate one (absent entries are 0), as a vector of as many columns as
 * the file has; one column makes it one-dimensional. partition NULL is uniform over comm. */
PTL_API ptl_status ptl_vector_read_mtx(const char *path, ptl_comm *comm, ptl_exec *exec,
                                       ptl_partition *partition, int dtype,
                                       ptl_vector **out) PTL_MUST_USE;

/* (C) Writes a general coordinate file, the rows of part 0 first, or an array file; each rank
 * writes its own bytes. Numbers have as many digits as bring back the same bits. The file appears
 * under its name when it is whole and on its disk: it replaces the one that is there, of which it
 * keeps the mode and, where allowed, the owner; a symbolic link is followed; another hard link
 * keeps the old content. PTL_IO where a rank cannot write; PTL_DIMENSION where ranks pass different
 * objects, before anything is touched; PTL_NOT_SUPPORTED where A's local operator is no local
 * format. */
PTL_API ptl_status ptl_matrix_write_mtx(ptl_matrix *A, const char *path) PTL_MUST_USE;
PTL_API ptl_status ptl_vector_write_mtx(ptl_vector *v, const char *path) PTL_MUST_USE;

PTL_END_DECLS

#endif
