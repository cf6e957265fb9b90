/* MatrixMarket files (Boisvert, Pozo, Remington: Matrix Market Exchange Formats, NISTIR 5935). */
#ifndef PETIOLE_MTX_H
#define PETIOLE_MTX_H

#include <petiole/comm.h>
#include <petiole/export.h>
#include <petiole/matrix.h>
#include <petiole/status.h>
#include <petiole/vector.h>

PTL_BEGIN_DECLS

/* (C) Rank 0 reads the file in pieces and sends entries to their owners. Coordinate files of real,
 * integer, pattern and complex fields, general, symmetric, skew-symmetric and Hermitian (both
 * triangles are stored); array files too. layout->partition NULL is uniform over comm. dtype -1:
 * the file's (float64, or complex128). PTL_IO where rank 0 cannot open the file; PTL_FORMAT with
 * file, line number and text; PTL_DTYPE where a complex file is read as real. No rank knows the
 * order in which its entries came: ptl_matrix_update_values is PTL_NOT_SUPPORTED. */
PTL_API ptl_status ptl_matrix_read_mtx(const char *path, const ptl_matrix_layout *layout, int dtype,
                                       ptl_matrix **out) PTL_MUST_USE;

/* (C) An array file, or a coordinate one (absent entries are 0), as a vector of as many columns as
 * the file has; one column makes it one-dimensional. partition NULL is uniform over comm. */
PTL_API ptl_status ptl_vector_read_mtx(const char *path, ptl_comm *comm, ptl_exec *exec,
                                       ptl_partition *partition, int dtype,
                                       ptl_vector **out) PTL_MUST_USE;

PTL_END_DECLS

#endif
