/* Rows of a distributed matrix, brought from the ranks that own them. */
#ifndef PTL_ALGEBRA_FETCH_ROWS_H
#define PTL_ALGEBRA_FETCH_ROWS_H

#include "owned_rows.h"

/* (C) The rows with these global indices, in any order, repeated or not, this rank's own included.
 * `names` is what their owners call their combined columns: see ptl__operand_rows; for global
 * columns, ptl__operand_names. Agrees on `status`, of this rank so far. To be ended by
 * ptl__rows_clear, on failure too. */
ptl_status ptl__fetch_rows(const ptl__operand *operand, ptl_status status, const int64_t *names,
                           int64_t count, const int64_t *rows, ptl__rows *out) PTL_MUST_USE;

#endif
