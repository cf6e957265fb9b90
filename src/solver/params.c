/* The parameters that only some methods take. */
#include "params.h"

#include <string.h>

#include "../core/status.h"
#include "../stop/stop.h"

const char *const ptl__orthogonalizations[] = {"cgs2", "cgs", "mgs", NULL};

static const ptl_param all[] = {
    PTL__PARAM_RESTART,      PTL__PARAM_ORTHOGONALIZATION, PTL__PARAM_S,      PTL__PARAM_KAPPA,
    PTL__PARAM_RELAXATION,   PTL__PARAM_LOWER_PRECISION,   PTL__PARAM_BOUNDS, PTL__PARAM_STEPS,
    PTL__PARAM_GATHER_LIMIT, PTL__PARAM_UNIT_DIAGONAL,     PTL__PARAM_END,
};

static int has(const ptl_kind *kind, const char *name)
{
    for (const ptl_param *param = kind->params; param && param->name; param++)
        if (strcmp(param->name, name) == 0)
            return 1;
    return 0;
}

int ptl__solver_watched(const ptl_solver_options *options)
{
    return (options->callback && !options->norms_only) ||
           (options->stop && ptl__stop_count(options->stop, PTL__STOP_PREDICATE) > 0);
}

ptl_status ptl__solver_check_params(const ptl_kind *kind, const ptl_solver_options *options)
{
    for (const ptl_param *param = all; param->name; param++)
        PTL_CHECK(has(kind, param->name) || !ptl__param_given(kind, param, options), PTL_INVALID,
                  "%s has no parameter %s", kind->name, param->name);
    return ptl__params_check(kind, options);
}
