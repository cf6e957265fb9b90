/* The kinds of factories that there are, with the parameters of each: what a language binding or a
 * configuration file needs to offer all of them. A kind's parameters live in its options struct,
 * where zero stands for the default. */
#ifndef PETIOLE_KIND_H
#define PETIOLE_KIND_H

#include <stddef.h>

#include <petiole/export.h>
#include <petiole/factory.h>
#include <petiole/status.h>

PTL_BEGIN_DECLS

/* What lies at a parameter's offset. */
typedef enum ptl_param_type {
    PTL_PARAM_INT,     /* int64_t, positive; or 0, where that is the default */
    PTL_PARAM_REAL,    /* double, finite and not 0 */
    PTL_PARAM_BOOL,    /* int; where the default is true, it is the negation that lies there */
    PTL_PARAM_CHOICE,  /* int: an index into choices, the first being the default */
    PTL_PARAM_BOUNDS,  /* double[2], finite; both 0: none given */
    PTL_PARAM_FACTORY, /* ptl_factory *, retained by what is made; NULL: none */
    PTL_PARAM_LINOP,   /* ptl_linop *, retained as well; NULL: none */
    PTL_PARAM_OPERATOR /* ptl_factory * followed by ptl_linop *, at most one of them not NULL */
} ptl_param_type;

typedef struct ptl_param {
    const char *name;
    const char *alias; /* its name in Ginkgo's configuration files; NULL: the same */
    const char *doc;   /* a line */
    ptl_param_type type;
    size_t offset;              /* in the options struct */
    double initial;             /* the default of an INT, a REAL or a BOOL */
    const char *const *choices; /* NULL-terminated */
} ptl_param;

typedef struct ptl_kind {
    const char *family;      /* "solver" (options: ptl_solver_options) or "preconditioner" */
    const char *name;        /* "gmres": in C ptl_gmres_factory */
    const char *title;       /* "Gmres": its class in Python, solver::Gmres in a configuration */
    const char *doc;         /* a sentence or two */
    size_t options_size;     /* of its options struct */
    const ptl_param *params; /* its own, ended by one without a name; NULL: none */
    /* (L) A factory; options as for its own function. PTL_INVALID for a bad parameter. */
    ptl_status (*create)(const struct ptl_kind *kind, const void *options, ptl_factory **out);
} ptl_kind;

/* (L) All of them; returns how many. Static memory. */
PTL_API int64_t ptl_kinds(const ptl_kind *const **out);
/* (L) The kind called so ("gmres"), or NULL. */
PTL_API const ptl_kind *ptl_kind_find(const char *name);
/* (L) What a factory is, and its options as they were given; borrowed. NULL for a factory that is
 * of no kind. */
PTL_API const ptl_kind *ptl_factory_kind(const ptl_factory *factory);
PTL_API const void *ptl_factory_options(const ptl_factory *factory);

PTL_END_DECLS

#endif
