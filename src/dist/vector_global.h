/* Vectors by global index, from the inside. */
#ifndef PTL_DIST_VECTOR_GLOBAL_H
#define PTL_DIST_VECTOR_GLOBAL_H

#include <petiole/vector.h>

/* (L) Zeros with the rows of a partition, which is retained and fits comm; shape's row counts are
 * ignored. */
ptl_status ptl__vector_of_partition(ptl_comm *comm, ptl_exec *exec, ptl_partition *p,
                                    ptl_vector_shape shape, ptl_vector **out) PTL_MUST_USE;

/* (L) Adds `count` packed rows of elements to the rows rows[0], rows[stride], ..., which are global
 * and this rank's. */
void ptl__vector_add_rows(ptl_vector *v, int64_t count, const int64_t *rows, int stride,
                          const void *values);

#endif
