/* Orderings of a matrix's rows and columns that serve its factors, on one process.
 *
 * A permutation p puts row p[k] of A in place k. A is a square local format or a matrix; of a
 * matrix on several ranks it is the local block, the rows and columns that this rank owns, by local
 * numbers. As many numbers as it has rows are written, into host memory of the caller's.
 * PTL_DIMENSION where A is not square, PTL_NOT_SUPPORTED for operators without entries. */
#ifndef PETIOLE_ORDERING_H
#define PETIOLE_ORDERING_H

#include <petiole/export.h>
#include <petiole/linop.h>
#include <petiole/status.h>

PTL_BEGIN_DECLS

typedef enum ptl_ordering {
    PTL_ORDERING_NATURAL,
    PTL_ORDERING_RCM,
    PTL_ORDERING_MIN_DEGREE,
    PTL_ORDERING_NESTED_DISSECTION
} ptl_ordering;

/* (L) The permutation of an ordering, for rows and columns alike: A's pattern is taken as
 * symmetric, an entry standing for its mirror image too, and its values do not matter. RCM: reverse
 * Cuthill and McKee, from a pseudo-peripheral row of each component (George and Liu, Computer
 * Solution of Large Sparse Positive Definite Systems, 1981, chapter 4), which makes the bandwidth
 * small. MIN_DEGREE: multiple minimum degree on A + A^T by SuperLU, NESTED_DISSECTION by METIS,
 * which make few new entries: PTL_NOT_SUPPORTED where Petiole was built without, or A has more
 * entries than they count. PTL_INVALID where `ordering` is none of these. */
PTL_API ptl_status ptl_ordering_find(ptl_linop *A, ptl_ordering ordering,
                                     int64_t *permutation) PTL_MUST_USE;

/* (L) A permutation of the rows alone that brings large entries to the diagonal: row p[k] in place
 * k, such that the product of the diagonal's absolute values is as large as it can be (Duff and
 * Koster, SIAM J. Matrix Anal. Appl. 22, 2001). PTL_INVALID where A is structurally singular, with
 * a column that can have no pivot, and where an entry is not finite. */
PTL_API ptl_status ptl_ordering_match(ptl_linop *A, int64_t *permutation) PTL_MUST_USE;

PTL_END_DECLS

#endif
