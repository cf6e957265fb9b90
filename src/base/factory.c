/* Factories: the base, and the public call. */
#include "factory.h"

#include "../comm/comm.h"
#include "../core/interrupt.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../core/trace.h"
#include "linop.h"
#include "operation.h"
#include "params.h"

static void factory_destroy(void *self)
{
    ptl_factory *factory = self;
    if (factory->cls->destroy)
        factory->cls->destroy(factory);
    ptl__free(factory);
}

void ptl__factory_init(ptl_factory *factory, const ptl__factory_class *cls)
{
    ptl__object_init(factory, factory_destroy);
    factory->cls = cls;
    factory->parts = 1;
}

ptl_status ptl__factory_hold(ptl_factory *factory, const ptl_factory *part, const ptl_linop *op)
{
    PTL_TRY(ptl__object_made_of(factory, part, "a factory"));
    PTL_TRY(ptl__object_made_of(factory, op, "a factory"));
    factory->parts += part ? part->parts : 0;
    PTL_CHECK(factory->parts <= PTL_MAX_PARTS, PTL_INVALID,
              "a factory would be made of %lld factories: at most %d", (long long)factory->parts,
              PTL_MAX_PARTS);
    return PTL_OK;
}

ptl_status ptl__factory_hold_params(ptl_factory *factory, const ptl_kind *kind, const void *options)
{
    for (const ptl_param *param = kind->params; param && param->name; param++) {
        const void *value = (const char *)options + param->offset;
        void *const *at = value;
        const ptl_factories *list = value;
        if (param->type == PTL_PARAM_FACTORY)
            PTL_TRY(ptl__factory_hold(factory, at[0], NULL));
        else if (param->type == PTL_PARAM_LINOP)
            PTL_TRY(ptl__factory_hold(factory, NULL, at[0]));
        else if (param->type == PTL_PARAM_OPERATOR)
            PTL_TRY(ptl__factory_hold(factory, at[0], at[1]));
        for (int64_t i = 0; param->type == PTL_PARAM_FACTORIES && i < list->count; i++)
            PTL_TRY(ptl__factory_hold(factory, list->items[i], NULL));
    }
    return PTL_OK;
}

int64_t ptl__factory_sign(int64_t signature, const ptl_factory *factory)
{
    if (!factory)
        return ptl__sign(signature, -1);
    const ptl__factory_class *cls = factory->cls;
    const void *options = ptl_factory_options(factory);
    if (options)
        signature = ptl__params_sign(signature, cls->kind, options);
    return cls->sign ? cls->sign(factory, signature) : signature;
}

ptl_status ptl_factory_generate(ptl_factory *factory, ptl_linop *A, ptl_linop **out)
{
    *out = NULL;
    PTL_CHECK(factory, PTL_INVALID, "factory is NULL");
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    const ptl__factory_class *cls = factory->cls;
    const int64_t signature = ptl__factory_sign(ptl__linop_sign(PTL__GENERATE, A), factory);
    ptl_status status = cls->check ? cls->check(factory, A) : PTL_OK;
    PTL_TRY(
        ptl__agree(A->comm, status, signature, "operators, factories or parameters of factories"));
    ptl__trace_begin(PTL_TRACE_GENERATE, cls->name, 0);
    status = cls->generate(factory, A, out);
    if (status == PTL_OK)
        status = ptl__interrupt();
    ptl__trace_end(PTL_TRACE_GENERATE, cls->name, 0);
    status = ptl__agree(A->comm, status, 0, "calls");
    if (status == PTL_OK)
        (*out)->number = ptl__agreed(A->comm);
    else
        ptl_linop_release(out);
    return status;
}

const char *ptl_factory_name(const ptl_factory *factory)
{
    return factory->cls->name;
}

const ptl_kind *ptl_factory_kind(const ptl_factory *factory)
{
    return factory->cls->kind;
}

const void *ptl_factory_options(const ptl_factory *factory)
{
    return factory->cls->options ? factory->cls->options(factory) : NULL;
}

PTL__OBJECT_FUNCTIONS(ptl_factory)
