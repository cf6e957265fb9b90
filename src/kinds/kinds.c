/* The list of all kinds of factories. */
#include <string.h>

#include "../precond/kinds.h"
#include "../solver/kinds.h"

static const ptl_kind *const kinds[] = {
#define X(name) &ptl__##name##_method.kind,
    PTL__METHODS(X)
#undef X
#define X(name) &ptl__##name##_preconditioner.kind,
        PTL__PRECONDITIONERS(X)
#undef X
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
