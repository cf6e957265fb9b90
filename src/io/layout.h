/* Where what is read or written goes: partitions that the caller gives, or uniform ones; sums over
 * the ranks. */
#ifndef PTL_IO_LAYOUT_H
#define PTL_IO_LAYOUT_H

#include <petiole/vector.h>

#include "../distributed/matrix_build.h"

/* (L) A partition of `size` indices over comm, a new reference: `given`, checked, or a uniform one.
 * `name` and `what` are for the message: "partition", "rows". PTL_DIMENSION. */
ptl_status ptl__io_partition(const ptl_comm *comm, ptl_partition *given, const char *name,
                             const char *what, int64_t size, ptl_partition **out) PTL_MUST_USE;

/* (C) The complete layout of a rows x cols matrix that is read; ranks that pass different
 * partitions fail. To be ended by ptl__layout_release, on failure too. */
ptl_status ptl__io_layout(const ptl_matrix_layout *given, int64_t rows, int64_t cols,
                          ptl_matrix_layout *out) PTL_MUST_USE;

/* (C) Zeros of shape.global_rows rows by layout->partition, or a uniform one; `path` is the file
 * that declares them. PTL_NOMEM where they cannot be in memory. */
ptl_status ptl__io_zeros(const ptl_matrix_layout *layout, const char *path, ptl_vector_shape shape,
                         ptl_vector **out) PTL_MUST_USE;

/* What is written, in a signature (see ptl__output_open): the kind of file and of object, its dtype
 * and shape, and its partition, or that it has none. */
int64_t ptl__io_sign_matrix(int64_t format, const ptl_matrix *A);
int64_t ptl__io_sign_vector(int64_t format, const ptl_vector *v);

/* (C) How the rows of a vector are spread: a new reference. */
ptl_status ptl__io_rows_of(const ptl_vector *v, ptl_partition **out) PTL_MUST_USE;

/* (C) The sum of what the ranks before this one have, and of what all have. */
ptl_status ptl__io_sum_before(ptl_comm *comm, int64_t mine, int64_t *before,
                              int64_t *all) PTL_MUST_USE;
#endif
