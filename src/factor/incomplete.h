/* What incomplete factorizations by levels of fill, ILU(k) and IC(k), share: everything but their
 * numeric phases.
 *
 * Both factors' entries beside the diagonal lie in one pair of arrays: those of L from the front,
 * row after row, and those of U from the back, so that its last row comes first, with descending
 * columns: the order in which the solution reads them. L has ones on its diagonal, and rows of U
 * are divided by theirs, whose inverses lie apart (see ptl__triangle). */
#ifndef PTL_FACTOR_INCOMPLETE_H
#define PTL_FACTOR_INCOMPLETE_H

#include "../core/interrupt.h"
#include "factorization.h"

/* What can be wrong with a row. */
typedef enum ptl__trouble {
    PTL__NO_TROUBLE,
    PTL__NOT_FINITE, /* an entry of A */
    PTL__TINY_PIVOT,
    PTL__NOT_POSITIVE, /* the diagonal of A itself */
    PTL__OVERFLOW,     /* the pivot is not finite */
    PTL__INTERRUPTED
} ptl__trouble;

/* One numeric phase: what is read, where it writes, and what became of it. */
typedef struct ptl__numeric {
    int64_t rows;
    ptl__csr A;   /* tidy */
    int64_t room; /* the length of indices and values */
    int has_fill; /* 1: indptr and indices are given; 0: they are A's, and still to be written */
    void *row;    /* `rows` zeros of V */
    void *lower_indptr, *upper_indptr, *indices, *values;
    void *inverses;   /* of U's diagonal, in U's order */
    double epsilon;   /* of V's precision */
    double tolerance; /* of pivots, relative: see ptl_pivot */
    double shift;     /* IC: alpha; ILU: the new pivot, relative as well, 0: none */
    int64_t shifted;  /* pivots */
    int64_t bad_row;
    ptl__trouble trouble;
    ptl_status interrupt;
} ptl__numeric;

/* Whether row i is not begun: then that is the trouble. */
static inline int ptl__numeric_ends(ptl__numeric *n, int64_t i)
{
    n->interrupt = ptl__interrupt_at(i);
    if (n->interrupt != PTL_OK)
        n->trouble = PTL__INTERRUPTED;
    return n->interrupt != PTL_OK;
}

typedef struct ptl__incomplete_class {
    const char *name;
    int hermitian; /* 1: L D L^H, of the lower triangle */
    int exact;     /* 1: with all of the fill, so what fails cannot be helped */
    /* The room that L and U take without fill, or more. */
    int64_t (*room)(const ptl_csr *A);
    void (*const (*numeric)[PTL_ITYPE_COUNT])(ptl__numeric *n); /* by V and I */
    /* Runs it: once, or until a shift is large enough. Returns ptl_factorization_shift. */
    double (*run)(ptl__numeric *n, void (*numeric)(ptl__numeric *n), int may_shift);
} ptl__incomplete_class;

/* IC under the name of what it is where no level limits it. */
extern const ptl__incomplete_class ptl__cholesky_class;

/* The functions of a ptl__factor_method with ptl_ilu_options. */
ptl_status ptl__incomplete_factorize(const ptl__incomplete_class *cls,
                                     const ptl__local_block *block, const ptl_ilu_options *options,
                                     ptl__factors *out) PTL_MUST_USE;
ptl_status ptl__incomplete_refresh(const ptl__incomplete_class *cls, const ptl__local_block *block,
                                   const ptl_ilu_options *options,
                                   ptl__factors *factors) PTL_MUST_USE;
void ptl__incomplete_forget(void *symbolic);

#endif
