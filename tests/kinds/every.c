/* A preconditioner for tests, with a parameter of each type, and the list of kinds with it: linked
 * before the library's own, it takes that list's place. M is strength times the vector's entries as
 * a diagonal, or of ones where there is none; with levels, what the first of them generates. */
#include "every.h"

#include <string.h>

#include "core/status.h"
#include "precond/kinds.h"
#include "solver/kinds.h"

static ptl_status every_generate(const void *options, ptl_linop *A, ptl_linop **out)
{
    const every_options *o = options;
    const double strength[2] = {o->strength, 0}, one[2] = {1, 0};
    ptl_vector *diagonal;
    if (o->levels.count > 0)
        return ptl_factory_generate(o->levels.items[0], A, out);
    PTL_TRY(o->vector ? ptl_vector_clone(o->vector, &diagonal) : ptl__linop_diagonal(A, &diagonal));
    ptl_status status = o->vector ? PTL_OK : ptl_vector_fill(diagonal, one);
    if (status == PTL_OK)
        status = ptl_vector_scale(diagonal, strength);
    if (status == PTL_OK)
        status = ptl_diagonal_create(diagonal, out);
    ptl_vector_release(&diagonal);
    return status;
}

static const char *const choices[] = {"first", "second", NULL};

#define FIELD(name) offsetof(every_options, name)
static const ptl_param params[] = {
    {"count", NULL, "a number", PTL_PARAM_INT, FIELD(count), 0, NULL},
    {"strength", "power", "a number", PTL_PARAM_REAL, FIELD(strength), 0, NULL},
    {"open", NULL, "a number or None", PTL_PARAM_REAL, FIELD(open), 0, NULL},
    {"flag", NULL, "whether", PTL_PARAM_BOOL, FIELD(flag), 0, NULL},
    {"choice", NULL, "which", PTL_PARAM_CHOICE, FIELD(choice), 0, choices},
    {"bounds", NULL, "two numbers", PTL_PARAM_BOUNDS, FIELD(bounds), 0, NULL},
    {"factory", NULL, "a factory", PTL_PARAM_FACTORY, FIELD(factory), 0, NULL},
    {"linop", NULL, "an operator", PTL_PARAM_LINOP, FIELD(linop), 0, NULL},
    {"inner", NULL, "either", PTL_PARAM_OPERATOR, FIELD(inner), 0, NULL},
    {"vector", NULL, "a vector", PTL_PARAM_VECTOR, FIELD(vector), 0, NULL},
    {"sizes", "dims", "whole numbers", PTL_PARAM_INTS, FIELD(sizes), 1, NULL},
    {"weights", NULL, "numbers", PTL_PARAM_REALS, FIELD(weights), -INFINITY, NULL},
    {"levels", NULL, "factories", PTL_PARAM_FACTORIES, FIELD(levels), 0, NULL},
    {NULL},
};

static const ptl__preconditioner every_preconditioner = {
    .kind = PTL__PRECOND_KIND("every", "Every", "A kind with a parameter of each type.",
                              every_options, EVERY_OPTIONS_INIT, params),
    .generate = every_generate,
};

ptl_status ptl_every_factory(const every_options *options, ptl_factory **out)
{
    return ptl__precond_factory(&every_preconditioner, options, out);
}

/* ---- the list -------------------------------------------------------------------------------- */

static const ptl_kind *const kinds[] = {
#define X(name) &ptl__##name##_method.kind,
    PTL__METHODS(X)
#undef X
#define X(name) &ptl__##name##_preconditioner.kind,
            PTL__PRECONDITIONERS(X)
#undef X
        & every_preconditioner.kind,
};

int64_t ptl_kinds(const ptl_kind *const **out)
{
    *out = kinds;
    return sizeof kinds / sizeof *kinds;
}

const ptl_kind *ptl_kind_find(const char *name)
{
    for (size_t i = 0; name && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    return NULL;
}
