/* The steps by which a distributed matrix is built, for assembly and its kin. */
#ifndef PTL_DISTRIBUTED_MATRIX_BUILD_H
#define PTL_DISTRIBUTED_MATRIX_BUILD_H

#include "matrix.h"

/* (L) The layout with its defaults, every member a new reference (or NULL, on failure): `out->comm`
 * is there in any case. Checked against the communicator. */
ptl_status ptl__layout_complete(const ptl_matrix_layout *layout,
                                ptl_matrix_layout *out) PTL_MUST_USE;
void ptl__layout_release(ptl_matrix_layout *layout);
/* The layout of what is built in host memory and then handed over to *exec, a new reference. */
void ptl__layout_on_host(ptl_matrix_layout *layout, ptl_exec **exec);
/* What all ranks must have in common, as a signature. */
int64_t ptl__layout_sign(int64_t signature, const ptl_matrix_layout *layout);

/* (L) A matrix of a complete layout, without blocks. map is retained. */
ptl_status ptl__matrix_new(const ptl_matrix_layout *layout, ptl_dtype dtype, ptl_index_map *map,
                           ptl_matrix **out) PTL_MUST_USE;

/* (C) Ends the building: `status` and *A are this rank's; hands the blocks over to `exec` where
 * they are on its host twin, and makes the halo. On failure, which is then on every rank, *A is
 * released. */
ptl_status ptl__matrix_finish(ptl_comm *comm, ptl_exec *exec, ptl_status status,
                              ptl_matrix **A) PTL_MUST_USE;
/* (L) A itself, retained, or where its memory is not the host's a matrix with the same blocks
 * there; it has no halo. */
ptl_status ptl__matrix_on_host(ptl_matrix *A, ptl_matrix **out) PTL_MUST_USE;

#endif
