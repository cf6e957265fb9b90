/* Layers of a matrix's graph around the rows that a rank owns. */
#ifndef PTL_PRECOND_LAYERS_H
#define PTL_PRECOND_LAYERS_H

#include <petiole/index_map.h>
#include <petiole/matrix.h>

/* (C) The other ranks' rows that are at most `layers` (1 or more) steps away from this rank's, a
 * step being one from a row to its entries' columns: they are the ghosts of an index map of A's
 * rows. A's row and column partitions are the same. Fails on all ranks or none. */
ptl_status ptl__layers_find(ptl_matrix *A, int64_t layers, ptl_index_map **out) PTL_MUST_USE;

#endif
