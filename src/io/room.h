/* Whether what a file declares can be in memory, before it is made. */
#ifndef PTL_IO_ROOM_H
#define PTL_IO_ROOM_H

#include "../distributed/matrix_build.h"
#include "file.h"

/* (C) `bytes` is the least that this rank will need; `status` is this rank's. PTL_NOMEM on every
 * rank where the ranks that share some memory need more together than is left of it: of the system,
 * of the control group, of one process. The message says how much. */
ptl_status ptl__io_check_room(ptl_comm *comm, const char *path, int64_t bytes,
                              ptl_status status) PTL_MUST_USE;

/* (L) The least that a rank needs for its rows of a matrix, and for an even share of `entries` on
 * their way into it; for its rows of a vector. INT64_MAX: more than can be told. */
int64_t ptl__io_matrix_bytes(const ptl_matrix_layout *layout, int64_t entries, ptl_dtype dtype);
int64_t ptl__io_vector_bytes(int64_t rows, int64_t cols, ptl_dtype dtype);

#endif
