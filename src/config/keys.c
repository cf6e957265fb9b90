/* What the object of a kind may hold: the kind's own parameters, what every solver has, and keys of
 * Ginkgo's that choose nothing here. */
#include "keys.h"

#include <stdio.h>
#include <string.h>

#include "../core/status.h"
#include "value.h"
#include <petiole/solver.h>

enum { MOST_KEYS = 64, MOST_KINDS = 64, NAME_ROOM = 64 };

/* ---- parameters
 * ----------------------------------------------------------------------------------- */

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

int ptl__config_is_solver(const ptl_kind *kind)
{
    return strcmp(kind->family, "solver") == 0;
}

void ptl__config_params(const ptl_kind *kind, const ptl_param *tables[PTL__PARAM_TABLES])
{
    tables[0] = kind->params;
    tables[1] = ptl__config_is_solver(kind) ? solver_params : NULL;
    tables[2] = strcmp(kind->name, "ir") == 0 ? ir_params : NULL;
}

/* ---- keys that choose nothing
 * --------------------------------------------------------------------- */

static const char *const value_types[] = {"float32", "float64", "complex<float32>",
                                          "complex<float64>", NULL};
static const char *const index_types[] = {"int32", "int64", NULL};
static const char *const guesses[] = {"provided", NULL};
static const char *const algorithms[] = {"sparselib", "syncfree", NULL};
static const char *const factorizations[] = {"factorization::Lu", "factorization::Cholesky", NULL};

/* What Ginkgo's files say and nothing here depends on: the matrix has its types, its rows are
 * sorted, any number of right-hand sides will do, every run gives the same bits. */
static const struct {
    const char *kind; /* NULL: every kind's */
    const char *key;
    json_type type;            /* JSON_TRUE: a boolean */
    const char *const *values; /* of a string, or of an object's type */
} without_choice[] = {
    {NULL, "value_type", JSON_STRING, value_types},
    {NULL, "index_type", JSON_STRING, index_types},
    {NULL, "local_index_type", JSON_STRING, index_types},
    {NULL, "global_index_type", JSON_STRING, index_types},
    {NULL, "skip_sorting", JSON_TRUE, NULL},
    {"gmres", "flexible", JSON_TRUE, NULL},  /* read.c has made it an fgmres where it is true */
    {"fgmres", "flexible", JSON_TRUE, NULL}, /* and refused what contradicts itself */
    {"idr", "deterministic", JSON_TRUE, NULL},
    {"ir", "default_initial_guess", JSON_STRING, guesses},
    {"chebyshev", "default_initial_guess", JSON_STRING, guesses},
    {"direct", "num_rhs", JSON_INTEGER, NULL},
    {"lower_trs", "num_rhs", JSON_INTEGER, NULL},
    {"upper_trs", "num_rhs", JSON_INTEGER, NULL},
    {"lower_trs", "algorithm", JSON_STRING, algorithms},
    {"upper_trs", "algorithm", JSON_STRING, algorithms},
    {"direct", "factorization", JSON_OBJECT, factorizations},
};
enum { WITHOUT_CHOICE = sizeof without_choice / sizeof *without_choice };

static int concerns(int i, const ptl_kind *kind)
{
    return !without_choice[i].kind || strcmp(without_choice[i].kind, kind->name) == 0;
}

static ptl_status check_without_choice(int i, const json_t *value, const ptl__place *here)
{
    int64_t number;
    int found;
    switch (without_choice[i].type) {
    case JSON_TRUE:
        return ptl__value_bool(value, here, &found);
    case JSON_INTEGER:
        return ptl__value_int(value, here, &number);
    case JSON_OBJECT:
        if (!json_is_object(value))
            return ptl__place_expected(here, "an object", value);
        value = json_object_get(value, "type");
        if (!value)
            return ptl__place_fail(here, PTL_FORMAT, "has no \"type\"");
        /* fall through */
    default:
        return ptl__value_choice(value, here, without_choice[i].values, &found);
    }
}

/* ---- all of them
 * ---------------------------------------------------------------------------------- */

typedef struct names {
    const char *of[MOST_KEYS];
    int count;
} names;

static void add(names *n, const char *name)
{
    if (name && n->count < MOST_KEYS)
        n->of[n->count++] = name;
}

static names known_keys(const ptl_kind *kind)
{
    names n = {{"type"}, 1};
    const ptl_param *tables[PTL__PARAM_TABLES];
    ptl__config_params(kind, tables);
    for (int t = 0; t < PTL__PARAM_TABLES; t++)
        for (const ptl_param *param = tables[t]; param && param->name; param++) {
            add(&n, param->name);
            add(&n, param->alias);
        }
    for (size_t i = 0; ptl__config_is_solver(kind) && i < sizeof solver_keys / sizeof *solver_keys;
         i++)
        add(&n, solver_keys[i]);
    for (int i = 0; i < WITHOUT_CHOICE; i++)
        if (concerns(i, kind))
            add(&n, without_choice[i].key);
    return n;
}

ptl_status ptl__config_check_keys(const ptl_kind *kind, const json_t *object, const ptl__place *at)
{
    const names known = known_keys(kind);
    PTL_TRY(ptl__value_known_keys(object, at, known.of, known.count));
    for (int i = 0; i < WITHOUT_CHOICE; i++) {
        const ptl__place here = {at, without_choice[i].key, 0};
        json_t *value = concerns(i, kind) ? ptl__value_of(object, here.key) : NULL;
        if (value)
            PTL_TRY(check_without_choice(i, value, &here));
    }
    return PTL_OK;
}

/* ---- types
 * ---------------------------------------------------------------------------------------- */

static int is_called(const ptl_kind *kind, const char *type)
{
    const size_t family = strlen(kind->family);
    if (strncmp(type, kind->family, family) == 0 && strncmp(type + family, "::", 2) == 0)
        type += family + 2;
    return strcmp(type, kind->title) == 0 || strcmp(type, kind->name) == 0;
}

ptl_status ptl__config_kind(const json_t *type, const ptl__place *at, const ptl_kind **out)
{
    char text[MOST_KINDS][NAME_ROOM];
    const char *known[MOST_KINDS];
    const ptl_kind *const *kinds;
    const int count = (int)ptl_kinds(&kinds);
    if (!json_is_string(type))
        return ptl__place_expected(at, "the name of a type", type);
    for (int i = 0; i < count; i++)
        if (is_called(kinds[i], json_string_value(type))) {
            *out = kinds[i];
            return PTL_OK;
        }
    for (int i = 0; i < count && i < MOST_KINDS; i++) {
        snprintf(text[i], NAME_ROOM, "%s::%s", kinds[i]->family, kinds[i]->title);
        known[i] = text[i];
    }
    return ptl__place_unknown(at, "type", known, count < MOST_KINDS ? count : MOST_KINDS);
}
