/* Orderings of a matrix's rows and columns that serve its factors, on one process.
 *
 * A permutation p puts row p[k] of A in place k. A is a square local format or matrix; for a matrix
 * on several ranks, its local block is ordered (the rows and columns that this rank owns), in local
 * numbers. The result is written to host memory of the caller's: as many numbers as the rank has
 * rows. PTL_DIMENSION if A is not square, PTL_NOT_SUPPORTED for operators without entries. */
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

/* (L) The permutation of an ordering, for rows and columns alike: the pattern of A + A^T is
 * ordered, and values do not matter. RCM: reverse Cuthill and McKee, from a pseudo-peripheral row
 * of each component (George and Liu, Computer Solution of Large Sparse Positive Definite Systems,
 * 1981, chapter 4), which makes the bandwidth small. MIN_DEGREE (multiple minimum degree, by
 * SuperLU) and NESTED_DISSECTION (by METIS) make the factors sparse: PTL_NOT_SUPPORTED if Petiole
 * was built without that library, or A has more entries than it can count. PTL_INVALID if
 * `ordering` is none of these. */
PTL_API ptl_status ptl_ordering_find(ptl_linop *A, ptl_ordering ordering,
                                     int64_t *permutation) PTL_MUST_USE;

/* (L) A permutation of the rows alone that brings large entries to the diagonal: row p[k] in place
 * k, such that the product of the diagonal's absolute values is as large as possible (Duff and
 * Koster, SIAM J. Matrix Anal. Appl. 22, 2001). PTL_INVALID if A is structurally singular (the
 * message gives a column that cannot have a pivot), or an entry is not finite. */
PTL_API ptl_status ptl_ordering_match(ptl_linop *A, int64_t *permutation) PTL_MUST_USE;

PTL_END_DECLS

#endif
