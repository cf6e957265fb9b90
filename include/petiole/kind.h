/* The kinds of factories, with the parameters of each: the information that a language binding or a
 * configuration file needs to offer all of them. A kind's parameters are fields of its options
 * struct.
 *
 * Every options struct begins with its size and is initialised by a macro, which sets the size and
 * the defaults: `ptl_sor_options options = PTL_SOR_OPTIONS_INIT;`. So 0 means 0, not the default.
 * Later versions may add fields at the end: if a program was compiled with older headers, its
 * struct is smaller, and the fields that it lacks have their defaults. PTL_INVALID if the size is 0
 * (the macro was not used), or larger than the library knows (the library is older than the
 * headers). Where options may be NULL, NULL means the defaults. */
#ifndef PETIOLE_KIND_H
#define PETIOLE_KIND_H

#include <stddef.h>

#include <petiole/export.h>
#include <petiole/factory.h>
#include <petiole/status.h>
#include <petiole/vector.h>

PTL_BEGIN_DECLS

/* The type of the field at a parameter's offset. */
typedef enum ptl_param_type {
    PTL_PARAM_INT,  /* int64_t, `least` or more */
    PTL_PARAM_REAL, /* double, finite, `least` or more; or NAN if that is the default: a value that
                       the factory chooses */
    PTL_PARAM_BOOL, /* int, 0 or 1 */
    PTL_PARAM_CHOICE,   /* int: an index into choices */
    PTL_PARAM_BOUNDS,   /* double[2], finite; both 0: none given */
    PTL_PARAM_FACTORY,  /* ptl_factory *, retained by the new factory; NULL: none */
    PTL_PARAM_LINOP,    /* ptl_linop *, retained as well; NULL: none */
    PTL_PARAM_OPERATOR, /* ptl_factory * followed by ptl_linop *, at most one of them not NULL */
    PTL_PARAM_VECTOR,   /* ptl_vector *, retained: later changes of the vector count; NULL: none */
    PTL_PARAM_INTS,     /* ptl_ints, each `least` or more; copied; no entry: none */
    PTL_PARAM_REALS,    /* ptl_reals, each finite and `least` or more; copied */
    PTL_PARAM_FACTORIES /* ptl_factories, none of them NULL; copied, and each retained */
} ptl_param_type;

/* Arrays among the options. */
typedef struct ptl_ints {
    int64_t count;
    const int64_t *values;
} ptl_ints;
typedef struct ptl_reals {
    int64_t count;
    const double *values;
} ptl_reals;
typedef struct ptl_factories {
    int64_t count;
    ptl_factory *const *items;
} ptl_factories;

typedef struct ptl_param {
    const char *name;
    const char *alias; /* its name in Ginkgo's configuration files; NULL: the same */
    const char *doc;   /* a line */
    ptl_param_type type;
    size_t offset; /* in the options struct */
    double least;  /* least value of an INT, a REAL or an entry of INTS or REALS; -INFINITY: any */
    const char *const *choices; /* NULL-terminated */
} ptl_param;

typedef struct ptl_kind {
    const char *family;      /* "solver" (options: ptl_solver_options) or "preconditioner" */
    const char *name;        /* "gmres": in C ptl_gmres_factory */
    const char *title;       /* "Gmres": its class in Python, solver::Gmres in a configuration */
    const char *doc;         /* a sentence or two */
    size_t options_size;     /* of its options struct */
    const void *initial;     /* an options struct with the defaults */
    const char *init;        /* the macro that initialises it, "PTL_SOLVER_OPTIONS_INIT" */
    const ptl_param *params; /* its parameters, ended by one without a name; NULL: none */
    /* (L) Makes a factory, as the kind's public function does. PTL_INVALID for a bad parameter. */
    ptl_status (*create)(const struct ptl_kind *kind, const void *options, ptl_factory **out);
} ptl_kind;

/* (L) All kinds, in static memory; returns their number. */
PTL_API int64_t ptl_kinds(const ptl_kind *const **out);
/* (L) The kind of that name ("gmres"), or NULL. */
PTL_API const ptl_kind *ptl_kind_find(const char *name);
/* (L) The kind of a factory, and its options as they were given, in a struct of this library's
 * size; borrowed. NULL for a factory without a kind. */
PTL_API const ptl_kind *ptl_factory_kind(const ptl_factory *factory);
PTL_API const void *ptl_factory_options(const ptl_factory *factory);

PTL_END_DECLS

#endif
