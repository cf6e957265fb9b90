/* Factories from the inside. The struct comes first in each factory's own. */
#ifndef PTL_BASE_FACTORY_H
#define PTL_BASE_FACTORY_H

#include "../core/object.h"
#include <petiole/factory.h>
#include <petiole/kind.h>

typedef struct ptl__factory_class {
    const char *name;
    /* (L) What must hold of A on this rank: the ranks agree on it before they generate. May be
     * NULL.
     */
    ptl_status (*check)(const ptl_factory *factory, const ptl_linop *A);
    /* (L) Mixes into a signature what else than its kind's parameters must be the same on every
     * rank. May be NULL. */
    int64_t (*sign)(const ptl_factory *factory, int64_t signature);
    /* (C) A new operator, or a failure of this rank alone: ptl_factory_generate agrees afterwards.
     * Must complete its communication whatever happens on this rank. */
    ptl_status (*generate)(ptl_factory *factory, ptl_linop *A, ptl_linop **out);
    void (*destroy)(ptl_factory *factory);              /* what the class holds; may be NULL */
    const ptl_kind *kind;                               /* may be NULL */
    const void *(*options)(const ptl_factory *factory); /* where there is a kind with options */
} ptl__factory_class;

struct ptl_factory {
    ptl__object object;
    const ptl__factory_class *cls;
    int64_t parts; /* factories that it is made of, itself included */
};

/* (L) Mixes what the factory makes into a signature (see ptl__agree); NULL is let through. */
int64_t ptl__factory_sign(int64_t signature, const ptl_factory *factory);

void ptl__factory_init(ptl_factory *factory, const ptl__factory_class *cls);
/* Notes that a factory is made of a factory or an operator (NULL is let through): PTL_INVALID where
 * that nests too deep, or is of too many parts. ptl__factory_hold_params: of all among its
 * parameters. */
ptl_status ptl__factory_hold(ptl_factory *factory, const ptl_factory *part,
                             const ptl_linop *op) PTL_MUST_USE;
ptl_status ptl__factory_hold_params(ptl_factory *factory, const ptl_kind *kind,
                                    const void *options) PTL_MUST_USE;

#endif
