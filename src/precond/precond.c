/* The factory of any preconditioner. */
#include "precond.h"

#include <stddef.h>

#include "../base/factory.h"
#include "../core/memory.h"
#include "../core/status.h"

typedef struct precond_factory {
    ptl_factory base;
    ptl__factory_class cls; /* carries the kind's name */
    const ptl__preconditioner *preconditioner;
    max_align_t options[]; /* of the kind's own type; owned (ptl__params_own) */
} precond_factory;

static const precond_factory *factory_of(const ptl_factory *base)
{
    return (const precond_factory *)base;
}

static const void *precond_options(const ptl_factory *base)
{
    return factory_of(base)->options;
}

static ptl_status precond_check(const ptl_factory *base, const ptl_linop *A)
{
    const ptl__preconditioner *preconditioner = factory_of(base)->preconditioner;
    PTL_CHECK(A->rows == A->cols && A->local_rows == A->local_cols, PTL_DIMENSION,
              "%s needs a square operator, this one is %lld x %lld", preconditioner->kind.title,
              (long long)A->rows, (long long)A->cols);
    return preconditioner->check_matrix ? preconditioner->check_matrix(factory_of(base)->options, A)
                                        : PTL_OK;
}

static ptl_status precond_generate(ptl_factory *base, ptl_linop *A, ptl_linop **out)
{
    const precond_factory *factory = factory_of(base);
    ptl_linop *wide;
    PTL_TRY(ptl__linop_computing(A, &wide));
    ptl_status status = factory->preconditioner->generate(factory->options, wide, out);
    ptl_linop_release(&wide);
    return status;
}

static void precond_destroy(ptl_factory *base)
{
    precond_factory *factory = (precond_factory *)base;
    ptl__params_release(&factory->preconditioner->kind, factory->options);
}

/* What is given, once it is known that it can be. */
static ptl_status take_options(const ptl__preconditioner *preconditioner, const void *given,
                               void *options)
{
    PTL_TRY(ptl__options_take(&preconditioner->kind, given, options));
    PTL_TRY(ptl__params_check(&preconditioner->kind, options));
    return preconditioner->check ? preconditioner->check(options) : PTL_OK;
}

ptl_status ptl__precond_factory(const ptl__preconditioner *preconditioner, const void *options,
                                ptl_factory **out)
{
    const ptl_kind *kind = &preconditioner->kind;
    precond_factory *factory = NULL;
    *out = NULL;
    PTL_TRY(ptl__calloc(1, sizeof *factory + kind->options_size, (void **)&factory));
    ptl_status status = take_options(preconditioner, options, factory->options);
    if (status != PTL_OK) {
        ptl__free(factory);
        return status;
    }
    factory->cls = (ptl__factory_class){
        .name = kind->name,
        .check = precond_check,
        .generate = precond_generate,
        .destroy = precond_destroy,
        .kind = kind,
        .options = precond_options,
    };
    ptl__factory_init(&factory->base, &factory->cls);
    factory->preconditioner = preconditioner;
    *out = &factory->base;
    status = ptl__params_own(kind, factory->options);
    if (status == PTL_OK)
        status = ptl__factory_hold_params(*out, kind, factory->options);
    if (status != PTL_OK)
        ptl_factory_release(out);
    return status;
}

ptl_status ptl__precond_create(const ptl_kind *kind, const void *options, ptl_factory **out)
{
    return ptl__precond_factory((const ptl__preconditioner *)kind, options, out);
}
