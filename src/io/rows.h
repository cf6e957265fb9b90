/* The owned rows of a matrix with global columns, a piece at a time. */
#ifndef PTL_IO_ROWS_H
#define PTL_IO_ROWS_H

#include "../distributed/matrix.h"
#include "../distributed/partition.h"

enum { PTL__ROW_PIECE = 1 << 16 }; /* entries of a piece, where a row is not longer */

/* Begins by begin and then place, ended by end. */
typedef struct ptl__row_reader {
    ptl_matrix *A;                            /* borrowed */
    ptl_partition *partition, *col_partition; /* a from_local matrix's, too */
    ptl_csr *csr;                             /* the local block */
    ptl_csr_arrays local;
    int rank;
    int64_t next;       /* the first local row that is still to come */
    int64_t next_ghost; /* the same of the ghost block's stored rows */
    /* The piece: local rows [first, next), with entries in ascending order. */
    int64_t first, count, room, row_room;
    int64_t *lengths; /* of the rows */
    int64_t *rows, *cols;
    void *values;
} ptl__row_reader;

/* (L) PTL_NOT_SUPPORTED where A's local operator is not a local format. To be ended, on failure
 * too.
 */
ptl_status ptl__row_reader_begin(ptl_matrix *A, ptl__row_reader *rows) PTL_MUST_USE;
/* (C) Once all ranks have begun: the partitions. */
ptl_status ptl__row_reader_place(ptl__row_reader *rows) PTL_MUST_USE;
void ptl__row_reader_end(ptl__row_reader *rows);

/* (L) Starts again at a local row. */
void ptl__row_reader_seek(ptl__row_reader *rows, int64_t row);
/* (L) The next piece, of rows before `limit`; count is 0 and first == next where none is left. */
ptl_status ptl__row_reader_read(ptl__row_reader *rows, int64_t limit) PTL_MUST_USE;

/* (L) Entries of the local rows [first, last). */
int64_t ptl__row_reader_count(const ptl__row_reader *rows, int64_t first, int64_t last);

#endif
