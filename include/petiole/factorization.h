/* Factorizations: lower and upper triangles whose product is A, or close to it, and the operator x
 * = (L U)^-1 b.
 *
 * With permutations p of the rows and q of the columns, A[p][:, q] = L U: the entry of A in row
 * p[i] and column q[j] is entry (i, j) of the product. A is a square local format or matrix. For a
 * matrix on several ranks, each rank factorizes its local block, the rows and columns that it owns.
 * A factorization does not retain A.
 *
 * All factorizations fail with PTL_DIMENSION if A is not square, PTL_NOT_SUPPORTED for operators
 * without entries, and PTL_INVALID if an entry is not finite. */
#ifndef PETIOLE_FACTORIZATION_H
#define PETIOLE_FACTORIZATION_H

#include <math.h>
#include <stddef.h>

#include <petiole/csr.h>
#include <petiole/export.h>
#include <petiole/linop.h>
#include <petiole/ordering.h>
#include <petiole/status.h>

PTL_BEGIN_DECLS

typedef struct ptl_factorization ptl_factorization;

/* What to do about a pivot that is 0 or tiny. A pivot is tiny if its absolute value is at most
 * pivot_tolerance times that of the largest entry in its row of A (ptl_factorize_ic: times A's
 * diagonal entry in that row). */
typedef enum ptl_pivot {
    PTL_PIVOT_ERROR, /* PTL_INVALID, with the row */
    PTL_PIVOT_SHIFT  /* the pivot is moved away from 0, as each factorization says */
} ptl_pivot;

/* Initialise each options struct with its macro, then set fields (see kind.h). */
typedef struct ptl_ilu_options {
    size_t size;
    int64_t level;          /* level of fill; 0: no fill */
    int ordering;           /* a ptl_ordering, of rows and columns alike */
    int pivot;              /* a ptl_pivot */
    double pivot_tolerance; /* NAN: 1e-14, for single precision 1e-6 */
} ptl_ilu_options;
#define PTL_ILU_OPTIONS_INIT                                                                       \
    {                                                                                              \
        sizeof(ptl_ilu_options), 0, PTL_ORDERING_NATURAL, PTL_PIVOT_ERROR, NAN                     \
    }
typedef ptl_ilu_options ptl_ic_options;
#define PTL_IC_OPTIONS_INIT PTL_ILU_OPTIONS_INIT

typedef struct ptl_ilut_options {
    size_t size;
    double drop_tolerance; /* entries smaller than this times the norm of A's row are dropped */
    double fill; /* L and U together have at most this times as many entries as A: each row of L,
                    and of U, keeps its largest entries, half of this times the average number in a
                    row of A */
    int match;   /* 1: rows are first permuted by ptl_ordering_match, and entries are compared after
                    scaling rows and columns such that the matched entries are 1 and no other is
                    larger. With PTL_PIVOT_SHIFT a structurally singular A is matched as far as
                    possible */
    int ordering;           /* a ptl_ordering, of rows and columns alike */
    int pivot;              /* a ptl_pivot */
    double pivot_tolerance; /* as above */
} ptl_ilut_options;
#define PTL_ILUT_OPTIONS_INIT                                                                      \
    {                                                                                              \
        sizeof(ptl_ilut_options), 1e-4, /* drop_tolerance */                                       \
            10,                         /* fill */                                                 \
            0, PTL_ORDERING_NATURAL, PTL_PIVOT_ERROR, NAN                                          \
    }

/* (C) Incomplete LU by levels of fill, ILU(k): L has ones on its diagonal (Saad, Iterative Methods
 * for Sparse Linear Systems, 2nd ed., algorithms 10.4 and 10.6). A shifted pivot keeps its sign
 * (phase) and gets the absolute value sqrt(eps) times the largest entry of its row. If the row of A
 * is all zeros it becomes the power of two below the first nonzero entry of the block. options may
 * be NULL. */
PTL_API ptl_status ptl_factorize_ilu(ptl_linop *A, const ptl_ilu_options *options,
                                     ptl_factorization **out) PTL_MUST_USE;

/* (C) Incomplete Cholesky by levels of fill, IC(k), A = L L^H, for Hermitian positive definite A,
 * of which the lower triangle alone is read (Meijerink and van der Vorst, Math. Comp. 31, 1977). A
 * pivot that is not positive is an error; with PTL_PIVOT_SHIFT, A + alpha diag(A) is factorized
 * instead, where alpha starts at 1e-3 and is doubled until that succeeds. A diagonal entry of A
 * that is not positive is always an error (Manteuffel, Math. Comp. 34, 1980; Lin and More, SIAM J.
 * Sci. Comput. 21, 1999). options may be NULL. */
PTL_API ptl_status ptl_factorize_ic(ptl_linop *A, const ptl_ic_options *options,
                                    ptl_factorization **out) PTL_MUST_USE;

/* (C) Incomplete LU by size, ILUT: L has ones on its diagonal (Saad, 2nd ed., algorithm 10.6 of
 * section 10.4.1). Without `match`, entries of L are compared as if every row of A had norm 1, so
 * scaling rows makes no difference. Pivots are shifted as by ptl_factorize_ilu. PTL_INVALID, with
 * the row, if numbers become infinite. options may be NULL. */
PTL_API ptl_status ptl_factorize_ilut(ptl_linop *A, const ptl_ilut_options *options,
                                      ptl_factorization **out) PTL_MUST_USE;

/* (C) LU with partial pivoting: sparse by SuperLU, rows and columns permuted; dense, for a
 * ptl_dense, by LAPACK (getrf), rows permuted. L has ones on its diagonal. Pivots are chosen after
 * the rows of A are scaled to the same size by powers of two. PTL_INVALID if A is singular up to
 * rounding (the message gives the column whose pivot is too small compared with the largest entry
 * of its row), or if rows differ so much in size that the factors overflow. PTL_NOT_SUPPORTED if
 * Petiole was built without the library, or A has more entries than it can count. A refresh
 * factorizes again, with new pivots. */
PTL_API ptl_status ptl_factorize_lu(ptl_linop *A, ptl_factorization **out) PTL_MUST_USE;

/* (C) A = L L^H for Hermitian positive definite A, of which the lower triangle alone is read:
 * sparse, with rows and columns permuted by `ordering`; dense, for a ptl_dense, by LAPACK (potrf),
 * not permuted. PTL_INVALID, with the row, if A is not positive definite. PTL_NOT_SUPPORTED if
 * Petiole was built without the library that the ordering, or a dense A, needs. */
PTL_API ptl_status ptl_factorize_cholesky(ptl_linop *A, ptl_ordering ordering,
                                          ptl_factorization **out) PTL_MUST_USE;

/* (L) A static string: "ilu", "ic", "ilut", "lu", "cholesky". */
PTL_API const char *ptl_factorization_method(const ptl_factorization *F);
/* (L) The triangles as new matrices of this rank's local rows, including their diagonals. */
PTL_API ptl_status ptl_factorization_lower(ptl_factorization *F, ptl_csr **out) PTL_MUST_USE;
PTL_API ptl_status ptl_factorization_upper(ptl_factorization *F, ptl_csr **out) PTL_MUST_USE;
/* (L) Copies p or q, in local numbers, to host memory at `out`: as many numbers as this rank has
 * rows. */
PTL_API void ptl_factorization_row_permutation(const ptl_factorization *F, int64_t *out);
PTL_API void ptl_factorization_col_permutation(const ptl_factorization *F, int64_t *out);
/* (L) On this rank, the alpha that ptl_factorize_ic needed, or else the number of shifted pivots;
 * 0: no shift. */
PTL_API double ptl_factorization_shift(const ptl_factorization *F);

/* (L) The same object as an operator, x = (L U)^-1 b with the permutations applied, which
 * ptl_linop_refresh can update; and back (NULL if A is not a factorization). Borrowed. */
PTL_API ptl_linop *ptl_factorization_linop(ptl_factorization *F);
PTL_API ptl_factorization *ptl_linop_as_factorization(ptl_linop *A);

PTL_API ptl_factorization *ptl_factorization_retain(ptl_factorization *F);
PTL_API void ptl_factorization_release(ptl_factorization **F);

PTL_END_DECLS

#endif
