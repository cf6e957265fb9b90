/* What a "type" names: a kind, or what Ginkgo calls otherwise. */
#include "types.h"

#include <stdio.h>
#include <string.h>

#include "../core/status.h"

enum { MOST_NAMES = 64, NAME_ROOM = 64 };

/* Ginkgo's factorizations and what stands for them. Its iterations (Par...) approach the same
 * incomplete factors; a threshold for Cholesky's there is not, but a level that fills as much. */
static const struct {
    const char *name, *kind;
    int hermitian;
    int64_t level;
} factorizations[] = {
    {"Ilu", "ilu", 0, 0},   {"ParIlu", "ilu", 0, 0},      {"ParIlut", "ilut", 0, 0},
    {"Lu", "direct", 0, 0}, {"Ic", "ic", 1, 0},           {"ParIc", "ic", 1, 0},
    {"ParIct", "ic", 1, 1}, {"Cholesky", "direct", 1, 0},
};
enum { FACTORIZATIONS = sizeof factorizations / sizeof *factorizations };

/* What Ginkgo has and Petiole has not, and what to take. */
static const struct {
    const char *name, *instead;
} absent[] = {
    {"solver::CbGmres", "solver::Gmres, which keeps its basis in the precision of the vectors"},
    {"solver::Bicg", "solver::Bicgstab, solver::Idr or solver::Gmres"},
};

typedef struct names {
    char text[MOST_NAMES][NAME_ROOM];
    const char *of[MOST_NAMES];
    int count;
} names;

static void add(names *n, const char *family, const char *title)
{
    if (n->count == MOST_NAMES)
        return;
    snprintf(n->text[n->count], NAME_ROOM, "%s::%s", family, title);
    n->of[n->count] = n->text[n->count];
    n->count++;
}

static void add_factorizations(names *n, int hermitian)
{
    for (int i = 0; i < FACTORIZATIONS; i++)
        if (factorizations[i].hermitian || !hermitian)
            add(n, "factorization", factorizations[i].name);
}

static ptl_status unknown(const ptl__json_place *at)
{
    const ptl_kind *const *kinds;
    const int64_t count = ptl_kinds(&kinds);
    names n = {.count = 0};
    for (int64_t i = 0; i < count; i++)
        add(&n, kinds[i]->family, kinds[i]->title);
    add_factorizations(&n, 0);
    return ptl__json_unknown(at, "type", n.of, n.count);
}

ptl_status ptl__type_no_factorization(const ptl__json_place *at, int hermitian)
{
    names n = {.count = 0};
    add_factorizations(&n, hermitian);
    return ptl__json_unknown(at, "factorization", n.of, n.count);
}

/* ---- finding one ----------------------------------------------------------------------------- */

static int is_called(const ptl_kind *kind, const char *type)
{
    const size_t family = strlen(kind->family);
    if (strncmp(type, kind->family, family) == 0 && strncmp(type + family, "::", 2) == 0)
        type += family + 2;
    return strcmp(type, kind->title) == 0 || strcmp(type, kind->name) == 0;
}

static const ptl_kind *find_kind(const char *type)
{
    const ptl_kind *const *kinds;
    const int64_t count = ptl_kinds(&kinds);
    for (int64_t i = 0; i < count; i++)
        if (is_called(kinds[i], type))
            return kinds[i];
    return NULL;
}

static ptl__type find_factorization(const char *type)
{
    static const char family[] = "factorization::";
    const size_t length = sizeof family - 1;
    for (int i = 0; i < FACTORIZATIONS && strncmp(type, family, length) == 0; i++)
        if (strcmp(factorizations[i].name, type + length) == 0)
            return (ptl__type){ptl_kind_find(factorizations[i].kind), factorizations[i].name,
                               factorizations[i].hermitian, factorizations[i].level};
    return (ptl__type){NULL};
}

static ptl_status read_name(const json_t *type, const ptl__json_place *at, ptl__type *out)
{
    if (!json_is_string(type))
        return ptl__json_expected(at, "the name of a type", type);
    const char *name = json_string_value(type);
    *out = find_factorization(name);
    if (!out->kind)
        out->kind = find_kind(name);
    if (out->kind)
        return PTL_OK;
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        if (strcmp(absent[i].name, name) == 0)
            return ptl__json_fail(at, PTL_NOT_SUPPORTED, "there is no %s; use %s", name,
                                  absent[i].instead);
    return unknown(at);
}

ptl_status ptl__type_of(const json_t *value, const ptl__json_place *at, ptl__type *out)
{
    const ptl__json_place here = {at, "type", 0};
    if (json_is_string(value))
        return read_name(value, at, out);
    if (!json_is_object(value))
        return ptl__json_expected(at, "an object or a type's name", value);
    const json_t *type = json_object_get(value, "type");
    return type ? read_name(type, &here, out) : ptl__json_fail(&here, PTL_FORMAT, "is missing");
}
