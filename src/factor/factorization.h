/* Factorizations from the inside. A method is one file: a kind (its name and parameters) and
 * `factorize`, which makes the two triangles of a local block; everything else is shared by all.
 * To write one, copy ic.c. */
#ifndef PTL_FACTOR_FACTORIZATION_H
#define PTL_FACTOR_FACTORIZATION_H

#include "../base/linop.h"
#include "../distributed/local_block.h"
#include "triangular.h"
#include <petiole/factorization.h>
#include <petiole/kind.h>

/* A[p][:, q] = L U. All zero until a method makes it. */
typedef struct ptl__factors {
    ptl__triangular lower, upper; /* with inverses where the diagonal is not ones */
    int root_free;                /* 1: L has ones, U is D L^H, and the factors that
                                     ptl_factorization_lower and upper give are L D^(1/2) and its
                                     mirror image */
    int64_t *row_permutation;     /* p, by ptl__alloc; NULL: natural */
    int64_t *col_permutation;     /* q */
    double shift;                 /* see ptl_factorization_shift */
    void *symbolic;               /* what the method keeps for `refresh`; see `forget` */
} ptl__factors;

typedef struct ptl__factor_method {
    /* Of family "factorization": name, the options and params are used. */
    ptl_kind kind;
    /* (L) The factors of the local block, options not being NULL. Rows in messages are those of
     * ptl__global_row(block->whole, row). What was made is cleared by the caller on failure too. */
    ptl_status (*factorize)(const ptl__local_block *block, const void *options, ptl__factors *out);
    /* Optional: (L) the same of a block with the same pattern, where `factors` are, in their
     * memory. NULL: they are made anew. */
    ptl_status (*refresh)(const ptl__local_block *block, const void *options,
                          ptl__factors *factors);
    /* Optional: frees `symbolic`, which is not NULL. */
    void (*forget)(void *symbolic);
} ptl__factor_method;

/* The kind of a method, for the first field. */
#define PTL__FACTOR_KIND(name_, options_type, init_, params_)                                      \
    {                                                                                              \
        .family = "factorization", .name = name_, .options_size = sizeof(options_type),            \
        .initial = &(const options_type)init_, .init = #init_, .params = params_,                  \
    }

/* (C) What ptl_factorize_* do: the ranks agree on the parameters first, and on the status after.
 * options may be NULL. */
ptl_status ptl__factorize(const ptl__factor_method *method, ptl_linop *A, const void *options,
                          ptl_factorization **out) PTL_MUST_USE;
/* (L) The same without communication, for a preconditioner's `generate`, whose caller agrees.
 * options, which are copied, are not NULL. */
ptl_status ptl__factorization_generate(const ptl__factor_method *method, ptl_linop *A,
                                       const void *options, ptl_linop **out) PTL_MUST_USE;

/* (L) For a method that has its factors as matrices: copies their triangles, which the caller then
 * releases. L is solved with ones on its diagonal where unit_lower is not 0, whatever it has there;
 * U's own counts. PTL_INVALID where a diagonal entry is zero, not finite or missing. */
ptl_status ptl__factors_of(ptl_csr *L, int unit_lower, ptl_csr *U, ptl__factors *out) PTL_MUST_USE;

/* The methods. */
extern const ptl__factor_method ptl__ilu_method, ptl__ic_method, ptl__ilut_method;
/* Parameters of ptl_ilu_options, which ptl_ic_options are too. */
extern const ptl_param ptl__ilu_params[];
extern const char *const ptl__ordering_choices[], *const ptl__pivot_choices[];
/* And of ptl_ilut_options. */
extern const ptl_param ptl__ilut_params[];
/* (L) Of a block of that dtype: the tolerance given, or the default, where it is NAN. */
double ptl__pivot_tolerance(double given, ptl_dtype dtype);

#endif
