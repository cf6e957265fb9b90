/* What every solver shares. To write one, copy cg.c: a method is a kind (its name and parameters),
 * what it needs, and `run`, the iteration from r = b - A x. The rest (checks, agreement, work
 * space, first residual, history, callbacks, criteria, the true residual at the end) is here.
 *
 * The rule inside `run`: nothing returns between reductions but through ptl__solve_reduce (or
 * _wait), which fails on every rank or on none. Failures of inner calls are noted by the functions
 * below.
 *
 * `run` is called once, and a second time, from the x that it left, where the residual's recurrence
 * had drifted from the truth: so it begins by s->r, counts s->iteration on from what it finds, and
 * takes the columns that s->mask has. */
#ifndef PTL_SOLVER_SOLVER_H
#define PTL_SOLVER_SOLVER_H

#include "../base/linop.h"
#include "../base/vector.h"
#include "../comm/reducer.h"
#include "../stop/stop.h"
#include "log.h"
#include <petiole/kind.h>
#include <petiole/solver.h>

typedef struct ptl__solve ptl__solve;

/* What the solves of a method need. */
typedef struct ptl__needs {
    int64_t work;    /* vectors besides r */
    int64_t coefs;   /* arrays of W, one entry per column */
    int64_t sums;    /* entries of W per column in the largest reduction */
    int64_t scratch; /* doubles per column */
    int overlap;     /* 1: work goes on between ptl__solve_post and ptl__solve_wait */
} ptl__needs;

typedef struct ptl__method {
    ptl_kind kind; /* first: ptl__solver_create finds the method by it */
    ptl__needs needs;
    ptl_status (*run)(ptl__solve *s);
    /* Optional. */
    /* (L) Changes `needs` to what the parameters ask for; `rows` is the system's global size. */
    void (*size)(const ptl_solver_options *options, int64_t rows, ptl__needs *needs);
    /* (L) What must hold of the parameters, before there is a matrix. */
    ptl_status (*check)(const ptl_solver_options *options);
    /* (C) Where the method makes M itself: in place of ptl__solver_precond, and like
     * ptl__factory_class.generate. */
    ptl_status (*precond)(const ptl_solver_options *options, ptl_linop *A, ptl_linop **out);
    int no_precond; /* 1: the options have no preconditioner */
    /* (C) Where it is another operator than A that is inverted: like precond. */
    ptl_status (*system)(const ptl_solver_options *options, ptl_linop *A, ptl_linop **out);
    /* Where s->x and s->r are not kept: makes them for a callback, in the vectors given. Local. */
    void (*form_x)(ptl__solve *s, ptl_vector *x);
    void (*form_r)(ptl__solve *s, ptl_vector *r);
} ptl__method;

/* The kind of a solver, for a method's first field. */
#define PTL__SOLVER_KIND(name_, title_, doc_, params_)                                             \
    {                                                                                              \
        .family = "solver", .name = name_, .title = title_, .doc = doc_,                           \
        .options_size = sizeof(ptl_solver_options),                                                \
        .initial = &(const ptl_solver_options)PTL_SOLVER_OPTIONS_INIT,                             \
        .init = "PTL_SOLVER_OPTIONS_INIT", .params = params_, .create = ptl__solver_create,        \
    }

/* One solve, as the method sees it. Coefficients are arrays of W with one entry per column: `width`
 * doubles each (scalars.h). */
struct ptl__solve {
    ptl_linop *A;
    ptl_linop *M; /* NULL: none */
    ptl_vector *b, *x;
    ptl_vector *r; /* b - A x at the start; kept by the method */
    ptl_vector **work;
    double **coef;   /* zeros at the start */
    double *scratch; /* needs.scratch x columns */
    double *one, *minus_one;
    uint8_t *mask; /* per column: 1 while it runs */
    int64_t columns;
    int width; /* doubles per entry of W */
    int64_t iteration;
    const ptl_solver_options *options;
    ptl__reducer *reducer;
    const ptl__vector_kernels *kernels;
    ptl__run threads;
    ptl_log *log;
    struct ptl__solver *solver;
    /* For solve.c and scaling.c alone. */
    ptl_vector *rhs;      /* b as the user has it */
    const int *exponents; /* NULL: so has the method; else its b and x are 2^exponent times that */
    double limit;         /* an entry of the user's x is smaller, or infinite */
    int begun;            /* the criteria have been asked in this run */
    int again;            /* this is the second run */
    double began;         /* seconds */
    double *elapsed;      /* in the reduction that is under way */
    double *votes;        /* of predicates */
    double seconds;       /* rank 0's, as of the last reduction */
};

/* ---- operators; a failure is noted ---- */
void ptl__solve_apply(ptl__solve *s, ptl_vector *x, ptl_vector *y); /* y = A x */
/* and this rank's part of conj(x) y */
void ptl__solve_apply_dot(ptl__solve *s, ptl_vector *x, ptl_vector *y, double *sums);
/* z = M r, and, where sums is not NULL, this rank's part of conj(r) z. Returns z; where there is no
 * preconditioner r itself, and sums must be made from the norms by the caller. */
ptl_vector *ptl__solve_precondition(ptl__solve *s, ptl_vector *r, ptl_vector *z, double *sums);

/* s->r, where `dtype` holds products with it. Where single precision might not, since |r| is very
 * large or small, z = scale r instead, by a pass that other solves do not have; `scale` is
 * 1 / length(|r|), with length ptl__power_near or ptl__power_root, and 1 where it is s->r. The same
 * on every rank. */
ptl_vector *ptl__solve_bounded(ptl__solve *s, ptl_dtype dtype, double (*length)(double),
                               ptl_vector *z, double *scale);
/* The same before M: z = M (scale r), by way of `space`, and where there is no M s->r or scale r.
 * sums: as above, of scale r and z. */
ptl_vector *ptl__solve_precondition_bounded(ptl__solve *s, ptl_vector *space, ptl_vector *z,
                                            double *scale, double *sums);

/* ---- vectors: see kernels.h; columns whose mask is 0 keep y ---- */
void ptl__solve_copy(ptl__solve *s, ptl_vector *x, ptl_vector *y); /* every column */
/* y = a x, every column */
void ptl__solve_copy_scaled(ptl__solve *s, const double *a, ptl_vector *x, ptl_vector *y);
/* y = sum_i a_i x_i + beta y, `a` being count x columns entries of W; beta NULL is 0. Where norms
 * is given, this rank's part of |y|^2 per column in the same pass, of every column. No x_i is y. */
void ptl__solve_combine(ptl__solve *s, int64_t count, ptl_vector *const *x, const double *a,
                        const double *beta, ptl_vector *y, double *norms);
/* This rank's part of conj(x_i) y: count x columns entries of W. */
void ptl__solve_dots(ptl__solve *s, int64_t count, ptl_vector *const *x, ptl_vector *y,
                     double *sums);
void ptl__solve_norms(ptl__solve *s, ptl_vector *x, double *norms); /* of |x|^2 */
void ptl__solve_zero(ptl__solve *s, ptl_vector *y);                 /* every column */
/* For a method with a fused kernel of its own: tells the trace that it moved so many words a row.
 */
void ptl__solve_passed(const char *kernel, int words);

/* ---- reductions ---- */
void ptl__solve_begin(ptl__solve *s);
/* Room for `entries` of W per column in the reduction begun; or of doubles. */
double *ptl__solve_sums(ptl__solve *s, int64_t entries);
double *ptl__solve_norm_sums(ptl__solve *s);
/* Waits for the sums of the kernels that were called, where they are read before the reduction. */
void ptl__solve_await(ptl__solve *s);
void ptl__solve_note(ptl__solve *s, ptl_status status);
/* (C) post starts the sum, wait ends it: from there the sums are global, or every rank returns the
 * failure. reduce does both. */
ptl_status ptl__solve_post(ptl__solve *s) PTL_MUST_USE;
ptl_status ptl__solve_wait(ptl__solve *s) PTL_MUST_USE;
ptl_status ptl__solve_reduce(ptl__solve *s) PTL_MUST_USE;

/* ---- iterations ---- */
/* After each iteration (and before the first): `norms_squared` of the residual, reduced, one double
 * per column; `implicit_squared`: the squares of the method's own norms, as entries of W, or NULL
 * where they are the same. Keeps the history, asks the criteria and calls the callback, whose
 * failure is noted for the next reduction. *running is how many columns go on, and their mask is 1.
 * (C) where there are predicates: fails on every rank or on none. */
ptl_status ptl__solve_check(ptl__solve *s, const double *norms_squared,
                            const double *implicit_squared, int64_t *running) PTL_MUST_USE;
/* Stops column j for a reason of the method's own (breakdown). */
void ptl__solve_stop_column(ptl__solve *s, int64_t j, ptl_reason reason);
/* How many columns go on. */
int64_t ptl__solve_running(const ptl__solve *s);

/* (C) M as the options have it, given or generated from A; NULL: none. */
ptl_status ptl__solver_precond(const ptl_solver_options *options, ptl_linop *A,
                               ptl_linop **out) PTL_MUST_USE;

/* The factory of a method; and as a kind's `create`. */
ptl_status ptl__solver_factory(const ptl__method *method, const ptl_solver_options *options,
                               ptl_factory **out) PTL_MUST_USE;
ptl_status ptl__solver_create(const ptl_kind *kind, const void *options,
                              ptl_factory **out) PTL_MUST_USE;

#endif
