/* Triangular systems on one process. */
#ifndef PTL_FACTOR_TRIANGULAR_H
#define PTL_FACTOR_TRIANGULAR_H

#include "../kernels/exec.h"
#include "../kernels/kernels.h"
#include <petiole/csr.h>

/* Which triangle of a matrix, bits. */
enum {
    PTL__LOWER = 0,
    PTL__UPPER = 1,
    PTL__UNIT_DIAGONAL = 2, /* the diagonal counts as ones, whatever it is */
    PTL__ONE_SIDE = 4       /* entries of the other triangle are left out; else they are refused */
};

/* Level by level rows lie scattered, which costs: the lower triangle of the 7-point Laplacian of
 * 10^6 rows took 5.6 ms on one thread row by row, and 12 to 17 ms level by level (AMD EPYC,
 * shared). So levels are for several threads, and so many rows on average. */
enum { PTL__LEVEL_THREADS = 4, PTL__LEVEL_ROWS = 256 };

typedef struct ptl__triangular {
    ptl_exec *exec;
    ptl_dtype dtype;
    ptl_itype itype;
    ptl__triangle triangle; /* its arrays are the executor's memory: level_starts too */
    int borrowed;           /* 1: they are another's */
} ptl__triangular;

/* The row that is stored as row k. */
static inline int64_t ptl__triangular_row(const ptl__triangular *T, int64_t k)
{
    const ptl__triangle *t = &T->triangle;
    if (t->order)
        return T->itype == PTL_I32 ? ((const int32_t *)t->order)[k]
                                   : ((const int64_t *)t->order)[k];
    return t->upper ? t->rows - 1 - k : k;
}

/* (L) A copy of a triangle of a square A; by levels where the executor has PTL__LEVEL_THREADS
 * threads or more, and the levels PTL__LEVEL_ROWS rows on average. PTL_INVALID for an entry on the
 * wrong side, with its row and column, and for a diagonal that is zero, not finite or missing, with
 * its row. Rows are solved for fastest where A's are sorted. To be cleared, on failure too. */
ptl_status ptl__triangular_init(ptl_csr *A, int triangle, ptl__triangular *T) PTL_MUST_USE;
void ptl__triangular_clear(ptl__triangular *T);
/* (L) T, of the host, on another executor: itself, borrowed, where their memory is the same, else a
 * copy. To be cleared, on failure too. */
ptl_status ptl__triangular_on(const ptl__triangular *T, ptl_exec *exec,
                              ptl__triangular *out) PTL_MUST_USE;
/* (L) T, made by ptl__triangular_init of the same triangle, takes the values of another matrix of
 * the same pattern: the levels stay. On failure T is as it was. */
ptl_status ptl__triangular_refill(ptl_csr *A, int triangle, ptl__triangular *T) PTL_MUST_USE;

/* What follows is for triangles of the host. */

/* (L) Arrays for the order of rows with `nnz` entries beside the diagonal, of a T that has exec,
 * types, rows and upper. To be cleared, on failure too. */
ptl_status ptl__triangular_allocate(ptl__triangular *T, int64_t nnz, int inverses) PTL_MUST_USE;
/* (L) For one in the order of rows: a copy by levels, where they are worth it, else itself,
 * borrowed. To be cleared, on failure too. And again, once `from` has new values. */
ptl_status ptl__triangular_arrange(const ptl__triangular *from, ptl__triangular *to) PTL_MUST_USE;
void ptl__triangular_take_values(const ptl__triangular *from, ptl__triangular *to);

/* (L) A new matrix with T's entries, the diagonal included; sorted where T was made of sorted rows.
 */
ptl_status ptl__triangular_csr(const ptl__triangular *T, ptl_csr **out) PTL_MUST_USE;

/* x = T^-1 b, on blocks of T's dtype; x may be b. Cannot fail. */
void ptl__triangular_solve(const ptl__triangular *T, ptl__block b, ptl__block x);

/* (L) The same as an operator on A's communicator, kind "triangular". */
ptl_status ptl__triangular_create(ptl_csr *A, int triangle, ptl_linop **out) PTL_MUST_USE;

#endif
