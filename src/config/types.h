/* What a "type" names. */
#ifndef PTL_CONFIG_TYPES_H
#define PTL_CONFIG_TYPES_H

#include <petiole/kind.h>

#include "json_place.h"

typedef struct ptl__type {
    const ptl_kind *kind;
    const char *factorization; /* "ParIlu" where it is called factorization::ParIlu, else NULL */
    int hermitian;             /* a factorization of Hermitian positive definite matrices */
    int64_t level;             /* of fill, where none is given */
} ptl__type;

/* (L) What an object's "type", or a string in its place, names: "solver::Cg", "Cg" or "cg"; or one
 * of Ginkgo's factorizations, of which the kind solves with the factors. PTL_FORMAT where it is
 * unknown, PTL_NOT_SUPPORTED where it is known to be absent. */
ptl_status ptl__type_of(const json_t *value, const ptl__json_place *at,
                        ptl__type *out) PTL_MUST_USE;

/* (L) PTL_FORMAT: the type at `at` is none of the factorizations that could stand there. */
ptl_status ptl__type_no_factorization(const ptl__json_place *at, int hermitian) PTL_MUST_USE;

#endif
