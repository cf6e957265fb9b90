/* Where a MatrixMarket file is wrong. Faults are found by their byte; only when there is one are
 * the lines before it counted, by all ranks. */
#ifndef PTL_IO_MTX_FAULT_H
#define PTL_IO_MTX_FAULT_H

#include "mtx_piece.h"

/* (C) PTL_OK where no rank has found anything wrong, else PTL_FORMAT with the first line at fault.
 */
ptl_status ptl__mtx_judge(ptl__mtx_reading *r, const ptl__mtx_trouble *t) PTL_MUST_USE;

/* (C) That all ranks together have as many lines with data as the header says, `mine` of them on
 * this one. *first: how many are on the ranks before it. */
ptl_status ptl__mtx_check_count(ptl__mtx_reading *r, int64_t mine, int64_t *first) PTL_MUST_USE;

#endif
