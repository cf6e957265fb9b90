/* The pattern of a matrix's transpose: where its entries lie, column by column. The values stay
 * where the matrix has them, so a product follows every change of them. */
#ifndef PTL_MATRIX_TRANSPOSED_H
#define PTL_MATRIX_TRANSPOSED_H

#include "format.h"

/* Any set of entries, which the host can read: each(source, visit, ctx) visits them all, in the
 * same order each time. */
typedef struct ptl__places {
    void (*each)(const void *source, void (*visit)(void *ctx, ptl__place place), void *ctx);
    const void *source;
    int64_t rows, cols, nnz;
    int64_t slots; /* all slots are less */
} ptl__places;

/* (L) In exec's memory; values are not set. On failure T is as after clear. */
ptl_status ptl__transposed_init(ptl_exec *exec, const ptl__places *places,
                                ptl__transposed *T) PTL_MUST_USE;
void ptl__transposed_clear(ptl_exec *exec, ptl__transposed *T);

#endif
