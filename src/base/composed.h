/* What products and sums of operators share: their members. The struct comes first in each. */
#ifndef PTL_BASE_COMPOSED_H
#define PTL_BASE_COMPOSED_H

#include "../core/status.h"
#include "linop.h"
#include "operation.h"

typedef struct ptl__composed {
    ptl_linop base;
    int count;
    ptl_linop **ops;       /* retained */
    int has[PTL_OP_COUNT]; /* whether all of them have such products */
} ptl__composed;

static inline ptl__composed *ptl__composed_of(const ptl_linop *A)
{
    return (ptl__composed *)A;
}

/* Global and local sizes; local: -1 where any will do. */
typedef struct ptl__composed_shape {
    int64_t rows, cols, local_rows, local_cols;
} ptl__composed_shape;

/* (L) That there are operators, of one dtype, on one communicator. */
ptl_status ptl__composed_check(int count, ptl_linop *const *ops) PTL_MUST_USE;
/* (L) Zeroed memory of `size` bytes that begins with a ptl__composed of these members. classes: by
 * whether one of the members is fallible, and whether all of them mix. */
ptl_status ptl__composed_new(const ptl__linop_class classes[2][2], size_t size, int count,
                             ptl_linop *const *ops, ptl__composed_shape shape,
                             void *out) PTL_MUST_USE;
/* Gives what was made of them its number. */
void ptl__composed_name(ptl_linop *A, ptl__operation operation);
void ptl__composed_clear(ptl_linop *A);
int ptl__composed_has_op(const ptl_linop *A, ptl_op op);

/* Several calls, all of which are made whatever becomes of the others, because other ranks take
 * part in them: the first failure, with its message. Starts as {PTL_OK}. */
typedef struct ptl__first_failure {
    ptl_status status;
    ptl__error error;
} ptl__first_failure;
void ptl__first_failure_note(ptl__first_failure *first, ptl_status status);
ptl_status ptl__first_failure_end(const ptl__first_failure *first) PTL_MUST_USE;

/* The table of classes for ptl__composed_new, of CLASS(fallible, mixes). */
#define PTL__COMPOSED_CLASSES(CLASS)                                                               \
    {                                                                                              \
        {CLASS(0, 0), CLASS(0, 1)},                                                                \
        {                                                                                          \
            CLASS(1, 0), CLASS(1, 1)                                                               \
        }                                                                                          \
    }

#endif
