/* The block that a rank's local solver works on: the rows and columns that it owns, and those of
 * its overlap. */
#ifndef PTL_PRECOND_EXTENDED_BLOCK_H
#define PTL_PRECOND_EXTENDED_BLOCK_H

#include <petiole/csr.h>
#include <petiole/index_map.h>
#include <petiole/linop.h>

/* (C) where `overlap` is not NULL: A on the owned rows, in local order, and then on the ghosts of
 * `overlap`, an index map of A's rows which has all of A's own ghosts; a tidy CSR on the host.
 * Without: (L) the local block, which may be A's own. l1: what a row has outside of the block is
 * added to its diagonal entry, in absolute value and with the entry's sign (phase). A has entries.
 * Fails on all ranks, or at its end on this one alone; PTL_INVALID where A has ghosts that
 * `overlap` has not. */
ptl_status ptl__extended_block(ptl_linop *A, const ptl_index_map *overlap, int l1,
                               ptl_csr **out) PTL_MUST_USE;

#endif
