/* Assembly piece by piece, of entries that are on the rank that owns their rows: what reading a
 * file needs. It holds the entries once, in blocks that never move, and ends them as the matrix
 * takes them over; the matrix keeps no way back to their order (ptl_matrix_update_values). */
#ifndef PTL_DISTRIBUTED_INTAKE_H
#define PTL_DISTRIBUTED_INTAKE_H

#include "matrix.h"

/* Where an entry is, in global indices. */
typedef struct ptl__pair {
    int64_t row, col;
} ptl__pair;

typedef struct ptl__intake ptl__intake;

/* (L) For a matrix of a complete layout (see ptl__layout_complete), which is borrowed. */
ptl_status ptl__intake_new(const ptl_matrix_layout *layout, ptl_dtype dtype,
                           ptl__intake **out) PTL_MUST_USE;
void ptl__intake_free(ptl__intake *intake); /* NULL is let through */

/* (L) `count` more entries, of rows that this rank owns; values have the matrix's dtype. */
ptl_status ptl__intake_add(ptl__intake *intake, int64_t count, const ptl__pair *pairs,
                           const void *values) PTL_MUST_USE;

/* (C) The matrix of all that was added: duplicates are summed in the order in which they came, and
 * columns ascend within each row. `status` is this rank's. The intake is empty after it. */
ptl_status ptl__intake_finish(ptl__intake *intake, ptl_status status,
                              ptl_matrix **out) PTL_MUST_USE;

#endif
