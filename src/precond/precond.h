/* What every preconditioner shares. To write one, copy jacobi.c: a preconditioner is a kind (its
 * name and parameters) and `generate`; its operator is a class of linop, and its `refresh` takes
 * the values of another matrix of the same pattern. Most are made of the local block
 * (distributed/local_block.h), and their operators work on the rows that this rank has, whatever
 * the communicator: such a one is made with ptl__spec_like, and needs no other for several ranks.
 */
#ifndef PTL_PRECOND_PRECOND_H
#define PTL_PRECOND_PRECOND_H

#include "../base/linop.h"
#include "../base/params.h"
#include "../distributed/local_block.h"
#include <petiole/kind.h>
#include <petiole/precond.h>

typedef struct ptl__preconditioner {
    ptl_kind kind; /* first: ptl__precond_create finds the preconditioner by it */
    /* (C) Like ptl__factory_class.generate, of an A that is square. What is needed of the options
     * later is copied. */
    ptl_status (*generate)(const void *options, ptl_linop *A, ptl_linop **out);
    /* Optional: (L) what must hold of the parameters, before there is a matrix; and, with A, on
     * this rank, before the ranks agree to generate. */
    ptl_status (*check)(const void *options);
    ptl_status (*check_matrix)(const void *options, const ptl_linop *A);
} ptl__preconditioner;

/* The kind of a preconditioner, for the first field. */
#define PTL__PRECOND_KIND(name_, title_, doc_, options_type, init_, params_)                       \
    {                                                                                              \
        .family = "preconditioner", .name = name_, .title = title_, .doc = doc_,                   \
        .options_size = sizeof(options_type), .initial = &(const options_type)init_,               \
        .init = #init_, .params = params_, .create = ptl__precond_create,                          \
    }

/* (L) The factory of a preconditioner, options NULL being all defaults; and as a kind's `create`.
 */
ptl_status ptl__precond_factory(const ptl__preconditioner *preconditioner, const void *options,
                                ptl_factory **out) PTL_MUST_USE;
ptl_status ptl__precond_create(const ptl_kind *kind, const void *options,
                               ptl_factory **out) PTL_MUST_USE;

#endif
