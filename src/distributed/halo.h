/* The halo: the exchange that brings each rank the rows of its ghosts, and the one back, which adds
 * what each rank has for its ghosts to their owners' rows. Persistent messages exist per way, dtype
 * and number of columns, made at first use. */
#ifndef PTL_DISTRIBUTED_HALO_H
#define PTL_DISTRIBUTED_HALO_H

#include "../kernels/kernels.h"
#include <petiole/index_map.h>
#include <petiole/vector.h>

typedef struct ptl__halo ptl__halo;

/* (C) Tells the owners what this rank needs. Retains comm, exec and map. Agrees: fails on all or
 * none. *out is NULL where no rank has a ghost: there is nothing to exchange. */
ptl_status ptl__halo_create(ptl_comm *comm, ptl_exec *exec, ptl_index_map *map,
                            ptl__halo **out) PTL_MUST_USE;
void ptl__halo_free(ptl__halo *halo); /* (L); NULL is let through */

typedef enum ptl__halo_way { PTL__TO_GHOSTS, PTL__TO_OWNERS } ptl__halo_way;

/* (L) Makes the messages for vectors like x. The calls below need it, for each way, dtype and
 * width. */
ptl_status ptl__halo_prepare(ptl__halo *halo, ptl__halo_way way, const ptl_vector *x) PTL_MUST_USE;

/* (C) Starts the exchange of x's rows; x may be read meanwhile. Both return a status of this rank
 * alone and complete the exchange whatever it is. *ghosts: ghost_size x columns, valid until the
 * next start. */
ptl_status ptl__halo_start(ptl__halo *halo, const ptl_vector *x) PTL_MUST_USE;
ptl_status ptl__halo_finish(ptl__halo *halo, const ptl_vector *x, ptl__block *ghosts) PTL_MUST_USE;

/* (C) The way back, for vectors like x: `parts` is ghost_size x columns, to be filled before the
 * start; finish adds what arrives to y's rows, neighbour after neighbour. */
ptl__block ptl__halo_parts(const ptl__halo *halo, const ptl_vector *x); /* (L) */
ptl_status ptl__halo_start_back(ptl__halo *halo, const ptl_vector *x) PTL_MUST_USE;
ptl_status ptl__halo_finish_back(ptl__halo *halo, const ptl_vector *x, ptl__block y) PTL_MUST_USE;

#endif
