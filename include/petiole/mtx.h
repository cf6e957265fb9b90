/* MatrixMarket files (Boisvert, Pozo, Remington: Matrix Market Exchange Formats, NISTIR 5935). */
#ifndef PETIOLE_MTX_H
#define PETIOLE_MTX_H

#include <petiole/comm.h>
#include <petiole/export.h>
#include <petiole/matrix.h>
#include <petiole/status.h>
#include <petiole/vector.h>

PTL_BEGIN_DECLS

/* (C) Reads a matrix. Each rank reads a range of the file's bytes and sends entries to their
 * owners, so no rank holds more than its share. Coordinate files of real, integer, pattern and
 * complex fields, general, symmetric, skew-symmetric and Hermitian (both triangles are stored);
 * array files too. layout->partition NULL means uniform over comm; so does col_partition NULL for a
 * rectangular file. dtype -1: the file's (float64 or complex128). PTL_IO if a rank cannot open or
 * read the file, it is not a regular file, or it is replaced or changed while it is read;
 * PTL_FORMAT for malformed content, with file, line number and text; PTL_NOMEM if the sizes in the
 * file need more memory than is left (the message gives both); PTL_DTYPE for reading complex
 * numbers as real ones. For PTL_F16 numbers are read as float64 and rounded.
 * ptl_matrix_update_values is PTL_NOT_SUPPORTED for a matrix from a file, since no rank knows the
 * order of its entries in the file. */
PTL_API ptl_status ptl_matrix_read_mtx(const char *path, const ptl_matrix_layout *layout, int dtype,
                                       ptl_matrix **out) PTL_MUST_USE;

/* (C) Reads an array file, or a coordinate file (absent entries are 0), as a vector with as many
 * columns as the file has; one column gives a one-dimensional vector. partition NULL means uniform
 * over comm. */
PTL_API ptl_status ptl_vector_read_mtx(const char *path, ptl_comm *comm, ptl_exec *exec,
                                       ptl_partition *partition, int dtype,
                                       ptl_vector **out) PTL_MUST_USE;

/* (C) Writes a general coordinate file, the rows of part 0 first, or an array file; each rank
 * writes its own bytes. Numbers are written with enough digits to read back the same bits. The file
 * appears under its name only when it is complete and synced to disk. It replaces an existing file
 * and keeps that file's mode and, where allowed, its owner; a symbolic link is followed; another
 * hard link keeps the old content. PTL_IO if a rank cannot write; PTL_DIMENSION if ranks pass
 * different objects (then nothing is written); PTL_NOT_SUPPORTED if A's local operator is not a
 * local format. */
PTL_API ptl_status ptl_matrix_write_mtx(ptl_matrix *A, const char *path) PTL_MUST_USE;
PTL_API ptl_status ptl_vector_write_mtx(ptl_vector *v, const char *path) PTL_MUST_USE;

PTL_END_DECLS

#endif
