/* What the object of a kind may hold: the kind's own parameters, what every solver has, and
 * Ginkgo's words for the same, or for nothing that could be chosen (ginkgo.c). */
#include "keys.h"

#include <string.h>

#include "../base/params.h"
#include "../core/status.h"
#include "ginkgo.h"
#include "value.h"
#include <petiole/precond.h>
#include <petiole/solver.h>

enum { MOST_KEYS = 64 };

/* ---- parameters ------------------------------------------------------------------------------ */

static const ptl_param solver_params[] = {
    {"preconditioner", "M", "generates M from A", PTL_PARAM_FACTORY,
     offsetof(ptl_solver_options, precond_factory), 0, NULL},
    {NULL},
};

/* Ginkgo's name for what solves inside a Richardson iteration. */
static const ptl_param ir_params[] = {
    {"solver", NULL, "generates M from A", PTL_PARAM_FACTORY,
     offsetof(ptl_solver_options, precond_factory), 0, NULL},
    {NULL},
};

static const char *const solver_keys[] = {"criteria", "rtol", "atol", "maxiter", "true_residual"};

/* Ginkgo's booleans, each for one of a parameter's choices. */
static const struct {
    const char *kind, *key, *param;
    int choice;
} flags[] = {
    {"sor", "symmetric", "sweep", PTL_SWEEP_SYMMETRIC},
    {"gauss_seidel", "symmetric", "sweep", PTL_SWEEP_SYMMETRIC},
};
enum { FLAGS = sizeof flags / sizeof *flags };

int ptl__config_is_solver(const ptl_kind *kind)
{
    return strcmp(kind->family, "solver") == 0;
}

int ptl__config_is_factorized(const ptl__type *type)
{
    return !type->factorization &&
           (strcmp(type->kind->name, "ilu") == 0 || strcmp(type->kind->name, "ic") == 0);
}

void ptl__config_params(const ptl_kind *kind, const ptl_param *tables[PTL__PARAM_TABLES])
{
    tables[0] = kind->params;
    tables[1] = ptl__config_is_solver(kind) ? solver_params : NULL;
    tables[2] = strcmp(kind->name, "ir") == 0 ? ir_params : NULL;
}

static ptl_status set_flag(int i, const ptl_kind *kind, const json_t *value,
                           const ptl__json_place *here, void *options)
{
    int on;
    const ptl_param *param = kind->params;
    while (strcmp(param->name, flags[i].param) != 0)
        param++;
    PTL_TRY(ptl__value_bool(value, here, &on));
    if (on && ptl__param_given(kind, param, options))
        return ptl__json_fail(here, PTL_FORMAT, "%s is given too", param->name);
    if (on)
        *(int *)((char *)options + param->offset) = flags[i].choice;
    return PTL_OK;
}

ptl_status ptl__config_flags(const ptl_kind *kind, const json_t *object, const ptl__json_place *at,
                             void *options)
{
    for (int i = 0; i < FLAGS; i++) {
        const ptl__json_place here = {at, flags[i].key, 0};
        const int is_its = strcmp(flags[i].kind, kind->name) == 0;
        const json_t *value = is_its ? ptl__value_of(object, here.key) : NULL;
        if (value)
            PTL_TRY(set_flag(i, kind, value, &here, options));
    }
    return PTL_OK;
}

/* ---- all of them ----------------------------------------------------------------------------- */

typedef struct names {
    const char *of[MOST_KEYS];
    int count;
} names;

static void add(names *n, const char *name)
{
    if (name && n->count < MOST_KEYS)
        n->of[n->count++] = name;
}

static void add_params(names *n, const ptl_kind *kind)
{
    const ptl_param *tables[PTL__PARAM_TABLES];
    ptl__config_params(kind, tables);
    for (int t = 0; t < PTL__PARAM_TABLES; t++)
        for (const ptl_param *param = tables[t]; param && param->name; param++) {
            add(n, param->name);
            add(n, param->alias);
        }
    for (size_t i = 0; ptl__config_is_solver(kind) && i < sizeof solver_keys / sizeof *solver_keys;
         i++)
        add(n, solver_keys[i]);
    for (int i = 0; i < FLAGS; i++)
        add(n, strcmp(flags[i].kind, kind->name) == 0 ? flags[i].key : NULL);
}

static names known_keys(const ptl__type *type)
{
    names n = {{"type"}, 1};
    add_params(&n, type->kind);
    if (ptl__config_is_factorized(type))
        add(&n, "factorization");
    for (int i = 0, end = 0; !end; i++)
        add(&n, ptl__ginkgo_key(i, type, &end));
    return n;
}

ptl_status ptl__config_check_keys(const ptl__type *type, const json_t *object,
                                  const ptl__json_place *at)
{
    const names known = known_keys(type);
    PTL_TRY(ptl__value_known_keys(object, at, known.of, known.count));
    return ptl__ginkgo_check(type, object, at);
}
