/* What Ginkgo's files say and nothing here depends on: the matrix has its types, its rows are
 * sorted, any number of right-hand sides will do, every run gives the same bits, incomplete factors
 * are computed and not approached. A value that asks for anything else is refused. */
#include "ginkgo.h"

#include <string.h>

#include "../core/status.h"
#include "keys.h"
#include "value.h"

typedef enum form {
    BOOLEAN,
    FALSE, /* which is what happens */
    WHOLE, /* number */
    NUMBER,
    NEGATIVE,
    TEXT,    /* one of the choices; without them any */
    TYPED,   /* an object, or its type's name, the type being one of the choices */
    STORAGE, /* a boolean or two whole numbers */
} form;

static const char *const value_types[] = {"float16",
                                          "half",
                                          "float32",
                                          "float64",
                                          "complex<float16>",
                                          "complex<half>",
                                          "complex<float32>",
                                          "complex<float64>",
                                          NULL};
static const char *const index_types[] = {"int32", "int64", NULL};
static const char *const guesses[] = {"provided", NULL};
static const char *const algorithms[] = {"sparselib", "syncfree", NULL};
static const char *const exact[] = {"factorization::Lu", "factorization::Cholesky", NULL};
static const char *const lower[] = {"solver::LowerTrs", NULL};
static const char *const upper[] = {"solver::UpperTrs", NULL};
static const char *const aggregation[] = {"multigrid::Pgm", NULL};

static const struct {
    const char *of; /* names of kinds (gmres), and of Ginkgo's own types (ParIlu); NULL: all */
    const char *key;
    form form;
    const char *const *choices;
} keys[] = {
    {NULL, "value_type", TEXT, value_types},
    {NULL, "index_type", TEXT, index_types},
    {NULL, "local_index_type", TEXT, index_types},
    {NULL, "global_index_type", TEXT, index_types},
    {NULL, "skip_sorting", BOOLEAN, NULL},
    {"gmres fgmres", "flexible", BOOLEAN, NULL}, /* read.c has made it an fgmres where it is true */
    {"idr", "deterministic", BOOLEAN, NULL},
    {"idr", "complex_subspace", BOOLEAN, NULL},
    {"ir chebyshev", "default_initial_guess", TEXT, guesses},
    {"direct lower_trs upper_trs", "num_rhs", WHOLE, NULL},
    {"lower_trs upper_trs Ilu Ic", "algorithm", TEXT, algorithms},
    {"direct", "factorization", TYPED, exact},
    {"ilu ic sor gauss_seidel", "l_solver", TYPED, lower},
    {"ilu sor gauss_seidel", "u_solver", TYPED, upper},
    {"ilu", "reverse_apply", FALSE, NULL},
    {"jacobi", "max_block_stride", WHOLE, NULL},
    {"jacobi", "storage_optimization", STORAGE, NULL},
    {"jacobi", "accuracy", NUMBER, NULL},
    {"isai", "excess_limit", WHOLE, NULL},
    {"isai", "excess_solver_reduction", NUMBER, NULL},
    {"schwarz", "coarse_level", TYPED, aggregation},
    {"schwarz", "coarse_weight", NEGATIVE, NULL},
    {"Pgm", "deterministic", BOOLEAN, NULL}, /* aggregates are found in a way of our own */
    {"Pgm", "max_iterations", WHOLE, NULL},
    {"Pgm", "max_unassigned_ratio", NUMBER, NULL},
    {"ParIlu ParIlut ParIc ParIct", "iterations", WHOLE, NULL},
    {"ParIlut ParIct", "approximate_select", BOOLEAN, NULL},
    {"ParIlut ParIct", "deterministic_sample", BOOLEAN, NULL},
    {"ParIct", "fill_in_limit", NUMBER, NULL},
    {"Ic ParIc", "both_factors", BOOLEAN, NULL},
    {"Ilu Ic ParIlu ParIlut ParIc ParIct", "l_strategy", TEXT, NULL},
    {"Ilu ParIlu ParIlut", "u_strategy", TEXT, NULL},
    {"ParIct", "lt_strategy", TEXT, NULL},
    {"Lu Cholesky", "symbolic_algorithm", TEXT, NULL},
    {"Lu Cholesky", "symbolic_type", TEXT, NULL},
};
enum { KEYS = sizeof keys / sizeof *keys };

/* Whether a name is one of the words. */
static int has_word(const char *words, const char *name)
{
    const size_t length = strlen(name);
    for (const char *found = words; (found = strstr(found, name)); found += length)
        if ((found == words || found[-1] == ' ') && strchr(" ", found[length]))
            return 1;
    return 0;
}

static const char *name_of(const ptl__type *type)
{
    return type->factorization ? type->factorization : type->kind->name;
}

static int concerns(int i, const char *name)
{
    return !keys[i].of || has_word(keys[i].of, name);
}

const char *ptl__ginkgo_key(int i, const ptl__type *type, int *end)
{
    *end = i == KEYS;
    return !*end && concerns(i, name_of(type)) ? keys[i].key : NULL;
}

/* ---- values ---------------------------------------------------------------------------------- */

static ptl_status check_all(const char *name, const json_t *object, const ptl__json_place *at);

/* L and U are solved with as the preconditioner has them: only ILU's L has a unit diagonal. */
static ptl_status check_unit_diagonal(const char *outer, const char *name, const json_t *value,
                                      const ptl__json_place *at)
{
    int is_unit;
    PTL_TRY(ptl__value_bool(value, at, &is_unit));
    if (is_unit && !(strcmp(outer, "ilu") == 0 && strcmp(name, "lower_trs") == 0))
        return ptl__json_expected(at, "false", value);
    return PTL_OK;
}

/* An object inside another one's, of which it chooses nothing: it has no parameters of its own. */
static ptl_status check_inner(const char *outer, const char *name, const json_t *object,
                              const ptl__json_place *at)
{
    const ptl__json_place here = {at, "unit_diagonal", 0};
    const char *known[KEYS + 2] = {"type"};
    int count = 1;
    if (has_word("lower_trs upper_trs", name))
        known[count++] = here.key;
    for (int i = 0; i < KEYS; i++)
        if (concerns(i, name))
            known[count++] = keys[i].key;
    PTL_TRY(ptl__value_known_keys(object, at, known, count));
    const json_t *unit = ptl__value_of(object, here.key);
    if (unit)
        PTL_TRY(check_unit_diagonal(outer, name, unit, &here));
    return check_all(name, object, at);
}

static ptl_status check_typed(const char *outer, const json_t *value, const ptl__json_place *at,
                              const char *const *choices)
{
    const ptl__json_place type_at = {at, "type", 0};
    ptl__type type = {NULL};
    int found;
    if (json_is_string(value))
        return ptl__value_choice(value, at, choices, &found);
    if (!json_is_object(value))
        return ptl__json_expected(at, "an object", value);
    const json_t *name = json_object_get(value, "type");
    if (!name)
        return ptl__json_fail(at, PTL_FORMAT, "has no \"type\"");
    PTL_TRY(ptl__value_choice(name, &type_at, choices, &found));
    if (choices == aggregation)
        return check_inner(outer, "Pgm", value, at);
    PTL_TRY(ptl__type_of(value, at, &type));
    return check_inner(outer, name_of(&type), value, at);
}

static ptl_status check_storage(const json_t *value, const ptl__json_place *at)
{
    if (json_is_boolean(value) ||
        (json_array_size(value) == 2 && json_is_integer(json_array_get(value, 0)) &&
         json_is_integer(json_array_get(value, 1))))
        return PTL_OK;
    return ptl__json_expected(at, "true, false or two whole numbers", value);
}

/* The value of key i in an object of type `name`. */
static ptl_status check(int i, const char *name, const json_t *value, const ptl__json_place *at)
{
    int64_t whole;
    double number;
    int found;
    switch (keys[i].form) {
    case BOOLEAN:
        return ptl__value_bool(value, at, &found);
    case FALSE:
        return json_is_false(value) ? PTL_OK : ptl__json_expected(at, "false", value);
    case WHOLE:
        return ptl__value_int(value, at, &whole);
    case NUMBER:
        return ptl__value_real(value, at, &number);
    case NEGATIVE:
        return json_is_number(value) && json_number_value(value) < 0
                   ? PTL_OK
                   : ptl__json_expected(
                         at, "a negative number: the levels' results are added as they are", value);
    case TEXT:
        if (!keys[i].choices)
            return json_is_string(value) ? PTL_OK : ptl__json_expected(at, "a string", value);
        return ptl__value_choice(value, at, keys[i].choices, &found);
    case TYPED:
        return check_typed(name, value, at, keys[i].choices);
    case STORAGE:
        return check_storage(value, at);
    }
    return PTL_OK;
}

static ptl_status check_all(const char *name, const json_t *object, const ptl__json_place *at)
{
    for (int i = 0; i < KEYS; i++) {
        const ptl__json_place here = {at, keys[i].key, 0};
        const json_t *value = concerns(i, name) ? ptl__value_of(object, here.key) : NULL;
        if (value)
            PTL_TRY(check(i, name, value, &here));
    }
    return PTL_OK;
}

ptl_status ptl__ginkgo_check(const ptl__type *type, const json_t *object, const ptl__json_place *at)
{
    return check_all(name_of(type), object, at);
}
