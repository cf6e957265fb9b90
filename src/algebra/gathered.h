/* Distributed matrices on one rank: for methods that want the whole of a matrix at hand. */
#ifndef PTL_ALGEBRA_GATHERED_H
#define PTL_ALGEBRA_GATHERED_H

#include <petiole/csr.h>
#include <petiole/linop.h>

/* What is made of the whole matrix, rows and columns in global order: (L), like a factory's
 * generate; the operator lives on one process, and on A's executor, which is that of the host for a
 * matrix of several ranks. */
typedef struct ptl__local_maker {
    ptl_status (*make)(const void *ctx, ptl_csr *A, ptl_linop **out);
    const void *ctx;
    const char *name; /* of the method, for messages */
    int64_t limit;    /* the most rows of a matrix on several ranks */
} ptl__local_maker;

/* (C) On A's communicator what the maker makes of A on its rank 0. A product gathers x there, and
 * sends each rank its rows of y. Of a matrix on one process: what is made of it. Fails on this rank
 * alone at the end, if at all, as a factory's generate may. PTL_NOT_SUPPORTED where A has more rows
 * than the limit and several ranks, where it is no matrix or its local operator no local format,
 * and where its row and column partitions differ. Kind "gathered". */
ptl_status ptl__gathered_create(ptl_linop *A, const ptl__local_maker *maker,
                                ptl_linop **out) PTL_MUST_USE;

#endif
