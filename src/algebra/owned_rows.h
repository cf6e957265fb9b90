/* Rows of a distributed matrix, with columns by any names: what its algebra is made of. */
#ifndef PTL_ALGEBRA_OWNED_ROWS_H
#define PTL_ALGEBRA_OWNED_ROWS_H

#include "operand.h"

/* CSR in host memory, with 64-bit indices. */
typedef struct ptl__rows {
    int64_t count;
    ptl_dtype dtype;
    int64_t *indptr, *cols; /* count + 1; indptr[count] */
    void *values;
} ptl__rows;

/* (L) Room for the entries that indptr counts. To be ended by clear, on failure too. */
ptl_status ptl__rows_reserve(ptl__rows *rows) PTL_MUST_USE;
void ptl__rows_clear(ptl__rows *rows);

/* (L) `count` owned rows by local number, in any order (locals NULL: the first `count`). `names`
 * says what each combined column is called; entries of a column called -1 are left out. Entries
 * stand in the blocks' order: local ones first. To be ended by clear, on failure too. */
ptl_status ptl__operand_rows(const ptl__operand *operand, const int64_t *names, int64_t count,
                             const int64_t *locals, ptl__rows *out) PTL_MUST_USE;

/* (L) A new CSR matrix of `cols` columns with these entries, each row's columns ascending. */
ptl_status ptl__rows_sorted(ptl_exec *exec, const ptl__rows *rows, int64_t cols,
                            ptl_csr **out) PTL_MUST_USE;

/* (C) A new matrix of this layout from each rank's owned rows, whose columns are global, in any
 * order; duplicates are summed in the order in which they stand. Its values cannot be updated. */
ptl_status ptl__rows_assemble(const ptl_matrix_layout *layout, const ptl__rows *rows,
                              ptl_matrix **out) PTL_MUST_USE;

#endif
