/* Vectors by global index, from the inside. */
#ifndef PTL_DISTRIBUTED_VECTOR_GLOBAL_H
#define PTL_DISTRIBUTED_VECTOR_GLOBAL_H

#include "partition.h"
#include <petiole/vector.h>

/* (L) Zeros with the rows of a partition, which is retained and fits comm; shape's row counts are
 * ignored. On the host twin of exec: to be filled, and then given to ptl__vector_hand_over. */
ptl_status ptl__vector_of_partition(ptl_comm *comm, ptl_exec *exec, ptl_partition *p,
                                    ptl_vector_shape shape, ptl_vector **out) PTL_MUST_USE;

/* (L) v(row, col), v(row, col + 1), ... += the `count` elements at `values`, of v's dtype. row is
 * global and this rank's; *at: see ptl__partition_seek. */
void ptl__vector_add_at(ptl_vector *v, int64_t row, int64_t col, int64_t count, const void *values,
                        ptl__range *at);

#endif
